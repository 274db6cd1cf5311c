// Distributed under the Boost Software License, Version 1.0.
// What master and worker say to each other.
#ifndef EPOLLHOST_MASTER_CHANNEL_HPP
#define EPOLLHOST_MASTER_CHANNEL_HPP

#include "net/unique_fd.hpp"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace epollhost::master {

inline constexpr std::size_t slots_max = 1024; ///< workers of one instance; also listen addresses

struct message {
  enum class kind : std::uint32_t {
    accept,   ///< to the worker: accept from these slots, and no others
    drain,    ///< to the worker: accept no more, finish; of these addresses take what waits first
    ready,    ///< to the master: the plugin runs
    released, ///< to the master: its listening sockets are closed
    refused,  ///< to the master: it cannot start, and `text` says why
    asked,    ///< to the master: SIGTERM has come to the worker; it serves until it is told to drain
    idle      ///< to the worker, which drains: the program ends, so connections that are idle end soon
  };
  enum kind kind {};
  std::bitset<slots_max> which;
  char text[512] = {};

  static message refusal(std::string_view why);
};

/// One end of a socket pair that keeps messages whole. Non-blocking: a message that does not fit is an error, since the
/// other end reads all of its few messages. The end of the other process is the end of input.
class channel {
public:
  channel() = default;
  explicit channel(net::unique_fd fd) : fd_(std::move(fd)) {}
  static std::pair<channel, channel> pair(); ///< throws system_error

  int fd() const { return fd_.get(); }
  bool send(const message& m) const;

  /// The next message; empty if there is none now, and `ended` if there will be none.
  std::optional<message> receive(bool& ended) const;

private:
  net::unique_fd fd_;
};

} // namespace epollhost::master

#endif
