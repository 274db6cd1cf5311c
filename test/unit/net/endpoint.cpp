// Distributed under the Boost Software License, Version 1.0.
// Tests net/endpoint: which bytes are an address.
#include "net/endpoint.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <string>
#include <tuple>

using namespace epollhost;

namespace {

std::string of(sa_family_t family, std::size_t bytes) {
  sockaddr_storage s{};
  s.ss_family = family;
  std::string out(reinterpret_cast<const char*>(&s), sizeof s);
  out.resize(bytes);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(endpoint)

BOOST_AUTO_TEST_CASE(has_as_many_bytes_as_its_family) {
  for (const auto& [family, least, most] : {std::tuple(AF_INET, sizeof(sockaddr_in), sizeof(sockaddr_in)),
                                            {AF_INET6, sizeof(sockaddr_in6), sizeof(sockaddr_in6)},
                                            {AF_UNIX, sizeof(sa_family_t), sizeof(sockaddr_un)}}) {
    const auto f = static_cast<sa_family_t>(family);
    BOOST_CHECK(net::to_endpoint(of(f, least)));
    BOOST_CHECK(net::to_endpoint(of(f, most)));
    BOOST_CHECK(!net::to_endpoint(of(f, least - 1)));
    BOOST_CHECK(!net::to_endpoint(of(f, most + 1)));
  }
}

BOOST_AUTO_TEST_CASE(is_of_a_family_that_is_known_and_no_longer_than_any) {
  BOOST_CHECK(!net::to_endpoint(""));
  BOOST_CHECK(!net::to_endpoint(of(AF_NETLINK, 12)));
  BOOST_CHECK(!net::to_endpoint(of(AF_INET, sizeof(sockaddr_storage) + 1)));
}

BOOST_AUTO_TEST_SUITE_END()
