// Distributed under the Boost Software License, Version 1.0.
// Tests the echo of these pages, as its author would: in memory, without a framework.
#include <epollhost/testing.hpp>

#include "echo.cpp"

#include <cstdlib>
#include <exception>
#include <iostream>

using namespace std::chrono_literals;

// Any framework does; a failed check has to say what it was and to end the program with a status.
#define CHECK(what)                                                                                                    \
  do {                                                                                                                 \
    if (!(what)) {                                                                                                     \
      std::cerr << __FILE__ << ":" << __LINE__ << ": not so: " #what "\n";                                             \
      std::exit(1);                                                                                                    \
    }                                                                                                                  \
  } while (false)

static void sends_back_what_it_gets() {
  eh::testing::plugin_of<echo> p;
  eh::testing::peer c = p.connect();
  c.send("hello");
  CHECK(c.received() == "hello");
  c.send(" world").finish();
  CHECK(c.received() == "hello world");
  CHECK(c.ended() && c.closed() && c.reason() == EH_REASON_END);
}

static void closes_at_its_limit() {
  eh::testing::plugin_of<echo> p({{"limit", "1KiB"}});
  eh::testing::peer c = p.connect().send(std::string(1023, 'x'));
  CHECK(!c.ended());
  c.send("x");
  CHECK(c.ended());
}

static void waits_for_a_peer_that_does_not_read() {
  eh::testing::plugin_of<echo> p;
  eh::testing::peer c = p.connect().stop_reading();
  c.send(std::string(1'000'000, 'x'));
  CHECK(c.unread() > 0); // the host does not read on either
  p.advance(59s);
  c.start_reading();
  CHECK(c.received().size() == 1'000'000);
}

static void does_not_mind_how_its_input_is_cut() {
  eh::testing::plugin_of<echo> p;
  eh::testing::same_however_cut(p, "any bytes,\r\nin any pieces");
}

int main() {
  try {
    sends_back_what_it_gets();
    closes_at_its_limit();
    waits_for_a_peer_that_does_not_read();
    does_not_mind_how_its_input_is_cut();
    std::cout << "all is well\n";
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
