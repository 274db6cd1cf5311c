// Distributed under the Boost Software License, Version 1.0.
// Tests connections against the kernel's odd events: resets, hang-ups, error queues, stale ones.
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <sys/socket.h>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::probe;
using test::quiet_turns;
using test::served;

namespace {

std::size_t index_of(const probe& p, eh_conn_id conn) {
  for (std::size_t i = 0; i < p.opened.size(); ++i)
    if (p.opened[i] == conn) return i;
  return ~std::size_t(0);
}

// The host's descriptor of its only connection: the newest number.
int newest_socket() {
  int newest = -1;
  for (int fd = 3; fd < 256; ++fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && !listening) newest = fd;
  }
  return newest;
}

} // namespace

BOOST_AUTO_TEST_SUITE(events)

// LESSONS 1.3: two connections are ready in one harvest; the first to be called ends the other one.
static void ends_the_other(loop::trigger trigger, eh_next how, bool ready_one_first) {
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    const eh_conn_id other = p.opened[1 - index_of(p, io.conn)];
    BOOST_CHECK_EQUAL(p.end_by_call(other, how), EH_OK);
    BOOST_CHECK_EQUAL(p.host->close(p.host, other, how), EH_GONE);
    BOOST_CHECK_EQUAL(p.host->write(p.host, other, "x", 1), EH_GONE);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client a(s.at()), b(s.at());
  s.until([&] { return p.opened.size() == 2; });
  s.turn();
  const auto stale = s.worker->loop_counters().stale_events;
  (ready_one_first ? a : b).send("1");
  (ready_one_first ? b : a).send("2");
  s.until([&] { return !p.closed.empty(); });
  for (int i = 0; i < 3; ++i) s.turn();
  BOOST_CHECK_EQUAL(p.calls[probe_data], 1);
  BOOST_CHECK_EQUAL(p.closed.size(), 1);
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
  // An aborted one has no descriptor any more; one that closes in order is still there for its event.
  BOOST_CHECK_EQUAL(s.worker->loop_counters().stale_events - stale, how == EH_ABORT ? 1 : 0);
}
EPOLLHOST_TEST_EACH_TRIGGER(closes_another_ready_connection_from_a_hook) { ends_the_other(trigger, EH_CLOSE, true); }
EPOLLHOST_TEST_EACH_TRIGGER(closes_another_ready_connection_from_a_hook_in_the_other_order) {
  ends_the_other(trigger, EH_CLOSE, false);
}
EPOLLHOST_TEST_EACH_TRIGGER(aborts_another_ready_connection_from_a_hook) { ends_the_other(trigger, EH_ABORT, true); }
EPOLLHOST_TEST_EACH_TRIGGER(aborts_another_ready_connection_from_a_hook_in_the_other_order) {
  ends_the_other(trigger, EH_ABORT, false);
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_itself_by_a_call_from_data_with_bytes_left) {
  for (const eh_next how : {eh_next(EH_CLOSE), eh_next(EH_ABORT), eh_next(EH_CLOSE | EH_LINGER)}) {
    probe p;
    p.data = [&](eh_io& io) {
      BOOST_CHECK_EQUAL(p.end_by_call(io.conn, how), EH_OK);
      io.in_used = 1;
      return eh_next(EH_KEEP);
    };
    served s(p, trigger);
    client c(s.at());
    c.send("bytes that stay");
    s.receive_end(c);
    c.close();
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(p.calls[probe_data], 1);
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
    BOOST_CHECK_EQUAL(c.error, how == EH_ABORT ? ECONNRESET : 0);
  }
}

// A connection is aborted by a hook of another one, and its slot is used again by a new connection before the batch has
// ended: the old id must stay gone.
EPOLLHOST_TEST_EACH_TRIGGER(keeps_an_old_id_gone_though_its_slot_and_descriptor_are_used_again) {
  probe p;
  served s(p, trigger);
  std::vector<eh_conn_id> old;
  for (int i = 0; i < 50; ++i) {
    client c(s.at());
    s.until([&] { return p.opened.size() == std::size_t(i) + 1; });
    for (const eh_conn_id id : old) {
      BOOST_REQUIRE_EQUAL(p.host->write(p.host, id, "x", 1), EH_GONE);
      BOOST_REQUIRE_EQUAL(p.host->queued(p.host, id), EH_GONE);
    }
    old.push_back(p.opened.back());
    BOOST_REQUIRE_EQUAL(p.end_by_call(old.back(), EH_ABORT), EH_OK);
    BOOST_REQUIRE_EQUAL(p.host->close(p.host, old.back(), EH_ABORT), EH_GONE);
    s.turn();
  }
  s.until([&] { return p.closed.size() == 50; });
}

// LESSONS 1.4: a plugin has kept a duplicate of the descriptor.
EPOLLHOST_TEST_EACH_TRIGGER(is_quiet_after_a_close_though_a_duplicate_of_the_socket_lives) {
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const net::unique_fd duplicate(::fcntl(newest_socket(), F_DUPFD_CLOEXEC, 0));
  BOOST_REQUIRE(duplicate);
  BOOST_REQUIRE_EQUAL(p.end_by_call(p.opened[0], EH_CLOSE), EH_OK);
  s.until([&] { return !p.closed.empty(); });
  c.send("to whom?");
  BOOST_CHECK_LE(s.rest(100ms), quiet_turns);
  BOOST_CHECK_EQUAL(p.calls[probe_data], 0);
}

