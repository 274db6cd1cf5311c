// Distributed under the Boost Software License, Version 1.0.
// Tests the simulated kernel: time, faults, and what it does not let pass.
#include "net/sim/kernel.hpp"

#include "net/append.hpp"
#include "net/clock.hpp"
#include "net/connect.hpp"
#include "net/event_fd.hpp"
#include "net/random.hpp"
#include "net/signal_fd.hpp"
#include "net/splice.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <span>
#include <string>
#include <vector>

using namespace epollhost;
using net::sim::fault;
using net::sim::kernel;
using test::always;
using test::connected;
using test::inet;
using test::unix_name;

BOOST_AUTO_TEST_SUITE(simulated_kernel)

BOOST_AUTO_TEST_CASE(lets_time_pass_only_while_somebody_waits) {
  kernel k({});
  net::poller set;
  const std::int64_t before = net::monotonic_ns();
  BOOST_CHECK_LT(net::monotonic_ns() - before, 1000);
  std::array<epoll_event, 1> events;
  BOOST_CHECK_EQUAL(set.wait(events, 3'600'000'000'000), 0);
  BOOST_CHECK_GE(net::monotonic_ns() - before, 3'600'000'000'000);
}

BOOST_AUTO_TEST_CASE(gives_an_edge_for_what_a_short_read_has_left) {
  connected c(always({fault::short_read}));
  c.say("hello");
  BOOST_CHECK_EQUAL(c.look(), EPOLLIN);
  const net::result first = c.receive();
  BOOST_CHECK(first > 0 && first < 5);
  BOOST_CHECK_EQUAL(c.look(), EPOLLIN);
}

BOOST_AUTO_TEST_CASE(gives_an_edge_after_input_that_comes_late) {
  connected c(always({fault::late_input}));
  c.say("hello");
  BOOST_CHECK_EQUAL(c.look(), EPOLLIN);
  BOOST_CHECK(net::would_block(c.receive()));
  BOOST_CHECK_EQUAL(c.look(), EPOLLIN);
}

BOOST_AUTO_TEST_CASE(shortens_no_read_once_the_end_is_there) {
  connected c(always({fault::short_read, fault::late_input}));
  c.say("hello");
  c.peer->shutdown_send();
  BOOST_CHECK_EQUAL(c.look(), EPOLLIN | EPOLLRDHUP);
  BOOST_CHECK_EQUAL(c.receive(), 5); // a short one would have no edge behind it
  BOOST_CHECK_EQUAL(c.receive(), 0);
}

