// Distributed under the Boost Software License, Version 1.0.
// A TCP proxy: each client is relayed to one of several backends.
#include <epollhost/plugin.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eh = epollhost;
using namespace std::chrono_literals;

struct proxy {
  enum class balance { round_robin, least_connections };

  struct options {
    std::string_view backends;
    enum balance balance = balance::round_robin;
    std::chrono::nanoseconds connect_timeout = 3s;
    std::chrono::nanoseconds check_interval = 2s;
    std::chrono::nanoseconds down_time = 10s;
    std::chrono::nanoseconds idle_timeout = 10min;
  };

  // Between others, TCP must not wait for more to send.
  static constexpr auto about = eh::about{.name = "proxy",
                                          .version = EPOLLHOST_VERSION,
                                          .summary = "relays TCP to one of several backends",
                                          .listen = ":7100",
                                          .nodelay = 1};
  static constexpr auto schema = eh::schema<options>(
      eh::option("backends", &options::backends, "addresses with commas between them: HOST:PORT, unix:/PATH"),
      eh::option("balance", &options::balance, "which of them is next").choices("round-robin|least-connections"),
      eh::option("connect-timeout", &options::connect_timeout, "for one backend; then another one is tried")
          .range(std::chrono::nanoseconds(1ms), std::chrono::nanoseconds(1h)),
      eh::option("check-interval", &options::check_interval, "connect to each backend this often; 0 for never")
          .range(std::chrono::nanoseconds(0), std::chrono::nanoseconds(1h)),
      eh::option("down-time", &options::down_time, "leave out a backend that failed for so long, or until a check")
          .range(std::chrono::nanoseconds(0), std::chrono::nanoseconds(1h)),
      eh::option("idle-timeout", &options::idle_timeout, "end a relay that moves no byte for so long; 0 for never")
          .range(std::chrono::nanoseconds(0), std::chrono::nanoseconds(24h)));

  static constexpr std::size_t backends_max = 64; // bits of connection::tried

  struct target {
    std::string address;
    std::uint64_t open = 0;      // relays to it, and attempts
    std::int64_t down_until = 0; // 0: it is up
  };

  proxy(eh::host h, const options& o)
      : host(h), values(o), retries(h.counter("retries", "clients for whom another backend was tried")),
        refused(h.counter("refused", "clients for whom no backend was left")),
        idle(h.counter("idle_ends", "relays that were ended by --proxy.idle-timeout")),
        down(h.gauge("backends_down", "backends that failed, as each worker sees them")) {
    std::string_view rest = values.backends;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      targets.push_back({.address = std::string(rest.substr(0, comma))});
      if (const std::string& to = targets.back().address; to.starts_with("unix:") && !to.starts_with("unix:/") &&
                                                          !to.starts_with("unix:@"))
        throw std::invalid_argument("--proxy.backends has the relative path \"" + to +
                                    "\"; expected unix:/PATH, an absolute one");
      if (!eh::can_connect<backend>(host, *this, targets.back().address))
        throw std::invalid_argument("--proxy.backends holds what is no address; the line above says which");
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    if (targets.empty() || targets.size() > backends_max)
      throw std::invalid_argument("--proxy.backends has " + std::to_string(targets.size()) +
                                  " addresses, expected 1 to 64, such as 127.0.0.1:9001,127.0.0.1:9002");
  }

  void run() {
    if (values.check_interval.count() > 0) tick(0);
  }

  // Looks at all backends, and again later.
  void tick(std::uint64_t) {
    for (target& t : targets)
      eh::connect<check>(host, *this, {.address = t.address, .timeout = values.connect_timeout}, *this, t);
    host.start_timer(0, eh::deadline_after(host.now_ns(), values.check_interval), 0);
  }

  void went_down(target& t, eh_reason why) {
    if (why != EH_REASON_CONNECT && why != EH_REASON_TIMEOUT) return; // this machine or the client has failed, not the backend
    char text[200];
    const std::string error(host.connect_error(text));
    if (t.down_until == 0) {
      host.log(EH_LOG_WARNING, "backend " + t.address + " is down: " + error);
      down.add();
    }
    t.down_until = eh::deadline_after(host.now_ns() + 1, values.down_time);
  }

