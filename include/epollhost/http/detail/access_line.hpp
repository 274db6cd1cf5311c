// Distributed under the Boost Software License, Version 1.0.
// The forms of a line of the access log. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_ACCESS_LINE_HPP
#define EPOLLHOST_HTTP_DETAIL_ACCESS_LINE_HPP

#include <epollhost/http/detail/log_line.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/http/response.hpp>
#include <epollhost/plugin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http {

/// How a line looks: the Common Log Format, the same with Referer and User-Agent, or one JSON object.
enum class access_format : std::uint8_t { common, combined, json };

/// Who ended a connection.
enum class ender : std::uint8_t { nobody, client, server };

/// Who ended it, and why; the text lives as long as the program.
struct ending {
  ender by = ender::nobody;
  std::string_view why;
};

namespace detail {

/// A second as the lines of a form have it: `06/Nov/1994:08:49:37 +0000`, in JSON `1994-11-06T08:49:37`.
class second_text {
public:
  second_text() = default;

  /// `date` is as `date_clock` writes it: "Sun, 06 Nov 1994 08:49:37 GMT".
  second_text(access_format as, std::string_view date) noexcept {
    const std::string_view day = date.substr(5, 2), month = date.substr(8, 3), year = date.substr(12, 4),
                           time = date.substr(17, 8);
    if (as == access_format::json)
      *this << year << "-" << number_of(month) << "-" << day << "T" << time;
    else
      *this << day << "/" << month << "/" << year << ":" << time << " +0000";
  }

  operator std::string_view() const noexcept { return {bytes_.data(), size_}; }

private:
  static constexpr std::string_view number_of(std::string_view month) noexcept {
    constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec", numbers = "010203040506070809101112";
    return numbers.substr(names.find(month) / 3 * 2, 2);
  }

  second_text& operator<<(std::string_view text) noexcept {
    std::copy(text.begin(), text.end(), bytes_.begin() + std::ptrdiff_t(size_));
    size_ += text.size();
    return *this;
  }

