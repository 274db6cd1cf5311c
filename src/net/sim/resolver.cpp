// Distributed under the Boost Software License, Version 1.0.
// Names of the simulated kernel: each has addresses that follow from its letters, but for those that end in ".invalid".
#include "net/resolver.hpp"

#include "net/sim/kernel.hpp"

#include <netinet/in.h>

#include <string_view>
#include <thread>
#include <utility>

namespace epollhost::net {
namespace {

constexpr std::int64_t usual_ns = 300'000, slow_most_ns = 500'000'000;
constexpr std::uint64_t addresses_most = 3;

endpoint loopback(std::uint16_t port) {
  endpoint e;
  auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  e.size = sizeof in;
  return e;
}

// 198.18.0.0/15, which is set apart for tests (RFC 2544), and 2001:db8::/32 (RFC 3849).
endpoint v4(std::uint64_t host, std::uint16_t port) {
  endpoint e = loopback(port);
  auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
  in.sin_addr.s_addr = htonl(static_cast<std::uint32_t>(0xc6120000 | (host & 0x1ffff)));
  return e;
}

endpoint v6(std::uint64_t host, std::uint16_t port) {
  endpoint e;
  auto& in = reinterpret_cast<sockaddr_in6&>(e.storage);
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  static constexpr unsigned char prefix[] = {0x20, 0x01, 0x0d, 0xb8};
  for (std::size_t i = 0; i < sizeof prefix; ++i) in.sin6_addr.s6_addr[i] = prefix[i];
  for (std::size_t i = 0; i < 8; ++i) in.sin6_addr.s6_addr[15 - i] = static_cast<unsigned char>(host >> 8 * i);
  e.size = sizeof in;
  return e;
}

std::uint64_t number_of(std::string_view name) {
  std::uint64_t out = 14695981039346656037u; // FNV-1a
  for (const char c : name) out = (out ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return out;
}

resolver::answer find(const std::string& name, std::uint16_t port) {
  if (name == "localhost") return {{loopback(port)}, {}};
  if (std::string_view(name).ends_with(".invalid")) return {{}, "Name or service not known"};
  sim::random_source random(number_of(name));
  resolver::answer out;
  bool six = random.below(2);
  for (auto n = random.between(1, addresses_most); n > 0; --n, six = !six)
    out.endpoints.push_back(six ? v6(random.next(), port) : v4(random.next(), port));
  return out;
}

// In another thread, as is promised: a loop that is told by its own looks for what it has posted before it waits. The
// simulated world stands still meanwhile, so all follows from the seed.
void elsewhere(const resolver::done& d, const resolver::answer& found) {
  std::thread([&] { d(found); }).join();
}

} // namespace

struct resolver::shared {
  std::size_t pending = 0;
  bool over = false;
};

resolver::resolver() : shared_(std::make_shared<shared>()) {}
resolver::~resolver() { shared_->over = true; }

bool resolver::is_full() const { return shared_->pending >= pending_max; }

void resolver::look_up(std::string name, std::uint16_t port, std::int64_t until_ns, done d) {
  sim::kernel& k = sim::kernel::current();
  ++shared_->pending;
  if (k.look_up_instead)
    return k.look_up_instead(name, [s = shared_, d = std::move(d)](answer found) {
      --s->pending;
      if (!s->over) elsewhere(d, found);
    });
  std::int64_t takes_ns = usual_ns;
  if (k.faults().strikes(sim::fault::slow_name)) takes_ns += std::int64_t(k.faults().choices().below(slow_most_ns));
  const bool fails = k.faults().strikes(sim::fault::name_fails);
  answer found = fails ? answer{{}, "Temporary failure in name resolution"} : find(name, port);
  k.notes().note(k.now_ns(), "look up", port, std::int64_t(found.endpoints.size()));
  k.at(k.now_ns() + takes_ns, [s = shared_, until_ns, found = std::move(found), d = std::move(d), &k] {
    --s->pending;
    if (s->over || k.now_ns() >= until_ns) return;
    elsewhere(d, found);
  });
}

} // namespace epollhost::net
