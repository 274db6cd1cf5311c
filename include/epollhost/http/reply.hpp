// Distributed under the Boost Software License, Version 1.0.
// Puts one answer into the output of its connection, at once, later or in pieces. Plugins may include this.

#ifndef EPOLLHOST_HTTP_REPLY_HPP
#define EPOLLHOST_HTTP_REPLY_HPP

#include <epollhost/http/detail/descriptor.hpp>
#include <epollhost/http/detail/head_writer.hpp>
#include <epollhost/http/detail/reply_progress.hpp>
#include <epollhost/http/fields.hpp>
#include <epollhost/http/prepared.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/http/response.hpp>
#include <epollhost/http/service.hpp>
#include <epollhost/plugin.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace epollhost::http {

namespace detail {

/// Name a request for a line of the log: "GET /a", cut where it is long. The parser lets no byte into either that a
/// terminal obeys.
inline std::string name_of(const request* head) {
  constexpr std::size_t bytes_max = 200;
  if (!head) return "a request that could not be read";
  std::string name{head->method_name()};
  name.append(" ").append(head->target().substr(0, bytes_max));
  return head->target().size() > bytes_max ? name + "..." : name;
}

/// Say in the log how a handler has misused its reply.
[[gnu::noinline, gnu::cold]] inline void log_misuse(epollhost::host functions, const request* head,
                                                    const char* what) noexcept {
  try {
    functions.error(name_of(head) + ": the handler misused its reply: " + what + ". The connection ends");
  } catch (const std::bad_alloc&) {
    functions.error("a handler misused its reply"); // needs no memory
  }
}

} // namespace detail

/// The output side of one request: knows the connection, whether the method is HEAD, and what the answer has to say of
/// the connection. Made by the session for one call of the service, which does one of these [worker]:
///
/// - `send` one whole answer;
/// - `send_file`: one whose content is part of a file;
/// - `later`: promise it, and send it when `resume` is called;
/// - `begin` one in pieces, `write` them now or whenever `resume` is called, and `end` it.
///
/// A call that does not fit what was done before (a second `send`, `write` behind `end`, more content than was promised)
/// is a misuse: it sends nothing, and neither does any later one. The log names the request and the call, and the
/// connection ends behind what was answered rightly before: with 500 if nothing was sent for this request, else by
/// breaking off, which the client can tell from an end.
///
/// It lives for this one call, and can't be copied: keep no pointer to it. What comes later is told to the connection
/// with `token`, and `resume` gets another reply.
///
/// Output goes into the window; what is too large for it goes into the connection's queue, by the host's functions. The
/// session then ends its turn, so that back-pressure is looked at before the next request is.
class reply {
public:
  /// `head` is null where no request could be read.
  reply(io& out, service& shared, const request* head, const detail::reply_progress& progress,
        const fields* trailers = nullptr) noexcept
      : out_{out}, shared_{shared}, head_{head}, progress_{progress}, trailers_{trailers} {}
  reply(const reply&) = delete;
  reply& operator=(const reply&) = delete;

  /// Send an answer made beforehand. It lives until `stop`.
  void send(prepared& answer) {
    if (!may_begin("send")) [[unlikely]]
      return;
    append(answer.bytes(kind(), progress_.head_only, shared_.clock()));
    sent_ = &answer.summary();
    if (answer.rest().empty() || progress_.head_only) return;
    queued_ = true;
    queue_static(out_, shared_.left(), answer.rest());
  }

  /// Send a response. Its content may be as large as the host's bound of queued output; what passes it is kept in
  /// `service::left`, for the session to send later.
  void send(const response& answer) {
    if (!may_begin("send")) [[unlikely]]
      return;
    const std::string_view content = has_no_content(answer.status()) ? std::string_view{} : answer.content();
    append_head(answer, detail::delimiter::length, content.size());
    if (!content.empty() && !progress_.head_only) append(content);
    sent_ = &shared_.keep({answer.status(), content.size()});
  }

  /// Send a response whose content is `length` bytes of a regular file from `offset` on, in place of its own.
  /// Takes the descriptor, whatever happens, and closes it when the bytes have left. Small content is read into the
  /// window; for the rest, and for the worker's wait when the disk has to be read, see eh_host::send_file. A file that
  /// is shorter by now resets the connection, since its head may have left.
  void send_file(const response& answer, int fd, std::uint64_t offset, std::uint64_t length) {
    detail::descriptor file{fd};
    if (!may_begin("send_file")) [[unlikely]]
      return;
    if (has_no_content(answer.status())) length = 0;
    append_head(answer, detail::delimiter::length, length);
    sent_ = &shared_.keep({answer.status(), length});
    if (length == 0 || progress_.head_only) return;
    const bool small = length <= small_file_bytes_max && length <= out_.room() && !queued_;
    if (small ? copy_file(file.get(), offset, static_cast<std::size_t>(length)) : queue_file(file, offset, length))
      return;
    broken_ = queued_ = true;
    shared_.functions().log(EH_LOG_WARNING, "a file can't be sent whole: it is shorter than it was, or can't be read. "
                                            "The connection is reset");
  }

