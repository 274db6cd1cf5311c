// Distributed under the Boost Software License, Version 1.0.
// Tests what src/net answers where the kernel refuses: for a bad descriptor, where none is left, for what has no name.
#include "net/append.hpp"
#include "net/endpoint.hpp"
#include "net/event_fd.hpp"
#include "net/poller.hpp"
#include "net/signal_fd.hpp"
#include "net/socket.hpp"
#include "net/splice.hpp"

#include "support/few_descriptors.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <limits>
#include <span>

using namespace epollhost;

namespace {

constexpr int no_descriptor = -1;

// The sanitizer of undefined behaviour opens a pipe when it looks at the type of an object for the first time: so there
// are descriptors again when Boost.Test makes its own.
bool throws_without_descriptors(void (*make)()) {
  try {
    const test::few_descriptors none(0);
    make();
    return false;
  } catch (const net::system_error&) {
    return true;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(refused)

BOOST_AUTO_TEST_CASE(answers_for_a_bad_descriptor) {
  BOOST_CHECK_EQUAL(net::take_error(no_descriptor).value(), EBADF);
  BOOST_CHECK_EQUAL(net::local_endpoint(no_descriptor).size, 0);
  BOOST_CHECK_EQUAL(net::peer_endpoint(no_descriptor).size, 0);
  BOOST_CHECK_EQUAL(to_string(net::peer_endpoint(no_descriptor)), "unknown");
  BOOST_CHECK_EQUAL(net::set_nodelay(no_descriptor, true).value(), EBADF);
}

BOOST_AUTO_TEST_CASE(names_a_unix_socket_that_has_no_name) {
  int ends[2];
  BOOST_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const net::unique_fd one(ends[0]), other(ends[1]);
  BOOST_CHECK_EQUAL(to_string(net::local_endpoint(one.get())), "unix:");
}

BOOST_AUTO_TEST_CASE(throws_where_no_descriptor_is_left) {
  const net::system_error first(net::error_code(EMFILE, boost::system::system_category()),
                                "its type has been looked at");
  BOOST_CHECK(throws_without_descriptors([] { net::event_fd(); }));
  BOOST_CHECK(throws_without_descriptors([] { net::poller(); }));
  BOOST_CHECK(throws_without_descriptors([] {
    const std::array signals{SIGUSR1};
    net::signal_fd(std::span(signals));
  }));
}

BOOST_AUTO_TEST_CASE(says_that_no_descriptor_is_left_for_a_pipe) {
  net::splice_pipe pipe;
  const auto fill = [&] {
    const test::few_descriptors none(0);
    return pipe.fill(STDIN_FILENO, 1);
  };
  BOOST_CHECK_EQUAL(fill(), -EMFILE);
}

BOOST_AUTO_TEST_CASE(throws_for_a_signal_that_does_not_exist) {
  const std::array signals{NSIG + 1};
  BOOST_CHECK_THROW(net::signal_fd(std::span(signals)), net::system_error);
}

BOOST_AUTO_TEST_CASE(says_that_what_is_no_stream_cannot_be_spliced) {
  const net::unique_fd folder(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  net::splice_pipe pipe;
  BOOST_CHECK_EQUAL(pipe.fill(folder.get(), 1), -EOPNOTSUPP);
}

BOOST_AUTO_TEST_CASE(may_append_to_a_new_file_in_the_current_folder) {
  BOOST_CHECK(!net::may_append("a-file-that-is-not-there"));
  BOOST_CHECK_NE(::access("a-file-that-is-not-there", F_OK), 0); // looking has not made it
}

BOOST_AUTO_TEST_CASE(waits_for_what_is_there_however_long_it_might) {
  net::poller poller;
  net::event_fd wake;
  BOOST_REQUIRE(!poller.add(wake.get(), EPOLLIN, 7));
  wake.notify();
  std::array<epoll_event, 1> events;
  for (const std::int64_t ns : {std::int64_t(1) << 52, std::numeric_limits<std::int64_t>::max()})
    BOOST_CHECK_EQUAL(poller.wait_roughly(events, ns), 1);
  BOOST_CHECK_EQUAL(poller.wait(events, std::numeric_limits<std::int64_t>::max()), 1);
}

BOOST_AUTO_TEST_SUITE_END()
