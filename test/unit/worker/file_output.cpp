// Distributed under the Boost Software License, Version 1.0.
// Tests how parts of files leave: order, marks, bounds, and what is refused.
#include "file.hpp"
#include "support/served.hpp"
#include "support/system_calls.hpp"

#include <boost/test/unit_test.hpp>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <thread>
#include <utility>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::counts;
using test::file;
using test::give;
using test::is_open;
using test::pattern;
using test::probe;
using test::quiet_turns;
using test::sends;
using test::served;

namespace {

constexpr std::size_t megabyte = 1 << 20;

void say(eh_io& io, std::string_view text) {
  std::memcpy(io.out + io.out_used, text.data(), text.size());
  io.out_used += text.size();
}

} // namespace

BOOST_AUTO_TEST_SUITE(file_output)

EPOLLHOST_TEST_EACH_TRIGGER(keeps_the_order_of_files_and_bytes_on_each_kind_of_socket) {
  for (const bool unix_socket : {false, true}) {
    const std::string all = pattern(100'000);
    const file from(all);
    probe p;
    p.data = [&](eh_io& io) {
      io.in_used = io.in_len;
      say(io, "1");
      BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, 1000), EH_OK);
      BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 99'000, 1000), EH_OK);
      say(io, "2");
      BOOST_CHECK_EQUAL(p.host->write_ref(p.host, io.conn, "3", 1, nullptr, nullptr), EH_OK);
      BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, all.size()), EH_OK);
      BOOST_CHECK_EQUAL(p.host->queued(p.host, io.conn), std::int64_t(2003 + all.size()));
      say(io, "4");
      return eh_next(EH_KEEP);
    };
    served s(p, trigger, [&](auto& w) {
      if (unix_socket) w.listen = {test::any_unix()};
    });
    client c(s.at());
    c.send("go");
    s.receive(c, 2004 + all.size());
    BOOST_CHECK(c.received == "1" + all.substr(0, 1000) + all.substr(99'000) + "23" + all + "4");
    BOOST_CHECK_EQUAL(p.host->queued(p.host, p.opened[0]), 0);
    BOOST_CHECK_EQUAL(s.counters().bytes_out, 2004 + all.size());
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(goes_on_where_a_full_socket_has_stopped_it) {
  for (const bool unix_socket : {false, true}) {
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
    BOOST_CHECK_LE(s.rest(100ms), 2 * all.size() / limits().turn_bytes); // blocked, and quiet
    BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
    BOOST_CHECK_GT(p.host->queued(p.host, p.opened[0]), 0);
    s.receive(c, 5 + all.size());
    BOOST_CHECK(c.received == "head " + all);
    BOOST_CHECK_EQUAL(p.host->queued(p.host, p.opened[0]), 0);
  }
}

// A second close of a number may hit what has got the number since.
EPOLLHOST_TEST_EACH_TRIGGER(refuses_what_is_no_regular_file_and_leaves_it_open) {
  int pipe[2];
  BOOST_REQUIRE_EQUAL(::pipe2(pipe, O_CLOEXEC), 0);
  const net::unique_fd out(pipe[0]), in(pipe[1]), null(::open("/dev/zero", O_RDONLY | O_CLOEXEC)),
      folder(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  for (const int fd : {out.get(), null.get(), folder.get(), c.fd()}) {
    BOOST_CHECK_EQUAL(give(p, p.opened[0], fd, 0, 1), EH_INVALID);
    BOOST_CHECK_EQUAL(give(p, p.opened[0], fd, 0, 0), EH_INVALID);
    BOOST_CHECK(is_open(fd));
  }
  BOOST_CHECK_EQUAL(give(p, p.opened[0], -1, 0, 1), EH_INVALID);
  BOOST_CHECK_EQUAL(p.host->write(p.host, p.opened[0], "ok", 2), EH_OK); // nothing of all that has hurt it
  s.receive(c, 2);
  BOOST_CHECK_EQUAL(c.received, "ok");
}

EPOLLHOST_TEST_EACH_TRIGGER(takes_what_ends_with_the_file_and_nothing_beyond_it) {
  const file from("12345678");
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const net::unique_fd fd(from.open());
  BOOST_CHECK_EQUAL(give(p, p.opened[0], fd.get(), 0, 9), EH_INVALID);
  BOOST_CHECK_EQUAL(give(p, p.opened[0], fd.get(), 5, 4), EH_INVALID);
  BOOST_CHECK_EQUAL(give(p, p.opened[0], fd.get(), 9, 0), EH_INVALID);
  BOOST_CHECK_EQUAL(give(p, p.opened[0], fd.get(), 1, ~0ull), EH_INVALID);
  BOOST_CHECK_EQUAL(give(p, p.opened[0], fd.get(), ~0ull, 1), EH_INVALID);
  BOOST_CHECK(is_open(fd.get()));
  BOOST_CHECK_EQUAL(give(p, p.opened[0], from.open(), 5, 3), EH_OK);
  BOOST_CHECK_EQUAL(give(p, p.opened[0], from.open(), 0, 8), EH_OK);
  s.receive(c, 11);
  BOOST_CHECK_EQUAL(c.received, "67812345678");
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_a_file_of_which_nothing_is_to_be_sent_at_once) {
  const file from("123");
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  for (const std::uint64_t offset : {0, 3}) {
    const int fd = from.open();
    BOOST_CHECK_EQUAL(give(p, p.opened[0], fd, offset, 0), EH_OK);
    BOOST_CHECK(!is_open(fd));
  }
  for (int i = 0; i < 5; ++i) s.turn();
  BOOST_CHECK_EQUAL(p.calls[probe_room], 0);
  c.send("x");
  s.until([&] { return p.calls[probe_data] == 1; });
}

EPOLLHOST_TEST_EACH_TRIGGER(queues_as_many_files_as_may_be_and_refuses_the_next) {
  const std::string all = pattern(50'000);
  const file from(all);
  probe p;
  const net::unique_fd over(from.open());
  p.open = [&](eh_io& io) {
    for (int i = 0; i < 40; ++i) BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, all.size()), EH_OK);
    BOOST_CHECK_EQUAL(give(p, io.conn, over.get(), 0, all.size()), EH_OVER_LIMIT);
    BOOST_CHECK_EQUAL(p.host->queued(p.host, io.conn), std::int64_t(40 * all.size()));
    return eh_next(EH_KEEP);
  };
  bool again = false;
  p.room = [&](eh_io& io) {
    if (!std::exchange(again, true)) BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, all.size()), EH_OK);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [](auto& w) { w.limits.output_files = 40; });
  client c(s.at());
  s.receive(c, 41 * all.size());
  for (std::size_t i = 0; i < 41; ++i) BOOST_REQUIRE(c.received.compare(i * all.size(), all.size(), all) == 0);
  BOOST_CHECK(is_open(over.get()));
}

