// Tests new-plugin in memory: no host, no socket, no waiting. What breaks a rule of the host is an exception.
#include <epollhost/testing.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace eh = epollhost;

static void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("this is not so: ") + what);
}

static bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

static void greets_whom_the_path_names() {
  eh::testing::plugin plugin(epollhost_plugin);
  eh::testing::peer peer = plugin.connect();
  peer.send("GET /you HTTP/1.1\r\nHost: x\r\n\r\n");
  check(has(peer.received(), "HTTP/1.1 200 ") && has(peer.take(), "\r\n\r\nHello, you!\n"), "a name is greeted");
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  check(has(peer.take(), "\r\n\r\nHello, world!\n"), "no name is the world's");
}

static void answers_the_same_however_the_input_is_cut() {
  eh::testing::plugin plugin(epollhost_plugin);
  eh::testing::same_however_cut(plugin, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.0\r\n\r\n");
}

int main() try {
  greets_whom_the_path_names();
  answers_the_same_however_the_input_is_cut();
  std::puts("all tests passed");
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
