// Distributed under the Boost Software License, Version 1.0.
// One HTTP/1.1 connection: reads requests, has them answered in order, and knows when to end. Plugins may include this.

#ifndef EPOLLHOST_HTTP_SESSION_HPP
#define EPOLLHOST_HTTP_SESSION_HPP

#include <epollhost/http/body.hpp>
#include <epollhost/http/parser.hpp>
#include <epollhost/http/reply.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/http/service.hpp>
#include <epollhost/plugin.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
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
///
/// A request is answered when all of it has come, body included, and so in order. All answers of one call stand in the
/// output window and leave in one send. [worker]
template <class Plugin> class session {
public:
  explicit session(Plugin& plugin) noexcept : plugin_{plugin} {}
  ~session() {
    if (holds_upload()) drop_upload();
  }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  next open(io& io) {
    set_deadline(io, plugin_.head_timeout_ns());
    return next::keep;
  }

  next data(io& io) {
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

  /// The queue has fallen: write on, and read on, for `data` may have been told of the end already.
  next room(io& io) { return data(io); }

  next timer(io& io) {
    plugin_.refresh_clock(io.now_ns());
    switch (stage_) {
    case stage::head: return fail(io, 408, "the head took too long", is_head(io.input()));
    case stage::content: return look_at_rate(io);
    case stage::answering: return next::keep; // the host's send timeout watches it
    default: break;
    }
    if (plugin_.functions().queued(io.id()) <= 0) return next::close;
    set_deadline(io, plugin_.idle_timeout_ns()); // the last answer is still on its way
    return next::keep;
  }

private:
  enum class stage : std::uint8_t { fresh, idle, head, content, answering };

  /// How one request went: go on with the next, or give the host this answer.
  struct step {
    bool ended;
    next answer;
  };
  static constexpr step go_ahead{false, next::keep};
  static constexpr step wait{true, next::keep};

  /// The least room for which a request is looked at: a head of ours and a short content fit.
  static constexpr std::size_t answer_room_min = 1024;

  bool holds_upload() const noexcept { return stage_ >= stage::content; }

  static void set_deadline(io& io, std::int64_t timeout_ns) {
    io.deadline_ns(timeout_ns == 0 ? 0 : io.now_ns() + timeout_ns);
  }

  step plain(io& io, const request& head, std::size_t size) {
    io.consume(size);
    return answer(io, head, {});
  }

  /// Decide what an answer says of the connection; counts the request. Its input is consumed.
  persistence decide(io& io, const request& head) noexcept {
    const bool last = io.draining() || (io.at_end() && io.input().empty());
    if (++requests_ >= plugin_.requests_max() || !head.keep_alive() || last) return persistence::close;
    return head.minor_version() == 0 ? persistence::keep_1_0 : persistence::keep;
  }

  step answer(io& io, const request& head, std::string_view content) {
    const bool head_only = head.method() == method::head;
    reply out{io, plugin_, decide(io, head), head_only};
    try {
      plugin_.answer(head, content, out);
    } catch (...) {
      epollhost::detail::log_exception(plugin_.functions().table(), "the handler");
      if (out.sent()) return {true, next::fail};
    }
    if (!out.sent()) [[unlikely]] {
      out.close();
      out.send(detail::status_response(500));
    }
    return settle(io, out);
  }

  /// See what an answer that was sent leaves to do.
  step settle(io& io, reply& out) {
    if (!out.queued()) [[likely]]
      return out.kind() == persistence::close ? step{true, next::close} : go_ahead;
    if (!plugin_.left().empty()) return keep_rest(io, out);
    if (out.kind() == persistence::close) return {true, next::close};
    set_deadline(io, plugin_.idle_timeout_ns());
    return wait; // so that the host looks at its high mark
  }

  // ---- the rarer ways, out of line
  // -----------------------------------------------------------------------------------

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

  /// Queue as much as the host takes. That is above its high mark, so `room` will come.
  [[gnu::noinline]] step write_rest(io& io) {
    constexpr std::size_t piece = 64 * 1024;
    while (upload_->sent < upload_->content.size()) {
      const std::string_view bytes = std::string_view{upload_->content}.substr(upload_->sent, piece);
      if (io.host().write(io.id(), bytes) != EH_OK) return {true, io.at_end() ? next::half_open : next::keep};
      upload_->sent += bytes.size();
    }
    const bool close = upload_->close_after || (io.at_end() && io.input().empty());
    end_upload();
    return close ? step{true, next::close} : go_ahead;
  }

  /// Send an answer of our own and close, reading on for a while, since the peer may be in the middle of a body.
  [[gnu::noinline]] next fail(io& io, unsigned status, std::string_view why, bool head_only) {
    reply out{io, plugin_, persistence::close, head_only};
    out.send(detail::status_response(status, why));
    return next::close | next::linger;
  }

  /// Say whether a request that could not be read was a HEAD, whose answer has no body all the same. Behind too many
  /// empty lines there is none.
  bool is_head(std::string_view in) const noexcept {
    for (unsigned lines = 0; !in.empty() && (in.front() == '\r' || in.front() == '\n'); in.remove_prefix(1))
      if (in.front() == '\n' && ++lines > plugin_.bounds().empty_lines_max) return false;
    return in.starts_with("HEAD ");
  }

  [[gnu::noinline]] next unfinished(io& io, error why) {
    if (why != error::need_more) return fail(io, status_of(why), text_of(why), is_head(io.input()));
    if (io.at_end()) return next::close; // within a request: there is nothing to answer
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
    const persistence kind = decide(io, head);
    reply out{io, plugin_, close ? persistence::close : kind, head.method() == method::head};
    response refused = detail::status_response(status);
    if (status == 405) refused.field("Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
    out.send(refused);
    const step went = settle(io, out);
    return close ? step{true, next::close | next::linger} : went;
  }

  /// Take a request with a body: at once if all of it is here.
  step begin_content(io& io, const request& head, std::size_t size) {
    const body_reader reader{head};
    if (reader.is_over(plugin_.bounds()))
      return {true, fail(io, 413, text_of(error::body_large), head.method() == method::head)};
    const std::string_view behind = io.input().substr(size);
    if (head.framing() == framing::length && head.content_length() <= behind.size()) {
      const auto length = static_cast<std::size_t>(head.content_length());
      io.consume(size + length);
      return answer(io, head, behind.substr(0, length));
    }
    hold_upload(stage::content);
    upload_->reader = reader;
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
      if constexpr (Plugin::takes_content) upload_->content += piece.data;
      if (piece.done) break;
      if (piece.why == error::need_more) return more_content(io);
      if (piece.why != error::none)
        return {true, fail(io, status_of(piece.why), text_of(piece.why), head.method() == method::head)};
    }
    const step went = answer(io, head, upload_->content);
    if (stage_ == stage::content) end_upload();
    return went;
  }

  step more_content(io& io) {
    if (io.at_end()) return {true, next::close}; // within a request: there is nothing to answer
    if (!io.input().empty()) io.want(io.input().size() + 1);
    return wait;
  }

  /// Go on with what took more than one call.
  [[gnu::noinline]] step go_on(io& io) {
    if (stage_ == stage::answering) return write_rest(io);
    request head;
    head_position position{};
    parse_head(upload_->head, plugin_.bounds(), position, head); // it was good the first time
    return read_content(io, head);
  }

  /// A client that sends its body too slowly is ended.
  next look_at_rate(io& io) {
    const std::uint64_t seen = upload_->reader.content_bytes();
    if (seen - upload_->content_seen < plugin_.body_bytes_min())
      return fail(io, 408, "the body came too slowly", is_head(upload_->head));
    upload_->content_seen = seen;
    set_deadline(io, plugin_.body_timeout_ns());
    return next::keep;
  }

  void hold_upload(stage why) {
    upload_ = plugin_.uploads().take().release();
    stage_ = why;
  }
  void drop_upload() noexcept { plugin_.uploads().give(std::unique_ptr<detail::upload>{upload_}); }
  void end_upload() noexcept {
    drop_upload();
    position_ = {};
    stage_ = stage::idle;
  }

  Plugin& plugin_;
  union {
    head_position position_{};
    detail::upload* upload_; ///< in the stages `content` and `answering`
  };
  std::uint32_t requests_ = 0;
  stage stage_ = stage::fresh;
};

} // namespace epollhost::http

#endif