  /// Promise the answer for later. What is behind this request waits. `resume` is called for each `wake`, `post` or
  /// timer of this connection whose argument is a `token` of this exchange, until the answer is complete; if the
  /// connection ends before that, `dropped` is, once.
  void later() noexcept {
    if (may(!sent(), "later")) later_ = true;
  }

  /// Return the argument with which `wake`, `post` and timers of the host mean this exchange: the request in hand and
  /// its answer. `resume` gets `what`, to tell one kind of news from another. News of an exchange that is complete
  /// comes to no other: each has a number, which no other in this worker ever has, and the session compares it. Any
  /// other argument is refused, with a line in the log. Never 0.
  std::uint64_t token(std::uint16_t what = 0) noexcept {
    if (progress_.number == 0) progress_.number = shared_.next_exchange();
    return progress_.number << detail::reply_progress::what_bits | what;
  }

  /// Send the head of an answer whose content comes in pieces, and is not that of `answer`. Without `length`, in
  /// chunks, or to HTTP/1.0 up to the end of the connection.
  void begin(const response& answer) {
    if (!may_begin("begin")) return;
    const bool chunks = !progress_.http_1_0;
    const bool none = has_no_content(answer.status());
    if (!chunks && !none) close();
    start(answer,
          none     ? detail::delimiter::length
          : chunks ? detail::delimiter::chunks
                   : detail::delimiter::end,
          0);
  }
  void begin(const response& answer, std::uint64_t length) {
    if (!may_begin("begin")) return;
    start(answer, detail::delimiter::length, has_no_content(answer.status()) ? 0 : length);
  }

  /// Send the next bytes of the content. Answers how many were taken: fewer if the peer does not read fast enough, and
  /// then `resume` is called with `occasion::room`. Throws std::length_error above the promised length, which is a
  /// misuse. After any other, it takes all and sends nothing.
  std::size_t write(std::string_view bytes) {
    if (!may(is_begun(), "write") || progress_.no_content) return bytes.size();
    if (progress_.by == detail::delimiter::length && bytes.size() > progress_.left) {
      note_misuse("more content than was promised");
      throw std::length_error("more content than was promised");
    }
    std::size_t taken = 0;
    while (taken < bytes.size()) {
      const std::string_view piece = bytes.substr(taken, piece_bytes());
      if (!write_piece(piece)) break;
      taken += piece.size();
    }
    if (access_log* const log = shared_.access()) log->answer_goes_on(out_, taken);
    return taken;
  }

  /// End the content. Throws std::length_error if it is shorter than promised, which is a misuse.
  void end() {
    if (!may(is_begun(), "end")) return;
    if (!progress_.no_content && progress_.left != 0) {
      note_misuse("less content than was promised");
      throw std::length_error("less content than was promised");
    }
    if (!progress_.no_content && progress_.by == detail::delimiter::chunks) append("0\r\n\r\n");
    sent_ = &shared_.keep({}); // the access log has counted what was written
    ended_ = true;
  }

  /// Close the connection behind this answer. Before it is sent, or its head is.
  void close() noexcept { progress_.kind = persistence::close; }

  persistence kind() const noexcept { return progress_.kind; }

  /// Name the connection, for `wake`, `post` and timers, together with `token`.
  eh_conn_id connection() const noexcept { return out_.id(); }
  epollhost::host host() const noexcept { return out_.host(); }
  std::int64_t now_ns() const noexcept { return out_.now_ns(); }

  /// Return the trailers of the request's body: in `answer` if it was chunked, else null. Views, as the head is.
  const fields* trailers() const noexcept { return trailers_; }

  /// Say whether the answer is complete.
  bool sent() const noexcept { return sent_ != nullptr; }

  /// Return what was sent; null before. Valid until the next answer is sent.
  const answer_summary* summary() const noexcept { return sent_; }

  /// Say whether the answer was promised or begun.
  bool is_open() const noexcept { return !sent() && (later_ || progress_.begun); }

  /// Say whether a call did not fit what was done before; the log has said so.
  bool misused() const noexcept { return misused_; }

  /// Begin behind output that the host has not taken yet.
  void stand_behind_rest() noexcept { queued_ = true; }

  /// Say whether output went past the window, into the queue.
  bool queued() const noexcept { return queued_; }

  /// Say whether the answer can't be completed although its head may have left: the connection is to be reset.
  bool broken() const noexcept { return broken_; }

  const detail::reply_progress& progress() const noexcept { return progress_; }

private:
  static constexpr std::size_t piece_bytes_max = 16 * 1024;
  static constexpr std::size_t framing_bytes_max = 24; // of a chunk

