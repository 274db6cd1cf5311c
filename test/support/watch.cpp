// Distributed under the Boost Software License, Version 1.0.
// Watches every test: none may hang, and none may leave a descriptor behind.
#include "support/watch.hpp"

#include <boost/test/framework.hpp>
#include <boost/test/tools/old/interface.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/test/unit_test_log.hpp>

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace epollhost::test {
namespace {

char running[256];

void too_late(int) {
  constexpr char text[] = "\ndeadline missed in ";
  [[maybe_unused]] auto n = ::write(STDERR_FILENO, text, sizeof text - 1);
  n = ::write(STDERR_FILENO, running, std::strlen(running));
  n = ::write(STDERR_FILENO, "\n", 1);
  ::_exit(99);
}

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
  ::alarm(0);
  for (const std::string& fd : open_descriptors())
    BOOST_CHECK_MESSAGE(std::find(before_.begin(), before_.end(), fd) != before_.end(),
                        unit.full_name() << " left a descriptor open: " << fd);
}

} // namespace epollhost::test
