// Distributed under the Boost Software License, Version 1.0.
// Tests how the simulated kernel moves bytes through a pipe.
#include "net/splice.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace epollhost;
using net::sim::fault;
using net::sim::kernel;
using test::always;
using test::connected;

BOOST_AUTO_TEST_SUITE(simulated_splice)

BOOST_AUTO_TEST_CASE(moves_what_is_there_and_keeps_the_rest) {
  connected c;
  net::splice_pipe pipe;
  c.say("hello");
  BOOST_CHECK_EQUAL(pipe.fill(c.ours.get(), 100), 5);
  BOOST_CHECK_EQUAL(pipe.drain(c.ours.get(), 2), 2);
  std::array<char, 10> room;
  BOOST_CHECK_EQUAL(pipe.take(room.data(), 2), 2);
  BOOST_CHECK_EQUAL(std::string_view(room.data(), 2), "ll");
  BOOST_CHECK_EQUAL(pipe.take(room.data(), room.size()), 1);
  BOOST_CHECK(net::would_block(pipe.take(room.data(), room.size())));
  BOOST_CHECK(net::would_block(pipe.drain(c.ours.get(), 1)));
}

BOOST_AUTO_TEST_CASE(moves_less_than_there_is_where_a_fault_says_so) {
  connected c(always({fault::short_splice}));
  net::splice_pipe pipe;
  c.say("hello");
  const net::result n = pipe.fill(c.ours.get(), 5);
  BOOST_CHECK(n > 0 && n < 5);
}

BOOST_AUTO_TEST_CASE(says_that_it_cannot_with_and_without_a_pipe) {
  connected c(always({fault::no_splice}));
  net::splice_pipe pipe;
  c.say("hello");
  BOOST_CHECK_EQUAL(pipe.fill(c.ours.get(), 5), -EMFILE);
  c.k.faults().hold(true);
  BOOST_CHECK_EQUAL(pipe.fill(c.ours.get(), 2), 2);
  c.k.faults().hold(false);
  BOOST_CHECK_EQUAL(pipe.fill(c.ours.get(), 3), -EOPNOTSUPP);
}

BOOST_AUTO_TEST_CASE(keeps_no_half_of_a_pipe_where_no_descriptor_is_left) {
  for (const std::size_t left : {0u, 1u}) {
    connected c(test::few(3 + left)); // the listener, the connection and the epoll set
    net::splice_pipe pipe;
    c.say("hello");
    BOOST_CHECK_EQUAL(pipe.fill(c.ours.get(), 5), -EMFILE);
    BOOST_CHECK_EQUAL(c.k.descriptors(), 3);
  }
}

BOOST_AUTO_TEST_CASE(moves_from_and_to_connections_alone) {
  connected c;
  net::splice_pipe pipe, none;
  std::array<char, 1> room;
  c.say("hello");
  BOOST_CHECK_EQUAL(pipe.fill(c.ours.get(), 5), 5);
  c.k.when_broken = [](const std::string&) {};
  BOOST_CHECK_EQUAL(pipe.fill(c.listener.get(), 5), -EBADF);
  BOOST_CHECK_EQUAL(pipe.drain(c.listener.get(), 5), -EBADF);
  BOOST_CHECK_EQUAL(none.drain(c.ours.get(), 5), -EBADF);
  BOOST_CHECK_EQUAL(none.take(room.data(), 1), -EBADF);
}

BOOST_AUTO_TEST_SUITE_END()
