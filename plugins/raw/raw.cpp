// Distributed under the Boost Software License, Version 1.0.
// Raw TCP for real-time use: every byte back at once, and, if wanted, a message of fixed size every so often.
#include <epollhost/plugin.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace eh = epollhost;

struct raw {
  struct options {
    std::chrono::nanoseconds tick{0};
    eh::bytes tick_size{64};
  };

  // TCP_NODELAY, which is also the host's default: no message waits for the acknowledgement of the one before. Write
  // policy "now": nor for the end of the turn. Both are only defaults: --raw.nodelay and --raw.write-policy are the user's.
  static constexpr auto about = eh::about{.name = "raw",
                                          .version = EPOLLHOST_VERSION,
                                          .summary = "sends every byte back at once, and ticks",
                                          .listen = ":7000",
                                          .nodelay = 1,
                                          .write_policy = EH_WRITE_NOW};
  static constexpr auto schema = eh::schema<options>(
      eh::option("tick", &options::tick, "send a message this often; 0 for never")
          .range(std::chrono::nanoseconds(0), std::chrono::hours(1)),
      eh::option("tick-size", &options::tick_size, "bytes of that message").range(eh::bytes{1}, eh::bytes{EH_OUT_MIN}));

  struct connection {
    const options& opt;
    std::uint64_t ticks = 0;

    eh::next open(eh::io& io) {
      if (opt.tick.count() > 0) io.deadline_after(opt.tick);
      return eh::next::keep;
    }

    eh::next data(eh::io& io) {
      io.reply(io.take());
      return eh::next::keep;
    }

    // A message: its number and the time it was sent (CLOCK_MONOTONIC, nanoseconds), both with the highest byte first,
    // then zeros. One that finds no room, since the peer does not read, is left out, and so seen by its number.
    eh::next timer(eh::io& io) {
      unsigned char message[EH_OUT_MIN] = {};
      put(message, ticks++);
      put(message + 8, std::uint64_t(io.now_ns()));
      if (opt.tick_size <= io.room()) io.reply({reinterpret_cast<const char*>(message), std::size_t(opt.tick_size)});
      const std::int64_t late = io.now_ns() % opt.tick.count();
      io.deadline_ns(eh::deadline_after(io.now_ns() - late, opt.tick)); // on the beat, so that no period drifts
      return eh::next::keep;
    }

    static void put(unsigned char* to, std::uint64_t number) {
      for (int i = 7; i >= 0; --i, number >>= 8) to[i] = static_cast<unsigned char>(number);
    }
  };
};

EPOLLHOST_PLUGIN(raw)