BOOST_AUTO_TEST_CASE(tells_of_room_after_a_send_that_found_none) {
  connected c(always({fault::full_buffer}));
  c.set.modify(c.ours.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1);
  c.look();
  BOOST_CHECK(net::would_block(net::send(c.ours.get(), "x", 1)));
  std::array<epoll_event, 1> events;
  BOOST_REQUIRE_EQUAL(c.set.wait(events, 1'000'000'000), 1);
  BOOST_CHECK_EQUAL(events[0].events, EPOLLOUT);
}

BOOST_AUTO_TEST_CASE(keeps_a_connection_that_accept_could_not_take) {
  connected c(always({fault::no_descriptor}));
  c.k.connect(net::local_endpoint(c.listener.get()), {}, [](net::sim::stream*) {});
  BOOST_CHECK_EQUAL(net::accept(c.listener.get()), -EMFILE);
  c.k.faults().stop(fault::no_descriptor);
  const net::unique_fd second(static_cast<int>(net::accept(c.listener.get())));
  BOOST_CHECK_GE(second.get(), kernel::first_descriptor);
}

BOOST_AUTO_TEST_CASE(counts_what_it_injects_up_to_the_most) {
  kernel::options o = always({fault::late_input});
  o.faults.most = 1;
  connected c(o);
  c.say("hello");
  BOOST_CHECK(net::would_block(c.receive()));
  BOOST_CHECK_EQUAL(c.receive(), 5);
  BOOST_CHECK_EQUAL(c.k.faults().injected(), 1);
  BOOST_CHECK_EQUAL(c.k.faults().counts()[static_cast<std::size_t>(fault::late_input)], 1);
}

BOOST_AUTO_TEST_CASE(connects_as_linux_does_and_tells_once_what_became_of_it) {
  connected c;
  net::unique_fd made, refused;
  BOOST_CHECK_EQUAL(net::connect(net::local_endpoint(c.listener.get()), true, made), -EINPROGRESS);
  BOOST_CHECK_EQUAL(net::finish_connect(made.get()), 0);
  net::endpoint nobody = inet();
  reinterpret_cast<sockaddr_in&>(nobody.storage).sin_port = htons(1);
  BOOST_CHECK_EQUAL(net::connect(nobody, true, refused), -EINPROGRESS);
  c.set.add(refused.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 2);
  BOOST_CHECK_EQUAL(c.look(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
  BOOST_CHECK_EQUAL(net::finish_connect(refused.get()), -ECONNREFUSED);
  c.set.remove(refused.get());
}

BOOST_AUTO_TEST_CASE(connects_to_one_host_only) {
  kernel k({});
  std::string fault;
  for (const char* many : {"255.255.255.255:80", "224.0.0.1:80", "239.255.255.255:80", "[ff02::1]:80"}) {
    net::unique_fd fd;
    BOOST_CHECK_EQUAL(net::connect(*net::parse_target(many, fault)->endpoint, true, fd), -ENETUNREACH);
  }
  for (const char* one : {"223.255.255.255:80", "240.0.0.1:80", "[fe80::1]:80"}) {
    net::unique_fd fd;
    BOOST_CHECK_EQUAL(net::connect(*net::parse_target(one, fault)->endpoint, true, fd), -EINPROGRESS);
  }
}

BOOST_AUTO_TEST_CASE(says_nothing_of_a_connection_before_it_is_decided) {
  connected c(always({fault::connect_silent, fault::spurious_event}));
  net::unique_fd silent;
  BOOST_CHECK_EQUAL(net::connect(inet(), true, silent), -EINPROGRESS);
  c.set.remove(c.ours.get()); // of it a spurious event may tell
  c.ours.reset();
  c.set.add(silent.get(), EPOLLIN | EPOLLOUT | EPOLLET, 2);
  std::array<epoll_event, 1> events;
  BOOST_CHECK_EQUAL(c.set.wait(events, 100'000'000'000), 0);
  BOOST_REQUIRE_EQUAL(c.set.wait(events, 100'000'000'000), 1);
  BOOST_CHECK_EQUAL(net::finish_connect(silent.get()), -ETIMEDOUT);
  c.set.remove(silent.get());
}

BOOST_AUTO_TEST_CASE(resets_who_waits_for_a_unix_listener_that_ends) {
  kernel k({});
  net::error_code ec;
  net::unique_fd listener = net::bind(unix_name("x"), {}, ec), made;
  net::listen(listener.get(), 8);
  BOOST_REQUIRE_EQUAL(net::connect(unix_name("x"), false, made), 0);
  listener.reset();
  std::array<char, 1> room;
  BOOST_CHECK_EQUAL(net::receive(made.get(), room.data(), room.size()), -ECONNRESET);
  BOOST_CHECK_EQUAL(net::receive(made.get(), room.data(), room.size()), 0);
}

BOOST_AUTO_TEST_CASE(sees_no_end_of_input_where_the_pipe_is_full) {
  connected c;
  net::splice_pipe pipe;
  const std::string piece(100'000, 'x');
  net::result n = 0;
  do n = c.say(piece) > 0 ? 1 : pipe.fill(c.ours.get(), net::splice_pipe::bytes_max);
  while (n > 0);
  BOOST_CHECK(net::would_block(n));
  c.peer->shutdown_send();
  BOOST_CHECK(net::would_block(pipe.fill(c.ours.get(), 1)));
  std::array<char, 1> room;
  BOOST_CHECK_EQUAL(pipe.take(room.data(), room.size()), 1);
  BOOST_CHECK_EQUAL(pipe.fill(c.ours.get(), 2), 1);
  BOOST_CHECK(net::would_block(pipe.fill(c.ours.get(), 1)));
}

BOOST_AUTO_TEST_CASE(gives_the_lowest_free_number) {
  connected c;
  const int before = c.ours.get();
  c.set.remove(before);
  c.ours.reset();
  const net::event_fd other;
  BOOST_CHECK_EQUAL(other.get(), before);
}

BOOST_AUTO_TEST_CASE(runs_out_of_descriptors_at_the_limit) {
  kernel k(test::few(2));
  const net::event_fd first, second;
  const std::array signals{SIGTERM};
  net::error_code ec;
  BOOST_CHECK_THROW(net::event_fd(), net::system_error);
  BOOST_CHECK_THROW(net::poller(), net::system_error);
  BOOST_CHECK_THROW(net::signal_fd{std::span(signals)}, net::system_error);
  BOOST_CHECK(!net::bind(inet(), {}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EMFILE);
  BOOST_CHECK(!net::open_to_append("any", ec));
  BOOST_CHECK_EQUAL(ec.value(), EMFILE);
}

BOOST_AUTO_TEST_CASE(says_what_no_right_program_does) {
  std::vector<std::string> broken;
  connected c;
  c.k.when_broken = [&](const std::string& what) { broken.push_back(what); };
  const int fd = c.ours.release();
  net::close(fd);
  net::close(fd);
  c.receive();
  const int listener = c.listener.get(), nothing = fd + 100;
  BOOST_CHECK_EQUAL(net::accept(nothing), -EBADF);
  BOOST_CHECK_EQUAL(c.k.wait(listener, {}, 0), 0);
  BOOST_CHECK_EQUAL(c.set.add(nothing, EPOLLIN, 0).value(), EBADF);
  BOOST_CHECK_EQUAL(c.set.modify(listener, EPOLLIN, 0).value(), ENOENT);
  c.set.remove(listener);
  BOOST_CHECK(!c.set.add(listener, EPOLLIN, 0));
  BOOST_CHECK_EQUAL(c.set.add(listener, EPOLLIN, 0).value(), EEXIST);
  BOOST_REQUIRE_EQUAL(broken.size(), 9);
  BOOST_CHECK_NE(broken[0].find("still in an epoll set"), std::string::npos);
  BOOST_CHECK_NE(broken[1].find("which is not open"), std::string::npos);
  BOOST_CHECK_NE(broken[2].find("no connected socket"), std::string::npos);
  BOOST_CHECK_NE(broken[3].find("which does not listen"), std::string::npos);
  BOOST_CHECK_NE(broken[4].find("which is no epoll set"), std::string::npos);
  BOOST_CHECK_NE(broken[5].find("epoll_add of descriptor"), std::string::npos);
  BOOST_CHECK_NE(broken[6].find("epoll_mod of descriptor"), std::string::npos);
  BOOST_CHECK_NE(broken[7].find("epoll_del of descriptor"), std::string::npos);
  BOOST_CHECK_NE(broken[8].find("epoll_add of descriptor"), std::string::npos);
  c.set.remove(listener);
}

BOOST_AUTO_TEST_CASE(throws_what_it_is_told_of_but_never_beside_another_exception) {
  kernel k({});
  struct closes_twice {
    ~closes_twice() { net::close(kernel::first_descriptor); }
  };
  BOOST_CHECK_THROW(net::close(kernel::first_descriptor), net::sim::broken_rule);
  BOOST_CHECK_THROW(
      {
        const closes_twice in_a_destructor;
        throw 1;
      },
      int);
}

BOOST_AUTO_TEST_CASE(is_asked_for_only_while_it_lives) { BOOST_CHECK_THROW(kernel::current(), std::logic_error); }

BOOST_AUTO_TEST_CASE(forgets_an_epoll_set_that_is_closed_before_what_it_watches) {
  kernel k({});
  net::event_fd event;
  {
    net::poller set;
    set.add(event.get(), EPOLLIN | EPOLLET, 1);
  }
  event.notify();
  net::poller other;
  other.add(event.get(), EPOLLIN | EPOLLET, 2);
  std::array<epoll_event, 2> events;
  BOOST_REQUIRE_EQUAL(other.wait(events, 0), 1);
  BOOST_CHECK_EQUAL(events[0].data.u64, 2);
  other.remove(event.get());
}

BOOST_AUTO_TEST_CASE(makes_up_no_event_of_a_set_that_watches_nothing) {
  kernel k(always({fault::repeated_edge, fault::spurious_event}));
  net::poller set;
  std::array<epoll_event, 1> events;
  BOOST_CHECK_EQUAL(set.wait(events, 1'000'000'000), 0);
}

BOOST_AUTO_TEST_CASE(gives_random_bytes_that_follow_from_the_seed) {
  const auto some = [](std::uint64_t seed) {
    kernel::options o;
    o.seed = seed;
    kernel k(o);
    std::array<char, 16> bytes;
    net::random_bytes(bytes.data(), bytes.size());
    return std::string(bytes.data(), bytes.size());
  };
  BOOST_CHECK(some(1) == some(1));
  BOOST_CHECK(some(1) != some(2));
}

BOOST_AUTO_TEST_CASE(finds_a_loop_that_turns_without_progress_and_one_that_waits_for_ever) {
  kernel::options o;
  o.turns_without_progress_max = 10;
  kernel k(o);
  net::poller set;
  std::array<epoll_event, 1> events;
  for (int i = 0; i < 9; ++i) BOOST_CHECK_EQUAL(set.wait(events, 0), 0);
  BOOST_CHECK_THROW(set.wait(events, 0), net::sim::broken_rule);
  BOOST_CHECK_THROW(set.wait(events, -1), net::sim::broken_rule);
}

BOOST_AUTO_TEST_CASE(does_the_same_with_the_same_seed) {
  const auto hash = [](std::uint64_t seed) {
    kernel::options o = always({fault::short_read});
    o.seed = seed;
    connected c(o);
    c.say("something longer than a byte");
    c.look();
    while (c.receive() > 0) {
    }
    return c.k.notes().hash();
  };
  BOOST_CHECK_EQUAL(hash(1), hash(1));
  BOOST_CHECK_NE(hash(1), hash(2));
}

BOOST_AUTO_TEST_SUITE_END()
