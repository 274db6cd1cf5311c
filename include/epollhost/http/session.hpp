// Distributed under the Boost Software License, Version 1.0.
// One HTTP/1.1 connection: reads requests, has them answered in order, and knows when to end. Plugins may include this.

#ifndef EPOLLHOST_HTTP_SESSION_HPP
#define EPOLLHOST_HTTP_SESSION_HPP

#include <epollhost/http/body.hpp>
#include <epollhost/http/detail/answering.hpp>
#include <epollhost/http/handler.hpp>
#include <epollhost/http/parser.hpp>
#include <epollhost/http/reply.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/http/service.hpp>
#include <epollhost/plugin.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http {

/// The `connection` of an HTTP plugin. `Plugin` is derived from `service`.
/// Owns 24 bytes while idle; an upload from the plugin's pool while a body or an answer takes more than one call. Lives
/// as the host's connection does.
///
///     fresh --bytes--> head --whole, no body--> idle --bytes--> head ...
///       \---- a whole request at once ----------^ |
///                       head --body missing--> content --whole--> idle
///                       any answer that the host can't take whole: answering --> idle
///                       any answer that comes later or in pieces: pending --> idle
///
/// A request is answered when all of it has come, body included, and so in order. All answers of one call stand in the
/// output window and leave in one send. [worker]
template <class Plugin> class session : detail::answering<Plugin> {
  using answering = detail::answering<Plugin>;

public:
  explicit session(Plugin& plugin) noexcept : answering{plugin} {}

  next open(io& io) {
    if (plugin_.access()) [[unlikely]] {
      set_slot(access_log::slot_of(io.id()));
      plugin_.access()->opened(io);
    }
    set_deadline(io, plugin_.head_timeout_ns());
    return next::keep;
  }

  [[gnu::always_inline]] next data(io& io) {
    io.want(0);
    plugin_.refresh_clock(io.now_ns());
    if (holds_upload()) [[unlikely]] {
      const step went = go_on(io);
      if (went.ended) return went.answer;
    }
    request head;
    while (!io.input().empty()) {
      if (io.room() < answer_room_min) return next::keep;
      const parse_result got = parse_head(io.input(), plugin_.bounds(), position_, head);
      if (!got.done()) [[unlikely]]
        return unfinished(io, got.why);
      if (stage_ != stage::idle) {
        position_ = {};
        stage_ = stage::idle;
      }
      const step went = head.is_plain() ? plain(io, head, got.size) : with_care(io, head, got.size);
      if (went.ended) return went.answer;
    }
    if (stage_ == stage::idle) set_deadline(io, plugin_.idle_timeout_ns());
    return next::keep;
  }

  /// The queue has fallen: write on, and read on, for `data` may have been told of the end already. But a pause that the
  /// handler asked for holds until it is resumed, and then `data` comes.
  next room(io& io) {
    if (stage_ == stage::pending) return resume(io, occasion::room, 0);
    return stage_ == stage::content && upload_->paused ? next::keep : data(io);
  }

  /// There is news of an answer that was promised.
  next wake(io& io) { return hear(io, occasion::wake); }

  /// The worker ends. Between two requests nothing is lost if the host closes soon.
  next drain(io& io) { return at_rest(io); }

  void close(eh_reason why) {
    if (plugin_.access()) [[unlikely]]
      this->log_close(slot(), why);
  }

  next timer(io& io) {
    if (io.arg() != 0) return hear(io, occasion::timer);
    plugin_.refresh_clock(io.now_ns());
    switch (stage_) {
    case stage::head: return fail(io, 408, "the head took too long", is_head(io.input()), nullptr);
    case stage::content: return look_at_rate(io);
    case stage::answering: // the host's send timeout watches it
    case stage::pending: return next::keep;
    default: break;
    }
    if (plugin_.functions().queued(io.id()) <= 0) {
      log_end(io, {ender::server, stage_ == stage::fresh ? "no request came" : "idle timeout"});
      return next::close;
    }
    set_deadline(io, plugin_.idle_timeout_ns()); // the last answer is still on its way
    return at_rest(io);
  }

private:
  using answering::begin_reply, answering::answer, answering::answer_content, answering::settle, answering::fail,
      answering::resume, answering::hear, answering::log_thrown;
  using answering::end_behind, answering::log_end, answering::slot, answering::set_slot;
  using answering::go_ahead, answering::wait, answering::set_deadline, answering::write_rest;
  using answering::holds_upload, answering::hold_upload, answering::end_upload;
  using answering::plugin_, answering::position_, answering::upload_, answering::stage_;
  using typename answering::stage;
  using typename answering::step;

  /// What a connection answers that waits: whether it is idle counts only while the worker drains.
  next at_rest(io& io) const {
    const bool waits = (stage_ == stage::fresh || stage_ == stage::idle) && io.input().empty();
    return waits && io.draining() && io.host().knows_idle() ? next::idle : next::keep;
  }

  /// The least room for which a request is looked at: a head of ours and a short content fit.
  static constexpr std::size_t answer_room_min = 1024;

  [[gnu::always_inline]] step plain(io& io, const request& head, std::size_t size) {
    io.consume(size);
    return answer(io, head, {});
  }

  /// Say whether a request that could not be read was a HEAD, whose answer has no body all the same. Behind too many
  /// empty lines there is none.
  bool is_head(std::string_view in) const noexcept {
    for (unsigned lines = 0; !in.empty() && (in.front() == '\r' || in.front() == '\n'); in.remove_prefix(1))
      if (in.front() == '\n' && ++lines > plugin_.bounds().empty_lines_max) return false;
    return in.starts_with("HEAD ");
  }

  [[gnu::noinline]] next unfinished(io& io, error why) {
    if (why != error::need_more) return fail(io, status_of(why), text_of(why), is_head(io.input()), nullptr);
    if (io.at_end()) return end_within(io);
    if (plugin_.access()) plugin_.access()->request_begins(io);
    if (stage_ == stage::idle) set_deadline(io, plugin_.head_timeout_ns());
    stage_ = stage::head;
    io.want(io.input().size() + 1);
    return next::keep;
  }

  /// Return the status by which a request is refused for what its head says, or 0.
  static unsigned refusal(const request& head) noexcept {
    if (head.method() == method::other) return 501;
    if (head.method() == method::connect || head.method() == method::trace) return 405;
    return head.expects_other() ? 417 : 0;
  }

  [[gnu::noinline]] step with_care(io& io, const request& head, std::size_t size) {
    if (const unsigned status = refusal(head)) return refuse(io, head, size, status);
    return begin_content(io, head, size);
  }

  /// Refuse a request. One with a body closes the connection, and so does CONNECT, behind which no HTTP may follow.
  step refuse(io& io, const request& head, std::size_t size, unsigned status) {
    io.consume(size);
    const bool close = head.has_body() || head.method() == method::connect;
    reply out{io, plugin_, &head, begin_reply(io, head)};
    if (close) out.close();
    response refused = detail::status_response(status);
    if (status == 405) refused.field("Allow", detail::methods_of<Plugin>());
    out.send(refused);
    if (plugin_.access())
      this->log_answer(io, &head, *out.summary(),
                       close ? ending{ender::server, reason_of(status)} : end_behind(io, head, out.kind()));
    const step went = settle(io, out);
    return close ? step{true, next::close | next::linger} : went;
  }

  /// Take a request with a body: at once if all of it is here.
  step begin_content(io& io, const request& head, std::size_t size) {
    const body_reader reader{head};
    if (reader.is_over(plugin_.bounds()))
      return {true, fail(io, 413, text_of(error::body_large), head.method() == method::head, &head)};
    const std::string_view behind = io.input().substr(size);
    if (!takes_pieces && head.framing() == framing::length && head.content_length() <= behind.size()) {
      const auto length = static_cast<std::size_t>(head.content_length());
      io.consume(size + length);
      return answer_content(io, head, behind.substr(0, length), nullptr);
    }
    if (plugin_.access()) plugin_.access()->request_begins(io);
    hold_upload(stage::content);
    upload_->reader = reader;
    upload_->connection = io.id();
    io.consume(size);
    const step went = read_content(io, head);
    if (stage_ != stage::content) return went;
    upload_->head = head.bytes();
    set_deadline(io, plugin_.body_timeout_ns());
    if (head.expects_continue() && behind.empty()) io.reply("HTTP/1.1 100 Continue\r\n\r\n");
    return went;
  }

  /// Read what has come of the body; answer if that was the last of it. `head` is of no use before.
  step read_content(io& io, const request& head) {
    fields trailers;
    for (;;) {
      const body_piece piece = upload_->reader.read(io.input(), plugin_.bounds(), trailers);
      io.consume(piece.used);
      if constexpr (takes_pieces) {
        if (!piece.data.empty())
          if (const step went = hand_over(io, head, piece.data); went.ended && !(upload_->paused && piece.done))
            return went; // a pause is of no use behind the last piece
      } else if constexpr (Plugin::takes_content) {
        upload_->content += piece.data;
      }
      if (piece.done) break;
      if (piece.why == error::need_more) return more_content(io);
      if (piece.why != error::none)
        return {true, fail(io, status_of(piece.why), text_of(piece.why), head.method() == method::head, &head)};
    }
    upload_->engaged = false; // unless the answer is promised
    const step went =
        answer_content(io, head, upload_->content, head.framing() == framing::chunked ? &trailers : nullptr);
    if (stage_ == stage::content) end_upload();
    return went;
  }

  step more_content(io& io) {
    if (io.at_end()) return {true, end_within(io)};
    if (!io.input().empty()) io.want(io.input().size() + 1);
    return wait;
  }

  /// Go on with what took more than one call.
  [[gnu::noinline]] step go_on(io& io) {
    if (stage_ == stage::answering) return write_rest(io);
    if (stage_ == stage::pending) return {true, next::pause};
    upload_->paused = false;
    request head;
    head_position position{};
    parse_head(upload_->head, plugin_.bounds(), position, head); // it was good the first time
    return read_content(io, head);
  }

  /// The input has ended within a request: there is nothing to answer.
  next end_within(io& io) {
    log_end(io, {ender::client, "end of input within a request"});
    return next::close;
  }

  [[gnu::noinline]] next fail_slow(io& io) {
    request head;
    head_position position{};
    parse_head(upload_->head, plugin_.bounds(), position, head); // it was good the first time
    return fail(io, 408, "the body came too slowly", head.method() == method::head, &head);
  }

  /// A client that sends its body too slowly is ended.
  next look_at_rate(io& io) {
    const std::uint64_t seen = upload_->reader.content_bytes();
    if (!upload_->paused && seen - upload_->content_seen < plugin_.body_bytes_min()) return fail_slow(io);
    upload_->content_seen = seen;
    set_deadline(io, plugin_.body_timeout_ns());
    return next::keep;
  }

  static constexpr bool takes_pieces = detail::takes_pieces<Plugin>;

  /// Give the handler a piece of the request's content. It may want no more for now, or throw.
  step hand_over(io& io, const request& head, std::string_view piece) {
    upload_->engaged = true;
    try {
      upload_->paused = !plugin_.piece(head, piece, io.id());
      return upload_->paused ? step{true, next::pause} : go_ahead;
    } catch (...) {
      log_thrown(head);
      return {true, fail(io, 500, {}, head.method() == method::head, &head)};
    }
  }
};

} // namespace epollhost::http

#endif
