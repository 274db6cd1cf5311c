// Distributed under the Boost Software License, Version 1.0.
// Tests worker/metrics through the host's functions: who may define what, and where the figures are.
#include "worker/metrics.hpp"

#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <thread>

using namespace epollhost;
using test::log_lines;
using test::probe;
using test::served;

namespace {

eh_status define(const probe& p, std::uint32_t kind, const char* name, const char* help, std::uint64_t*& cell) {
  return p.host->metric(p.host, kind, name, help, &cell);
}

std::uint64_t* define(const probe& p, std::uint32_t kind, const char* name) {
  std::uint64_t* cell = nullptr;
  BOOST_TEST(define(p, kind, name, "help", cell) == EH_OK);
  return cell;
}

// A worker with a page of the test's, as under a master.
struct paged {
  explicit paged(probe& p) : worker(test::default_settings(p.library(), loop::trigger::edge), p.library(), {}, page) {}
  worker_page page;
  epollhost::worker worker;
};

// Runs `act` in the `start` of a plugin.
template <class Act> void in_start(Act act) {
  probe p;
  p.start = [&] {
    act(p);
    return 0;
  };
  served s(p, loop::trigger::edge);
}

} // namespace

BOOST_AUTO_TEST_SUITE(metrics_)

BOOST_AUTO_TEST_CASE(shows_what_the_plugin_writes) {
  probe p;
  std::uint64_t *jobs = nullptr, *users = nullptr;
  p.start = [&] {
    jobs = define(p, EH_METRIC_COUNTER, "jobs_2");
    users = define(p, EH_METRIC_GAUGE, "users");
    return 0;
  };
  paged s(p);
  *jobs += 3;
  *users = 10;
  --*users;
  const metric_cells& shown = s.page.metrics;
  BOOST_TEST(shown.count == 2u);
  BOOST_TEST(shown.labels[0].kind == unsigned(EH_METRIC_COUNTER));
  BOOST_TEST(shown.labels[0].name == "jobs_2");
  BOOST_TEST(shown.labels[0].help == "help");
  BOOST_TEST(shown.labels[1].kind == unsigned(EH_METRIC_GAUGE));
  BOOST_TEST(shown.labels[1].name == "users");
  BOOST_TEST(shown.values[0] == 3u);
  BOOST_TEST(shown.values[1] == 9u);
}

BOOST_AUTO_TEST_CASE(begins_at_0_and_is_the_same_cell_for_the_same_name) {
  in_start([](probe& p) {
    std::uint64_t* const first = define(p, EH_METRIC_COUNTER, "jobs");
    BOOST_TEST(*first == 0u);
    BOOST_TEST(define(p, EH_METRIC_COUNTER, "others") != first);
    BOOST_TEST(define(p, EH_METRIC_COUNTER, "jobs") == first);
  });
}

BOOST_AUTO_TEST_CASE(refuses_a_name_of_both_kinds) {
  log_lines log;
  in_start([](probe& p) {
    define(p, EH_METRIC_COUNTER, "jobs");
    std::uint64_t* cell = nullptr;
    BOOST_TEST(define(p, EH_METRIC_GAUGE, "jobs", "help", cell) == EH_INVALID);
    BOOST_TEST(cell == nullptr);
  });
  BOOST_TEST(log.with({"\"jobs\"", "it is a counter and a gauge"}) != "");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_name) {
  in_start([](probe& p) {
    const std::string longest(EH_METRIC_NAME_MAX - 1, 'x');
    for (const std::string& bad : {std::string(), std::string("Jobs"), std::string("2jobs"), std::string("_jobs"),
                                   std::string("jobs-done"), std::string("jobs done"),
                                   std::string("j\xc3\xb6"
                                               "bs"),
                                   std::string("jobs\n"), longest + "x"}) {
      log_lines log;
      std::uint64_t* cell = nullptr;
      BOOST_TEST(define(p, EH_METRIC_COUNTER, bad.c_str(), "help", cell) == EH_INVALID, bad);
      BOOST_TEST(cell == nullptr);
      BOOST_TEST(log.with({"is refused: expected a lower-case letter"}) != "");
    }
    std::uint64_t* cell = nullptr;
    BOOST_TEST(define(p, EH_METRIC_COUNTER, nullptr, "help", cell) == EH_INVALID);
    BOOST_TEST(define(p, EH_METRIC_COUNTER, longest.c_str(), "help", cell) == EH_OK);
  });
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_help) {
  in_start([](probe& p) {
    const std::string longest(EH_METRIC_HELP_MAX - 1, 'x');
    for (const std::string& bad : {std::string(), std::string("two\nlines"), std::string("\x7f"), longest + "x"}) {
      log_lines log;
      std::uint64_t* cell = nullptr;
      BOOST_TEST(define(p, EH_METRIC_GAUGE, "jobs", bad.c_str(), cell) == EH_INVALID, bad);
      BOOST_TEST(log.with({"\"jobs\"", "its help has", "expected 1 to 127"}) != "");
    }
    std::uint64_t* cell = nullptr;
    BOOST_TEST(define(p, EH_METRIC_GAUGE, "jobs", nullptr, cell) == EH_INVALID);
    BOOST_TEST(define(p, EH_METRIC_GAUGE, "jobs", longest.c_str(), cell) == EH_OK);
    BOOST_TEST(define(p, EH_METRIC_GAUGE, "umlauts", "gr\xc3\xbc\xc3\x9f dich", cell) == EH_OK);
  });
}

