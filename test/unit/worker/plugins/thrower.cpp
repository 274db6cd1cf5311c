// Distributed under the Boost Software License, Version 1.0.
// A plugin of which one chosen member throws.
#include <epollhost/plugin.hpp>

#include <stdexcept>
#include <string>

namespace eh = epollhost;

struct thrower {
  struct options {
    std::string_view where;
  };
  static constexpr auto about = eh::about{"thrower", "1.0.0", "throws where it is told to", "127.0.0.1:0"};
  static constexpr auto schema = eh::schema<options>(eh::option("where", &options::where, "the member that throws"));

  thrower(eh::host host, const options& values) : host(host), values(values) { may_throw("constructor"); }

  void run() {
    host.post(0, 1);
    may_throw("run");
  }
  void tick(std::uint64_t) { may_throw("tick"); }

  void may_throw(std::string_view here) {
    if (values.where == here) throw std::runtime_error("thrown in " + std::string(here));
    if (values.where == "number" && here == "data") throw 42;
  }

  // The first connection is the witness: what all connections meet throws only for later ones.
  struct connection {
    thrower& plugin;
    bool first;

    explicit connection(thrower& p) : plugin(p), first(p.connections++ == 0) {
      if (!first) plugin.may_throw("connection");
    }
    ~connection() { --plugin.alive; }

    eh::next open(eh::io&) {
      ++plugin.alive;
      if (!first) plugin.may_throw("open");
      return eh::next::keep;
    }
    eh::next data(eh::io& io) {
      const std::string_view in = io.take();
      if (!first) {
        plugin.may_throw("data");
        io.deadline_ns(1);
        plugin.host.wake(io.id(), 1);
        io.reply(std::string(900'000, 'x'));
      }
      io.reply(in);
      return eh::next::keep;
    }
    eh::next here(const char* name) {
      if (!first) plugin.may_throw(name);
      return eh::next::keep;
    }
    eh::next room(eh::io&) { return here("room"); }
    eh::next timer(eh::io&) { return here("timer"); }
    eh::next wake(eh::io&) { return here("wake"); }
    eh::next drain(eh::io&) {
      here("drain");
      return eh::next::close;
    }
    void close(eh_reason) { here("close"); }
  };

  eh::host host;
  const options& values;
  int connections = 0, alive = 0;
};

EPOLLHOST_PLUGIN(thrower)
