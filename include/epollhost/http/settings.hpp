// Distributed under the Boost Software License, Version 1.0.
// What an HTTP plugin can be told on the command line. Plugins may include this.

#ifndef EPOLLHOST_HTTP_SETTINGS_HPP
#define EPOLLHOST_HTTP_SETTINGS_HPP

#include <epollhost/http/detail/access_line.hpp>
#include <epollhost/http/limits.hpp>
#include <epollhost/plugin.hpp>

#include <chrono>
#include <cstdint>
#include <tuple>

namespace epollhost::http {

/// The options of every HTTP plugin, with their defaults. A plugin with options of its own derives from it.
struct settings {
  bool keep_alive = true;
  bool strict = false;
  bytes head_max{limits{}.head_bytes_max};
  bytes target_max{limits{}.target_bytes_max};
  std::uint64_t fields_max = limits{}.fields_max;
  std::uint64_t method_max = limits{}.method_bytes_max;
  std::uint64_t empty_lines_max = limits{}.empty_lines_max;
  bytes body_max{limits{}.body_bytes_max};
  bytes chunk_extension_max{limits{}.chunk_extension_bytes_max};
  bytes trailers_max{limits{}.trailer_bytes_max};
  std::uint64_t trailer_fields_max = limits{}.trailer_fields_max;
  std::uint64_t requests_max = 1'000'000;
  std::chrono::nanoseconds head_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds(75);
  std::chrono::nanoseconds body_timeout = std::chrono::seconds(10);
  bytes body_rate{500};
  file access_log{}; ///< empty: none
  access_format access_log_format = access_format::common;

  /// Return the bounds of a message.
  constexpr limits message() const noexcept {
    limits bounds;
    bounds.head_bytes_max = static_cast<std::uint32_t>(head_max.value);
    bounds.target_bytes_max = static_cast<std::uint32_t>(target_max.value);
    bounds.fields_max = static_cast<std::uint16_t>(fields_max);
    bounds.method_bytes_max = static_cast<std::uint16_t>(method_max);
    bounds.empty_lines_max = static_cast<std::uint16_t>(empty_lines_max);
    bounds.body_bytes_max = body_max.value;
    bounds.chunk_extension_bytes_max = static_cast<std::uint16_t>(chunk_extension_max.value);
    bounds.trailer_bytes_max = static_cast<std::uint32_t>(trailers_max.value);
    bounds.trailer_fields_max = static_cast<std::uint16_t>(trailer_fields_max);
    bounds.strict = strict;
    return bounds;
  }
};

/// Describe these options, for a class that has them: the first part of its schema. A plugin joins its own with
/// std::tuple_cat. There is none for how long an answer may take to leave: the host's `--send-timeout` ends a peer that
/// takes no output, whatever the protocol.
template <class Options> constexpr auto settings_schema() {
  const auto named = []<class T>(const char* name, T settings::*member, const char* help) {
    return option<Options, T>(name, member, help);
  };
  return std::tuple(
      named("keep-alive", &settings::keep_alive, "let a connection carry more than one request"),
      named("strict", &settings::strict, "refuse bare line feeds, and targets that RFC 3986 does not know"),
      named("head-max", &settings::head_max, "bytes of a request's head; 431 above").range({64}, {head_bytes_capacity}),
      named("target-max", &settings::target_max, "bytes of its target; 414 above").range({1}, {head_bytes_capacity}),
      named("fields-max", &settings::fields_max, "fields of a request; 431 above").range(1, fields_capacity),
      named("method-max", &settings::method_max, "bytes of its method; 501 above").range(3, 1024),
      named("empty-lines-max", &settings::empty_lines_max, "empty lines before a request; 400 above").range(0, 1024),
      named("body-max", &settings::body_max, "bytes of a request's content; 413 above"),
      named("chunk-extension-max", &settings::chunk_extension_max, "bytes of a chunk's extension; 400 above")
          .range({0}, {16 * 1024}),
      named("trailers-max", &settings::trailers_max, "bytes of the trailers behind chunks; 431 above")
          .range({2}, {head_bytes_capacity}),
      named("trailer-fields-max", &settings::trailer_fields_max, "fields among them; 431 above")
          .range(0, fields_capacity),
      named("requests-max", &settings::requests_max, "requests a connection; the last answer closes it")
          .range(1, 0xffffffff),
      named("head-timeout", &settings::head_timeout, "time for a whole head, 0 for no limit; 408 after"),
      named("idle-timeout", &settings::idle_timeout, "time between two requests, 0 for no limit"),
      named("body-timeout", &settings::body_timeout, "how often body-rate is looked at, 0 for never"),
      named("body-rate", &settings::body_rate, "least bytes of content a second; 408 below"),
      named("access-log", &settings::access_log, "write a line for each request to this file; - is standard error"),
      named("access-log-format", &settings::access_log_format, "how such a line looks")
          .choices("common|combined|json"));
}

} // namespace epollhost::http

#endif