// Memory that is held is bounded as ever, and file bytes are none.
EPOLLHOST_TEST_EACH_TRIGGER(counts_no_file_bytes_against_the_output_limit) {
  const std::string all = pattern(6 * megabyte), bytes = pattern(megabyte);
  const file from(all);
  probe p;
  p.open = [&](eh_io& io) {
    BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, all.size()), EH_OK);
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, bytes.data(), bytes.size()), EH_OK);
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, "x", 1), EH_OVER_LIMIT);
    BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, all.size()), EH_OK);
    return eh_next(EH_CLOSE);
  };
  served s(p, trigger, [](auto& w) { w.limits.output_max = megabyte; });
  client c(s.at());
  s.receive_end(c);
  BOOST_CHECK(c.received == all + bytes + all);
}

EPOLLHOST_TEST_EACH_TRIGGER(calls_no_data_until_a_file_has_left_and_then_room_once) {
  const std::string all = pattern(8 * megabyte);
  const file from(all);
  probe p;
  sends(p, from, all.size());
  served s(p, trigger);
  client c(s.at(), 200'000);
  c.send("1");
  s.until([&] { return p.calls[probe_data] == 1; });
  c.send("2");
  for (int i = 0; i < 100; ++i) s.turn();
  BOOST_CHECK_EQUAL(p.calls[probe_data], 1);
  BOOST_CHECK_EQUAL(p.calls[probe_room], 0);
  s.receive(c, 2 * (5 + all.size()));
  s.until([&] { return p.calls[probe_room] == 2; });
  BOOST_CHECK_EQUAL(p.calls[probe_data], 2);
  BOOST_CHECK(c.received == "head " + all + "head " + all);
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_EQUAL(p.calls[probe_room], 2);
}

EPOLLHOST_TEST_EACH_TRIGGER(goes_on_calling_data_of_a_duplex_plugin_beside_a_file) {
  const std::string all = pattern(8 * megabyte);
  const file from(all);
  probe p(EH_DUPLEX);
  std::string got;
  p.data = [&](eh_io& io) {
    got.append(io.in, io.in_len);
    io.in_used = io.in_len;
    if (got == "1") BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, all.size()), EH_OK);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at(), 200'000);
  c.send("1");
  s.until([&] { return p.calls[probe_data] == 1; });
  c.send("2");
  s.until([&] { return got == "12"; });
  BOOST_CHECK_GT(p.host->queued(p.host, p.opened[0]), 0);
  s.receive(c, all.size());
  BOOST_CHECK(c.received == all);
}

