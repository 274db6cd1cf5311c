// Distributed under the Boost Software License, Version 1.0.
// Tests what the program takes over from the process that starts it.
#include "master/inherited.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

using namespace epollhost;
using namespace epollhost::master;

namespace {

constexpr std::array timers{ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
constexpr std::array signals{SIGCHLD, SIGHUP,  SIGINT,  SIGTERM, SIGQUIT, SIGUSR1,
                             SIGUSR2, SIGALRM, SIGPIPE, SIGXFSZ, SIGTTOU, SIGSEGV};

struct words {
  std::array<const char*, 3> all;
};

// What the tests say of themselves goes through 0, 1 and 2, which stay.
int settle(bool upgrading = false, words w = {{"epollhost", "--config", "none"}}) {
  settle_inherited_state(int(w.all.size()), w.all.data(), upgrading);
  return 0;
}

bool in_child(const std::function<bool()>& look) {
  return test::wait_for_end(test::fork_child([&] { return look() ? 0 : 1; })) == 0;
}

void (*disposition(int s))(int) {
  struct sigaction now {};
  ::sigaction(s, nullptr, &now);
  return now.sa_handler;
}

bool is_blocked(int s) {
  sigset_t now;
  ::sigprocmask(SIG_SETMASK, nullptr, &now);
  return ::sigismember(&now, s) == 1;
}

void block_all() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
}

} // namespace

BOOST_AUTO_TEST_SUITE(inherited)

BOOST_AUTO_TEST_CASE(signals_are_neither_ignored_nor_blocked) {
  BOOST_TEST(in_child([] {
    for (const int s : signals) ::signal(s, SIG_IGN);
    block_all();
    settle();
    bool good = true;
    for (const int s : signals) {
      const bool stays = s == SIGHUP || s == SIGXFSZ; // nohup(1); a file that is too large is an error
      good &= !is_blocked(s) && disposition(s) == (stays ? SIG_IGN : SIG_DFL);
    }
    return good;
  }));
}

BOOST_AUTO_TEST_CASE(signals_of_the_master_stay_blocked_in_an_upgrade) {
  BOOST_TEST(in_child([] {
    block_all();
    ::kill(::getpid(), SIGTERM); // would end it
    settle(true);
    return is_blocked(SIGTERM) && is_blocked(SIGCHLD) && !is_blocked(SIGSEGV) && !is_blocked(SIGALRM);
  }));
}

BOOST_AUTO_TEST_CASE(timers_are_stopped) {
  for (const bool upgrading : {false, true})
    BOOST_TEST(in_child([=] {
      const itimerval in_an_hour{.it_interval = {}, .it_value = {.tv_sec = 3600, .tv_usec = 0}};
      for (const auto t : timers) ::setitimer(t, &in_an_hour, nullptr);
      settle(upgrading);
      bool good = true;
      for (const auto t : timers) {
        itimerval left{};
        ::getitimer(t, &left);
        good &= left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0;
      }
      return good;
    }));
}

BOOST_AUTO_TEST_CASE(umask_lets_nobody_else_write_and_the_owner_do_all) {
  const struct { mode_t before, after; } cases[] = {{0, 022}, {022, 022}, {077, 077}, {0777, 077}, {007, 027}};
  for (const auto& c : cases)
    BOOST_TEST(in_child([&] {
      ::umask(c.before);
      settle();
      return ::umask(0) == c.after;
    }));
}

BOOST_AUTO_TEST_CASE(descriptors_are_closed_but_those_that_are_meant) {
  const auto is_open = [](int fd) { return ::fcntl(fd, F_GETFD) >= 0; };
  BOOST_TEST(in_child([&] {
    for (const int fd : {3, 20, 63, 64}) ::dup2(STDOUT_FILENO, fd);
    settle(false, {{"epollhost", "--config=/dev/fd/63", "/proc/self/fd/64"}});
    return is_open(0) && is_open(1) && is_open(2) && !is_open(3) && !is_open(20) && is_open(63) && is_open(64);
  }));
  BOOST_TEST(in_child([&] { // socket activation
    for (const int fd : {3, 4, 5}) ::dup2(STDOUT_FILENO, fd);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    settle();
    return is_open(3) && is_open(4) && !is_open(5);
  }));
  BOOST_TEST(in_child([&] { // of another process
    ::dup2(STDOUT_FILENO, 3);
    ::setenv("LISTEN_PID", "1", 1);
    ::setenv("LISTEN_FDS", "1", 1);
    settle();
    return !is_open(3);
  }));
  BOOST_TEST(in_child([&] { // handed over
    ::dup2(STDOUT_FILENO, 20);
    settle(true);
    return is_open(20);
  }));
}

BOOST_AUTO_TEST_SUITE_END()
