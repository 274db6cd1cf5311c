// Distributed under the Boost Software License, Version 1.0.
// One connection, as its coroutines hold it. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_STREAM_HPP
#define EPOLLHOST_ASYNC_STREAM_HPP

#include <epollhost/async/drain.hpp>
#include <epollhost/async/executor.hpp>
#include <epollhost/async/read.hpp>
#include <epollhost/async/write.hpp>
#include <epollhost/deadline.hpp>

#include <chrono>
#include <concepts>
#include <string>

namespace epollhost {

/// A handle to a connection, to be copied freely within the worker. Of one that is gone, every operation ends with an
/// error; so it does with a stream that is none (a default one, or one that was moved from), and what is no operation
/// does nothing then. [worker]
///
/// Each operation has two forms: the one with a std::error_code at its end puts the error there (and clears it where
/// there is none); the other throws stream_error. The errors (all of std::errc):
///   timed_out              the deadline of expires_after() has passed
///   operation_canceled     cancel() or close() was called
///   operation_in_progress  a second read at the same time; writes may be as many as wanted
///   message_size           a message is longer than the caller allows
///   broken_pipe            the peer takes no output any more, or ours was finished
///   connection_reset, connection_aborted   the connection is gone
///   not_connected          the stream is none
///
/// **Views.** A read without a buffer answers a view of the host's own input, without a copy. It is valid until the
/// coroutine suspends for the next time, on whatever. Handing it to async_write() is safe: what the write does not take
/// at once, it copies before it suspends. To keep it for longer, copy it: `std::string(*line)`.
///
/// **End of input** is no error: a view is empty then (`std::nullopt`), a count is short. A message that has only begun
/// when the input ends is not delivered; async_read_some() answers its bytes.
class stream {
  using throwing = detail::throwing;
  using reporting = detail::reporting;

  template <class Match, class Report> detail::read_view<Match, Report> look(Match match, Report report) const {
    return {connection_, std::move(match), report};
  }
  template <class Match, class Report>
  detail::read_view<detail::limited<Match>, Report> look(Match match, std::size_t most, Report report) const {
    return {connection_, {std::move(match), most}, report};
  }
  template <class Report> detail::read_copy<Report> copy(std::span<char> to, bool all, Report report) const {
    return {connection_, to, all, report};
  }

public:
  static constexpr std::size_t unlimited = ~std::size_t(0);
  using view = std::optional<std::string_view>;

