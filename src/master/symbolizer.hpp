// Distributed under the Boost Software License, Version 1.0.
// Makes names of the addresses in a crash record, in a short-lived child.
#ifndef EPOLLHOST_MASTER_SYMBOLIZER_HPP
#define EPOLLHOST_MASTER_SYMBOLIZER_HPP

#include "net/unique_fd.hpp"
#include "worker/crash_record.hpp"

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace epollhost::master {

struct symbolizer_options {
  std::string plugin_name;            ///< as it is shown: "http.so"
  int plugin_fd = -1;                 ///< its sealed copy; -1: read the file that the record names
  int program_fd = -1;                ///< the program's file, if it is not this one's
  std::function<void()> before_files; ///< run in the child before it reads a file: drop rights here; may throw
};

/// The child reads files that the plugin's author, or a worker gone wrong, chose. So it has a deadline, limits of
/// memory and time, and when it crashes or hangs the frames it did not come to stay module and offset. The master
/// watches fd() and calls read(); the end comes at most `symbolizer_seconds_max` after the start, so it needs no timer.
/// Whoever reaps the master's children reaps this one.
class symbolizer {
public:
  /// Fork. Throws net::system_error.
  symbolizer(const crash_record& record, const symbolizer_options& options);
  ~symbolizer(); ///< the child ends, if it has not

  int fd() const { return from_.get(); } ///< non-blocking; readable when there is something to read()
  pid_t pid() const { return pid_; }

  /// Take what has come. True when that was all.
  bool read();

  /// "#2 http.so!parse(char const*)+0x1f (parser.cpp:120)" for each frame, as far as it came.
  std::vector<std::string> lines() const;

private:
  crash_record record_;
  std::string plugin_;
  net::unique_fd from_;
  net::unique_fd process_; ///< a pidfd: the number may have been given to another process since
  pid_t pid_ = -1;
  std::string said_;
};

inline constexpr unsigned symbolizer_seconds_max = 5;

} // namespace epollhost::master

#endif
