// Distributed under the Boost Software License, Version 1.0.
// Makes a named test of each row of the tables and runs them beside the others of this folder.

#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include "body_case.hpp"
#include "head_case.hpp"
#include "session_case.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using boost::unit_test::make_test_case;
using boost::unit_test::test_suite;

constexpr const char* machine_names[] = {"plain", "sse42", "avx2"};

const std::vector<epollhost::http::machine> all_machines{std::begin(http_test::all_machines),
                                                         std::end(http_test::all_machines)};

template <class Row>
void add(const char* suite_name, const std::vector<Row>& rows,
         const std::vector<epollhost::http::machine>& machines = all_machines) {
  for (const epollhost::http::machine kind : machines) {
    auto* suite =
        new test_suite(std::string{suite_name} + "_" + machine_names[static_cast<int>(kind)], __FILE__, __LINE__);
    for (const Row& row : rows)
      suite->add(make_test_case([row, kind] { http_test::check(row, kind); }, row.name, __FILE__, __LINE__));
    boost::unit_test::framework::master_test_suite().add(suite); // which owns it
  }
}

bool make_tests() {
  add("request_line", http_test::request_line_cases());
  add("target", http_test::target_cases());
  add("host", http_test::host_cases());
  add("field", http_test::field_cases());
  add("framing", http_test::framing_cases());
  add("connection", http_test::connection_cases());
  add("limit", http_test::limit_cases());
  add("golden", http_test::golden_cases());
  add("body", http_test::body_cases());
  add("session", http_test::session_cases(), {epollhost::http::best_machine()});
  return true;
}

} // namespace

int main(int argc, char* argv[]) { return boost::unit_test::unit_test_main(&make_tests, argc, argv); }
