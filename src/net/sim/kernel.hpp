// Distributed under the Boost Software License, Version 1.0.
// A kernel in memory: descriptors, time, and what the functions of src/net find behind them.
#ifndef EPOLLHOST_NET_SIM_KERNEL_HPP
#define EPOLLHOST_NET_SIM_KERNEL_HPP

#include "net/resolver.hpp"
#include "net/sim/acceptor.hpp"
#include "net/sim/fault.hpp"
#include "net/sim/poll_set.hpp"
#include "net/sim/stream.hpp"
#include "net/sim/trace.hpp"

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace epollhost::net::sim {

/// The program has done to the kernel what no right program does, or can go on no more.
struct broken_rule : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The world that one run sees: all of it follows from the seed. Time passes only in its calls: a little in each, and
/// in wait() as much as it takes until something happens. One at a time; it outlives every object that holds a
/// descriptor.
class kernel {
public:
  struct options {
    std::uint64_t seed = 1;
    fault_source::plan faults;
    std::string_view choices;                          ///< come before what follows from the seed; outlive the kernel
    std::size_t descriptors_max = 1024;                ///< RLIMIT_NOFILE
    trace::sink line;                                  ///< gets the trace as text; or none
    std::uint64_t turns_without_progress_max = 10'000; ///< a loop may look for a while before it blocks
  };

  explicit kernel(const options& o);
  ~kernel();
  kernel(const kernel&) = delete;
  static kernel& current(); ///< throws logic_error if there is none

  /// Numbers below are real descriptors, which some parts of a program have too (a plugin's file).
  static constexpr int first_descriptor = 1 << 20;

  // ---- time
  std::int64_t now_ns() const { return now_ns_; }
  std::int64_t wall_ns() const { return now_ns_ + wall_offset_ns_; }
  std::int64_t look_at_clock();                           ///< a look takes its time
  void at(std::int64_t when_ns, std::function<void()> f); ///< events of one time come in the order of asking

  /// Called with what the program did wrong. Without it, broken_rule is thrown where that is possible.
  std::function<void(const std::string& what)> when_broken;

  /// Called when nothing is left to happen and the program waits for ever; it answers false if it knows nothing either.
  std::function<bool()> when_idle;

  /// What a run that was recorded brought at the end of a wait.
  struct turn {
    std::int64_t now_ns = 0;
    std::vector<std::pair<file*, std::uint32_t>> events; ///< in the order in which epoll told them
  };

  /// Once set, each wait() is answered by the next turn, and time stands still between them; false: there is none left,
  /// and time passes again as elsewhere.
  std::function<bool(turn&)> next_turn;

  /// Before the first turn: the two clocks.
  void set_clocks(std::int64_t now_ns, std::int64_t wall_ns) { now_ns_ = now_ns, wall_offset_ns_ = wall_ns - now_ns; }

  /// Answers connect() in place of what is simulated, and look-ups: `done` is to be called with what is found.
  std::function<std::int64_t(const endpoint& to, int& fd)> connect_instead;
  std::function<void(const std::string& name, std::function<void(resolver::answer)> done)> look_up_instead;

  /// Bytes in place of those of chance; false: it has none.
  std::function<bool(void* bytes, std::size_t len)> next_random;

  // ---- descriptors
  int install(std::shared_ptr<file> f); ///< a descriptor, or -EMFILE
  void close(int fd, bool reset);
  file* find(int fd);
  template <class T> T* find_as(int fd) { return dynamic_cast<T*>(find(fd)); }
  std::size_t descriptors() const { return files_.size(); }

  // ---- calls
  int wait(int set, std::span<epoll_event> events, std::int64_t timeout_ns);
  std::int64_t accept(int fd);
  stream* connected(int fd, std::string_view call); ///< for a call on it; null: no such descriptor
  std::int64_t answered(std::string_view call, int fd, std::int64_t answer);
  int control(std::string_view call, int set, int fd, std::uint32_t mask, std::uint64_t data); ///< epoll_ctl: an errno

  // ---- the net
  acceptor* bound(const endpoint& at);
  void remember(acceptor& a) { acceptors_.push_back(&a); }
  void forget(acceptor& a) { std::erase(acceptors_, &a); }
  endpoint any_port(endpoint at); ///< a port 0 becomes a free one

  struct link {
    path to_peer, from_peer;
  };

  /// Connect as a peer, that is with no descriptor of the program: `done` gets the peer's end, or null if nobody
  /// listens there. It asks again every second while the queue is full.
  void connect(const endpoint& to, const link& over, std::function<void(stream*)> done);

  /// A connection's end on this side, made elsewhere.
  stream& adopt(std::unique_ptr<stream> s) { return *streams_.emplace_back(std::move(s)); }

  /// Who is at an address where the program does not listen: a simulated server, or nobody.
  struct remote {
    int error = ECONNREFUSED;           ///< 0: it takes the connection; ETIMEDOUT: it never answers
    link over;                          ///< `peer` is the server
    std::function<void(stream*)> taken; ///< gets the server's end
  };
  std::size_t connecting() const; ///< connections of the program of which it does not know what comes of them
  std::function<remote(const endpoint& to)> outside; ///< without it there is nobody

  /// Connect as the program. Answers as that of net/connect.hpp: 0 or -EINPROGRESS with a descriptor, or -errno.
  std::int64_t connect(const endpoint& to, int& fd);

  // ---- signals
  void raise(int signal);
  int take_signal();
  std::shared_ptr<file> signals();

  fault_source& faults() { return faults_; }
  random_source& chance() { return chance_; }
  trace& notes() { return trace_; }
  const options& settings() const { return options_; }

  /// Something useful has happened since the last wait().
  void note_progress() { ++progress_; }

private:
  struct event {
    std::int64_t when_ns;
    std::uint64_t order;
    std::function<void()> f;
    bool operator<(const event& other) const {
      return when_ns != other.when_ns ? when_ns > other.when_ns : order > other.order;
    }
  };

  void spend();
  void strike_before_wait();
  int harvest(poll_set& set, std::span<epoll_event> events);
  int tell(const turn& what, poll_set& set, std::span<epoll_event> events);
  void run_due();
  void check_progress(std::int64_t waited_ns);
  int accept_error();
  void broken(const std::string& what);
  void arrive(const endpoint& to, const link& over, std::function<void(stream*)> done);
  acceptor* choose(const endpoint& to, bool& any);
  stream& connect_to(acceptor& a, const link& over);
  stream& add_stream(bool is_unix, const path& way, const endpoint& local, const endpoint& remote);
  endpoint peer_of(const endpoint& listening);
  int socket_error(bool is_unix);
  remote who_is_at(const endpoint& to);
  std::int64_t connect_unix(const endpoint& to, const remote& who, int& fd);
  std::int64_t connect_tcp(const endpoint& to, remote who, int& fd);
  std::int64_t strike_handshake(remote& who);
  void meet(stream& ours, const remote& who);
  void decide(stream& ours, const remote& who);

  options options_;
  sim::choices chosen_;
  fault_source faults_;
  random_source chance_;
  trace trace_;
  std::int64_t now_ns_ = 1'000'000'000;
  std::int64_t wall_offset_ns_ = 1'700'000'000'000'000'000;
  std::priority_queue<event> agenda_;
  std::uint64_t events_made_ = 0;
  std::map<int, std::shared_ptr<file>> files_;
  std::vector<std::unique_ptr<stream>> streams_;
  std::vector<acceptor*> acceptors_;
  std::uint64_t peers_made_ = 0;
  std::uint16_t next_port_ = 40000;
  std::int64_t quiet_until_ns_ = 0; // no made-up event before
  std::uint64_t progress_ = 0, progress_seen_ = 0, injected_seen_ = 0, idle_turns_ = 0;

  struct signal_file;
  std::shared_ptr<signal_file> signals_;
};

} // namespace epollhost::net::sim

#endif
