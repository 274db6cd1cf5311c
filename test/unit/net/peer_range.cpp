// Distributed under the Boost Software License, Version 1.0.
// Tests net/peer_range.
#include "net/peer_range.hpp"

#include <arpa/inet.h>

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using net::peer_range;

namespace {

net::endpoint peer(const std::string& address) {
  net::endpoint out;
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    out.size = sizeof v4;
  } else {
    BOOST_REQUIRE(::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1);
    v6.sin6_family = AF_INET6;
    out.size = sizeof v6;
  }
  return out;
}

bool has(std::string_view range, const std::string& address) {
  const auto r = peer_range::parse(range);
  BOOST_REQUIRE_MESSAGE(r, range << " is no range");
  return r->has(peer(address));
}

} // namespace

BOOST_AUTO_TEST_SUITE(peer_range_)

BOOST_AUTO_TEST_CASE(has_one_peer_or_a_network) {
  BOOST_TEST(has("192.0.2.7", "192.0.2.7"));
  BOOST_TEST(!has("192.0.2.7", "192.0.2.6"));
  BOOST_TEST(has("192.0.2.0/24", "192.0.2.255"));
  BOOST_TEST(!has("192.0.2.0/24", "192.0.3.0"));
  BOOST_TEST(has("192.0.2.0/23", "192.0.3.1"));
  BOOST_TEST(!has("192.0.2.0/23", "192.0.4.1"));
  BOOST_TEST(has("2001:db8::/33", "2001:db8:7fff::1"));
  BOOST_TEST(!has("2001:db8::/33", "2001:db8:8000::1"));
  BOOST_TEST(has("::1", "::1"));
}

BOOST_AUTO_TEST_CASE(has_ipv4_as_it_comes_to_a_socket_of_both_families) {
  BOOST_TEST(has("192.0.2.0/24", "::ffff:192.0.2.9"));
  BOOST_TEST(has("::ffff:192.0.2.9", "192.0.2.9"));
  BOOST_TEST(has("::/0", "192.0.2.9"));
  BOOST_TEST(!has("0.0.0.0/0", "2001:db8::1"));
}

BOOST_AUTO_TEST_CASE(has_no_unix_socket) {
  net::endpoint e;
  e.storage.ss_family = AF_UNIX;
  e.size = sizeof(sa_family_t);
  BOOST_TEST(!peer_range::parse("::/0")->has(e));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_range) {
  for (const char* text : {"", "/", "localhost", "192.0.2", "192.0.2.7/", "192.0.2.7/33", "::1/129", "192.0.2.7/-1",
                           "192.0.2.7/8x", " 192.0.2.7", "192.0.2.7:80"})
    BOOST_TEST(!peer_range::parse(text), text);
  BOOST_TEST(bool(peer_range::parse("192.0.2.7/32")));
  BOOST_TEST(bool(peer_range::parse("::1/128")));
}

BOOST_AUTO_TEST_SUITE_END()
