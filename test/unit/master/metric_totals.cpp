// Distributed under the Boost Software License, Version 1.0.
// Tests master/metric_totals: what is summed, and that no page does any harm.
#include "master/metric_totals.hpp"

#include "worker/metrics.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <memory>
#include <random>
#include <string>

using namespace epollhost;
using epollhost::master::metric_totals;

namespace {

// The page of a worker whose plugin defines what a test says.
struct page {
  void define(std::uint32_t kind, const std::string& name, std::uint64_t value, const std::string& help = "help") {
    std::uint64_t* cell = nullptr;
    metrics m("test", *cells);
    m.allow_define(true);
    BOOST_REQUIRE_EQUAL(m.define(kind, name.c_str(), help.c_str(), &cell), EH_OK); // it is always the first
    *cell = value;
  }
  std::unique_ptr<metric_cells> cells = std::make_unique<metric_cells>();
};

page with(std::uint32_t kind, const std::string& name, std::uint64_t value, const std::string& help = "help") {
  page out;
  out.define(kind, name, value, help);
  return out;
}

std::uint64_t value_of(const metric_totals& t, const std::string& name, std::uint32_t kind = EH_METRIC_COUNTER) {
  return t.all().at({name, kind}).value;
}

} // namespace

BOOST_AUTO_TEST_SUITE(metric_totals_)

BOOST_AUTO_TEST_CASE(sums_workers_by_name) {
  metric_totals t;
  t.add_living(*with(EH_METRIC_COUNTER, "jobs", 3, "of old").cells);
  t.add_living(*with(EH_METRIC_COUNTER, "jobs", 4, "of new").cells);
  t.add_living(*with(EH_METRIC_GAUGE, "users", 5).cells);
  t.add_living(*with(EH_METRIC_GAUGE, "users", 6).cells);
  BOOST_TEST(t.all().size() == 2u);
  BOOST_TEST(value_of(t, "jobs") == 7u);
  BOOST_TEST(t.all().at({"jobs", EH_METRIC_COUNTER}).help == "of new");
  BOOST_TEST(value_of(t, "users", EH_METRIC_GAUGE) == 11u);
}

BOOST_AUTO_TEST_CASE(keeps_what_ended_workers_counted_and_no_gauge) {
  metric_totals t;
  t.add_ended(*with(EH_METRIC_COUNTER, "jobs", 3).cells);
  t.add_ended(*with(EH_METRIC_GAUGE, "users", 5).cells);
  BOOST_TEST(value_of(t, "jobs") == 3u);
  BOOST_TEST(value_of(t, "users", EH_METRIC_GAUGE) == 0u);
  t.add_living(*with(EH_METRIC_COUNTER, "jobs", 1).cells);
  t.add_living(*with(EH_METRIC_GAUGE, "users", 2).cells);
  BOOST_TEST(value_of(t, "jobs") == 4u);
  BOOST_TEST(value_of(t, "users", EH_METRIC_GAUGE) == 2u);
}

// A reload may bring another version of the plugin.
BOOST_AUTO_TEST_CASE(keeps_apart_what_has_changed_its_kind) {
  metric_totals t;
  t.add_ended(*with(EH_METRIC_COUNTER, "jobs", 3).cells);
  t.add_living(*with(EH_METRIC_GAUGE, "jobs", 1).cells);
  BOOST_TEST(value_of(t, "jobs") == 3u);
  BOOST_TEST(value_of(t, "jobs", EH_METRIC_GAUGE) == 1u);
}

BOOST_AUTO_TEST_CASE(keeps_as_many_names_as_the_bound_and_none_more) {
  metric_totals t;
  for (std::size_t i = 0; i < metric_totals::names_max; ++i)
    t.add_ended(*with(EH_METRIC_COUNTER, "jobs_" + std::to_string(i), 1).cells);
  BOOST_TEST(t.all().size() == metric_totals::names_max);
  t.add_ended(*with(EH_METRIC_COUNTER, "one_more", 1).cells);
  BOOST_TEST(t.all().size() == metric_totals::names_max);
  BOOST_TEST(!t.all().contains({"one_more", EH_METRIC_COUNTER}));
  t.add_ended(*with(EH_METRIC_COUNTER, "jobs_0", 1).cells);
  BOOST_TEST(value_of(t, "jobs_0") == 2u);
}

BOOST_AUTO_TEST_CASE(takes_what_is_whole_of_a_page_that_the_plugin_has_overwritten) {
  page p = with(EH_METRIC_COUNTER, "jobs", 3);
  p.cells->count = ~0u;
  for (std::size_t i = 1; i < metrics_max; ++i) std::memset(&p.cells->labels[i], 'x', sizeof(metric_label));
  p.cells->labels[2] = p.cells->labels[0];
  p.cells->labels[2].kind = 3;
  p.cells->labels[3] = p.cells->labels[0];
  std::memset(p.cells->labels[3].name, 'x', sizeof p.cells->labels[3].name);
  p.cells->labels[4] = p.cells->labels[0];
  p.cells->labels[4].help[0] = '\n';
  metric_totals t;
  t.add_living(*p.cells);
  BOOST_TEST(t.all().size() == 1u);
  BOOST_TEST(value_of(t, "jobs") == 3u);
}

BOOST_AUTO_TEST_CASE(takes_no_harm_from_any_bytes) {
  std::mt19937 random(1);
  page p;
  for (int round = 0; round < 2000; ++round) {
    auto* const bytes = reinterpret_cast<unsigned char*>(p.cells.get());
    for (std::size_t i = 0; i < sizeof(metric_cells); ++i) bytes[i] = static_cast<unsigned char>(random());
    for (metric_label& l : p.cells->labels) l.kind = EH_METRIC_COUNTER, l.name[1] = '\0', l.help[1] = '\0';
    metric_totals t;
    t.add_living(*p.cells);
    for (const auto& [key, total] : t.all()) BOOST_REQUIRE(is_metric_name(key.first) && is_metric_help(total.help));
  }
}

BOOST_AUTO_TEST_SUITE_END()
