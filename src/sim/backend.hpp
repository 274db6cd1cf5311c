// Distributed under the Boost Software License, Version 1.0.
// One connection to a simulated server that the plugin connects to.
#ifndef EPOLLHOST_SIM_BACKEND_HPP
#define EPOLLHOST_SIM_BACKEND_HPP

#include "sim/referee.hpp"

#include <cstdint>
#include <string>

namespace epollhost::sim {

/// How a server behaves on one connection.
struct backend_manner {
  std::size_t reads_most = 1 << 20; ///< bytes at once
  std::int64_t rest_ns = 0;         ///< between two reads, and before an answer

  enum class leaving { never, reset, close, finish, stall, stop_reading, vanish };
  leaving leaves = leaving::never;
  std::uint64_t leaves_after = 0; ///< bytes received
};

/// Sends back what it receives: at once, or all of it behind its end. It ends when the other side has. It lives as long
/// as the kernel, whose events call it.
class backend {
public:
  backend(referee& r, unsigned number, const backend_manner& how, bool at_end, net::sim::stream& socket);
  backend(const backend&) = delete;

  /// The program waits for it in vain, and cannot know.
  bool is_lost() const;
  bool is_over() const { return over_; }

  const std::string& received() const { return received_; }
  /// That no reset looks like; a unix socket tells no difference.
  bool saw_clean_end() const { return saw_end_ && !socket_.is_unix(); }
  std::size_t sent() const { return sent_; } ///< so much of what it received it has sent back

private:
  static constexpr std::size_t ahead_most = 100'000; ///< bytes that it reads before it has sent them

  void later(std::int64_t ns, void (backend::*f)());
  void came();
  void read();
  void answer();
  void leave();
  void end(const char* how, bool reset);

  referee& referee_;
  const unsigned number_;
  const backend_manner how_;
  const bool at_end_;
  net::sim::stream& socket_;
  std::string received_;
  std::size_t sent_ = 0; // of received_
  bool reading_ = false, answering_ = false;
  bool saw_end_ = false, over_ = false, left_ = false;
};

} // namespace epollhost::sim

#endif
