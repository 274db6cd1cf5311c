// Distributed under the Boost Software License, Version 1.0.
// Tests how connections end while they send files: each descriptor is closed once, and a failed file is told.
#include "file.hpp"
#include "support/served.hpp"
#include "support/system_calls.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::counts;
using test::file;
using test::give;
using test::is_open;
using test::pattern;
using test::probe;
using test::sends;
using test::served;

namespace {

constexpr std::size_t megabyte = 1 << 20;

} // namespace

BOOST_AUTO_TEST_SUITE(file_ending)

EPOLLHOST_TEST_EACH_TRIGGER(closes_each_descriptor_once_however_the_connection_ends) {
  const file from(pattern(6 * megabyte));
  for (const char how : {'c', 'a', 'l', 'r', 't', 'w'}) { // closed, aborted, called, reset, sent all, worker ends
    probe p;
    std::vector<int> fds;
    p.data = [&](eh_io& io) {
      io.in_used = io.in_len;
      for (int i = 0; i < 3; ++i) {
        fds.push_back(from.open());
        BOOST_CHECK_EQUAL(give(p, io.conn, fds.back(), 0, 6 * megabyte), EH_OK);
      }
      if (how == 'l') p.end_by_call(io.conn, EH_ABORT);
      return eh_next(how == 'c' ? EH_CLOSE : how == 'a' ? EH_ABORT : EH_KEEP);
    };
    p.close = [&](eh_conn_id, eh_reason) {
      for (const int fd : fds) BOOST_CHECK(!is_open(fd));
    };
    std::optional<served> s(std::in_place, p, trigger);
    client c(s->at(), 200'000);
    s->until([&] { return p.opened.size() == 1; });
    c.send("x");
    counts() = {};
    test::counting(true);
    s->until([&] { return p.calls[probe_data] == 1; });
    if (how == 'r') {
      test::counting(false);
      c.reset();
      test::counting(true);
      s->until([&] { return !p.closed.empty(); });
    } else if (how == 't') {
      s->receive(c, 18 * megabyte);
      s->until([&] { return p.calls[probe_room] == 1; });
      for (const int fd : fds) BOOST_CHECK(!is_open(fd));
      BOOST_CHECK_EQUAL(counts().close, 3);
    } else if (how != 'w') {
      s->receive_end(c);
      s->until([&] { return !p.closed.empty(); });
    }
    test::counting(false);
    if (how != 't' && how != 'w') BOOST_CHECK_EQUAL(counts().close, 4); // and the socket
    s.reset();
    for (const int fd : fds) BOOST_CHECK(!is_open(fd));
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(resets_and_says_so_when_a_file_shrinks_while_it_is_sent) {
  for (const bool unix_socket : {false, true}) {
    test::log_lines log;
    const std::string all = pattern(12 * megabyte);
    const file from(all);
    probe p;
    sends(p, from, all.size());
    served s(p, trigger, [&](auto& w) {
      if (unix_socket) w.listen = {test::any_unix()};
    });
    client c(s.at(), 200'000);
    c.send("go");
    s.until([&] { return p.calls[probe_data] == 1; });
    from.truncate(7'000'000);
    s.receive_end(c);
    BOOST_CHECK_EQUAL(c.error, unix_socket ? 0 : ECONNRESET);
    BOOST_CHECK_LE(c.received.size(), 5 + 7'000'000);
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_FILE);
    BOOST_CHECK_EQUAL(s.counters().file_failures, 1);
    BOOST_CHECK_EQUAL(s.counters().reset_by_peer, 0);
    BOOST_CHECK(!log.with({"a file could not be sent", "it is shorter than when it was given"}).empty());
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(resets_and_says_so_when_a_file_cannot_be_read) {
  test::log_lines log;
  const file from("12345678");
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    BOOST_CHECK_EQUAL(give(p, io.conn, from.open(O_WRONLY), 0, 8), EH_OK);
    return eh_next(EH_CLOSE);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("x");
  s.receive_end(c);
  BOOST_CHECK_EQUAL(c.error, ECONNRESET);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_FILE);
  BOOST_CHECK_EQUAL(s.counters().file_failures, 1);
  BOOST_CHECK(!log.with({"a file could not be sent", "Bad file descriptor"}).empty());
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_as_ever_when_the_peer_resets_in_the_middle) {
  for (const bool unix_socket : {false, true}) {
    const file from(pattern(12 * megabyte));
    probe p;
    sends(p, from, 12 * megabyte);
    served s(p, trigger, [&](auto& w) {
      if (unix_socket) w.listen = {test::any_unix()};
    });
    client c(s.at(), 200'000);
    c.send("go");
    s.receive(c, 100'000);
    c.reset();
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_RESET);
    BOOST_CHECK_EQUAL(s.counters().file_failures, 0);
    BOOST_CHECK_EQUAL(s.counters().reset_by_peer, 1);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_and_sends_its_end_behind_the_whole_file) {
  const std::string all = pattern(6 * megabyte);
  const file from(all);
  for (const eh_next answer : {eh_next(EH_CLOSE), eh_next(EH_CLOSE | EH_LINGER), eh_next(EH_FINISH)}) {
    probe p;
    sends(p, from, all.size(), answer);
    served s(p, trigger);
    client c(s.at(), 200'000);
    c.send("go");
    s.receive_end(c);
    BOOST_CHECK(c.received == "head " + all);
    BOOST_CHECK(c.ended);
    c.close();
    s.until([&] { return !p.closed.empty(); });
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(times_out_a_peer_that_takes_nothing_of_a_file_but_not_a_slow_one) {
  const std::string all = pattern(12 * megabyte);
  const file from(all);
  for (const bool slow : {false, true}) {
    probe p;
    sends(p, from, all.size());
    served s(p, trigger, [&](auto& w) { w.limits.send_timeout = slow ? 2000ms : 80ms; });
    client c(s.at(), 200'000);
    c.send("go");
    const auto begin = std::chrono::steady_clock::now();
    while (slow && std::chrono::steady_clock::now() - begin < 2500ms) {
      c.receive(40'000);
      s.rest(15ms);
    }
    if (slow) {
      s.receive(c, 5 + all.size());
      BOOST_CHECK(p.closed.empty());
    } else {
      s.until([&] { return !p.closed.empty(); });
      BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_TIMEOUT);
    }
    BOOST_CHECK_EQUAL(s.counters().timed_out, slow ? 0 : 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
