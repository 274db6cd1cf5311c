// Distributed under the Boost Software License, Version 1.0.
// Looks names up without stopping the loop.
#ifndef EPOLLHOST_NET_RESOLVER_HPP
#define EPOLLHOST_NET_RESOLVER_HPP

#include "net/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace epollhost::net {

/// Asks what the system is set up to ask (/etc/hosts, DNS, ...), in threads that are started at the first need. They
/// take no signal and run nothing but the look-ups and `done`.
class resolver {
public:
  static constexpr std::size_t pending_max = 1024; ///< look-ups that wait or run
  static constexpr std::size_t threads_max = 4;    ///< that one server who is slow to answer does not hold up all

  struct answer {
    std::vector<endpoint> endpoints; ///< in the system's order of preference, families in turn; empty: there is none
    std::string error;               ///< why; empty if there are any

    /// Whether this machine could not ask (no memory, thread or descriptor): that says nothing about the name. Told
    /// by the text, which is all that a recording keeps.
    bool is_ours() const { return error == no_memory || error.starts_with(here); }
    static constexpr std::string_view no_memory = "no memory", here = "this machine failed: ";
  };
  using done = std::function<void(answer)>;

  resolver();

  /// Does not wait for a look-up that hangs; no `done` is called afterwards.
  ~resolver();
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  /// Whether pending_max look-ups wait or run.
  bool is_full() const;

  /// Call `d` in some thread with what was found; it must not throw, nor call us. If it cannot begin before `until_ns`,
  /// it is dropped: nobody waits for it any more. Not while is_full(). Throws bad_alloc.
  void look_up(std::string name, std::uint16_t port, std::int64_t until_ns, done d);

private:
  struct shared;
  static void run(const std::shared_ptr<shared>& s);
  bool start_thread();

  std::shared_ptr<shared> shared_; // with the threads, which may outlive us
};

} // namespace epollhost::net

#endif
