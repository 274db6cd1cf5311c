// Distributed under the Boost Software License, Version 1.0.
// The pipes of earlier log processes in the log process: their lines go where the log's own go.
#ifndef EPOLLHOST_MASTER_LOG_LINES_READER_HPP
#define EPOLLHOST_MASTER_LOG_LINES_READER_HPP

#include "master/line_splitter.hpp"
#include "net/unique_fd.hpp"

#include <poll.h>

#include <cstdint>
#include <functional>
#include <list>
#include <vector>

namespace epollhost::master {

/// Owns the pipes. Lines of several never mix.
class log_lines_reader {
public:
  explicit log_lines_reader(log_sinks& log) : log_(log) {}

  void add(std::uint64_t id, net::unique_fd pipe);

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
    net::unique_fd pipe; // none: it has ended
    line_splitter lines;
    std::size_t waits_at = 0;
  };

  static bool read_some(source& from);

  log_sinks& log_;
  std::list<source> sources_;
};

} // namespace epollhost::master

#endif
