// Distributed under the Boost Software License, Version 1.0.
// The pipes from the workers' log channels to the log process, as the master holds them.
#ifndef EPOLLHOST_MASTER_CHANNEL_PIPES_HPP
#define EPOLLHOST_MASTER_CHANNEL_PIPES_HPP

#include "loop/io_context.hpp"
#include "master/channel_passing.hpp"
#include "net/unique_fd.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace epollhost::master {

/// Owns a reading end of each pipe until the log process has written the last line of it: so none is lost while a log
/// process that has died is replaced. The writing end is the worker's alone, and so the pipe ends with it.
class channel_pipes final : loop::io_object {
public:
  explicit channel_pipes(loop::io_context& loop);
  ~channel_pipes();

  /// Make a pipe for each path; answers the writing ends. Throws net::system_error.
  std::vector<net::unique_fd> open(const std::vector<std::string>& paths);

  /// The same for a recording.
  net::unique_fd open_recording(const std::string& path);

  struct pipe {
    std::string path;
    net::unique_fd reader;
    channel_content content;
    bool passed = false;
  };

  /// Take over the reading end of a pipe that was made elsewhere.
  void adopt(pipe p);

  /// What the log process has not yet written to the end.
  const std::map<std::uint64_t, pipe>& all() const { return pipes_; }

  /// There is a new log process: it gets all pipes through this socket, those that come later too.
  void connect(net::unique_fd socket);

private:
  net::unique_fd make(const std::string& path, channel_content content);
  void pass();
  void disconnect();
  void on_event(std::uint32_t) override;
  void on_timer() override { pass(); }

  loop::io_context& loop_;
  net::unique_fd socket_;
  std::map<std::uint64_t, pipe> pipes_; // by their number
  std::uint64_t last_id_ = 0;
};

} // namespace epollhost::master

#endif
