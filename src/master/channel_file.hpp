// Distributed under the Boost Software License, Version 1.0.
// A file that log channels write to, in the log process.
#ifndef EPOLLHOST_MASTER_CHANNEL_FILE_HPP
#define EPOLLHOST_MASTER_CHANNEL_FILE_HPP

#include "net/socket.hpp"
#include "net/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace epollhost::master {

/// Owns the descriptor. A pipe or terminal that is full makes it wait; a disk that is full loses lines, whole ones, and
/// counts them.
class channel_file {
public:
  /// Opens the file. If that fails its lines are lost until reopen() finds it.
  explicit channel_file(std::string path);

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  /// Write whole lines.
  void write(std::string_view lines);

  /// Whether something waits for the reader of this file: call flush() when fd() is writable, and write nothing before.
  bool waits() const { return waits_; }
  void flush();

  /// Open the file again, for it may have been renamed. False, and `why` says it, if the old one stays in use.
  bool reopen(std::string& why);

  /// How many lines were lost since the last call, and why.
  std::uint64_t take_lost(std::string& why);
  bool has_lost() const { return lost_ != 0; }

private:
  void use(net::unique_fd fd);
  net::result put(std::string_view bytes);
  void lose(const std::string& why);

  const std::string path_;
  net::unique_fd fd_;
  bool socket_ = false;
  bool waits_ = false;
  bool torn_ = false; // the file has the beginning of rest_
  std::string rest_;  // what the file has not taken yet
  std::uint64_t lost_ = 0;
  std::string why_;
};

} // namespace epollhost::master

#endif
