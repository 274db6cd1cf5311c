// Distributed under the Boost Software License, Version 1.0.
// Tests the connections that a plugin makes in memory, and what it relays between two.
#include <epollhost/testing.hpp>

#include "support/probe.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::probe;

namespace {

// What the outgoing connections of the plugin saw.
std::string seen;
const eh_host* host_of_all;

eh_next outward_open(void*, void* state, eh_io* io) {
  seen += "open " + std::to_string(io->arg) + " " + static_cast<const char*>(state) + "; ";
  return EH_KEEP;
}

eh_next outward_data(void*, void*, eh_io* io) {
  seen += "data " + std::string(io->in, io->in_len) + "; ";
  io->in_used = io->in_len;
  return EH_KEEP;
}

eh_next outward_wake(void*, void*, eh_io* io) {
  seen += "wake " + std::to_string(io->arg) + "; ";
  return EH_KEEP;
}

void outward_close(void*, void*, eh_reason why) {
  char text[100];
  host_of_all->connect_error(host_of_all, text, sizeof text);
  seen += "close " + std::to_string(why) + " " + text + "; ";
}

const eh_hooks outward = {.size = sizeof(eh_hooks),
                          .flags = 0,
                          .state_size = 8,
                          .state_align = 8,
                          .open = outward_open,
                          .data = outward_data,
                          .room = nullptr,
                          .timer = nullptr,
                          .wake = outward_wake,
                          .drain = nullptr,
                          .close = outward_close};

struct dialler {
  probe p;
  testing::plugin host = testing::plugin(test::argument("probe.so"), {}, {.throws = false});
  eh_conn_id id = 0;

  dialler() {
    seen.clear();
    host_of_all = p.host;
  }

  eh_status dial(const char* address, std::uint32_t flags = 0) {
    eh_connect how{};
    how.size = sizeof how;
    how.flags = flags;
    how.address = address;
    how.hooks = &outward;
    how.arg = 5;
    void* state = nullptr;
    const eh_status answer = p.host->connect(p.host, &how, &id, &state);
    if (answer == EH_OK && state) std::strcpy(static_cast<char*>(state), "filled");
    return answer;
  }
};

// A peer of the plugin, and one that the plugin has connected to; what one says the other hears.
struct relayed : dialler {
  testing::peer near = host.connect();
  testing::peer far = (dial("192.0.2.1:80"), host.accept());

  relayed() {
    BOOST_TEST(p.host->relay(p.host, near.id(), id) == EH_OK);
    host.settle();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(outgoing)

BOOST_AUTO_TEST_CASE(connections_are_accepted_by_the_test) {
  dialler d;
  BOOST_TEST(d.dial("192.0.2.1:80") == EH_OK);
  BOOST_TEST(d.host.connecting() == std::vector<std::string>{"192.0.2.1:80"}, boost::test_tools::per_element());
  BOOST_TEST(d.p.host->write(d.p.host, d.id, "early", 5) == EH_OK);
  BOOST_TEST(d.p.host->wake(d.p.host, d.id, 7) == EH_OK);
  d.host.settle();
  BOOST_TEST(seen == "");
  testing::peer c = d.host.accept("192.0.2.1:80");
  BOOST_TEST(seen == "open 5 filled; wake 7; ");
  BOOST_TEST(c.received() == "early");
  c.send("hello").finish();
  BOOST_TEST(seen == "open 5 filled; wake 7; data hello; data ; close 1 ; ");
}

BOOST_AUTO_TEST_CASE(connections_are_refused_by_the_test) {
  dialler d;
  d.dial("name:80");
  d.host.refuse("name:80", "No such host");
  BOOST_TEST(seen == "close 11 name:80: No such host; ");
}

BOOST_AUTO_TEST_CASE(connections_that_nobody_answers_time_out) {
  dialler d;
  d.dial("192.0.2.1:80");
  d.host.advance(9'999ms);
  BOOST_TEST(seen == "");
  d.host.advance(1ms);
  BOOST_TEST(seen == "close 3 192.0.2.1:80: Connection timed out; ");
}

BOOST_AUTO_TEST_CASE(connections_can_be_given_up) {
  dialler d;
  d.dial("192.0.2.1:80");
  BOOST_TEST(d.p.host->close(d.p.host, d.id, EH_CLOSE) == EH_OK);
  d.host.settle();
  BOOST_TEST(seen == "close 0 ; ");
  BOOST_CHECK_THROW(d.host.accept(), testing::failure);
}

BOOST_AUTO_TEST_CASE(addresses_are_looked_at) {
  dialler d;
  for (const char* good : {"127.0.0.1:1", "[::1]:65535", "name:80", "unix:/path", "unix:@name"})
    BOOST_TEST(d.dial(good, EH_CONNECT_CHECK) == EH_OK, good);
  for (const char* bad : {"", "127.0.0.1", ":80", "name:0", "name:65536", "name:x", "::1:80", "unix:"})
    BOOST_TEST(d.dial(bad, EH_CONNECT_CHECK) == EH_INVALID, bad);
  BOOST_TEST(d.host.connecting().empty());
}

BOOST_AUTO_TEST_CASE(relays_what_two_peers_say) {
  relayed r;
  r.near.send("question");
  BOOST_TEST(r.far.received() == "question");
  r.far.send("answer");
  BOOST_TEST(r.near.received() == "answer");
  r.near.finish();
  BOOST_TEST(r.far.ended());
  BOOST_TEST(!r.near.ended());
  r.far.send(" more").finish();
  BOOST_TEST(r.near.received() == "answer more");
  BOOST_TEST(r.near.reason() == EH_REASON_END);
  BOOST_TEST(r.far.reason() == EH_REASON_END);
  BOOST_TEST(r.p.calls[probe_data] == 0u);
}

BOOST_AUTO_TEST_CASE(relays_no_faster_than_the_other_side_takes) {
  relayed r;
  r.far.stop_reading();
  const std::string much(1'000'000, 'm');
  r.near.send(much);
  BOOST_TEST(r.near.unread() > 0u);
  r.far.start_reading();
  BOOST_TEST((r.far.received() == much));
}

BOOST_AUTO_TEST_CASE(ends_both_sides_of_a_relay_with_one) {
  relayed r;
  r.far.reset();
  BOOST_TEST(r.near.was_reset());
  BOOST_TEST(r.near.reason() == EH_REASON_RELAY);
}

BOOST_AUTO_TEST_SUITE_END()