  void is_up(target& t) {
    if (std::exchange(t.down_until, 0) == 0) return;
    host.info("backend " + t.address + " is up again");
    down.subtract();
  }

  // The next that is up and that this client has not tried; null if there is none.
  target* choose(std::uint64_t tried) {
    const std::int64_t now = host.now_ns();
    target* best = nullptr;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::size_t at = (turn + i) % targets.size();
      target& t = targets[at];
      if (tried >> at & 1 || t.down_until > now) continue;
      if (!best || (values.balance == balance::least_connections && t.open < best->open)) best = &t;
    }
    if (best) turn = std::size_t(best - targets.data()) + 1;
    return best;
  }

  // One attempt to reach a backend for a client; then the other side of the client's relay.
  struct backend {
    proxy& all;
    target& to;
    eh_conn_id client;
    bool opened = false;

    backend(proxy& p, target& t, eh_conn_id c) : all(p), to(t), client(c) { ++to.open; }

    eh::next open(eh::io& io) {
      opened = true;
      all.is_up(to);
      if (all.values.idle_timeout.count() > 0) io.deadline_after(all.values.idle_timeout);
      return all.host.relay(client, io.id()) == EH_OK ? eh::next::keep : eh::next::abort;
    }

    // Bytes move without a call of this plugin, so the deadline looks at when they last did. One direction is enough,
    // also when the other has ended.
    eh::next timer(eh::io& io) {
      const std::int64_t moved = all.host.relay_moved_ns(io.id());
      if (moved < 0) return eh::next::keep; // the relay has ended, and both sides with it
      const std::int64_t ends = eh::deadline_after(moved, all.values.idle_timeout);
      if (io.now_ns() >= ends) {
        all.idle.add();
        const bool stuck = all.host.queued(io.id()) > 0 || all.host.queued(client) > 0;
        return stuck ? eh::next::abort : eh::next::close;
      }
      io.deadline_ns(ends);
      return eh::next::keep;
    }

    eh::next data(eh::io&) { return eh::next::abort; } // never comes: it is relayed from its open on
    void close(eh_reason why) {
      --to.open;
      if (opened) return;
      all.went_down(to, why);
      all.host.wake(client, 0); // nothing was sent yet, so another backend will do
    }
  };

  struct check {
    proxy& all;
    target& of;
    bool opened = false;

    check(proxy& p, target& t) : all(p), of(t) {}
    eh::next open(eh::io&) {
      opened = true;
      all.is_up(of);
      return eh::next::close;
    }
    eh::next data(eh::io&) { return eh::next::close; }
    void close(eh_reason why) {
      if (!opened) all.went_down(of, why);
    }
  };

  // A client. It is not read before its backend is there.
  struct connection {
    proxy& all;
    eh_conn_id server = 0;
    std::uint64_t tried = 0; // a bit for each backend

    explicit connection(proxy& p) : all(p) {}

    eh::next open(eh::io& io) { return next_backend(io.id()) | eh::next::pause; }
    eh::next wake(eh::io& io) { return next_backend(io.id()); }
    eh::next data(eh::io&) { return eh::next::abort; } // never comes: it is paused, then relayed

    eh::next next_backend(eh_conn_id me) {
      target* const to = all.choose(tried);
      if (!to) return all.refused.add(), eh::next::abort;
      if (tried != 0) all.retries.add();
      tried |= std::uint64_t(1) << (to - all.targets.data());
      const eh::connect_to where{.address = to->address, .timeout = all.values.connect_timeout};
      const auto made = eh::connect<backend>(all.host, all, where, all, *to, me);
      server = made.conn;
      return made ? eh::next::keep : eh::next::abort;
    }

    void close(eh_reason) {
      if (server) all.host.close(server, eh::next::abort); // if it is still being made; else it ends with us
    }
  };

  eh::host host;
  const options& values;
  eh::metric retries, refused, idle, down; // shown by --status
  std::vector<target> targets;       // never moved once it is filled
  std::size_t turn = 0;
};

EPOLLHOST_PLUGIN(proxy)
