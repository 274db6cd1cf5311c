// Distributed under the Boost Software License, Version 1.0.
// Tests what one image of the program leaves to the next as bytes.
#include "master/handover.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace epollhost::master;

namespace {

handover some() {
  handover h;
  h.generation_count = 3;
  h.addresses.push_back({.name = ":80", .wildcard = true, .passed = false, .leaving = true, .listening = 1, .slots = {5, 6}});
  auto& g = h.generations.emplace_back();
  g.number = 3;
  g.instances.emplace_back().name = "http";
  g.workers.emplace_back().pid = 77;
  return h;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handover_)

BOOST_AUTO_TEST_CASE(is_read_back_as_it_was) {
  const std::string bytes = write_down(some());
  const handover h = read_back(bytes);
  BOOST_TEST(h.addresses.at(0).wildcard);
  BOOST_TEST(h.addresses.at(0).leaving);
  BOOST_TEST(h.addresses.at(0).slots == (std::vector<int>{5, 6}));
  BOOST_TEST(h.generations.at(0).instances.at(0).name == "http");
  BOOST_TEST(h.generations.at(0).workers.at(0).pid == 77);
  BOOST_TEST(write_down(h) == bytes);
}

BOOST_AUTO_TEST_CASE(is_refused_where_it_is_cut_or_goes_on) {
  const std::string bytes = write_down(some());
  for (std::size_t len = 0; len < bytes.size(); ++len)
    BOOST_CHECK_THROW(read_back(bytes.substr(0, len)), std::runtime_error);
  BOOST_CHECK_THROW(read_back(bytes + '\0'), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(is_refused_where_a_byte_is_neither_true_nor_false) {
  std::string bytes = write_down(some());
  const std::size_t wildcard = bytes.find(":80") + 3;
  BOOST_TEST(bytes.at(wildcard) == 1);
  bytes[wildcard] = 2;
  BOOST_CHECK_THROW(read_back(bytes), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