// LESSONS 1.6.
EPOLLHOST_TEST_EACH_TRIGGER(closes_an_idle_connection_that_is_reset) {
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  s.turn();
  c.reset();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_RESET);
  BOOST_CHECK_EQUAL(s.counters().reset_by_peer, 1);
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_a_paused_connection_that_is_reset_and_does_not_spin) {
  for (const bool with_bytes : {false, true}) {
    probe p;
    p.open = [](eh_io&) { return eh_next(EH_PAUSE); };
    served s(p, trigger);
    client c(s.at());
    s.until([&] { return p.opened.size() == 1; });
    s.turn();
    if (with_bytes) c.send("unread");
    c.reset();
    BOOST_CHECK_LE(s.rest(100ms), quiet_turns);
    BOOST_REQUIRE_EQUAL(p.closed.size(), 1);
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_RESET);
    BOOST_CHECK_EQUAL(p.calls[probe_data], 0);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_a_connection_that_is_reset_while_output_waits) {
  probe p;
  const std::string much(3'000'000, 'x');
  p.open = [&](eh_io& io) {
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, much.data(), much.size()), EH_OK);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at(), 4096);
  s.until([&] { return p.opened.size() == 1; });
  s.turn();
  c.reset();
  BOOST_CHECK_LE(s.rest(100ms), quiet_turns);
  BOOST_REQUIRE_EQUAL(p.closed.size(), 1);
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_RESET);
}

// LESSONS 1.7: the hang-up of a unix socket cannot be masked.
EPOLLHOST_TEST_EACH_TRIGGER(is_quiet_after_a_unix_peer_has_gone_while_half_open) {
  probe p;
  p.data = [](eh_io& io) {
    io.in_used = io.in_len;
    return eh_next(EH_HALF_OPEN);
  };
  served s(p, trigger, [](auto& w) { w.listen = {test::any_unix()}; });
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  c.send("x");
  c.finish();
  s.until([&] { return p.calls[probe_data] >= 1; });
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK(p.closed.empty());
  c.close();
  BOOST_CHECK_LE(s.rest(100ms), quiet_turns);
  BOOST_REQUIRE_EQUAL(p.closed.size(), 1); // nobody is left who could take what it says
}

EPOLLHOST_TEST_EACH_TRIGGER(is_quiet_after_a_unix_peer_has_gone_while_paused) {
  probe p;
  p.open = [](eh_io&) { return eh_next(EH_PAUSE); };
  served s(p, trigger, [](auto& w) { w.listen = {test::any_unix()}; });
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  c.send("unread");
  c.close();
  BOOST_CHECK_LE(s.rest(100ms), quiet_turns);
  BOOST_REQUIRE_EQUAL(p.closed.size(), 0); // its bytes are still to come
  BOOST_CHECK_EQUAL(p.host->resume(p.host, p.opened[0]), EH_OK);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_GE(p.calls[probe_data], 1);
}

// LESSONS 1.19: EPOLLERR that announces what lies in the error queue is no error.
static void survives_error_queue(loop::trigger trigger, bool paused) {
  probe p;
  p.open = [paused](eh_io&) { return eh_next(paused ? EH_PAUSE : EH_KEEP); };
  p.data = [](eh_io& io) {
    io.in_used = io.in_len;
    io.out[0] = '!';
    io.out_used = 1;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  s.turn();
  const int fd = newest_socket();
  const int stamp = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_ACK;
  BOOST_REQUIRE_EQUAL(::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamp, sizeof stamp), 0);
  BOOST_REQUIRE_EQUAL(p.host->write(p.host, p.opened[0], "12345", 5), EH_OK);
  s.receive(c, 5);
  BOOST_CHECK_LE(s.rest(100ms), quiet_turns + 4); // the stamps of sending and of the acknowledgement are events
  BOOST_CHECK(p.closed.empty());
  char control[512], byte;
  iovec part{&byte, 1};
  msghdr m{};
  m.msg_iov = &part, m.msg_iovlen = 1, m.msg_control = control, m.msg_controllen = sizeof control;
  BOOST_CHECK_EQUAL(::recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT), -1); // it was emptied
  BOOST_CHECK_EQUAL(errno, EAGAIN);
  if (paused) BOOST_CHECK_EQUAL(p.host->resume(p.host, p.opened[0]), EH_OK);
  c.send("x");
  s.receive(c, 6);
  BOOST_CHECK_EQUAL(c.received, "12345!");
}
EPOLLHOST_TEST_EACH_TRIGGER(survives_an_error_event_that_only_announces_time_stamps) {
  survives_error_queue(trigger, false);
}
EPOLLHOST_TEST_EACH_TRIGGER(survives_an_error_event_that_only_announces_time_stamps_while_paused) {
  survives_error_queue(trigger, true);
}

// Urgent data cuts a read short with bytes left behind it, unless it is taken in line.
EPOLLHOST_TEST_EACH_TRIGGER(delivers_urgent_data_in_line) {
  probe p;
  std::string got;
  p.data = [&](eh_io& io) {
    got.append(io.in, io.in_len);
    io.in_used = io.in_len;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  c.send("ab");
  BOOST_REQUIRE_EQUAL(::send(c.fd(), "c", 1, MSG_OOB), 1);
  c.send("de");
  BOOST_REQUIRE_EQUAL(::send(c.fd(), "f", 1, MSG_OOB), 1);
  c.finish();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(got, "abcdef");
}

BOOST_AUTO_TEST_SUITE_END()
