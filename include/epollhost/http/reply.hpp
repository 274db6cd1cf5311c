// Distributed under the Boost Software License, Version 1.0.
// Puts one answer into the output of its connection, at once, later or in pieces. Plugins may include this.

#ifndef EPOLLHOST_HTTP_REPLY_HPP
#define EPOLLHOST_HTTP_REPLY_HPP

#include <epollhost/http/detail/descriptor.hpp>
#include <epollhost/http/detail/head_writer.hpp>
#include <epollhost/http/detail/reply_progress.hpp>
#include <epollhost/http/fields.hpp>
#include <epollhost/http/prepared.hpp>
#include <epollhost/http/response.hpp>
#include <epollhost/http/service.hpp>
#include <epollhost/plugin.hpp>

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace epollhost::http {

/// The output side of one request: knows the connection, whether the method is HEAD, and what the answer has to say of
/// the connection. Made by the session for one call of the service, which does one of these [worker]:
///
/// - `send` one whole answer;
/// - `send_file`: one whose content is part of a file;
/// - `later`: promise it, and send it when `resume` is called;
/// - `begin` one in pieces, `write` them now or whenever `resume` is called, and `end` it.
///
/// Output goes into the window; what is too large for it goes into the connection's queue, by the host's functions. The
/// session then ends its turn, so that back-pressure is looked at before the next request is.
class reply {
public:
  reply(io& out, service& shared, const detail::reply_progress& progress, const fields* trailers = nullptr) noexcept
      : out_{out}, shared_{shared}, progress_{progress}, trailers_{trailers} {}

  /// Send an answer made beforehand. It lives until `stop`.
  void send(prepared& answer) {
    append(answer.bytes(kind(), progress_.head_only, shared_.clock()));
    sent_ = &answer.summary();
    if (answer.rest().empty() || progress_.head_only) return;
    queued_ = true;
    queue_static(out_, shared_.left(), answer.rest());
  }

  /// Send a response. Its content may be as large as the host's bound of queued output; what passes it is kept in
  /// `service::left`, for the session to send later.
  void send(const response& answer) {
    const std::string_view content = answer.content();
    append_head(answer, detail::delimiter::length, content.size());
    if (!content.empty() && !progress_.head_only && !is_bodiless(answer.status())) append(content);
    sent_ = &shared_.keep({answer.status(), content.size()});
  }

  /// Send a response whose content is `length` bytes of a regular file from `offset` on, in place of its own.
  /// Takes the descriptor, whatever happens, and closes it when the bytes have left. Small content is read into the
  /// window; for the rest, and for the worker's wait when the disk has to be read, see eh_host::send_file. A file that
  /// is shorter by now resets the connection, since its head may have left.
  void send_file(const response& answer, int fd, std::uint64_t offset, std::uint64_t length) {
    detail::descriptor file{fd};
    append_head(answer, detail::delimiter::length, length);
    sent_ = &shared_.keep({answer.status(), length});
    if (length == 0 || progress_.head_only || is_bodiless(answer.status())) return;
    const bool small = length <= small_file_bytes_max && length <= out_.room() && !queued_;
    if (small ? copy_file(file.get(), offset, static_cast<std::size_t>(length)) : queue_file(file, offset, length))
      return;
    broken_ = queued_ = true;
    shared_.functions().log(EH_LOG_WARNING, "a file can't be sent whole: it is shorter than it was, or can't be read. "
                                            "The connection is reset");
  }

  /// Promise the answer for later. What is behind this request waits. `resume` is called for each `wake`, `post` or
  /// timer of this connection that the handler asks the host for, until the answer is complete; if the connection ends
  /// before that, `dropped` is, once.
  void later() noexcept { later_ = true; }

  /// Send the head of an answer whose content comes in pieces, and is not that of `answer`. Without `length`, in
  /// chunks, or to HTTP/1.0 up to the end of the connection.
  void begin(const response& answer) {
    const bool chunks = !progress_.http_1_0;
    if (!chunks) close();
    const bool bodiless = is_bodiless(answer.status());
    start(answer,
          bodiless ? detail::delimiter::length
          : chunks ? detail::delimiter::chunks
                   : detail::delimiter::end,
          0);
  }
  void begin(const response& answer, std::uint64_t length) { start(answer, detail::delimiter::length, length); }

  /// Send the next bytes of the content. Answers how many were taken: fewer if the peer does not read fast enough, and
  /// then `resume` is called with `occasion::room`. Throws std::length_error above the promised length.
  std::size_t write(std::string_view bytes) {
    if (progress_.no_content) return bytes.size();
    if (progress_.by == detail::delimiter::length && bytes.size() > progress_.left)
      throw std::length_error("more content than was promised");
    std::size_t taken = 0;
    while (taken < bytes.size()) {
      const std::string_view piece = bytes.substr(taken, piece_bytes);
      if (!write_piece(piece)) break;
      taken += piece.size();
    }
    if (access_log* const log = shared_.access()) log->answer_goes_on(out_, taken);
    return taken;
  }

  /// End the content. Throws std::length_error if it is shorter than promised.
  void end() {
    if (!progress_.no_content && progress_.left != 0) throw std::length_error("less content than was promised");
    if (!progress_.no_content && progress_.by == detail::delimiter::chunks) append("0\r\n\r\n");
    sent_ = &shared_.keep({}); // the access log has counted what was written
  }

  /// Close the connection behind this answer. Before it is sent, or its head is.
  void close() noexcept { progress_.kind = persistence::close; }

  persistence kind() const noexcept { return progress_.kind; }

  /// Name the connection, for `wake`, `post`, timers, and to tell one pending answer from another.
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

  /// Begin behind output that the host has not taken yet.
  void stand_behind_rest() noexcept { queued_ = true; }

  /// Say whether output went past the window, into the queue.
  bool queued() const noexcept { return queued_; }

  /// Say whether the answer can't be completed although its head may have left: the connection is to be reset.
  bool broken() const noexcept { return broken_; }

  const detail::reply_progress& progress() const noexcept { return progress_; }

private:
  static constexpr std::size_t piece_bytes = 16 * 1024;

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
    progress_.no_content = progress_.head_only || is_bodiless(answer.status());
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
  detail::reply_progress progress_;
  const fields* trailers_;
  const answer_summary* sent_ = nullptr;
  bool later_ = false;
  bool queued_ = false;
  bool broken_ = false;
};

} // namespace epollhost::http

#endif
