// Distributed under the Boost Software License, Version 1.0.
// The plugin of a script: it notes all that it sees, and does what the script says.
#ifndef EPOLLHOST_TEST_TESTING_ACTOR_HPP
#define EPOLLHOST_TEST_TESTING_ACTOR_HPP

#include "world.hpp"

#include "support/probe.hpp"

#include <functional>
#include <map>
#include <string>

namespace epollhost::test {

/// Connections are numbered in the order of their `open`, since ids are the host's own.
class actor {
public:
  /// What a hook does: its name, the number of its connection, and the call.
  using play = std::function<eh_next(actor&, const std::string& hook, std::size_t conn, eh_io& io)>;

  actor(probe& p, trace& seen, play act);

  void note(const std::string& line) { seen_.push_back(line); }
  const eh_host* host() const { return probe_.host; }
  eh_conn_id id(std::size_t conn) const { return probe_.opened.at(conn); }
  std::size_t opened() const { return probe_.opened.size(); }

  // ---- with a note of what the host answered
  void write(std::size_t conn, std::string_view bytes);
  void write_reference(std::size_t conn, std::string_view bytes); ///< which live as long as the program
  void close(std::size_t conn, eh_next how);
  void wake(std::size_t conn, std::uint64_t arg);
  void post(std::size_t conn, std::uint64_t arg);
  void pause(std::size_t conn);
  void resume(std::size_t conn);
  void queued(std::size_t conn);

  /// Of a file with this content, which is cut to `then` bytes once it was given.
  void send_file(std::size_t conn, const std::string& content, std::uint64_t offset, std::uint64_t len,
                 std::int64_t then = -1);

private:
  eh_next call(const char* hook, eh_io& io);
  std::size_t number(eh_conn_id id);

  probe& probe_;
  trace& seen_;
  play act_;
};

/// Consume all.
inline eh_next take_all(eh_io& io) {
  io.in_used = io.in_len;
  return EH_KEEP;
}

/// Consume, and answer, as much as there is room for.
eh_next echo(eh_io& io);

/// Run the script on the host in memory, then on the real one, and compare all that there was to see.
void compare(const actor::play& act, const std::function<void(world&, actor&)>& script,
             const testing::limits& bounds = small_limits());

} // namespace epollhost::test

#endif
