// Distributed under the Boost Software License, Version 1.0.
// What all HTTP connections of a worker share. Plugins may include this.

#ifndef EPOLLHOST_HTTP_SERVICE_HPP
#define EPOLLHOST_HTTP_SERVICE_HPP

#include <epollhost/http/access_log.hpp>
#include <epollhost/http/date.hpp>
#include <epollhost/http/detail/upload.hpp>
#include <epollhost/http/limits.hpp>
#include <epollhost/http/response.hpp>
#include <epollhost/http/settings.hpp>
#include <epollhost/plugin.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace epollhost::http {

/// The base of a plugin's class: its bounds and clocks.
/// Lives as the plugin does, once in each worker. The class derived from it answers:
///
///     void answer(const request& head, std::string_view content, reply& out);   sends exactly one answer
///     static constexpr bool takes_content;                                      if not, `content` is empty
///
/// For answers that come later and content that is taken as it comes, see plugin.hpp.
class service {
public:
  service(epollhost::host functions, const settings& chosen)
      : bounds_{chosen.message()}, requests_max_{chosen.keep_alive ? chosen.requests_max : 1},
        head_timeout_ns_{chosen.head_timeout.count()}, idle_timeout_ns_{chosen.idle_timeout.count()},
        body_timeout_ns_{chosen.body_timeout.count()}, body_rate_{chosen.body_rate.value}, host_{functions} {
    read_limits();
    if (!chosen.access_log.text.empty())
      access_ = std::make_unique<access_log>(host_.open_channel(chosen.access_log), chosen.access_log_format, clock_);
  }

  const limits& bounds() const noexcept { return bounds_; }

  /// Return how many requests a connection may carry: 1 without keep-alive.
  std::uint64_t requests_max() const noexcept { return requests_max_; }
  std::int64_t head_timeout_ns() const noexcept { return head_timeout_ns_; }
  std::int64_t idle_timeout_ns() const noexcept { return idle_timeout_ns_; }
  std::int64_t body_timeout_ns() const noexcept { return body_timeout_ns_; }

  /// Return how many bytes of content have to come in one body timeout.
  std::uint64_t body_bytes_min() const noexcept {
    constexpr double most = 9e18; // both may be as large as 64 bits allow
    const double bytes = static_cast<double>(body_timeout_ns_) / 1e9 * static_cast<double>(body_rate_);
    return static_cast<std::uint64_t>(bytes < most ? bytes : most);
  }

  /// Bring the date up to now, which costs a comparison unless a second has passed.
  void refresh_clock(std::int64_t now_ns) {
    clock_.refresh(now_ns, [this] { return host_.wall_ns(); });
  }
  const date_clock& clock() const noexcept { return clock_; }

  epollhost::host functions() const noexcept { return host_; }

  /// Return how many bytes of output the host takes now for a connection.
  std::uint64_t output_room(eh_conn_id connection) const noexcept {
    const std::int64_t queued = host_.queued(connection);
    const std::uint64_t held = queued > 0 ? static_cast<std::uint64_t>(queued) : 0;
    return output_max_ > held ? output_max_ - held : 0;
  }

  /// Return the mark of queued output above which the host reads no more, and calls `room` later.
  std::uint64_t output_high() const noexcept { return output_high_; }

  /// Return the number of the next exchange, from 1: no two in a worker have the same.
  std::uint64_t next_exchange() noexcept { return ++exchanges_; }

  /// Say, once, that a handler wakes its connections with other arguments than tokens.
  void warn_of_no_token(std::uint64_t arg) {
    if (std::exchange(warned_, true)) return;
    host_.error("a wake, post or timer with argument " + std::to_string(arg) +
                " is ignored, since it names no exchange; give it what reply::token() returns. This is said once");
  }

  /// Lend a place for a head in writing.
  std::string& scratch() noexcept { return scratch_; }

  /// Lend a place for what the host did not take of the answer in hand. Empty between two answers.
  std::string& left() noexcept { return left_; }

  detail::upload_pool& uploads() noexcept { return uploads_; }

  /// Return the access log, or null where there is none.
  access_log* access() const noexcept { return access_.get(); }

  /// Lend a place for what the log is to say of the answer in hand.
  const answer_summary& keep(answer_summary summary) noexcept { return summary_ = summary; }

private:
  void read_limits() noexcept {
    const eh_host* const table = host_.table();
    if (const void* const found = table->get_extension(table, EH_LIMITS)) {
      output_high_ = static_cast<const eh_limits*>(found)->output_high;
      output_max_ = static_cast<const eh_limits*>(found)->output_max;
    }
  }

  limits bounds_;
  std::uint64_t requests_max_;
  std::int64_t head_timeout_ns_, idle_timeout_ns_, body_timeout_ns_;
  std::uint64_t body_rate_;
  epollhost::host host_;
  date_clock clock_;
  std::string scratch_;
  std::string left_;
  detail::upload_pool uploads_;
  std::unique_ptr<access_log> access_;
  answer_summary summary_;
  std::uint64_t output_high_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t output_max_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t exchanges_ = 0;
  bool warned_ = false;
};

namespace detail {

/// Answer with a status and a line that says it, and why.
inline response status_response(unsigned status, std::string_view why = {}) {
  std::string line = std::to_string(status);
  line.append(" ").append(reason_of(status));
  if (!why.empty()) line.append(": ").append(why);
  line.append("\n");
  return text(std::move(line), status);
}

} // namespace detail
} // namespace epollhost::http

#endif
