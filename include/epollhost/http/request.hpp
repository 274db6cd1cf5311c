// Distributed under the Boost Software License, Version 1.0.
// A parsed request head, as views of the bytes that came. Plugins may include this.

#ifndef EPOLLHOST_HTTP_REQUEST_HPP
#define EPOLLHOST_HTTP_REQUEST_HPP

#include <epollhost/http/fields.hpp>
#include <epollhost/http/method.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace epollhost::http {

namespace detail {
template <class Scan> class head_parser;
template <class Scan> struct usual_head;
} // namespace detail

/// Name the four forms of a request target (RFC 9112 section 3.2).
enum class target_form : std::uint8_t { origin, absolute, authority, asterisk };

/// Say how the end of a request's body is found (RFC 9112 section 6).
enum class framing : std::uint8_t { none, length, chunked };

/// View one request head.
/// Filled by `parse_head`, owns nothing: all views die with the input bytes, for a plugin at the return of the hook.
/// Thread: as any value.
class request {
public:
  request() noexcept {} // as `fields`: leaves the places uninitialised on purpose

  /// Return the head as it came, to its empty line, with the empty lines before it.
  std::string_view bytes() const noexcept { return {fields_.base(), head_size_}; }

  http::method method() const noexcept { return method_; }
  std::string_view method_name() const noexcept { return {fields_.base() + method_at_, method_size_}; }

  /// Return the target as sent. For absolute-form that is the whole URI; `path` and `query` work for all forms.
  std::string_view target() const noexcept { return {fields_.base() + target_at_, target_size_}; }
  target_form form() const noexcept { return form_; }

  /// Return the target's path, not decoded: "/" where absolute-form has none, "*" for asterisk-form, empty for
  /// authority-form.
  std::string_view path() const noexcept {
    const std::string_view local = path_and_query();
    const std::string_view found = local.substr(0, local.find('?'));
    return found.empty() && form_ == target_form::absolute ? std::string_view{"/"} : found;
  }

  /// Return what stands behind the first '?' of the target, not decoded; nothing if there is no '?'.
  std::optional<std::string_view> query() const noexcept {
    const std::string_view local = path_and_query();
    const auto mark = local.find('?');
    if (mark == local.npos) return std::nullopt;
    return local.substr(mark + 1);
  }

  /// Return the host asked for, with its port: of the target where that names one, else of Host; empty in HTTP/1.0
  /// without Host (RFC 9112 section 3.3).
  std::string_view host() const noexcept {
    if (form_ == target_form::absolute) return target().substr(authority_at_, authority_size_);
    if (form_ == target_form::authority) return target();
    return host_index_ == no_field ? std::string_view{} : fields_[host_index_].value;
  }

  /// Return the minor version: 0 for HTTP/1.0, 1 for HTTP/1.1, up to 9, which is to be treated as 1.
  unsigned minor_version() const noexcept { return minor_version_; }

  const http::fields& fields() const noexcept { return fields_; }

  /// Return the value of the first field of this name, in any case of letters; nothing if there is none.
  std::optional<std::string_view> find(std::string_view name) const noexcept { return fields_.find(name); }

  http::framing framing() const noexcept { return framing_; }

  /// Return the value of Content-Length in bytes, 0 unless `framing` is `length`.
  std::uint64_t content_length() const noexcept { return content_length_; }

  /// Say whether a body follows the head.
  bool has_body() const noexcept {
    return framing_ == framing::chunked || (framing_ == framing::length && content_length_ != 0);
  }

  /// Say whether the client lets the connection live on (RFC 9112 section 9.3): `close` beats `keep-alive`.
  bool keep_alive() const noexcept { return keep_alive_; }

  /// Say whether the client waits for `100 Continue` before it sends the body; never in HTTP/1.0 (RFC 9110 10.1.1).
  bool expects_continue() const noexcept { return expects_continue_; }

  /// Say whether there is an expectation that nobody here can meet; the answer is 417.
  bool expects_other() const noexcept { return expects_other_; }

  /// Say whether an answer is all that this request asks for: no body, no expectation, no method that is refused.
  bool is_plain() const noexcept { return plain_; }

private:
  template <class Scan> friend class detail::head_parser;
  template <class Scan> friend struct detail::usual_head;
  using framing_kind = http::framing;
  static constexpr std::uint8_t no_field = 255;

  std::string_view path_and_query() const noexcept {
    if (form_ == target_form::authority) return {};
    return form_ == target_form::absolute ? target().substr(authority_at_ + authority_size_) : target();
  }

  // Not initialised: the parser sets all of them, for each head.
  std::uint64_t content_length_;
  std::uint32_t head_size_;
  std::uint32_t method_at_, method_size_;
  std::uint32_t target_at_, target_size_;
  std::uint32_t authority_at_, authority_size_; ///< within the target, in absolute-form
  http::method method_;
  target_form form_;
  framing_kind framing_;
  std::uint8_t minor_version_;
  std::uint8_t host_index_;
  bool keep_alive_;
  bool expects_continue_;
  bool expects_other_;
  bool plain_;
  http::fields fields_;
};

} // namespace epollhost::http

#endif
