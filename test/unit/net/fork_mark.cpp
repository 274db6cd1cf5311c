// Distributed under the Boost Software License, Version 1.0.
// Tests what tells a process from its copies.
#include "net/fork_mark.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using epollhost::net::fork_mark;

namespace {

int status_of(pid_t pid) {
  int status = 0;
  BOOST_REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WEXITSTATUS(status);
}

} // namespace

BOOST_AUTO_TEST_SUITE(fork_mark_)

BOOST_AUTO_TEST_CASE(tells_each_copy_however_it_was_made) {
  const fork_mark mark;
  BOOST_TEST(!mark.is_copy());
  if (const pid_t pid = ::fork())
    BOOST_TEST(status_of(pid) == 1);
  else
    ::_exit(mark.is_copy());
  const auto made = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (made == 0) ::_exit(mark.is_copy());
  BOOST_TEST(status_of(made) == 1);
  BOOST_TEST(!mark.is_copy());
}

BOOST_AUTO_TEST_SUITE_END()
