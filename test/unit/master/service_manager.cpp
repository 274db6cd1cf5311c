// Distributed under the Boost Software License, Version 1.0.
// Tests master/service_manager against a socket that stands for systemd's.
#include "master/service_manager.hpp"

#include "net/clock.hpp"
#include "net/unique_fd.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

using namespace epollhost;
using namespace epollhost::test;
using master::service_manager;

// A variable of the environment, for a while.
class variable {
public:
  variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~variable() { ::unsetenv(name_); }

private:
  const char* name_;
};

class notify_socket {
public:
  explicit notify_socket(std::string name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    if (name[0] == '@') name[0] = '\0';
    std::memcpy(at.sun_path, name.data(), name.size());
    const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + name.size());
    BOOST_REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
  }
  std::string next() {
    char text[4096];
    const ssize_t n = ::recv(fd_.get(), text, sizeof text, 0);
    BOOST_REQUIRE(n >= 0);
    return {text, std::size_t(n)};
  }
  bool empty() {
    char c;
    return ::recv(fd_.get(), &c, 1, MSG_DONTWAIT) < 0;
  }

private:
  net::unique_fd fd_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(service_manager_)

BOOST_AUTO_TEST_CASE(says_each_state_in_systemds_words) {
  const temporary_folder folder;
  notify_socket systemd(folder / "notify");
  const variable there("NOTIFY_SOCKET", folder / "notify");
  const service_manager to;
  BOOST_TEST(to.present());
  BOOST_TEST(!to.ready("2 workers"));
  BOOST_TEST(systemd.next() == "READY=1\nSTATUS=2 workers\n");
  BOOST_TEST(!to.stopping("draining"));
  BOOST_TEST(systemd.next() == "STOPPING=1\nSTATUS=draining\n");
  BOOST_TEST(!to.status("one\nREADY=1"));
  BOOST_TEST(systemd.next() == "STATUS=one READY=1\n");
  BOOST_TEST(!to.watchdog());
  BOOST_TEST(systemd.next() == "WATCHDOG=1\n");
  BOOST_TEST(!to.main_process(77));
  BOOST_TEST(systemd.next() == "MAINPID=77\n");
}

BOOST_AUTO_TEST_CASE(says_when_the_reload_began) {
  const temporary_folder folder;
  notify_socket systemd(folder / "notify");
  const variable there("NOTIFY_SOCKET", folder / "notify");
  const auto before = net::monotonic_ns() / 1000;
  BOOST_TEST(!service_manager().reloading());
  const auto after = net::monotonic_ns() / 1000;
  const std::string text = systemd.next(), begin = "RELOADING=1\nMONOTONIC_USEC=";
  BOOST_REQUIRE(text.starts_with(begin));
  const long long said = std::atoll(text.c_str() + begin.size());
  BOOST_TEST(said >= before);
  BOOST_TEST(said <= after);
}

BOOST_AUTO_TEST_CASE(knows_abstract_sockets) {
  const std::string name = "@epollhost-test-" + std::to_string(::getpid());
  notify_socket systemd(name);
  const variable there("NOTIFY_SOCKET", name);
  BOOST_TEST(!service_manager().watchdog());
  BOOST_TEST(systemd.next() == "WATCHDOG=1\n");
}

BOOST_AUTO_TEST_CASE(says_nothing_where_nobody_listens) {
  ::unsetenv("NOTIFY_SOCKET");
  BOOST_TEST(!service_manager().present());
  BOOST_TEST(!service_manager().ready(""));
  for (const std::string& bad : {std::string("relative"), std::string("@"), "/" + std::string(200, 'x')}) {
    const variable there("NOTIFY_SOCKET", bad);
    BOOST_TEST(!service_manager().present(), bad);
  }
}

BOOST_AUTO_TEST_CASE(gives_the_error_of_a_socket_that_is_gone) {
  const temporary_folder folder;
  const variable there("NOTIFY_SOCKET", folder / "notify");
  BOOST_TEST(service_manager().ready("").value() == ENOENT);
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_a_manager_that_does_not_read) {
  const temporary_folder folder;
  notify_socket systemd(folder / "notify");
  const variable there("NOTIFY_SOCKET", folder / "notify");
  const service_manager to;
  net::error_code error;
  while (!error) error = to.watchdog();
  BOOST_TEST(error.value() == EAGAIN);
}

BOOST_AUTO_TEST_CASE(has_a_watchdog_when_the_unit_asks_for_it) {
  const variable there("NOTIFY_SOCKET", "/run/somewhere");
  const auto period = [] { return service_manager().watchdog_period().count(); };
  BOOST_TEST(period() == 0);
  const variable usec("WATCHDOG_USEC", "3000000");
  BOOST_TEST(period() == 1'500'000);
  {
    const variable ours("WATCHDOG_PID", std::to_string(::getpid()));
    BOOST_TEST(period() == 1'500'000);
  }
  {
    const variable other("WATCHDOG_PID", std::to_string(::getppid()));
    BOOST_TEST(period() == 0);
  }
  for (const char* bad : {"", "x", "-5", "0", "10s"}) {
    const variable wrong("WATCHDOG_USEC", bad);
    BOOST_TEST(period() == 0, bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()