  std::array<char, 26> bytes_{};
  std::size_t size_ = 0;
};

/// A time: a second in the form of the line, and the milliseconds behind it.
struct access_time {
  std::string_view second;
  unsigned milliseconds;
};

/// What a line says of a request. `head` is null where none could be read.
struct request_line {
  access_time time;
  std::string_view peer; ///< as `write_peer` has it
  std::uint32_t number;  ///< on its connection, from 1
  const request* head;
  answer_summary answer;
  std::uint64_t chunked_bytes; ///< content of the request, if it came in chunks
  std::int64_t wait_us;        ///< from the request's first byte to the answer's
  std::int64_t answer_us;      ///< from there to the answer's last
  ending end;
};

/// What a line says of a connection that has ended.
struct connection_line {
  access_time time;
  std::string_view peer; ///< as `write_peer` has it
  std::uint32_t requests;
  std::int64_t duration_us;
  ending end;
};

/// Cut an address down to its host: "127.0.0.1:80" and "[::1]:80". "unix:..." has none and stays.
constexpr std::string_view host_of(std::string_view remote) noexcept {
  if (remote.starts_with("unix:")) return remote;
  if (remote.starts_with('[')) return remote.substr(1, remote.find(']') - 1);
  return remote.substr(0, remote.rfind(':'));
}

/// The most bytes of an address: a unix path with its prefix.
inline constexpr std::size_t remote_bytes_max = 120;

/// The most that `write_peer` appends for such an address.
inline constexpr std::size_t peer_bytes_max = remote_bytes_max + 48;

/// Append what the lines of a connection have in common: the host, or `"remote":"...","connection":"0x..."`. A client
/// that comes over a unix socket chooses its own address, so its bytes are escaped like any other of the client's. Where
/// blanks separate the fields it has none.
inline void write_peer(log_line& to, access_format as, std::string_view remote, eh_conn_id connection) noexcept {
  if (as != access_format::json) {
    to.unquoted(host_of(remote), remote_bytes_max);
    return;
  }
  to << "\"remote\":\"";
  to.quoted(remote, escaping::json, remote_bytes_max) << "\",\"connection\":\"";
  to.hex(connection) << "\"";
}

inline std::string_view field_of(const request* head, std::string_view name) noexcept {
  return head ? head->find(name).value_or(std::string_view{}) : std::string_view{};
}

/// Append `"GET / HTTP/1.1"`, or `"-"`.
inline void write_request_line(log_line& to, const request* head) noexcept {
  if (!head) {
    to << "\"-\"";
    return;
  }
  to << "\"";
  to.quoted(head->method_name(), escaping::hex) << " ";
  to.quoted(head->target(), escaping::hex, log_line::target_bytes_max) << " HTTP/1." << head->minor_version() << "\"";
}

inline void write_quoted_field(log_line& to, std::string_view value) noexcept {
  to << " \"";
  to.quoted(value.empty() ? "-" : value, escaping::hex) << "\"";
}

/// Append the Common Log Format: `127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 13`.
inline void write_common(log_line& to, const request_line& r) noexcept {
  to << r.peer << " - - [" << r.time.second << "] ";
  write_request_line(to, r.head);
  to << " " << r.answer.status << " " << r.answer.content_bytes;
}

/// Append `{"time":"1994-11-06T08:49:37.123Z","event":...,"remote":...,"connection":...`: how each object begins.
inline void begin_object(log_line& to, std::string_view event, const access_time& time,
                         std::string_view peer) noexcept {
  const unsigned ms = time.milliseconds;
  const char digits[] = {static_cast<char>('0' + ms / 100), static_cast<char>('0' + ms / 10 % 10),
                         static_cast<char>('0' + ms % 10)};
  to << "{\"time\":\"" << time.second << "." << std::string_view{digits, sizeof digits} << "Z\",\"event\":\"" << event
     << "\"," << peer;
}

inline void write_member(log_line& to, std::string_view name, std::string_view value,
                         std::size_t most = log_line::field_bytes_max) noexcept {
  to << ",\"" << name << "\":\"";
  to.quoted(value, escaping::json, most) << "\"";
}

/// A field of the request that is there.
inline void write_field(log_line& to, std::string_view name, std::string_view value) noexcept {
  if (!value.empty()) write_member(to, name, value);
}

/// Append what one only says of a connection that ends, and the object's end.
inline void end_object(log_line& to, const ending& end) noexcept {
  if (end.by != ender::nobody)
    to << ",\"ended_by\":\"" << (end.by == ender::client ? "client" : "server") << "\",\"why\":\"" << end.why << "\"";
  to << "}";
}

inline std::uint64_t request_bytes(const request_line& r) noexcept {
  return r.head ? r.head->bytes().size() + r.head->content_length() + r.chunked_bytes : 0;
}

inline void write_json(log_line& to, const request_line& r) noexcept {
  begin_object(to, "request", r.time, r.peer);
  to << ",\"request\":" << r.number;
  write_member(to, "method", r.head ? r.head->method_name() : "-");
  write_member(to, "target", r.head ? r.head->target() : "-", log_line::target_bytes_max);
  to << ",\"version\":\"" << (r.head ? "1." : "-");
  if (r.head) to << r.head->minor_version();
  to << "\",\"status\":" << r.answer.status << ",\"bytes\":" << r.answer.content_bytes
     << ",\"request_bytes\":" << request_bytes(r) << ",\"wait_us\":" << r.wait_us << ",\"answer_us\":" << r.answer_us;
  write_field(to, "referer", field_of(r.head, "referer"));
  write_field(to, "user_agent", field_of(r.head, "user-agent"));
  end_object(to, r.end);
}

/// Append the line of a request, with its '\n'.
inline void write_request(log_line& to, access_format as, const request_line& r) noexcept {
  if (as == access_format::json) {
    write_json(to, r);
  } else {
    write_common(to, r);
    if (as == access_format::combined) {
      write_quoted_field(to, field_of(r.head, "referer"));
      write_quoted_field(to, field_of(r.head, "user-agent"));
    }
  }
  to << "\n";
}

/// Append the line of a connection, as JSON, with its '\n'.
inline void write_connection(log_line& to, const connection_line& c) noexcept {
  begin_object(to, "connection", c.time, c.peer);
  to << ",\"requests\":" << c.requests << ",\"duration_us\":" << c.duration_us;
  end_object(to, c.end);
  to << "\n";
}

} // namespace detail
} // namespace epollhost::http

#endif
