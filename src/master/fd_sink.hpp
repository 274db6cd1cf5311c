// Distributed under the Boost Software License, Version 1.0.
// A sink of spdlog over a descriptor: whole lines, never blocking.
#ifndef EPOLLHOST_MASTER_FD_SINK_HPP
#define EPOLLHOST_MASTER_FD_SINK_HPP

#include "net/unique_fd.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <string>
#include <string_view>

namespace epollhost::master {

/// Writes the payload of each message and no formatting of its own. spdlog's file and stderr sinks go through stdio,
/// which blocks on a pipe whose reader has stopped, and writes part of a line twice or never on a full disk.
/// Owns the descriptor. Throws spdlog_ex when it could not write.
class fd_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  explicit fd_sink(net::unique_fd fd);

  /// Write to another file from now on; the rest of a line that the old one took half of is dropped with it.
  void exchange(net::unique_fd fd);

private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

  void write_rest();
  std::size_t write(std::string_view bytes);

  net::unique_fd fd_;
  bool socket_ = false;
  std::string rest_; // of a line that the descriptor took half of: it goes before all others
};

} // namespace epollhost::master

#endif
