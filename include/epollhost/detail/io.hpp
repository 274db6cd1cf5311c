// Distributed under the Boost Software License, Version 1.0.
// One call of a hook, with C++ manners: the windows of input and output. Plugins may include this (through plugin.hpp).
#ifndef EPOLLHOST_DETAIL_IO_HPP
#define EPOLLHOST_DETAIL_IO_HPP

#include <epollhost/deadline.hpp>
#include <epollhost/detail/host.hpp>

namespace epollhost {

/// The two windows of one call; valid during the call. A view over eh_io, where the contract stands. [worker][hot]
class io {
public:
  io(eh_io* raw, epollhost::host host) : raw_(raw), host_(host) {}

  /// All input that this call has not consumed yet. Valid until the hook returns.
  std::string_view input() const { return {raw_->in + raw_->in_used, std::size_t(raw_->in_len - raw_->in_used)}; }

  /// Consume `n` bytes of input(); n <= input().size().
  void consume(std::size_t n) { raw_->in_used += n; }

  /// Consume and return as much of input() as fits into the room of the output window; the rest comes again.
  std::string_view take() { return take(room()); }

  /// Consume and return at most `n` bytes of input().
  std::string_view take(std::size_t n) {
    const std::string_view bytes = input().substr(0, n);
    consume(bytes.size());
    return bytes;
  }

  /// Bytes that can still be written at cursor().
  std::size_t room() const { return std::size_t(raw_->out_cap - raw_->out_used); }

  /// Where the next byte of output goes, for writing in place; then commit().
  char* cursor() { return raw_->out + raw_->out_used; }
  void commit(std::size_t n) { raw_->out_used += n; }

  /// Write all of `bytes`: into the window, or, what is too large for it, into the connection's queue.
  /// Answers bytes.size(), or 0 if that would pass the output limit (nothing is written then).
  std::size_t reply(std::string_view bytes) {
    if (bytes.size() > room()) return host_.write(raw_->conn, bytes) == EH_OK ? bytes.size() : 0;
    char* const to = cursor();
    commit(bytes.size());         // before the copy, so that this is the last that is to be done
    bytes.copy(to, bytes.size()); // which may be none, from nowhere
    return bytes.size();
  }

  /// Call `data` again when `n` bytes of unconsumed input are there, or at the end of input; 0: at any news.
  void want(std::size_t n) { raw_->want = n; }

  /// When the clock passes this CLOCK_MONOTONIC time, `timer` comes with arg 0. 0: never. Kept until changed.
  void deadline_ns(std::int64_t at) { raw_->deadline_ns = at; }
  std::int64_t deadline_ns() const { return raw_->deadline_ns; }

  /// The same, this long after now_ns(). One that is too long for a deadline never comes.
  void deadline_after(std::chrono::nanoseconds time) { deadline_ns(epollhost::deadline_after(now_ns(), time)); }

  std::int64_t now_ns() const { return raw_->now_ns; }
  eh_conn_id id() const { return raw_->conn; }
  std::uint64_t arg() const { return raw_->arg; }
  bool at_end() const { return (raw_->flags & EH_IN_END) != 0; }
  bool draining() const { return (raw_->flags & EH_DRAINING) != 0; }

  epollhost::host host() const { return host_; }
  eh_io* raw() { return raw_; }

private:
  eh_io* raw_;
  epollhost::host host_;
};

} // namespace epollhost

#endif
