// Distributed under the Boost Software License, Version 1.0.
// Tests master/child: what a child keeps, and what is said of its end.
#include "master/child.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>

#include <array>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

} // namespace

BOOST_AUTO_TEST_SUITE(child)

BOOST_AUTO_TEST_CASE(keeps_the_standard_descriptors_and_those_that_are_named) {
  const pipe_ends p = make_pipe();
  const std::array<int, 1> keep{p.writer.get()};
  const auto body = [&] {
    return is_open(0) && is_open(1) && is_open(2) && is_open(keep[0]) && !is_open(p.reader.get());
  };
  BOOST_TEST(describe_end(wait_for_end(master::fork_child(keep, body))) == "exited with status 1");
}

BOOST_AUTO_TEST_CASE(says_how_it_ended) {
  const auto end_by = [](int signal) {
    return describe_end(wait_for_end(master::fork_child({}, [=] { return ::raise(signal); })));
  };
  BOOST_TEST(end_by(SIGKILL) == "was killed by SIGKILL");
  BOOST_TEST(end_by(SIGRTMIN + 1) == "was killed by SIGRTMIN+1"); // has no name in the C library
  BOOST_TEST(describe_end(3 << 8) == "exited with status 3");
}

BOOST_AUTO_TEST_SUITE_END()
