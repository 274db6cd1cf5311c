// Distributed under the Boost Software License, Version 1.0.
// Tests master/passed_sockets in children that have the descriptors 3 and on as systemd gives them.
#include "master/passed_sockets.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace {

using namespace epollhost;
using namespace epollhost::test;
using master::take_passed_sockets;

// Opens what the child shall have; -1 for nothing.
using opener = std::function<int()>;

int listening() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  return ::listen(fd, 1) == 0 ? fd : -1;
}
int not_listening() { return ::socket(AF_INET, SOCK_STREAM, 0); }
int datagram() { return ::socket(AF_INET, SOCK_DGRAM, 0); }
int no_socket() { return ::open("/dev/null", O_RDONLY); }
int nothing() { return -1; }

// What a child takes, as text; or what() of the error. The descriptors begin at 3, as systemd has it.
std::string taken(std::vector<opener> open, const std::string& names, const std::string& count, bool for_us = true) {
  return output_of_child([&](int out) {
    const int safe = ::fcntl(out, F_DUPFD, 100);
    for (int fd = 3; fd < 100; ++fd) ::close(fd); // most are not open: EBADF
    for (std::size_t i = 0; i < open.size(); ++i)
      if (const int fd = open[i](); fd >= 0 && fd != 3 + int(i)) throw std::runtime_error("wrong number");
    ::setenv("LISTEN_PID", std::to_string(for_us ? ::getpid() : ::getppid()).c_str(), 1);
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    if (!names.empty()) ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
    std::string text;
    try {
      for (const auto& [name, sockets] : take_passed_sockets())
        for (const net::unique_fd& fd : sockets)
          text += fmt::format("{}={}{}{} ", name, fd.get(), ::fcntl(fd.get(), F_GETFL) & O_NONBLOCK ? "n" : "",
                              ::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC ? "c" : "");
    } catch (const std::runtime_error& e) {
      text = e.what();
    }
    for (const char* v : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
      if (std::getenv(v)) text += " still has " + std::string(v);
    if (::write(safe, text.data(), text.size()) < 0) throw std::runtime_error("write");
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(passed_sockets_)

BOOST_AUTO_TEST_CASE(come_by_name_and_once) {
  BOOST_TEST(taken({listening, listening, listening}, "web:admin:web", "3") == "admin=4nc web=3nc web=5nc ");
}

BOOST_AUTO_TEST_CASE(without_a_name_are_unknown) {
  BOOST_TEST(taken({listening, listening}, "", "2") == "unknown=3nc unknown=4nc ");
  BOOST_TEST(taken({listening, listening}, "web", "2") == "unknown=4nc web=3nc ");
}

BOOST_AUTO_TEST_CASE(for_another_process_are_left_alone) {
  BOOST_TEST(taken({listening}, "web", "1", false) == "");
  BOOST_TEST(taken({}, "", "") == "");
  BOOST_TEST(taken({}, "", "0") == "");
}

BOOST_AUTO_TEST_CASE(that_do_not_fit_are_refused) {
  const struct {
    opener open;
    const char* why;
  } cases[] = {
      {not_listening, "does not listen: use Accept=no in its unit"},
      {datagram, "is a socket of another type, expected a stream: use ListenStream= in its unit"},
      {no_socket, "is no socket, expected a listening stream socket"},
      {nothing, "is not open"},
  };
  for (const auto& c : cases)
    BOOST_TEST(taken({listening, c.open}, "a:b", "2") == fmt::format("socket activation: descriptor 4 (b) {}", c.why));
}

BOOST_AUTO_TEST_CASE(need_a_count_that_makes_sense) {
  BOOST_TEST(taken({}, "", "x") == "socket activation: LISTEN_FDS is \"x\", expected a number");
  BOOST_TEST(taken({}, "", "-1") == "socket activation: LISTEN_FDS is \"-1\", expected a number");
  BOOST_TEST(taken({}, "", "1025") == "socket activation: 1025 sockets, expected at most 1024");
}

BOOST_AUTO_TEST_SUITE_END()
