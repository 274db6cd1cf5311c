// Distributed under the Boost Software License, Version 1.0.
// Tests the line that a client of the control socket sends.
#include "master/control_request.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using epollhost::master::control_request;
using state = control_request::state;

BOOST_AUTO_TEST_SUITE(control_request_)

BOOST_AUTO_TEST_CASE(is_the_same_however_it_is_cut) {
  const std::string bytes = "status json\nand more";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    control_request request;
    const state first = request.add(bytes.substr(0, cut));
    BOOST_TEST((first == state::whole) == (cut >= 12));
    if (first == state::more) BOOST_TEST((request.add(bytes.substr(cut)) == state::whole));
    BOOST_TEST(request.line() == "status json");
  }
}

BOOST_AUTO_TEST_CASE(may_be_as_long_as_the_bound_and_no_longer) {
  const std::string longest(control_request::bytes_max - 1, 'a');
  for (const std::size_t piece : {std::size_t(1), std::size_t(100), std::size_t(1000)})
    for (const auto& [line, expected] : {std::pair{longest, state::whole}, std::pair{longest + "a", state::refused}}) {
      control_request request;
      state now = state::more;
      const std::string bytes = line + "\n";
      for (std::size_t at = 0; at < bytes.size() && now == state::more; at += piece)
        now = request.add(bytes.substr(at, piece));
      BOOST_TEST((now == expected), piece << " " << bytes.size());
    }
}

BOOST_AUTO_TEST_SUITE_END()
