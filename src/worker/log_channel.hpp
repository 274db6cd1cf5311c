// Distributed under the Boost Software License, Version 1.0.
// One log channel of a worker: whole lines, gathered for a moment, dropped rather than waited for.
#ifndef EPOLLHOST_WORKER_LOG_CHANNEL_HPP
#define EPOLLHOST_WORKER_LOG_CHANNEL_HPP

#include "loop/io_context.hpp"
#include "net/unique_fd.hpp"
#include "worker/worker_page.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace epollhost {

/// Owns the descriptor that takes the lines: under a master a pipe to the log process, else the file itself.
///
///     plugin --write()--> buffer --end_turn(): a batch, or what has waited for hold_ns--> descriptor
///
/// Where each turn brings few lines, a write() for each would cost a good part of what the requests do, here and in the
/// reader that it wakes.
///
/// What the descriptor does not take stays in the buffer, and is tried again when the kernel says that there is room.
/// While the buffer is full lines are dropped whole, and counted; once a second the log says how many.
class log_channel final : loop::io_object {
public:
  /// The most that waits in a worker. As long as the reader keeps up, a turn that brings more costs one write() for
  /// each of these, and no line.
  static constexpr std::size_t buffer_bytes = 256 * 1024;

  static constexpr std::size_t batch_bytes = 128 * 1024; ///< written at the end of the turn
  static constexpr std::int64_t hold_ns = 20'000'000;   ///< fewer wait no longer than that; a crash loses them

  /// `who` is the instance, for the log. `counted` outlives the channel.
  log_channel(loop::io_context& loop, std::string who, std::string path, net::unique_fd fd, channel_counters& counted);
  ~log_channel();

  const std::string& path() const { return path_; }

  /// Take whole lines: all of them, or none. At most buffer_bytes; the last byte is a '\n'.
  bool write(std::string_view lines);

  /// The loop is about to wait: write a batch, or see to it that what there is will be.
  void end_turn();

  /// Write all that has been gathered, as far as the descriptor takes it.
  void flush();

  /// Write to another descriptor from now on, first what is there to the old one.
  void exchange(net::unique_fd fd);

private:
  void on_event(std::uint32_t) override;
  void on_timer() override;
  void send();
  void take_out(std::size_t bytes);
  void drop_all(const std::string& why);
  void drop(std::uint64_t lines, const std::string& why);
  void say_dropped();
  void say(std::uint64_t lines) const;
  void wait_for_room();
  void stop_waiting();

  loop::io_context& loop_;
  const std::string who_, path_;
  net::unique_fd fd_;
  channel_counters& counted_;
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes); // touched as far as used
  std::size_t used_ = 0;
  bool held_ = false; // the timer runs
  bool torn_ = false; // the descriptor has the beginning of the buffer's first line
  std::uint64_t unsaid_ = 0;
  std::string why_;
  std::int64_t said_ns_;
};

} // namespace epollhost

#endif
