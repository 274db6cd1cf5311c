// Distributed under the Boost Software License, Version 1.0.
// What a handler answers: status, fields and content. Plugins may include this.

#ifndef EPOLLHOST_HTTP_RESPONSE_HPP
#define EPOLLHOST_HTTP_RESPONSE_HPP

#include <epollhost/http/detail/chars.hpp>
#include <epollhost/http/status.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace epollhost::http {

/// What the access log says of an answer.
struct answer_summary {
  unsigned status = 0;
  std::uint64_t content_bytes = 0; ///< without framing
};

/// Hold one answer with content of known size. A value; written out when the handler has returned it.
///
/// Content is either the response's own string or a view of bytes that outlive the handler: literals, members of the
/// plugin, parts of the request. Date, Content-Length, Connection and Transfer-Encoding are the session's business and
/// can't be set.
/// Thread: as any value.
class response {
public:
  explicit response(unsigned status = 200) : status_{status} {
    if (status < 200 || status > 599) throw std::invalid_argument("a final status is between 200 and 599");
  }

  unsigned status() const noexcept { return status_; }
  std::string_view content_type() const noexcept { return content_type_; }
  std::string_view content() const noexcept { return owned_.empty() ? view_ : std::string_view{owned_}; }

  /// Return the other fields as lines, each with its CRLF.
  std::string_view field_lines() const noexcept { return lines_; }

  /// Take content that the response keeps.
  response& content(std::string bytes) & {
    owned_ = std::move(bytes);
    view_ = {};
    return *this;
  }
  /// View content that outlives the handler.
  response& content_view(std::string_view bytes) & {
    owned_.clear();
    view_ = bytes;
    return *this;
  }
  response&& content(std::string bytes) && { return std::move(content(std::move(bytes))); }
  response&& content_view(std::string_view bytes) && { return std::move(content_view(bytes)); }

  /// Name the media type. The text outlives the response, as a literal does. Throws as `field`.
  response& content_type(const char* type) & {
    check("Content-Type", type);
    content_type_ = type;
    return *this;
  }
  response&& content_type(const char* type) && { return std::move(content_type(type)); }

  /// Append a field line. Throws std::invalid_argument if the name is no token or one that is the session's, or if the
  /// value holds a control character: so a peer's bytes in a value can't begin a line of their own.
  response& field(std::string_view name, std::string_view value) & {
    check(name, value);
    for (const char* reserved : {"date", "content-length", "connection", "transfer-encoding", "content-type"})
      if (detail::iequals(name, reserved)) throw std::invalid_argument("this field is not set by a handler");
    lines_.append(name).append(": ").append(value).append("\r\n");
    return *this;
  }
  response&& field(std::string_view name, std::string_view value) && { return std::move(field(name, value)); }

private:
  static void check(std::string_view name, std::string_view value) {
    const auto all = [](std::string_view text, unsigned classes) {
      return detail::skip_bytes(text.data(), text.data() + text.size(), classes) == text.data() + text.size();
    };
    if (name.empty() || !all(name, detail::char_token)) throw std::invalid_argument("a field name is no token");
    if (!all(value, detail::char_value)) throw std::invalid_argument("a field value holds a control character");
  }

  unsigned status_;
  std::string_view content_type_;
  std::string_view view_;
  std::string owned_;
  std::string lines_;
};

/// Answer text. A literal or a view is not copied and outlives the handler; a std::string is kept.
inline response text(std::string content, unsigned status = 200) {
  return response{status}.content_type("text/plain; charset=utf-8").content(std::move(content));
}
inline response text(std::string_view content, unsigned status = 200) {
  return response{status}.content_type("text/plain; charset=utf-8").content_view(content);
}
inline response text(const char* content, unsigned status = 200) { return text(std::string_view{content}, status); }

/// Answer JSON, which the caller has serialised.
inline response json(std::string content, unsigned status = 200) {
  return response{status}.content_type("application/json").content(std::move(content));
}

/// Answer HTML.
inline response html(std::string content, unsigned status = 200) {
  return response{status}.content_type("text/html; charset=utf-8").content(std::move(content));
}

/// Answer 204 No Content.
inline response no_content() { return response{204}; }

/// Answer 404 with a line that says so.
inline response not_found() { return text("404 Not Found\n", 404); }

/// Answer 400 with a line that says why.
inline response bad_request(std::string why) { return text(std::move(why), 400); }

/// Answer a redirection. Throws if the location can't stand in a field.
inline response redirect(std::string_view location, unsigned status = 302) {
  return response{status}.field("Location", location);
}

} // namespace epollhost::http

#endif
