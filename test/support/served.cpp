// Distributed under the Boost Software License, Version 1.0.
// A worker with a probe on a free port, turned by the test's own thread.
#include "support/served.hpp"

#include "net/process.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace epollhost::test {

listen_address any_port() {
  listen_address a;
  auto& in = reinterpret_cast<sockaddr_in&>(a.endpoint.storage);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.endpoint.size = sizeof in;
  return a;
}

listen_address any_unix() {
  static int count = 0;
  const std::string name = "epollhost-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  listen_address a;
  auto& un = reinterpret_cast<sockaddr_un&>(a.endpoint.storage);
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path + 1, name.data(), name.size());
  a.endpoint.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return a;
}

worker_settings default_settings(const plugin_library& plugin, loop::trigger trigger) {
  worker_settings s;
  s.name = plugin.describe().name;
  s.plugin_file = plugin.describe().file;
  for (const auto& option : plugin.describe().options) s.values.push_back(option.fallback);
  s.listen = {any_port()};
  s.trigger = trigger;
  s.limits.linger_timeout = std::chrono::milliseconds(20); // no test waits for a client that stays
  return s;
}

served::served(const plugin_library& plugin, loop::trigger trigger, const change& f) {
  worker_settings s = default_settings(plugin, trigger);
  if (f) f(s);
  net::ignore_broken_pipes(); // as the program does
  worker.emplace(s, plugin);
}

served::~served() = default;

void served::turn() {
  loop::io_context& loop = worker->loop();
  loop.post([&loop] { loop.stop(); });
  loop.run();
}

void served::receive(client& c, std::size_t bytes) {
  until([&] {
    c.receive();
    return c.received.size() >= bytes || c.over();
  });
  BOOST_REQUIRE_GE(c.received.size(), bytes);
}

void served::receive_end(client& c) {
  until([&] {
    c.receive();
    return c.over();
  });
}

void served::send(client& c, std::string_view bytes) {
  until([&] {
    bytes.remove_prefix(c.send_some(bytes));
    return bytes.empty();
  });
}

std::uint64_t served::rest(std::chrono::milliseconds time) {
  loop::io_context& loop = worker->loop();
  const std::uint64_t before = loop.counters().turns;
  loop::steady_timer over(loop);
  over.expires_after(time);
  over.async_wait([&loop](boost::system::error_code) { loop.stop(); });
  loop.run();
  return loop.counters().turns - before;
}

} // namespace epollhost::test
