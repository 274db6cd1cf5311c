// Distributed under the Boost Software License, Version 1.0.
// Tests that files which a user names are looked at, and never waited for.
#include "net/file.hpp"

#include "net/append.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

using namespace epollhost;

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/epollhost-test-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name));
    path = name;
    std::ofstream(path + "/file") << "text";
    BOOST_REQUIRE_EQUAL(::mkfifo((path + "/pipe").c_str(), 0600), 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strcpy(at.sun_path, (path + "/socket").c_str());
    socket.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    BOOST_REQUIRE_EQUAL(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
  net::unique_fd socket;
};

std::string fault_of(const std::string& path) { return net::read_named_file(path, 100).fault; }

// In a process of its own, since the refusal of streams is for the whole process.
bool holds_in_child(const std::function<bool()>& check) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(check() ? 0 : 1);
  int status = -1;
  return ::waitpid(pid, &status, 0) == pid && status == 0;
}

std::string message_of(const net::error_code& ec) { return ec.message(); }

} // namespace

BOOST_AUTO_TEST_SUITE(file)

BOOST_AUTO_TEST_CASE(reads_regular_files_and_dev_null) {
  const folder f;
  BOOST_CHECK_EQUAL(net::read_named_file(f / "file", 4).text, "text");
  BOOST_CHECK_EQUAL(net::read_named_file(f / "file", 3).fault, "has more than 3 bytes");
  BOOST_CHECK_EQUAL(net::read_named_file(f / "file", 3).text, "");
  BOOST_CHECK_EQUAL(fault_of("/dev/null"), "");
  BOOST_CHECK_EQUAL(net::read_named_file("/dev/null", 0).text, "");
}

BOOST_AUTO_TEST_CASE(says_what_else_lies_there) {
  const folder f;
  std::filesystem::create_symlink(f / "pipe", f / "link");
  BOOST_CHECK_EQUAL(fault_of(f / "pipe"), "is a pipe; expected a regular file");
  BOOST_CHECK_EQUAL(fault_of(f / "link"), "is a pipe; expected a regular file");
  BOOST_CHECK_EQUAL(fault_of(f / "socket"), "is a socket; expected a regular file");
  BOOST_CHECK_EQUAL(fault_of(f.path), "is a folder; expected a regular file");
  BOOST_CHECK_EQUAL(fault_of("/dev/zero"), "is a device; expected a regular file");
  BOOST_CHECK_EQUAL(fault_of(f / "none"), "cannot be opened: No such file or directory");
  BOOST_CHECK_EQUAL(net::kind_of(f / "none"), "");
}

// The pipe's writer waits for a reader: opening it would let it go on, and its text would be lost.
BOOST_AUTO_TEST_CASE(does_not_open_a_pipe_even_for_a_moment) {
  const folder f;
  const pid_t writer = ::fork();
  if (writer == 0) ::_exit(::open((f / "pipe").c_str(), O_WRONLY) < 0 ? 1 : 0);
  fault_of(f / "pipe");
  net::error_code ec;
  int status = 0;
  BOOST_CHECK_EQUAL(::waitpid(writer, &status, WNOHANG), 0);
  ::kill(writer, SIGKILL);
  ::waitpid(writer, &status, 0);
  BOOST_CHECK(WIFSIGNALED(status));
}

BOOST_AUTO_TEST_CASE(reads_what_the_shell_has_opened_until_the_program_serves) {
  BOOST_CHECK(holds_in_child([] {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    const std::string name = "/dev/fd/" + std::to_string(ends[0]);
    if (::write(ends[1], "text", 4) != 4) return false;
    ::close(ends[1]);
    if (net::read_named_file(name, 100).text != "text") return false;
    net::refuse_streams();
    return fault_of(name).ends_with("a reload needs a regular file");
  }));
  const folder f;
  BOOST_CHECK(holds_in_child([&] { // a regular file by that name is one
    const int fd = ::open((f / "file").c_str(), O_RDONLY);
    net::refuse_streams();
    const std::string name = "/dev/fd/" + std::to_string(fd);
    return net::read_named_file(name, 100).text == "text" && net::read_named_file(name, 100).text == "text";
  }));
}

BOOST_AUTO_TEST_CASE(says_what_cannot_be_written_to) {
  const folder f;
  net::error_code ec;
  BOOST_CHECK(!net::open_to_append(f / "pipe", ec));
  BOOST_CHECK_EQUAL(message_of(ec), "it is a pipe that nobody reads; start the reader first, or name a regular file");
  BOOST_CHECK(!net::open_to_append(f / "socket", ec));
  BOOST_CHECK_EQUAL(message_of(ec), "it is a socket; expected a regular file");
  BOOST_CHECK_EQUAL(message_of(net::may_append(f / "socket")), "it is a socket; expected a regular file");
  BOOST_CHECK_EQUAL(net::may_append(f.path).value(), EISDIR);
  BOOST_CHECK(!net::may_append(f / "none") && !std::filesystem::exists(f / "none"));
  const net::unique_fd reader(::open((f / "pipe").c_str(), O_RDONLY | O_NONBLOCK));
  BOOST_CHECK(net::open_to_append(f / "pipe", ec));
  BOOST_CHECK(!ec);
}

BOOST_AUTO_TEST_SUITE_END()
