// Distributed under the Boost Software License, Version 1.0.
// The workers' recordings in the log process: from their pipes to files.
#ifndef EPOLLHOST_MASTER_RECORDING_READER_HPP
#define EPOLLHOST_MASTER_RECORDING_READER_HPP

#include "master/log_sinks.hpp"
#include "net/unique_fd.hpp"

#include <poll.h>

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace epollhost::master {

/// Owns pipes and files, one file for each pipe. What a worker wrote before it died is still in the pipe, and gets to
/// the file. A file that takes no more is left as it is, and the rest is read and dropped.
class recording_reader {
public:
  explicit recording_reader(log_sinks& log) : log_(log) {}

  /// The file is there: the master has made it. It is not opened again when others are, for it has a beginning.
  void add(std::uint64_t id, const std::string& path, net::unique_fd pipe);

  /// As those of channel_reader.
  void wait_for(std::vector<pollfd>& waits);
  void look(const std::vector<pollfd>& waits);
  void finish();

  /// Forget those that have ended and of which `told` takes the number.
  void forget_ended(const std::function<bool(std::uint64_t id)>& told);
  bool has_ended() const;

private:
  struct source {
    std::uint64_t id;
    std::string path;
    net::unique_fd pipe, file; // no pipe: it has ended; no file: it takes no more
    std::size_t waits_at = 0;
  };

  bool copy_some(source& from);
  void write(source& to, const char* bytes, std::size_t len);
  void give_up(source& of, const std::string& why);

  log_sinks& log_;
  std::list<source> sources_;
};

} // namespace epollhost::master

#endif
