// Distributed under the Boost Software License, Version 1.0.
// The half of an HTTP session that answers: at once, as far as the host takes it, later or in pieces. Plugins may
// include this (through session.hpp).

#ifndef EPOLLHOST_HTTP_DETAIL_ANSWERING_HPP
#define EPOLLHOST_HTTP_DETAIL_ANSWERING_HPP

#include <epollhost/http/handler.hpp>
#include <epollhost/http/parser.hpp>
#include <epollhost/http/reply.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/http/service.hpp>
#include <epollhost/plugin.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace epollhost::http::detail {

/// The base of `session`, which reads; the drawing of the stages is there. Owns what a connection keeps between two
/// calls: the place in a head that has not come whole, or an upload from the plugin's pool. [worker]
template <class Plugin> class answering {
public:
  answering(const answering&) = delete;
  answering& operator=(const answering&) = delete;

protected:
  enum class stage : std::uint8_t { fresh, idle, head, content, answering, pending };

  /// How one request went: go on with the next, or give the host this answer.
  struct step {
    bool ended;
    next answer;
  };
  static constexpr step go_ahead{false, next::keep};
  static constexpr step wait{true, next::keep};

  explicit answering(Plugin& plugin) noexcept : plugin_{plugin} {}

  // ---- the access log

  /// Say why an answer closes the connection, or that it does not. In the order of `decide`, which has not kept it.
  ending end_behind(const io& io, const request& head, persistence kind) const noexcept {
    if (kind != persistence::close) return {};
    if (!head.keep_alive())
      return {ender::client, head.minor_version() == 0 ? "HTTP/1.0 without keep-alive" : "Connection: close"};
    if (io.draining()) return {ender::server, "drain"};
    if (requests_ >= plugin_.requests_max()) return {ender::server, "requests-max"};
    if (io.at_end()) return {ender::client, "end of input"};
    return {ender::server, "closed by the handler"};
  }

  /// Write the line of a request that was answered. Only where there is a log.
  [[gnu::noinline]] void log_answer(io& io, const request* head, const answer_summary& answer, ending how) {
    const bool chunked = head && head->framing() == framing::chunked && holds_upload();
    plugin_.access()->answered(io, head, answer, chunked ? upload_->reader.content_bytes() : 0, how);
    if (holds_upload()) upload_->logged = true;
  }

  void log_failed(io& io, const request& head, const reply& out) {
    if (!plugin_.access()) return;
    log_answer(io, &head, out.sent() ? *out.summary() : answer_summary{}, {ender::server, "failure of the handler"});
  }

  void log_sent(io& io, const request& head, const reply& out) {
    if (plugin_.access() && out.sent()) [[unlikely]]
      log_answer(io, &head, *out.summary(),
                 out.broken()    ? ending{ender::server, "its file became shorter"}
                 : out.misused() ? ending{ender::server, "failure of the handler"}
                                 : end_behind(io, head, out.kind()));
  }

  /// Note why the connection will be closed, for its own line.
  void log_end(io& io, ending how) {
    if (plugin_.access()) [[unlikely]]
      plugin_.access()->closes(io, how);
  }

  /// The connection has ended, perhaps in the middle of a request.
  [[gnu::noinline]] void log_close(std::uint32_t slot, eh_reason why) {
    const std::int64_t now_ns = plugin_.functions().now_ns();
    plugin_.refresh_clock(now_ns);
    if ((stage_ == stage::content || stage_ == stage::pending) && !upload_->logged) {
      request head;
      head_position position{};
      parse_head(upload_->head, plugin_.bounds(), position, head); // it was good the first time
      const bool chunked = head.framing() == framing::chunked;
      plugin_.access()->cut_off(slot, head, chunked ? upload_->reader.content_bytes() : 0, why, now_ns);
    }
    plugin_.access()->closed(slot, why, now_ns);
  }

  // ---- an answer

  ~answering() {
    if (!holds_upload()) return;
    if (upload_->engaged) tell_dropped(plugin_, upload_->connection);
    drop_upload();
  }

  bool holds_upload() const noexcept { return stage_ >= stage::content; }

  static void set_deadline(io& io, std::int64_t timeout_ns) {
    io.deadline_ns(timeout_ns == 0 ? 0 : deadline_after(io.now_ns(), timeout_ns));
  }

  /// Decide what an answer says of the connection; counts the request. Its input is consumed.
  persistence decide(io& io, const request& head) noexcept {
    const bool last = io.draining() || (io.at_end() && io.input().empty());
    if (++requests_ >= plugin_.requests_max() || !head.keep_alive() || last) return persistence::close;
    return head.minor_version() == 0 ? persistence::keep_1_0 : persistence::keep;
  }

  [[gnu::always_inline]] reply_progress begin_reply(io& io, const request& head) noexcept {
    return {
        .kind = decide(io, head), .head_only = head.method() == method::head, .http_1_0 = head.minor_version() == 0};
  }

  /// Have a request answered. Inline for the way that nearly all take, which has no content.
  [[gnu::always_inline]] step answer(io& io, const request& head, std::string_view content,
                                     const fields* trailers = nullptr) {
    reply out{io, plugin_, &head, begin_reply(io, head), trailers};
    try {
      plugin_.answer(head, content, out);
    } catch (...) {
      return handler_threw(io, head, out);
    }
    if (!out.sent()) [[unlikely]]
      return not_sent(io, head, out);
    log_sent(io, head, out);
    return settle(io, out);
  }

  [[gnu::noinline]] step answer_content(io& io, const request& head, std::string_view content, const fields* trailers) {
    return answer(io, head, content, trailers);
  }

  /// The handler has returned, and its answer is not complete.
  [[gnu::noinline]] step not_sent(io& io, const request& head, reply& out) {
    if (out.misused()) return break_off(io, head, out);
    if (out.is_open()) return suspend(io, head, out);
    plugin_.functions().error(name_of(&head) + ": the handler has sent no answer");
    return break_off(io, head, out);
  }

  /// Say what the handler threw, and for which request. Call it in a catch block.
  [[gnu::noinline, gnu::cold]] void log_thrown(const request& head) {
    epollhost::detail::log_exception(plugin_.functions().table(), (name_of(&head) + ": the handler").c_str());
  }

  /// Call it in a catch block.
  [[gnu::noinline, gnu::cold]] step handler_threw(io& io, const request& head, reply& out) {
    if (!out.misused()) log_thrown(head); // else the log has the reason
    return break_off(io, head, out);
  }

  /// The handler has failed: by throwing, by a misuse of its reply, or by saying nothing. The connection ends behind
  /// what was answered rightly, this request's answer if it is complete, else 500; one that is cut off in the middle
  /// must not look whole.
  [[gnu::noinline, gnu::cold]] step break_off(io& io, const request& head, reply& out) {
    out.close();
    if (!out.sent() && !out.progress().begun) return answer_500(io, head);
    log_failed(io, head, out);
    if (out.sent()) return settle(io, out);
    plugin_.left().clear(); // or it would stand before another connection's answer
    return {true, out.progress().by == delimiter::end && !out.progress().no_content ? next::fail : next::close};
  }

  step answer_500(io& io, const request& head) {
    reply out{io, plugin_, &head, {.kind = persistence::close, .head_only = head.method() == method::head}};
    out.send(status_response(500));
    log_failed(io, head, out);
    return settle(io, out);
  }

  /// See what an answer that was sent leaves to do.
  step settle(io& io, reply& out) {
    if (!out.queued()) [[likely]]
      return out.kind() == persistence::close ? step{true, next::close} : go_ahead;
    return settle_queued(io, out);
  }

  [[gnu::noinline]] step settle_queued(io& io, reply& out) {
    if (out.broken()) [[unlikely]] {
      plugin_.left().clear();
      return {true, next::abort};
    }
    if (out.misused()) out.close();
    if (!plugin_.left().empty()) return keep_rest(io, out);
    if (out.kind() == persistence::close) return {true, next::close};
    set_deadline(io, plugin_.idle_timeout_ns());
    return wait; // so that the host looks at its high mark
  }

  // ---- an answer that the host does not take at once

  /// The host's queue is full: hold the rest of the answer until there is room.
  [[gnu::noinline]] step keep_rest(io& io, reply& out) {
    if (!holds_upload()) hold_upload(stage::answering);
    stage_ = stage::answering;
    upload_->content.swap(plugin_.left());
    plugin_.left().clear();
    upload_->sent = 0;
    upload_->close_after = out.kind() == persistence::close;
    io.deadline_ns(0);
    return write_rest(io);
  }

  /// Queue as much as the host takes. The last write is refused then, so `room` will come.
  [[gnu::noinline]] step write_rest(io& io) {
    if (!queue_more(io, upload_->content, upload_->sent)) return {true, io.at_end() ? next::half_open : next::keep};
    const bool close = upload_->close_after || (io.at_end() && io.input().empty());
    end_upload();
    return close ? step{true, next::close} : go_ahead;
  }

  /// Queue `bytes` from `sent` on, which moves, as far as the host takes them; answer whether it took all. No piece is
  /// larger than what fits, or a small --output-max would refuse the same piece for ever.
  bool queue_more(io& io, std::string_view bytes, std::size_t& sent) {
    constexpr std::size_t piece_bytes_max = 64 * 1024;
    while (sent < bytes.size()) {
      const std::uint64_t room = plugin_.output_room(io.id());
      const auto most = static_cast<std::size_t>(std::clamp<std::uint64_t>(room, 1, piece_bytes_max));
      const std::string_view piece = bytes.substr(sent, most);
      if (io.host().write(io.id(), piece) != EH_OK) return false;
      sent += piece.size();
    }
    return true;
  }

  /// Send an answer of our own and close, reading on for a while, since the peer may be in the middle of a body.
  /// `head` is null where none could be read.
  [[gnu::noinline]] next fail(io& io, unsigned status, std::string_view why, bool head_only, const request* head) {
    reply out{io, plugin_, head, {.kind = persistence::close, .head_only = head_only}};
    out.send(status_response(status, why));
    if (plugin_.access())
      log_answer(io, head, *out.summary(), {ender::server, why.empty() ? "failure of the handler" : why});
    return next::close | next::linger;
  }

  // ---- answers that come later or in pieces

  /// The answer comes later: keep the head, read no more, and wait. What the peer has sent lies with the host.
  [[gnu::noinline]] step suspend(io& io, const request& head, reply& out) {
    if constexpr (!resumes<Plugin>) { // nobody would ever complete it
      plugin_.functions().error(name_of(&head) + ": the answer was promised by a service that has no resume()");
      return break_off(io, head, out);
    }
    if (plugin_.access()) plugin_.access()->request_begins(io);
    if (!holds_upload()) hold_upload(stage::pending);
    stage_ = stage::pending;
    if (upload_->head.empty()) upload_->head = head.bytes();
    upload_->connection = io.id();
    upload_->engaged = true;
    keep_progress(out);
    io.deadline_ns(0);
    return {true, next::pause};
  }

  void keep_progress(const reply& out) {
    upload_->progress = out.progress();
    upload_->content.swap(plugin_.left());
    plugin_.left().clear();
  }

  /// There is a wake or a timer. It is for the exchange that it names, and for no other: one that was meant for an
  /// answer that is complete must not complete the next one.
  [[gnu::noinline]] next hear(io& io, occasion why) {
    if (stage_ != stage::pending) return next::keep;
    const std::uint64_t number = io.arg() >> reply_progress::what_bits;
    if (number == 0) plugin_.warn_of_no_token(io.arg());
    if (number == 0 || number != upload_->progress.number) return next::keep;
    return resume(io, why, io.arg() & ((std::uint64_t{1} << reply_progress::what_bits) - 1));
  }

  /// Call the handler for an answer that is not complete.
  [[gnu::noinline]] next resume(io& io, occasion why, std::uint64_t what) {
    if constexpr (resumes<Plugin>) {
      plugin_.refresh_clock(io.now_ns());
      flush_left(io);
      if (why == occasion::room && !(upload_->progress.begun && plugin_.left().empty())) return keep_left();
      if (io.draining() && !upload_->progress.begun) upload_->progress.kind = persistence::close;
      request head;
      head_position position{};
      parse_head(upload_->head, plugin_.bounds(), position, head); // it was good the first time
      reply out{io, plugin_, &head, upload_->progress};
      if (!plugin_.left().empty()) out.stand_behind_rest();
      try {
        plugin_.resume(head, why, what, out);
      } catch (...) {
        if (!out.misused()) log_thrown(head);
        return give_up(io, head, out);
      }
      if (out.misused()) return give_up(io, head, out);
      log_sent(io, head, out);
      if (out.sent()) return complete(io, out);
      keep_progress(out);
    }
    return next::keep;
  }

  /// As `break_off`, for an answer that was promised or begun in an earlier call.
  [[gnu::noinline, gnu::cold]] next give_up(io& io, const request& head, reply& out) {
    if (out.sent()) {
      out.close();
      log_failed(io, head, out);
      return complete(io, out);
    }
    io.host().resume(io.id());
    if (!out.progress().begun) upload_->engaged = false; // it gets an answer
    return break_off(io, head, out).answer;
  }

  /// Queue what the host did not take before; what it does not take now is in `left` again.
  void flush_left(io& io) {
    std::string& left = plugin_.left();
    left.swap(upload_->content);
    upload_->content.clear();
    std::size_t sent = 0;
    if (!left.empty()) queue_more(io, left, sent);
    left.erase(0, sent);
  }
  next keep_left() {
    upload_->content.swap(plugin_.left());
    return next::keep;
  }

  /// A late answer is complete: go on with what waits behind it.
  next complete(io& io, reply& out) {
    upload_->engaged = false;
    if (out.broken()) return plugin_.left().clear(), next::abort;
    io.host().resume(io.id());
    next answer = out.kind() == persistence::close ? next::close : next::keep;
    if (plugin_.left().empty())
      end_upload();
    else
      answer = keep_rest(io, out).answer;
    if (stage_ == stage::idle) set_deadline(io, plugin_.idle_timeout_ns());
    return answer;
  }

  void hold_upload(stage why) {
    upload_ = plugin_.uploads().take().release();
    stage_ = why;
  }
  void drop_upload() noexcept { plugin_.uploads().give(std::unique_ptr<upload>{upload_}); }
  void end_upload() noexcept {
    drop_upload();
    position_ = {};
    stage_ = stage::idle;
  }

  std::uint32_t slot() const noexcept {
    return slot_[0] | std::uint32_t{slot_[1]} << 8 | std::uint32_t{slot_[2]} << 16;
  }
  void set_slot(std::uint32_t slot) noexcept {
    for (unsigned i = 0; i < 3; ++i) slot_[i] = static_cast<std::uint8_t>(slot >> (8 * i));
  }

  Plugin& plugin_;
  union {
    head_position position_{};
    upload* upload_; ///< in the stages from `content` on
  };
  std::uint32_t requests_ = 0;
  stage stage_ = stage::fresh;
  std::uint8_t slot_[3]{}; ///< of the connection, where there is an access log; what the padding has room for
};

} // namespace epollhost::http::detail

#endif
