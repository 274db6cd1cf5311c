// Distributed under the Boost Software License, Version 1.0.
// A plugin in a worker as the subject of a run.
#include "sim/hosted_plugin.hpp"

#include "sim/witness.hpp"
#include "worker/worker.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

namespace epollhost::sim {
namespace {

using net::sim::random_source;

listen_address address(bool is_unix) {
  listen_address out;
  if (is_unix) {
    static constexpr char name[] = "\0epollhost-sim";
    auto& un = reinterpret_cast<sockaddr_un&>(out.endpoint.storage);
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, name, sizeof name - 1);
    out.endpoint.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + sizeof name - 1);
  } else {
    auto& in = reinterpret_cast<sockaddr_in&>(out.endpoint.storage);
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in.sin_port = htons(8080);
    out.endpoint.size = sizeof in;
  }
  return out;
}

// Nothing of it may change what a peer receives.
void vary(worker_settings& s, std::uint64_t seed) {
  random_source random(seed, 10);
  struct limits& l = s.limits;
  l.turn_bytes = random.pick<std::size_t>({1, 100, 5000, l.turn_bytes, l.turn_bytes});
  l.turn_calls = random.pick<std::size_t>({1, 3, l.turn_calls, l.turn_calls});
  l.accept_batch = random.pick<std::size_t>({1, 2, l.accept_batch});
  l.output_high = random.pick<std::size_t>({1000, 40'000, l.output_high, l.output_high});
  l.output_low = std::min(l.output_low, l.output_high / 2);
  l.linger_bytes = 8 * 1024 * 1024; // more than any client sends
  s.cork = random.below(4) == 0;
  s.policy = random.below(2) ? write_policy::turn : write_policy::now;
  s.spin = std::chrono::microseconds(random.pick<int>({0, 0, 0, 20}));
}

worker_settings settings_for(const plugin_library& plugin, const std::vector<option_value>& values,
                             const surroundings& around) {
  worker_settings s;
  s.name = plugin.describe().name;
  s.plugin_file = plugin.describe().file;
  s.values = values;
  s.listen = {address(around.is_unix)};
  s.trigger = around.trigger;
  if (!around.calm) vary(s, around.seed);
  return s;
}

class hosted_plugin final : public subject {
public:
  hosted_plugin(const plugin_library& plugin, const std::vector<option_value>& values, const surroundings& around,
                referee& r, last_words& words)
      : witness_(r, plugin.hooks(), plugin.instance(), words),
        worker_(settings_for(plugin, values, around), plugin.entered_through(witness_.hooks(), witness_.instance())) {}

  net::endpoint at() const override { return worker_.listening().at(0); }
  void run() override { worker_.run(); }
  std::size_t open_connections() const override { return worker_.open_connections(); }
  std::int64_t ends_within_ns() const override { return worker_.settings().drain_timeout.count(); }
  std::size_t memory_a_connection() const override {
    const struct limits& l = worker_.settings().limits;
    return l.input_max + l.output_max;
  }

private:
  witness witness_;
  worker worker_;
};

} // namespace

subject_maker host(const plugin_library& plugin, const std::vector<option_value>& values) {
  return [=](const surroundings& around, referee& r, last_words& words) -> std::unique_ptr<subject> {
    return std::make_unique<hosted_plugin>(plugin, values, around, r, words);
  };
}

} // namespace epollhost::sim