  stream() = default; ///< none
  explicit stream(detail::connection& c) noexcept : connection_(&c) { ++c.references; }
  stream(const stream& other) noexcept : connection_(other.connection_) {
    if (connection_) ++connection_->references;
  }
  stream(stream&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  stream& operator=(stream other) noexcept {
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~stream() {
    if (connection_) connection_->release();
  }
  explicit operator bool() const { return connection_ != nullptr; }

  // ---- reading: a view of what comes next

  /// Some bytes, as many as are there, at most `most`.
  auto async_read_some(std::size_t most = unlimited) const { return look(detail::any_bytes{most}, throwing{}); }
  auto async_read_some(std::size_t most, std::error_code& ec) const {
    return look(detail::any_bytes{most}, reporting{ec});
  }
  auto async_read_some(std::error_code& ec) const { return async_read_some(unlimited, ec); }

  /// So many bytes. More than the host's --input-max can never be there at once: the host then ends the connection.
  auto async_read(std::size_t bytes) const { return look(detail::exactly{bytes}, throwing{}); }
  auto async_read(std::size_t bytes, std::error_code& ec) const { return look(detail::exactly{bytes}, reporting{ec}); }

  /// All up to the delimiter, and with it; message_size if that is more than `most` bytes. A string that is the
  /// delimiter must not be empty and must live as long as the operation.
  auto async_read_until(char delimiter, std::size_t most = unlimited) const {
    return look(detail::until_char{delimiter}, most, throwing{});
  }
  auto async_read_until(char delimiter, std::size_t most, std::error_code& ec) const {
    return look(detail::until_char{delimiter}, most, reporting{ec});
  }
  auto async_read_until(char delimiter, std::error_code& ec) const {
    return async_read_until(delimiter, unlimited, ec);
  }
  auto async_read_until(std::string_view delimiter, std::size_t most = unlimited) const {
    return look(detail::until_string{delimiter}, most, throwing{});
  }
  auto async_read_until(std::string_view delimiter, std::size_t most, std::error_code& ec) const {
    return look(detail::until_string{delimiter}, most, reporting{ec});
  }
  auto async_read_until(std::string_view delimiter, std::error_code& ec) const {
    return async_read_until(delimiter, unlimited, ec);
  }

  /// A message whose length `match(std::string_view unread) -> std::size_t` knows: it gets at least one byte and
  /// answers the length, which may be more than what is there, or 0 if it cannot tell yet. message_size if it is more
  /// than `most`.
  template <std::invocable<std::string_view> Match>
  auto async_read_until(Match match, std::size_t most = unlimited) const {
    return look(detail::until_match<Match>{std::move(match)}, most, throwing{});
  }
  template <std::invocable<std::string_view> Match>
  auto async_read_until(Match match, std::size_t most, std::error_code& ec) const {
    return look(detail::until_match<Match>{std::move(match)}, most, reporting{ec});
  }

  // ---- reading: a copy, which may be larger than --input-max. Answers how many bytes; the buffer must live that long

  auto async_read_some(std::span<char> to) const { return copy(to, false, throwing{}); }
  auto async_read_some(std::span<char> to, std::error_code& ec) const { return copy(to, false, reporting{ec}); }
  auto async_read(std::span<char> to) const { return copy(to, true, throwing{}); }
  auto async_read(std::span<char> to, std::error_code& ec) const { return copy(to, true, reporting{ec}); }

  // ---- writing

  /// Write all. Completes at once while less than --output-high is queued, else when the peer has taken enough. Bytes
  /// that are no view of input must live as long as the operation. Several writes keep their order.
  auto async_write(std::string_view bytes) const { return detail::write_awaiter(connection_, bytes, throwing{}); }
  auto async_write(std::string_view bytes, std::error_code& ec) const {
    return detail::write_awaiter(connection_, bytes, reporting{ec});
  }

  // ---- time and the end

  /// All operations that are not over then end with timed_out, and all later ones too, until it is set anew. It costs
  /// nothing to move it.
  void expires_after(std::chrono::nanoseconds time) const {
    if (!connection_) return;
    connection_->set_deadline(deadline_after(connection_->now_ns(), std::max(time, std::chrono::nanoseconds(0))));
  }
  void expires_never() const {
    if (connection_) connection_->set_deadline(0);
  }

  /// All operations that wait here, of whichever task, end with operation_canceled. As in Asio, one that has completed
  /// already keeps its result, though its task has not gone on yet.
  void cancel() const {
    if (connection_) connection_->cancel();
  }

  /// Send our FIN when the output has left; go on reading. What is written later fails.
  void finish() const {
    if (connection_) connection_->finish();
  }

  /// End the connection when the output has left. All its tasks end with it; the end of `serve` does the same.
  void close() const {
    if (connection_) connection_->close(EH_CLOSE);
  }

  /// Reset the connection, now.
  void abort() const {
    if (connection_) connection_->close(EH_ABORT);
  }

  bool is_open() const { return connection_ && connection_->is_open(); }

  /// The worker is ending: finish what is begun, and begin nothing. async_wait_drain() waits for that.
  bool draining() const { return connection_ && connection_->draining; }

  /// Nothing is under way on this connection while a task waits for input of which nothing has come. Say so once: when
  /// the program ends, the host then closes it after --idle-drain, and not after the whole --drain-timeout.
  void idle_between_messages() const {
    if (connection_) connection_->idle_between_messages();
  }

  auto async_wait_drain() const { return detail::drain_awaiter(connection_, throwing{}); }
  auto async_wait_drain(std::error_code& ec) const { return detail::drain_awaiter(connection_, reporting{ec}); }

  // ---- what it is

  eh_conn_id id() const { return connection_ ? connection_->id : 0; }
  executor get_executor() const {
    return connection_ ? executor(connection_->run_by, connection_->id) : executor();
  }
  epollhost::host host() const { return get_executor().host(); } ///< throws stream_error, not_connected, if it is none
  std::uint64_t listener() const { return connection_ ? connection_->listener : 0; } ///< which of the addresses it was accepted at
  std::string remote_address() const { return address(0); }        ///< as `--listen` takes it; empty if it is gone
  std::string local_address() const { return address(1); }
  detail::connection& connection() const { return *connection_; }

private:
  std::string address(std::uint32_t which) const {
    if (!connection_) return {};
    char text[256];
    const std::int64_t length = host().table()->address(host().table(), id(), which, text, sizeof text);
    return length > 0 ? std::string(text, std::size_t(length)) : std::string();
  }

  detail::connection* connection_ = nullptr;
};

} // namespace epollhost

#endif
