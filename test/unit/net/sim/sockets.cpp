// Distributed under the Boost Software License, Version 1.0.
// Tests the sockets and files of the simulated kernel: their addresses, options and bounds.
#include "net/socket.hpp"

#include "net/append.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace epollhost;
using net::sim::kernel;
using test::connected;
using test::inet;

BOOST_AUTO_TEST_SUITE(simulated_sockets)

BOOST_AUTO_TEST_CASE(tell_both_their_addresses) {
  connected c;
  const std::string here = to_string(net::local_endpoint(c.listener.get()));
  BOOST_CHECK_EQUAL(to_string(net::local_endpoint(c.ours.get())), here);
  BOOST_CHECK_EQUAL(to_string(c.peer->remote()), here);
  BOOST_CHECK_EQUAL(to_string(net::peer_endpoint(c.ours.get())), to_string(c.peer->local()));
  BOOST_CHECK_EQUAL(net::peer_endpoint(c.listener.get()).size, 0);
  BOOST_CHECK_EQUAL(net::local_endpoint(kernel::first_descriptor + 100).size, 0);
}

BOOST_AUTO_TEST_CASE(take_the_options_of_their_family) {
  connected c;
  BOOST_CHECK(!net::set_nodelay(c.ours.get(), true));
  BOOST_CHECK(!net::set_cork(c.listener.get(), true));
  BOOST_CHECK(!net::set_receive_buffer(c.ours.get(), 1));
  net::error_code ec;
  const net::unique_fd of_unix = net::bind(test::unix_name("here"), {}, ec);
  BOOST_CHECK_EQUAL(net::set_nodelay(of_unix.get(), true).value(), EOPNOTSUPP);
  c.k.when_broken = [](const std::string&) {};
  BOOST_CHECK_EQUAL(net::set_send_buffer(c.listener.get(), 8192).value(), EBADF);
}

BOOST_AUTO_TEST_CASE(hold_what_fits_into_the_send_buffer) {
  connected c;
  const std::string much(100'000, 'x');
  BOOST_CHECK(!net::set_send_buffer(c.ours.get(), 8192));
  BOOST_CHECK_EQUAL(net::send(c.ours.get(), much.data(), much.size()), 8192);
  BOOST_CHECK(!net::set_send_buffer(c.ours.get(), 1)); // Linux has a least one
  BOOST_CHECK_EQUAL(net::send(c.ours.get(), much.data(), much.size()), 4608);
  BOOST_CHECK_EQUAL(net::send(c.ours.get(), "", 0), 0);
}

BOOST_AUTO_TEST_CASE(share_an_address_only_where_all_say_so) {
  kernel k({});
  net::error_code ec;
  const net::unique_fd alone = net::bind(inet(), {}, ec);
  const net::endpoint taken = net::local_endpoint(alone.get());
  BOOST_CHECK(!net::bind(taken, {}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
  BOOST_CHECK(!net::bind(taken, {.share = net::port_share::further}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);

  const net::unique_fd first = net::bind(inet(), {.share = net::port_share::first}, ec);
  const net::endpoint shared = net::local_endpoint(first.get());
  BOOST_CHECK(net::bind(shared, {.share = net::port_share::further}, ec));
  BOOST_CHECK(!net::bind(shared, {.share = net::port_share::first}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
}

BOOST_AUTO_TEST_CASE(listen_only_as_listeners) {
  connected c;
  BOOST_CHECK_EQUAL(net::listen(c.ours.get(), 8).value(), ENOTSOCK);
  BOOST_CHECK(!net::take_no_more(c.ours.get()));
  net::error_code ec;
  const net::unique_fd of_unix = net::bind(test::unix_name("here"), {}, ec);
  BOOST_CHECK(!net::take_again(c.ours.get()));
  BOOST_CHECK(net::take_no_more(of_unix.get()));
  BOOST_CHECK(!net::take_again(of_unix.get()));
  BOOST_CHECK(net::has_ipv6());
  BOOST_CHECK_GT(net::somaxconn(), 0);
}

BOOST_AUTO_TEST_CASE(queue_one_more_than_was_asked_for) {
  kernel k({});
  net::error_code ec;
  const net::unique_fd fd = net::bind(inet(), {}, ec);
  const auto& a = *k.find_as<net::sim::acceptor>(fd.get());
  BOOST_CHECK(!a.takes());
  net::listen(fd.get(), 1);
  for (int i = 0; i < 2; ++i) {
    BOOST_CHECK(a.takes());
    k.connect(a.bound, {}, [](net::sim::stream*) {});
  }
  BOOST_CHECK(!a.takes());
  net::take_no_more(fd.get());
  BOOST_CHECK_GE(net::unique_fd(static_cast<int>(net::accept(fd.get()))).get(), kernel::first_descriptor);
  BOOST_CHECK(!a.takes());
  BOOST_CHECK(net::has_handshakes(fd.get()) == false);
  BOOST_CHECK(net::take_again(fd.get()));
  BOOST_CHECK(a.takes());
}

BOOST_AUTO_TEST_CASE(of_files_take_everything_and_keep_its_hash) {
  const auto hash = [](std::string_view line) {
    kernel k({});
    net::error_code ec;
    BOOST_CHECK(!net::may_append("any") && !net::may_make_file("any"));
    const net::unique_fd file = net::open_to_append("any", ec), fresh = net::make_new_file("any", ec),
                         error = net::open_standard_error();
    net::poller set;
    BOOST_CHECK(!set.add(file.get(), EPOLLOUT, 1));
    std::array<epoll_event, 1> events;
    BOOST_CHECK_EQUAL(set.wait(events, 0), 1);
    set.remove(file.get());
    for (const net::unique_fd* fd : {&file, &fresh, &error})
      BOOST_CHECK_EQUAL(net::write(fd->get(), line.data(), line.size()), line.size());
    return k.notes().hash();
  };
  BOOST_CHECK_EQUAL(hash("line\n"), hash("line\n"));
  BOOST_CHECK_NE(hash("line\n"), hash("LINE\n"));
}

BOOST_AUTO_TEST_SUITE_END()
