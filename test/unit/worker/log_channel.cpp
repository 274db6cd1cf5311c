// Distributed under the Boost Software License, Version 1.0.
// Tests worker/log_channel: what is gathered, what is dropped, and what the log says of it.
#include "worker/log_channel.hpp"

#include "support/log_lines.hpp"
#include "support/watch.hpp"
#include "support/watcher.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace epollhost;
using test::log_lines;

namespace {

struct ends {
  net::unique_fd reader, writer;
};

// A pipe, or a socket pair in which each write() is a packet of its own.
ends make_pipe() {
  int fds[2];
  BOOST_REQUIRE(::pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
  ::fcntl(fds[1], F_SETPIPE_SZ, 65536);
  return {net::unique_fd(fds[0]), net::unique_fd(fds[1])};
}
ends make_packets() {
  int fds[2];
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
  return {net::unique_fd(fds[0]), net::unique_fd(fds[1])};
}

// One read(): what is there, or "".
std::string read_some(const net::unique_fd& from) {
  static std::array<char, log_channel::buffer_bytes> buffer;
  const ssize_t n = ::read(from.get(), buffer.data(), buffer.size());
  return n > 0 ? std::string(buffer.data(), std::size_t(n)) : "";
}

std::string line(std::size_t bytes, char c = 'x') { return std::string(bytes - 1, c) + "\n"; }

struct place {
  explicit place(net::unique_fd fd, loop::trigger trigger = loop::trigger::edge)
      : context({.trigger = trigger}), channel(context, "who", "some.log", std::move(fd), counted) {
    context.before_wait([this] { channel.end_turn(); });
  }

  // One turn, in which all that was gathered is written.
  void turn() {
    channel.flush();
    test::turn(context);
  }

  loop::io_context context;
  channel_counters counted;
  log_channel channel;
};

} // namespace

BOOST_AUTO_TEST_SUITE(log_channel_)

BOOST_AUTO_TEST_CASE(writes_a_batch_at_the_end_of_the_turn) {
  ends pair = make_packets();
  place at(std::move(pair.writer));
  at.channel.write(line(log_channel::batch_bytes - 1));
  test::turn(at.context);
  BOOST_CHECK_EQUAL(read_some(pair.reader), "");
  at.channel.write("\n");
  BOOST_CHECK_EQUAL(read_some(pair.reader), "");
  test::turn(at.context);
  BOOST_CHECK_EQUAL(read_some(pair.reader).size(), log_channel::batch_bytes);
}

BOOST_AUTO_TEST_CASE(writes_less_than_a_batch_when_it_has_waited) {
  ends pair = make_packets();
  place at(std::move(pair.writer));
  const std::int64_t before = at.context.refresh_now_ns();
  at.channel.write("one\n");
  test::turn(at.context);
  at.channel.write("two\n");
  test::watcher reader(at.context, std::move(pair.reader));
  std::string got;
  reader.event = [&](std::uint32_t) {
    got = read_some(reader.fd);
    at.context.stop();
  };
  BOOST_REQUIRE(!reader.watch());
  at.context.run();
  BOOST_CHECK_EQUAL(got, "one\ntwo\n");
  BOOST_CHECK_GE(at.context.now_ns() - before, log_channel::hold_ns);
}

BOOST_AUTO_TEST_CASE(writes_all_lines_of_a_turn_at_once) {
  ends pair = make_packets();
  place at(std::move(pair.writer));
  BOOST_CHECK(at.channel.write("one\n"));
  BOOST_CHECK(at.channel.write("two\nthree\n"));
  BOOST_CHECK_EQUAL(read_some(pair.reader), "");
  at.turn();
  BOOST_CHECK_EQUAL(read_some(pair.reader), "one\ntwo\nthree\n");
  at.turn();
  BOOST_CHECK_EQUAL(read_some(pair.reader), "");
  BOOST_CHECK_EQUAL(std::uint64_t(at.counted.lines), 3);
  BOOST_CHECK_EQUAL(std::uint64_t(at.counted.bytes), 14);
  BOOST_CHECK_EQUAL(std::uint64_t(at.counted.dropped), 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(keeps_what_does_not_fit_until_it_does_and_loses_nothing) {
  ends pipe = make_pipe();
  place at(std::move(pipe.writer), trigger);
  std::string sent, got;
  for (char c = 'a'; c <= 'e'; ++c) {
    sent += line(40'000, c);
    BOOST_CHECK(at.channel.write(line(40'000, c)));
  }
  while (got.size() < sent.size()) {
    at.turn();
    got += read_some(pipe.reader);
  }
  BOOST_CHECK(got == sent);
  BOOST_CHECK_EQUAL(std::uint64_t(at.counted.dropped), 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(rests_while_nobody_reads) {
  ends pipe = make_pipe();
  place at(std::move(pipe.writer), trigger);
  at.channel.write(line(100'000));
  at.turn();
  const std::uint64_t events = at.context.counters().events;
  for (int i = 0; i < 20; ++i) at.turn();
  BOOST_CHECK_LE(at.context.counters().events - events, 22); // the turns' own wake-ups
}

BOOST_AUTO_TEST_CASE(takes_what_its_buffer_holds_and_drops_the_next_line_whole) {
  ends pipe = make_pipe();
  log_lines log;
  place at(std::move(pipe.writer));
  while (at.channel.write(line(4096))) at.turn(); // the pipe is full, and so is the buffer
  const std::uint64_t dropped = at.counted.dropped, taken = at.counted.lines;
  BOOST_CHECK_EQUAL(dropped, 1);
  BOOST_CHECK_EQUAL(taken, (log_channel::buffer_bytes + 65536) / 4096);
  BOOST_CHECK(!at.channel.write("\n"));
  std::string got;
  for (std::string part; (part = read_some(pipe.reader)) != "";) {
    got += part;
    at.turn();
  }
  BOOST_CHECK_EQUAL(got.size(), taken * 4096);
  BOOST_CHECK(at.channel.write("again\n"));
  at.turn();
  BOOST_CHECK_EQUAL(read_some(pipe.reader), "again\n");
}

// One line more than the buffer holds costs a write() more, and no line.
BOOST_AUTO_TEST_CASE(writes_in_the_middle_of_a_turn_that_brings_more_than_the_buffer_holds) {
  ends pipe = make_pipe();
  ::fcntl(pipe.writer.get(), F_SETPIPE_SZ, 1024 * 1024);
  place at(std::move(pipe.writer));
  constexpr std::size_t lines = log_channel::buffer_bytes / 64;
  for (std::size_t i = 0; i < lines; ++i) BOOST_REQUIRE(at.channel.write(line(64)));
  BOOST_CHECK_EQUAL(read_some(pipe.reader), "");
  BOOST_CHECK(at.channel.write(line(64)));
  BOOST_CHECK_EQUAL(read_some(pipe.reader).size(), log_channel::buffer_bytes);
  at.turn();
  BOOST_CHECK_EQUAL(read_some(pipe.reader).size(), 64);
}

BOOST_AUTO_TEST_CASE(says_once_a_second_how_many_lines_were_dropped) {
  ends pipe = make_pipe();
  log_lines log;
  {
    place at(std::move(pipe.writer));
    while (at.channel.write(line(4096))) at.turn();
    at.turn();
    BOOST_CHECK(!log.with({"who: 1 lines for some.log were dropped: the log does not take them"}).empty());
    for (int i = 0; i < 10; ++i) at.channel.write(line(4096));
    at.turn();
    BOOST_CHECK_EQUAL(log.all().size(), 1);
  }
  BOOST_CHECK(!log.with({"lines for some.log were dropped: the worker has ended"}).empty()); // 10, and what waited
}

BOOST_AUTO_TEST_CASE(survives_a_full_disk) {
  log_lines log;
  place at(net::unique_fd(::open("/dev/full", O_WRONLY | O_CLOEXEC)));
  at.channel.write("one\ntwo\n");
  at.turn();
  BOOST_CHECK(!log.with({"2 lines for some.log were dropped: No space left on device"}).empty());
  BOOST_CHECK_EQUAL(std::uint64_t(at.counted.dropped), 2);
}

EPOLLHOST_TEST_EACH_TRIGGER(survives_a_reader_that_has_gone) {
  ::signal(SIGPIPE, SIG_IGN);
  ends pipe = make_pipe();
  log_lines log;
  place at(std::move(pipe.writer), trigger);
  at.channel.write(line(100'000)); // half of it leaves
  at.turn();
  pipe.reader.reset();
  at.channel.write("one\n");
  at.turn();
  at.turn();
  BOOST_CHECK_EQUAL(std::uint64_t(at.counted.dropped), 1);
  const std::uint64_t events = at.context.counters().events;
  for (int i = 0; i < 20; ++i) at.turn();
  BOOST_CHECK_LE(at.context.counters().events - events, 22);
}

BOOST_AUTO_TEST_CASE(begins_with_a_whole_line_in_a_new_file) {
  ends old = make_pipe(), fresh = make_pipe();
  log_lines log;
  place at(std::move(old.writer));
  at.channel.write(line(100'000) + "two\n");
  at.turn();
  at.channel.exchange(std::move(fresh.writer));
  at.channel.write("three\n");
  at.turn();
  BOOST_CHECK_EQUAL(read_some(fresh.reader), "two\nthree\n");
  BOOST_CHECK_EQUAL(std::uint64_t(at.counted.dropped), 1);
}

BOOST_AUTO_TEST_SUITE_END()
