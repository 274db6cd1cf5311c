// Distributed under the Boost Software License, Version 1.0.
// Tests the log: its bound a second, and that nobody forges or blocks it.
#include "base/log.hpp"

#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace epollhost;

namespace {

std::mutex mutex;
std::vector<std::string> lines; // guarded by mutex
bool taking = true;             // guarded by mutex

bool keep(std::string_view line) {
  std::lock_guard lock(mutex);
  if (taking) lines.emplace_back(line);
  return taking;
}

struct caught {
  caught() {
    lines.clear();
    taking = true;
    log::set_sink(keep);
    log::set_level(log::level::info);
  }
  ~caught() {
    log::set_sink(nullptr);
    log::set_level(log::level::info);
  }
};

bool any_line_has(std::string_view words) {
  return std::any_of(lines.begin(), lines.end(), [&](const auto& l) { return l.find(words) != l.npos; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(log_)

BOOST_AUTO_TEST_CASE(writes_one_line_with_level_who_and_text) {
  const caught c;
  log::warning("web", "port {} is taken", 80);
  BOOST_REQUIRE_EQUAL(lines.size(), 1);
  BOOST_CHECK(lines[0].ends_with("warning web: port 80 is taken\n"));
}

BOOST_AUTO_TEST_CASE(writes_nothing_above_its_level) {
  const caught c;
  log::set_level(log::level::warning);
  log::info("", "no");
  log::debug("", "no");
  log::error("", "yes");
  BOOST_CHECK(!log::enabled(log::level::info));
  BOOST_CHECK_EQUAL(lines.size(), 1);
}

BOOST_AUTO_TEST_CASE(makes_one_line_of_whatever_bytes_a_peer_sends) {
  const caught c;
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  log::write(log::level::error, "x", all);
  log::write(log::level::error, "x", "a\n2026-01-01 error forged: b\r\x1b[31m");
  BOOST_REQUIRE_EQUAL(lines.size(), 2);
  for (const std::string& line : lines) {
    BOOST_CHECK_EQUAL(std::count(line.begin(), line.end(), '\n'), 1);
    BOOST_CHECK_EQUAL(line.back(), '\n');
    BOOST_CHECK(std::none_of(line.begin(), line.end() - 1, [](unsigned char ch) { return ch < 0x20 || ch == 0x7f; }));
  }
}

// A longer one could be torn apart in a pipe, or block it.
BOOST_AUTO_TEST_CASE(cuts_a_line_to_what_a_pipe_takes_in_one_piece) {
  const caught c;
  log::write(log::level::error, "x", std::string(100'000, 'y'));
  log::write(log::level::error, "x", std::string(100'000, '\1'));
  for (const std::string& line : lines) {
    BOOST_CHECK_LE(line.size(), 4096);
    BOOST_CHECK_GE(line.size(), 2000);
    BOOST_CHECK_EQUAL(line.back(), '\n');
  }
}

BOOST_AUTO_TEST_CASE(keeps_to_its_bound_a_second_and_says_later_how_many_were_dropped) {
  const caught c;
  const std::uint64_t before = log::dropped();
  constexpr unsigned each = 2 * log::lines_a_second_max;
  std::vector<std::thread> writers;
  for (int t = 0; t < 2; ++t)
    writers.emplace_back([] {
      for (unsigned i = 0; i < each; ++i) log::info("flood", "line {}", i);
    });
  for (auto& w : writers) w.join();
  BOOST_CHECK_GT(log::dropped(), before);
  while (!any_line_has("lines were dropped")) log::info("flood", "again"); // in the next second
  std::map<std::string, unsigned> in_second;
  for (const std::string& line : lines)
    if (line.find("were dropped") == line.npos) ++in_second[line.substr(0, 19)];
  for (const auto& [second, count] : in_second) BOOST_CHECK_LE(count, log::lines_a_second_max);
}

BOOST_AUTO_TEST_CASE(counts_what_its_sink_does_not_take_and_says_so_when_it_does_again) {
  const caught c;
  while (!any_line_has("first")) log::info("", "first"); // when the second of the test before is over
  lines.clear();
  const std::uint64_t before = log::dropped();
  taking = false;
  for (int i = 0; i < 5; ++i) log::info("", "lost");
  BOOST_CHECK_EQUAL(log::dropped() - before, 5);
  taking = true;
  log::info("", "found");
  BOOST_CHECK(any_line_has("5 log lines were dropped"));
  BOOST_CHECK(any_line_has("found"));
}

// The standard error is a pipe whose reader has stopped.
BOOST_AUTO_TEST_CASE(never_blocks_on_a_full_pipe) {
  int both[2];
  BOOST_REQUIRE_EQUAL(::pipe2(both, O_CLOEXEC), 0);
  const int standard_error = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(both[1], STDERR_FILENO);
  const std::uint64_t before = log::dropped();
  const std::string text(4000, 'z');
  for (int i = 0; i < 100; ++i) log::write(log::level::error, "", text); // a pipe holds 64 KiB
  ::dup2(standard_error, STDERR_FILENO);
  ::close(standard_error);
  ::close(both[0]);
  ::close(both[1]);
  BOOST_CHECK_GT(log::dropped() - before, 50);
}

BOOST_AUTO_TEST_SUITE_END()
