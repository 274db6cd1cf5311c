// Distributed under the Boost Software License, Version 1.0.
// Tests the simulated kernel: time, faults, and what it does not let pass.
#include "net/sim/kernel.hpp"

#include "net/clock.hpp"
#include "net/connect.hpp"
#include "net/event_fd.hpp"
#include "net/listen.hpp"
#include "net/poller.hpp"
#include "net/socket.hpp"
#include "net/splice.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

using namespace epollhost;
using net::sim::fault;
using net::sim::kernel;

namespace {

net::endpoint inet() {
  net::endpoint e;
  auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  e.size = sizeof in;
  return e;
}

net::endpoint abstract(char name) {
  net::endpoint e;
  auto& un = reinterpret_cast<sockaddr_un&>(e.storage);
  un.sun_family = AF_UNIX;
  un.sun_path[1] = name;
  e.size = offsetof(sockaddr_un, sun_path) + 2;
  return e;
}

kernel::options always(std::initializer_list<fault> faults) {
  kernel::options o;
  for (const fault f : faults) o.faults.per_million[static_cast<std::size_t>(f)] = net::sim::random_source::million;
  return o;
}

/// A kernel with a listener, a connection that was accepted, and its peer.
struct connected {
  explicit connected(const kernel::options& o = {}) : k(o) {
    k.faults().hold(true);
    net::error_code ec;
    listener = net::bind(inet(), {}, ec);
    net::listen(listener.get(), 8);
    k.connect(net::local_endpoint(listener.get()), {}, [this](net::sim::stream* s) { peer = s; });
    ours = net::unique_fd(static_cast<int>(net::accept(listener.get())));
    set.add(ours.get(), EPOLLIN | EPOLLRDHUP | EPOLLET, 1);
    k.faults().hold(false);
  }
  ~connected() {
    if (ours) set.remove(ours.get());
  }

  std::int64_t say(std::string_view text) {
    const iovec part{const_cast<char*>(text.data()), text.size()};
    return peer->send({&part, 1});
  }
  std::uint32_t look() {
    std::array<epoll_event, 4> events;
    return set.wait(events, 0) > 0 ? events[0].events : 0;
  }
  net::result receive() {
    std::array<char, 100> room;
    return net::receive(ours.get(), room.data(), room.size());
  }

  kernel k;
  net::unique_fd listener, ours;
  net::poller set;
  net::sim::stream* peer = nullptr;
};

} // namespace

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
  net::unique_fd listener = net::bind(abstract('x'), {}, ec), made;
  net::listen(listener.get(), 8);
  BOOST_REQUIRE_EQUAL(net::connect(abstract('x'), false, made), 0);
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
  kernel::options o;
  o.descriptors_max = 2;
  kernel k(o);
  const net::event_fd first, second;
  BOOST_CHECK_THROW(net::event_fd(), net::system_error);
}

BOOST_AUTO_TEST_CASE(says_what_no_right_program_does) {
  std::vector<std::string> broken;
  connected c;
  c.k.when_broken = [&](const std::string& what) { broken.push_back(what); };
  const int fd = c.ours.release();
  net::close(fd);
  net::close(fd);
  c.receive();
  BOOST_REQUIRE_EQUAL(broken.size(), 3);
  BOOST_CHECK_NE(broken[0].find("still in an epoll set"), std::string::npos);
  BOOST_CHECK_NE(broken[1].find("which is not open"), std::string::npos);
  BOOST_CHECK_NE(broken[2].find("no connected socket"), std::string::npos);
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
