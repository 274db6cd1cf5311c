// Distributed under the Boost Software License, Version 1.0.
// The log channels in the log process: from the workers' pipes to files.
#ifndef EPOLLHOST_MASTER_CHANNEL_READER_HPP
#define EPOLLHOST_MASTER_CHANNEL_READER_HPP

#include "master/channel_file.hpp"
#include "master/log_lines_reader.hpp"
#include "master/log_sinks.hpp"
#include "master/recording_reader.hpp"

#include <poll.h>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::master {

/// Owns the pipes and the files. Whole lines of several pipes go to one file; the last line of a worker that died in
/// the middle of it is ended. A pipe whose file waits for its reader is not read: so it fills, and the worker decides.
///
///     worker 0 ---pipe---> rest of a line --\.
///     worker 1 ---pipe---> rest of a line ----> file
class channel_reader {
public:
  /// `socket` is where the master passes pipes; `log` takes what is to be said.
  channel_reader(net::unique_fd socket, log_sinks& log);

  /// Append what is to be waited for, and answer for how long, in milliseconds; -1: for ever.
  int wait_for(std::vector<pollfd>& waits);

  /// Do what these allow; `waits` is what wait_for() made, with the answers of poll(2).
  void look(const std::vector<pollfd>& waits);

  /// Open all files again.
  void reopen();

  /// All writers have gone: write what is left.
  void finish();

private:
  struct source {
    std::uint64_t id;
    net::unique_fd fd;
    channel_file* file;
    std::string rest;       // of a line whose end has not come
    bool ended = false;     // and the master does not know it yet
    std::size_t waits_at{}; // its place in `waits`; 0: none
  };

  void take_channels();
  bool read(source& from);
  void write_lines(source& from, std::string_view bytes);
  void end(source& from);
  void forget_ended();
  void say_lost();
  channel_file& file_of(const std::string& path);

  net::unique_fd socket_;
  log_sinks& log_;
  std::list<source> sources_;
  recording_reader recordings_;
  log_lines_reader log_lines_;
  std::map<std::string, channel_file> files_;
  std::unique_ptr<char[]> buffer_;
  std::size_t first_wait_ = 0;
  std::int64_t said_ns_;
};

} // namespace epollhost::master

#endif