// For the address sanitizer.
BOOST_AUTO_TEST_CASE(reads_no_further_than_a_text_may_go) {
  in_start([](probe& p) {
    const auto no_end = [](std::size_t bytes) {
      std::unique_ptr<char[]> text(new char[bytes]);
      std::fill_n(text.get(), bytes, 'x');
      return text;
    };
    const auto name = no_end(EH_METRIC_NAME_MAX), help = no_end(EH_METRIC_HELP_MAX);
    std::uint64_t* cell = nullptr;
    BOOST_TEST(define(p, EH_METRIC_GAUGE, name.get(), "help", cell) == EH_INVALID);
    BOOST_TEST(define(p, EH_METRIC_GAUGE, "name", help.get(), cell) == EH_INVALID);
  });
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_kind_and_no_place_for_the_cell) {
  log_lines log;
  in_start([](probe& p) {
    std::uint64_t* cell = nullptr;
    for (const std::uint32_t kind : {0u, 3u, ~0u}) BOOST_TEST(define(p, kind, "jobs", "help", cell) == EH_INVALID);
    BOOST_TEST(p.host->metric(p.host, EH_METRIC_COUNTER, "jobs", "help", nullptr) == EH_INVALID);
  });
  BOOST_TEST(log.with({"\"jobs\"", "its kind is 3, expected EH_METRIC_COUNTER"}) != "");
}

BOOST_AUTO_TEST_CASE(defines_as_many_as_the_bound_and_none_more) {
  log_lines log;
  in_start([](probe& p) {
    std::set<std::uint64_t*> cells;
    for (int i = 0; i < EH_METRICS_MAX; ++i)
      cells.insert(define(p, EH_METRIC_COUNTER, ("jobs_" + std::to_string(i)).c_str()));
    BOOST_TEST(cells.size() == std::size_t(EH_METRICS_MAX));
    std::uint64_t* cell = nullptr;
    BOOST_TEST(define(p, EH_METRIC_COUNTER, "one_more", "help", cell) == EH_OVER_LIMIT);
    BOOST_TEST(cell == nullptr);
    BOOST_TEST(cells.contains(define(p, EH_METRIC_COUNTER, "jobs_31")));
  });
  BOOST_TEST(log.with({"\"one_more\"", "has 32 others"}) != "");
}

BOOST_AUTO_TEST_CASE(defines_in_start_and_on_its_thread_only) {
  probe p;
  std::uint64_t* cell = nullptr;
  p.start = [&] {
    std::thread([&] { BOOST_TEST(define(p, EH_METRIC_COUNTER, "jobs", "help", cell) == EH_WRONG_THREAD); }).join();
    return 0;
  };
  paged s(p);
  BOOST_TEST(define(p, EH_METRIC_COUNTER, "jobs", "help", cell) == EH_UNSUPPORTED);
  BOOST_TEST(define(p, 0, nullptr, nullptr, cell) == EH_UNSUPPORTED);
  BOOST_TEST(cell == nullptr);
  BOOST_TEST(s.page.metrics.count == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
