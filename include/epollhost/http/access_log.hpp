// Distributed under the Boost Software License, Version 1.0.
// The access log: one line for each request that was answered, refused or cut off. Plugins may include this.

#ifndef EPOLLHOST_HTTP_ACCESS_LOG_HPP
#define EPOLLHOST_HTTP_ACCESS_LOG_HPP

#include <epollhost/http/date.hpp>
#include <epollhost/http/detail/access_line.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/http/status.hpp>
#include <epollhost/plugin.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

namespace epollhost::http {

/// Write lines to a channel of the host, and keep what they need to know of each open connection. One for a worker that
/// logs; without it a connection costs nothing more. Allocates only when there are more connections than ever before.
/// [worker]
class access_log {
public:
  access_log(channel to, access_format as, const date_clock& clock) noexcept : to_{to}, as_{as}, clock_{clock} {}

  /// The connection is there: ask the host for the peer's address, once.
  void opened(io& io) {
    const std::size_t slot = slot_of(io.id());
    while (places_.size() <= slot) places_.emplace_back();
    place& at = places_[slot];
    at = {};
    at.opened_ns = io.now_ns();
    std::array<char, detail::remote_bytes_max> remote;
    const std::int64_t size = io.host().peer_address(io.id(), remote.data(), remote.size());
    line_.clear();
    detail::write_peer(line_, as_, size > 0 ? std::string_view{remote.data(), std::size_t(size)} : "-", io.id());
    at.peer_size = static_cast<std::uint8_t>(line_.text().copy(at.peer.data(), at.peer.size()));
  }

  /// The first bytes of a request are there, and the rest is not: so its time began before the call that answers it.
  void request_begins(io& io) noexcept {
    place& at = place_of(io.id());
    if (at.request_ns == 0) at.request_ns = io.now_ns();
  }

  /// An answer in pieces has begun; or some of its content was sent.
  void answer_begins(io& io, unsigned status) noexcept {
    place& at = place_of(io.id());
    at.status = static_cast<std::uint16_t>(status);
    at.content_bytes = 0;
    at.answer_ns = io.host().now_ns();
  }
  void answer_goes_on(io& io, std::size_t bytes) noexcept { place_of(io.id()).content_bytes += bytes; }

  /// A request was answered or refused. `head` is null where none could be read; `chunked_bytes` is its content if that
  /// came in chunks.
  void answered(io& io, const request* head, answer_summary answer, std::uint64_t chunked_bytes, ending how) noexcept {
    place& at = place_of(io.id());
    if (at.answer_ns != 0) answer = {at.status, at.content_bytes};
    if (head && (head->method() == method::head || has_no_content(answer.status))) answer.content_bytes = 0;
    const bool timed = as_ == access_format::json;
    const std::int64_t began = at.request_ns ? at.request_ns : io.now_ns();
    const std::int64_t now = timed ? io.host().now_ns() : 0;
    const std::int64_t first = at.answer_ns ? at.answer_ns : now;
    put(at, head, answer, chunked_bytes, how, io.now_ns(), (first - began) / 1000, (now - first) / 1000);
    at.request_ns = at.answer_ns = 0;
    if (how.by != ender::nobody) at.how = how;
  }

  /// The connection is about to be closed for this.
  void closes(io& io, ending how) noexcept { place_of(io.id()).how = how; }

  /// The connection has ended with a request that has no whole answer; 499 if the answer had not begun.
  void cut_off(std::uint32_t slot, const request& head, std::uint64_t chunked_bytes, eh_reason why,
               std::int64_t now_ns) {
    place& at = places_[slot];
    const answer_summary answer{at.answer_ns ? at.status : 499u, at.answer_ns ? at.content_bytes : 0};
    const std::int64_t began = at.request_ns ? at.request_ns : now_ns;
    const std::int64_t first = at.answer_ns ? at.answer_ns : now_ns;
    put(at, &head, answer, chunked_bytes, end_of(at, why), now_ns, (first - began) / 1000, (now_ns - first) / 1000);
  }

  /// The connection has ended: a line of its own where lines say of what they are.
  void closed(std::uint32_t slot, eh_reason why, std::int64_t now_ns) {
    place& at = places_[slot];
    if (as_ == access_format::json) {
      line_.clear();
      detail::write_connection(line_, {.time = time_at(now_ns),
                                       .peer = at.text(),
                                       .requests = at.requests,
                                       .duration_us = (now_ns - at.opened_ns) / 1000,
                                       .end = end_of(at, why)});
      to_.write(line_.text());
    }
  }

  static std::uint32_t slot_of(eh_conn_id connection) noexcept {
    return static_cast<std::uint32_t>(connection & 0xffffff);
  }

private:
  /// What is known of one connection; its place is the slot in its id, which the host gives out densely.
  /// What each request needs stands at the beginning, with an address of usual length in one cache line or two.
  struct alignas(64) place {
    std::int64_t request_ns = 0, answer_ns = 0;
    std::uint32_t requests = 0;
    std::uint16_t status = 0;
    std::uint8_t peer_size = 0;
    std::array<char, detail::peer_bytes_max> peer; ///< written once, since each line has it
    std::int64_t opened_ns = 0;
    std::uint64_t content_bytes = 0;
    ending how{};

    std::string_view text() const noexcept { return {peer.data(), peer_size}; }
  };

  place& place_of(eh_conn_id connection) noexcept { return places_[slot_of(connection)]; }

  /// What a line says of the connection's end: what we closed it for, or what the host saw.
  static ending end_of(const place& at, eh_reason why) noexcept {
    switch (why) {
    case EH_REASON_PLUGIN: return at.how.by == ender::nobody ? ending{ender::server, "closed"} : at.how;
    case EH_REASON_END: return {ender::client, "closed"};
    case EH_REASON_RESET: return {ender::client, "reset"};
    case EH_REASON_TIMEOUT: return {ender::server, "send timeout"};
    case EH_REASON_INPUT_MAX: return {ender::server, "too much input"};
    case EH_REASON_DRAIN: return {ender::server, "drain"};
    case EH_REASON_FILE: return {ender::server, "its file became shorter"};
    case EH_REASON_SYSTEM: return {ender::server, "system error"};
    default: return {ender::server, "failure of the plugin"};
    }
  }

  detail::access_time time_at(std::int64_t now_ns) noexcept {
    if (stamp_ != clock_.stamp()) [[unlikely]] {
      stamp_ = clock_.stamp();
      second_ = {as_, clock_.text()};
    }
    return {second_, clock_.milliseconds(now_ns)};
  }

  void put(place& at, const request* head, answer_summary answer, std::uint64_t chunked_bytes, ending how,
           std::int64_t now_ns, std::int64_t wait_us, std::int64_t answer_us) noexcept {
    line_.clear();
    detail::write_request(line_, as_,
                          {.time = time_at(now_ns),
                           .peer = at.text(),
                           .number = ++at.requests,
                           .head = head,
                           .answer = answer,
                           .chunked_bytes = chunked_bytes,
                           .wait_us = wait_us,
                           .answer_us = answer_us,
                           .end = how});
    to_.write(line_.text()); // a line that is dropped is counted by the host
  }

  const channel to_;
  const access_format as_;
  const date_clock& clock_;
  std::uint64_t stamp_ = 0; ///< of the clock, when `second_` was made
  detail::second_text second_;
  std::deque<place> places_;
  detail::log_line line_;
};

} // namespace epollhost::http

#endif