  /// Return how large a piece may be so that the host can take it: a small --output-max would refuse others for ever.
  std::size_t piece_bytes() const noexcept {
    if (out_.room() >= piece_bytes_max + framing_bytes_max) return piece_bytes_max;
    const std::uint64_t room = std::max<std::uint64_t>(shared_.output_room(out_.id()), out_.room());
    const std::uint64_t least = 2 * framing_bytes_max;
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(room, least, piece_bytes_max + framing_bytes_max)) -
           framing_bytes_max;
  }

  /// Up to here reading a file costs less than its way through the queue, and answers share a send.
  static constexpr std::uint64_t small_file_bytes_max = 32 * 1024;

  void append_head(const response& answer, detail::delimiter by, std::uint64_t length) {
    std::string& head = shared_.scratch();
    head.clear();
    detail::write_head(head, {answer.status(), kind(), shared_.clock().text(), answer.content_type(),
                              answer.field_lines(), length, by});
    append(head);
  }

  void start(const response& answer, detail::delimiter by, std::uint64_t length) {
    append_head(answer, by, length);
    progress_.begun = true;
    progress_.by = by;
    progress_.left = length;
    progress_.no_content = progress_.head_only || has_no_content(answer.status());
    if (access_log* const log = shared_.access()) log->answer_begins(out_, answer.status());
  }

  /// Send one piece whole, or nothing of it.
  bool write_piece(std::string_view bytes) {
    if (!shared_.left().empty()) return false;
    std::string& piece = shared_.scratch();
    piece.clear();
    const bool chunks = progress_.by == detail::delimiter::chunks;
    if (chunks) detail::write_chunk_size(piece, bytes.size());
    piece += bytes;
    if (chunks) piece += "\r\n";
    if (out_.reply(piece) != piece.size()) return false;
    if (progress_.by == detail::delimiter::length) progress_.left -= bytes.size();
    return true;
  }

  void append(std::string_view bytes) {
    if (bytes.size() <= out_.room() && !queued_) [[likely]] {
      std::memcpy(out_.cursor(), bytes.data(), bytes.size());
      out_.commit(bytes.size());
      return;
    }
    queued_ = true;
    queue(out_, shared_.left(), bytes);
  }

  bool is_begun() const noexcept { return progress_.begun && !sent(); }

  /// Nothing was sent for this request before.
  bool may_begin(const char* call) noexcept { return may(!sent() && !progress_.begun, call); }

  bool may(bool fits, const char* call) noexcept {
    if (fits && !misused_) [[likely]]
      return true;
    refuse(call);
    return false;
  }

  [[gnu::noinline, gnu::cold]] void refuse(const char* call) noexcept {
    if (misused_) return; // it was said
    const char* const before = ended_              ? "() after end()"
                               : sent()            ? "() after send()"
                               : progress_.begun   ? "() after begin()"
                                                   : "() before begin()";
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%s%s", call, before);
    note_misuse(text.data());
  }

  /// `queued` takes the session off the usual way, where it sees what has happened.
  [[gnu::noinline, gnu::cold]] void note_misuse(const char* what) noexcept {
    if (misused_) return;
    misused_ = queued_ = true;
    detail::log_misuse(shared_.functions(), head_, what);
  }

  bool copy_file(int fd, std::uint64_t offset, std::size_t length) {
    if (::pread(fd, out_.cursor(), length, static_cast<off_t>(offset)) != static_cast<ssize_t>(length)) return false;
    out_.commit(length);
    return true;
  }

  bool queue_file(detail::descriptor& file, std::uint64_t offset, std::uint64_t length) {
    queued_ = true;
    if (!shared_.left().empty() || out_.host().send_file(out_.id(), file.get(), offset, length) != EH_OK) return false;
    file.release(); // it is the host's now
    return true;
  }

  // Static, so that no reply has to be in memory for them.
  [[gnu::noinline, gnu::cold]] static void queue(io& out, std::string& left, std::string_view bytes) {
    if (!left.empty() || out.host().write(out.id(), bytes) != EH_OK) left += bytes;
  }

  [[gnu::noinline]] static void queue_static(io& out, std::string& left, std::string_view bytes) {
    const auto nothing = [](void*) {}; // the bytes live as long as the plugin
    if (!left.empty() || out.host().write_ref(out.id(), bytes, nothing, nullptr) != EH_OK) left += bytes;
  }

  io& out_;
  service& shared_;
  const request* head_;
  detail::reply_progress progress_;
  const fields* trailers_;
  const answer_summary* sent_ = nullptr;
  bool later_ = false;
  bool queued_ = false;
  bool broken_ = false;
  bool misused_ = false;
  bool ended_ = false; ///< by `end`
};

} // namespace epollhost::http

#endif
