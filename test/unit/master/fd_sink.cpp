// Distributed under the Boost Software License, Version 1.0.
// Tests master/fd_sink under master/log_sinks: slow readers, gone readers, full disks.
#include "master/fd_sink.hpp"

#include "master/log_sinks.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

log_sink over(net::unique_fd fd, std::shared_ptr<fd_sink>* inner = nullptr) {
  auto sink = std::make_shared<fd_sink>(std::move(fd));
  if (inner) *inner = sink;
  return {"the test", log::format::text, sink};
}

std::string line(char c) { return std::string(1000, c) + "\n"; }

std::string read_some(int fd, std::size_t n) {
  std::string text(n, '\0');
  std::size_t have = 0;
  for (ssize_t got; have < n && (got = ::read(fd, &text[have], n - have)) > 0;) have += std::size_t(got);
  text.resize(have);
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(fd_sink_)

BOOST_AUTO_TEST_CASE(loses_lines_of_a_slow_pipe_whole_and_says_how_many) {
  pipe_ends p = make_pipe(); // blocking: the sink itself must not
  log_sink sink = over(std::move(p.writer));
  std::size_t taken = 0;
  for (; !sink.behind(); ++taken) sink.write(line('a'));
  sink.write(line('b'));
  --taken;
  BOOST_TEST(read_some(p.reader.get(), taken * 1001).find('b') == std::string::npos);
  sink.write(line('c'));
  BOOST_TEST(!sink.behind());
  sink = over({});
  const auto rest = lines_of(read_to_end(p.reader.get()));
  BOOST_REQUIRE(rest.size() == 2);
  BOOST_TEST(rest[0].ends_with(" warning log: 2 lines could not be written to the test: the reader is slow"));
  BOOST_TEST(rest[1] == std::string(1000, 'c'));
}

BOOST_AUTO_TEST_CASE(finishes_a_half_written_line_before_the_next) {
  int ends[2];
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const net::unique_fd reader(ends[0]);
  const int small = 1;
  BOOST_REQUIRE(::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
  log_sink sink = over(net::unique_fd(ends[1]));
  std::string sent;
  char c = 'a';
  for (; !sink.behind(); ++c) sink.write(line(c)), sent += line(c);
  ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
  std::string got = read_some(reader.get(), sent.size());
  for (sink.retry(); sink.behind(); sink.retry()) got += read_some(reader.get(), sent.size());
  got += read_some(reader.get(), sent.size());
  for (const std::string& l : lines_of(got))
    BOOST_TEST((l == std::string(1000, l[0]) || l.find(" 1 lines could not be written") != std::string::npos), l);
  BOOST_TEST(got.ends_with("the reader is slow\n"));
}

BOOST_AUTO_TEST_CASE(says_why_it_lost_lines) {
  log_sink full = over(net::unique_fd(::open("/dev/full", O_WRONLY | O_CLOEXEC)));
  full.write(line('a'));
  BOOST_TEST(full.behind());
  full.retry();
  BOOST_TEST(full.behind());
}

BOOST_AUTO_TEST_CASE(goes_on_when_there_is_room_again) {
  std::shared_ptr<fd_sink> inner;
  log_sink sink = over(net::unique_fd(::open("/dev/full", O_WRONLY | O_CLOEXEC)), &inner);
  for (int i = 0; i < 3; ++i) sink.write(line('a'));
  pipe_ends p = make_pipe();
  inner->exchange(std::move(p.writer));
  sink.retry();
  BOOST_TEST(!sink.behind());
  inner->exchange({});
  BOOST_TEST(
      read_to_end(p.reader.get()).ends_with("3 lines could not be written to the test: No space left on device\n"));
}

BOOST_AUTO_TEST_CASE(takes_a_closed_descriptor_as_a_lost_line) {
  log_sink sink = over({});
  sink.write(line('a'));
  BOOST_TEST(sink.behind());
}

BOOST_AUTO_TEST_SUITE_END()
