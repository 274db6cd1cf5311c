// Distributed under the Boost Software License, Version 1.0.
// Tests the addresses to listen on.
#include "cli/address.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using namespace epollhost::cli;
using namespace std::string_literals;

namespace {
std::string refusal(std::string_view text) {
  return test::message_of([&] { parse_address(text); });
}
} // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_AUTO_TEST_CASE(reads_every_form_and_writes_it_back) {
  const std::pair<const char*, const char*> cases[] = {{"8080", ":8080"},
                                                       {":8080", ":8080"},
                                                       {"*:8080", ":8080"},
                                                       {"0", ":0"},
                                                       {"65535", ":65535"},
                                                       {"127.0.0.1:8080", "127.0.0.1:8080"},
                                                       {"0.0.0.0:80", "0.0.0.0:80"},
                                                       {"[::1]:8080", "[::1]:8080"},
                                                       {"[::]:80", "[::]:80"},
                                                       {"[0:0::0001]:80", "[::1]:80"},
                                                       {"[fe80::1%lo]:80", "[fe80::1%lo]:80"},
                                                       {"unix:/run/a.sock", "unix:/run/a.sock"},
                                                       {"unix:./a.sock", "unix:./a.sock"},
                                                       {"unix:/with:colon", "unix:/with:colon"},
                                                       {"unix:@name", "unix:@name"}};
  for (const auto& [text, back] : cases) {
    BOOST_TEST(to_string(parse_address(text)) == back);
    BOOST_TEST(to_string(parse_address(back)) == back);
  }
}

BOOST_AUTO_TEST_CASE(tells_all_addresses_from_one) {
  BOOST_TEST(parse_address("8080").wildcard);
  BOOST_TEST(parse_address("8080").endpoint.family() == AF_INET6);
  BOOST_TEST(!parse_address("[::]:8080").wildcard);
  BOOST_TEST(!parse_address("0.0.0.0:8080").wildcard);
}

BOOST_AUTO_TEST_CASE(takes_a_unix_path_up_to_the_limit_of_the_kernel) {
  BOOST_TEST(parse_address("unix:/" + std::string(106, 'x')).endpoint.size == sizeof(sa_family_t) + 108);
  BOOST_TEST(parse_address("unix:@" + std::string(106, 'x')).endpoint.size == sizeof(sa_family_t) + 107);
  BOOST_TEST(refusal("unix:/" + std::string(107, 'x')).find("has a path of 108 bytes; expected at most 107") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(says_what_to_write_instead) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the address is empty; expected 8080"},
      {"localhost:8080", "names are not looked up; write the number, such as \"127.0.0.1:8080\""},
      {"example.org:80", "names are not looked up"},
      {"65536", "has a port above 65535"},
      {"99999999999999999999", "has a port above 65535"},
      {"-1", "is no address"},
      {":", "has no port after the colon"},
      {":http", "has the port \"http\"; expected a port from 0 to 65535"},
      {":80 ", "has the port \"80 \""},
      {"127.0.0.1", "has no port; write \"127.0.0.1:PORT\""},
      {"127.0.0.1:", "has no port after the colon"},
      {"127.1:80", "is no address"},
      {"256.0.0.1:80", "is no address"},
      {"::1", "has no port; write \"[::1]:PORT\""},
      {"::", "has no port; write \"[::]:PORT\""},
      {"8080,8081", "has a comma; give --listen once for each address"},
      {"localhost", "write the number, such as \"127.0.0.1:PORT\""},
      {"::1:8080", "needs brackets; write \"[::1]:8080\""},
      {"[::1]", "has no port; write \"[::1]:PORT\""},
      {"[::1", "has no closing bracket"},
      {"[::1]8080", "has no port"},
      {"[localhost]:80", "has no IPv6 address in the brackets, but \"localhost\""},
      {"[127.0.0.1]:80", "write \"127.0.0.1:80\""},
      {"[::ffff:1.2.3.4]:80", "write the IPv4 address"},
      {"[::1%lo]:80", R"(link-local address only (fe80::...); write "[::1]:80")"},
      {"[fe80::1%nonesuch]:80", "names the network interface \"nonesuch\", which is not here"},
      {"unix:", "write \"unix:/path\" or \"unix:@name\""},
      {"unix:@", "has no name after the @"},
      {"unix:name", "write \"unix:./name\", \"unix:/path\" or \"unix:@name\""},
      {"unix:/run/", "ends in a slash"},
      {"/run/a.sock", "did you mean \"unix:/run/a.sock\"?"},
      {"@name", "did you mean \"unix:@name\"?"},
      {"http://127.0.0.1:80", "is a URL; write the address without \"http://\": 127.0.0.1:80"},
      {"https://[::1]:80/path", "is a URL; write the address without \"https://\": [::1]:80"},
      {"udp:127.0.0.1:53", "on unix sockets; write the address alone: 127.0.0.1:53"},
      {"tcp:[::1]:53", "on unix sockets; write the address alone: [::1]:53"},
      {"tls:8443", "begins with \"tls:\", which this version does not know"},
      {"nonsense", "is no address"}};
  for (const auto& [text, part] : cases)
    BOOST_TEST(refusal(text).find(part) != std::string::npos, text << ": " << refusal(text));
}

BOOST_AUTO_TEST_CASE(refuses_zero_bytes_and_what_is_not_utf8) {
  BOOST_TEST(refusal("unix:/a\0b"s) != "");
  BOOST_TEST(refusal("unix:/a\xff") != "");
}

BOOST_AUTO_TEST_SUITE_END()
