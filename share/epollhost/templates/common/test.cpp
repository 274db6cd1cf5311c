// Tests new-plugin in memory: no host, no socket, no waiting. What breaks a rule of the host is an exception.
#include <epollhost/testing.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace eh = epollhost;

static void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("this is not so: ") + what);
}

static void greets_each_name() {
  eh::testing::plugin plugin(epollhost_plugin);
  eh::testing::peer peer = plugin.connect();
  peer.send("world\nyou\n");
  check(peer.received() == "Hello, world!\nHello, you!\n", "both are greeted");
  peer.finish();
  check(peer.ended(), "the connection ends after the peer's end");
}

static void has_a_bound() {
  eh::testing::plugin plugin(epollhost_plugin, {{"line-max", "5"}, {"greeting", "Hi"}});
  eh::testing::peer peer = plugin.connect();
  peer.send("12345\n");
  check(peer.received() == "Hi, 12345!\n" && !peer.ended(), "a name at the bound is greeted");
  peer.send("123456\n");
  check(peer.ended(), "a longer one ends the connection");
}

static void answers_the_same_however_the_input_is_cut() {
  eh::testing::plugin plugin(epollhost_plugin);
  eh::testing::same_however_cut(plugin, "world\n\nyou\nrest");
}

int main() try {
  greets_each_name();
  has_a_bound();
  answers_the_same_however_the_input_is_cut();
  std::puts("all tests passed");
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