// A call that used nothing and wrote no byte has made progress all the same.
EPOLLHOST_TEST_EACH_TRIGGER(calls_data_again_for_input_that_was_left_when_a_file_was_sent) {
  const std::string all = pattern(1000);
  const file from(all);
  probe p;
  p.data = [&](eh_io& io) {
    if (p.calls[probe_data] > 1)
      io.in_used = io.in_len;
    else
      BOOST_CHECK_EQUAL(give(p, io.conn, from.open(), 0, all.size()), EH_OK);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("x");
  s.receive(c, all.size());
  s.until([&] { return p.calls[probe_data] == 2; });
}

// One large file leaves in steps, and others have their turn between them.
EPOLLHOST_TEST_EACH_TRIGGER(sends_no_more_in_a_turn_than_its_bound) {
  constexpr std::size_t bound = 64 * 1024;
  const std::string all = pattern(2 * megabyte);
  const file from(all);
  probe p;
  sends(p, from, all.size());
  served s(p, trigger, [](auto& w) { w.limits.turn_bytes = bound; });
  client c(s.at());
  c.send("go");
  std::uint64_t most = 0;
  s.until([&] {
    const std::uint64_t before = s.counters().bytes_out;
    s.turn();
    most = std::max<std::uint64_t>(most, s.counters().bytes_out - before);
    c.receive();
    return c.received.size() == 5 + all.size();
  });
  BOOST_CHECK_GT(most, bound / 2);
  BOOST_CHECK_LE(most, 2 * bound); // an event and its place in the ready queue
}

EPOLLHOST_TEST_EACH_TRIGGER(sends_a_file_on_a_connection_that_is_not_in_hand) {
  const std::string all = pattern(300'000);
  const file from(all);
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    for (const eh_conn_id to : p.opened) BOOST_CHECK_EQUAL(give(p, to, from.open(), 0, all.size()), EH_OK);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client a(s.at()), b(s.at());
  s.until([&] { return p.opened.size() == 2; });
  b.send("to all");
  for (client* const each : {&a, &b}) {
    s.receive(*each, all.size());
    BOOST_CHECK(each->received == all);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(leaves_the_descriptor_to_the_plugin_when_it_refuses) {
  const file from("123");
  const net::unique_fd fd(from.open());
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  eh_status elsewhere = EH_OK;
  std::thread([&] { elsewhere = give(p, p.opened[0], fd.get(), 0, 3); }).join();
  BOOST_CHECK_EQUAL(elsewhere, EH_WRONG_THREAD);
  BOOST_CHECK_EQUAL(p.end_by_call(p.opened[0], EH_ABORT), EH_OK);
  BOOST_CHECK_EQUAL(give(p, p.opened[0], fd.get(), 0, 3), EH_GONE);
  BOOST_CHECK(is_open(fd.get()));
}

// Head and file leave together: the head waits for the file's first bytes.
BOOST_AUTO_TEST_CASE(makes_one_send_and_one_sendfile_for_a_head_and_a_file_which_share_a_segment) {
  const std::string all = pattern(2000);
  const file from(all);
  probe p;
  sends(p, from, all.size());
  served s(p, loop::trigger::edge);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  constexpr int requests = 50;
  counts() = {};
  for (int i = 0; i < requests; ++i) {
    c.send("x");
    test::counting(true);
    s.receive(c, (i + 1) * (5 + all.size()));
    test::counting(false);
  }
  BOOST_CHECK_EQUAL(counts().send, requests);
  BOOST_CHECK_EQUAL(counts().sendfile, requests);
  tcp_info info{};
  socklen_t size = sizeof info;
  BOOST_REQUIRE_EQUAL(::getsockopt(c.fd(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  BOOST_CHECK_EQUAL(info.tcpi_data_segs_in, requests);
}

BOOST_AUTO_TEST_SUITE_END()
