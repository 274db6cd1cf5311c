// Distributed under the Boost Software License, Version 1.0.
// Watches every test: none may hang, and none may leave a descriptor behind.
#include "support/watch.hpp"

#include <boost/test/framework.hpp>
#include <boost/test/unit_test.hpp>

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <string_view>

namespace epollhost::test {
namespace {

char running[256];

// Says why the program ends here. Not by a check: Boost.Test knows no current test while an observer is told.
[[noreturn]] void give_up(std::initializer_list<std::string_view> why) {
  for (const std::string_view part : why)
    [[maybe_unused]] const auto n = ::write(STDERR_FILENO, part.data(), part.size());
  ::_exit(99);
}

void too_late(int) { give_up({"\ndeadline missed in ", running, "\n"}); }

auto threads() { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); }

// The thread sanitizer has one of its own.
const auto threads_at_start = threads();

// A look-up of a name that nobody waits for any more ends in a thread of its own, which may have a file open.
bool is_only_thread() { return threads() <= threads_at_start; }

} // namespace

std::vector<std::string> open_descriptors() {
  std::vector<std::string> out;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (const dirent* e = ::readdir(folder)) {
    if (e->d_name[0] == '.' || std::atoi(e->d_name) == ::dirfd(folder)) continue;
    char target[256] = "";
    [[maybe_unused]] const auto n = ::readlink((std::string("/proc/self/fd/") + e->d_name).c_str(), target, 255);
    out.push_back(std::string(e->d_name) + " -> " + target);
  }
  ::closedir(folder);
  std::sort(out.begin(), out.end());
  return out;
}

std::string argument(const std::string& ends_with) {
  const auto& suite = boost::unit_test::framework::master_test_suite();
  for (int i = 1; i < suite.argc; ++i)
    if (std::string_view(suite.argv[i]).ends_with("/" + ends_with)) return suite.argv[i];
  throw std::runtime_error("no argument of this program ends with " + ends_with);
}

watch_fixture::watch_fixture() {
  struct sigaction action {};
  action.sa_handler = too_late;
  ::sigaction(SIGALRM, &action, nullptr);
  boost::unit_test::framework::register_observer(*this);
}

watch_fixture::~watch_fixture() { boost::unit_test::framework::deregister_observer(*this); }

void watch_fixture::test_unit_start(const boost::unit_test::test_unit& unit) {
  if (unit.p_type != boost::unit_test::TUT_CASE) return;
  const std::string name = unit.full_name();
  std::strncpy(running, name.c_str(), sizeof running - 1);
  before_ = open_descriptors();
  ::alarm(deadline_s);
}

void watch_fixture::test_unit_finish(const boost::unit_test::test_unit& unit, unsigned long) {
  if (unit.p_type != boost::unit_test::TUT_CASE) return;
  for (bool alone = is_only_thread();; alone = is_only_thread()) {
    const std::vector<std::string> now = open_descriptors();
    std::vector<std::string> left;
    std::set_difference(now.begin(), now.end(), before_.begin(), before_.end(), std::back_inserter(left));
    if (left.empty()) break;
    if (alone) give_up({"\n", unit.full_name(), " left a descriptor open: ", left.front(), "\n"});
  }
  ::alarm(0);
}

} // namespace epollhost::test
