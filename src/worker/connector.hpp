// Distributed under the Boost Software License, Version 1.0.
// Makes the socket of one outgoing connection.
#ifndef EPOLLHOST_WORKER_CONNECTOR_HPP
#define EPOLLHOST_WORKER_CONNECTOR_HPP

#include "epollhost/plugin.h"
#include "loop/io_context.hpp"
#include "net/connect.hpp"
#include "net/resolver.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace epollhost {

/// Tries every address of its target: the next one when one has failed, or when it has been silent for a while; the
/// first that answers is taken. It tells the outcome once, from the loop, and is usually destroyed in that call; when
/// it dies before, its sockets are closed. Source: RFC 8305.
class connector final : public loop::io_object {
public:
  static constexpr std::size_t addresses_max = 16;              ///< of a name; the others are not tried
  static constexpr std::int64_t attempt_delay_ns = 250'000'000; ///< of silence, before the next address is tried too

  struct outcome {
    net::unique_fd fd; ///< connected; or empty:
    eh_reason reason;  ///< EH_REASON_CONNECT, _TIMEOUT or _SYSTEM: this machine failed, at one address at least
    std::string error; ///< what was tried, and what came of it
  };
  using done = std::function<void(outcome)>;

  /// Who writes down what is tried, and for which connection; or nobody.
  struct witness {
    class recorder* recorder = nullptr;
    loop::object_id conn = 0;
  };

  /// Throws bad_alloc or length_error.
  connector(loop::io_context& loop, bool nodelay, std::int64_t deadline_ns, done d, witness w);
  ~connector();

  /// Where it shall lead. Nothing happens inside of this call.
  void start(const net::endpoint& to);

  /// What the look-up of `name` has answered.
  void start(const std::string& name, net::resolver::answer found);

private:
  struct attempt;
  void on_ready() override { try_next(); }
  void on_timer() override;
  void try_next();
  bool wait_for(const net::endpoint& to, net::unique_fd fd);
  void arm(std::int64_t next_ns);
  void settled(attempt& a);
  void note(const net::endpoint& to, net::result error);
  void record(loop::object_id as, const net::endpoint& to, const net::unique_fd& fd, net::result answer);
  void fail(eh_reason why);
  void finish(outcome o);

  loop::io_context& loop_;
  const bool nodelay_;
  const std::int64_t deadline_ns_;
  done done_;
  const witness witness_;
  std::vector<net::endpoint> addresses_;
  std::size_t next_ = 0;                          // of addresses_
  std::vector<std::unique_ptr<attempt>> running_; // connected by the kernel
  std::int64_t rest_ns_ = 0;                      // while a unix socket's queue is full
  std::string error_;                             // the last one
  bool blameless_ = false;                        // an error of this machine says nothing about the target
};

} // namespace epollhost

#endif
