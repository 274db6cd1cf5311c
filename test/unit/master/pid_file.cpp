// Distributed under the Boost Software License, Version 1.0.
// Tests master/pid_file: who may write it, who believes it.
#include "master/pid_file.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

// A master in another process, until it is killed.
class other_master {
public:
  explicit other_master(const std::string& path) {
    pipe_ends ready = make_pipe();
    pid = fork_child([&] {
      const pid_file file(path);
      if (::write(ready.writer.get(), "r", 1) != 1) return 1;
      return ::pause();
    });
    ready.writer.reset();
    BOOST_REQUIRE(read_to_end_or_one(ready.reader.get()) == "r");
  }
  ~other_master() {
    if (pid > 0) kill();
  }
  void kill() {
    ::kill(pid, SIGKILL);
    wait_for_end(pid);
    pid = -1;
  }

  pid_t pid = -1;

private:
  static std::string read_to_end_or_one(int fd) {
    char c;
    return ::read(fd, &c, 1) == 1 ? std::string(1, c) : "";
  }
};

auto says(const std::string& text) {
  return [=](const pid_file_error& e) {
    BOOST_TEST(e.what() == text);
    return true;
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(pid_file_)

BOOST_AUTO_TEST_CASE(holds_the_number_and_goes_with_its_owner) {
  const temporary_folder folder;
  {
    const pid_file file(folder / "pid");
    BOOST_TEST(read_file(folder / "pid") == std::to_string(::getpid()) + "\n");
    BOOST_TEST(read_pid(folder / "pid") == ::getpid());
  }
  BOOST_TEST(::access((folder / "pid").c_str(), F_OK) != 0);
}

BOOST_AUTO_TEST_CASE(refuses_to_take_it_from_a_living_master) {
  const temporary_folder folder;
  const other_master other(folder / "pid");
  BOOST_TEST(read_pid(folder / "pid") == other.pid);
  BOOST_CHECK_EXCEPTION(pid_file(folder / "pid"), pid_file_error,
                        says("epollhost runs already as process " + std::to_string(other.pid) + " with the pid file " +
                             (folder / "pid") + ": stop that one, or give another --pid-file"));
  BOOST_TEST(read_pid(folder / "pid") == other.pid);
}

BOOST_AUTO_TEST_CASE(takes_over_what_a_killed_master_left) {
  const temporary_folder folder;
  other_master other(folder / "pid");
  const pid_t dead = other.pid;
  other.kill();
  BOOST_CHECK_EXCEPTION(read_pid(folder / "pid"), pid_file_error,
                        says("process " + std::to_string(dead) + " of the pid file " + (folder / "pid") +
                             " does not run any more; it ended without removing the file"));
  const pid_file ours(folder / "pid");
  BOOST_TEST(read_pid(folder / "pid") == ::getpid());
}

BOOST_AUTO_TEST_CASE(does_not_believe_a_number_that_another_process_has_now) {
  const temporary_folder folder;
  folder.write("pid", std::to_string(::getppid()) + "\n");
  BOOST_CHECK_THROW(read_pid(folder / "pid"), pid_file_error);
  const pid_file ours(folder / "pid");
  BOOST_TEST(read_pid(folder / "pid") == ::getpid());
}

BOOST_AUTO_TEST_CASE(does_not_overwrite_what_is_no_pid_file) {
  const temporary_folder folder;
  for (const char* text : {"root:x:0:0\n", "12 34\n", "-5\n", "0\n", "99999999999999999999\n", "\n"}) {
    folder.write("pid", text);
    BOOST_CHECK_EXCEPTION(pid_file(folder / "pid"), pid_file_error,
                          says((folder / "pid") + " holds something else than a process number, so it is no pid file: "
                                                  "give another --pid-file, or remove it"));
    BOOST_TEST(read_file(folder / "pid") == text);
    BOOST_CHECK_EXCEPTION(
        read_pid(folder / "pid"), pid_file_error,
        says((folder / "pid") + " holds no process number, so it is no pid file: give another --pid-file"));
  }
}

BOOST_AUTO_TEST_CASE(takes_an_empty_file_and_one_without_a_line_end) {
  const temporary_folder folder;
  for (const char* text : {"", "123"}) {
    folder.write("pid", text);
    const pid_file ours(folder / "pid");
    BOOST_TEST(read_pid(folder / "pid") == ::getpid());
  }
}

BOOST_AUTO_TEST_CASE(leaves_a_file_that_another_put_there) {
  const temporary_folder folder;
  {
    const pid_file ours(folder / "pid");
    folder.write("new", "77\n");
    BOOST_REQUIRE(std::rename((folder / "new").c_str(), (folder / "pid").c_str()) == 0);
  }
  BOOST_TEST(read_file(folder / "pid") == "77\n");
}

BOOST_AUTO_TEST_CASE(is_handed_to_the_next_image) {
  const temporary_folder folder;
  net::unique_fd left; // what an exec leaves open
  const std::vector<std::string> files{"pid", "pid.lock"};
  {
    const pid_file first(folder / "pid", "/x/control");
    left.reset(::fcntl(first.fd(), F_DUPFD_CLOEXEC, 3));
    for (const auto& name : files) // an exec runs no destructor
      BOOST_REQUIRE(::link((folder / name).c_str(), (folder / ("kept." + name)).c_str()) == 0);
  }
  for (const auto& name : files)
    BOOST_REQUIRE(::rename((folder / ("kept." + name)).c_str(), (folder / name).c_str()) == 0);
  {
    const pid_file second(folder / "pid", "/y", std::move(left));
    BOOST_TEST(read_pid(folder / "pid") == ::getpid());
    BOOST_TEST(control_of(folder / "pid") == "/y");
  }
  for (const auto& name : files) BOOST_TEST(::access((folder / name).c_str(), F_OK) != 0);
}

// Whoever may read the pid file may lock it for reading.
BOOST_AUTO_TEST_CASE(is_not_kept_out_by_who_locks_the_file_for_reading) {
  const temporary_folder folder;
  folder.write("pid", "77\n");
  pipe_ends ready = make_pipe();
  const pid_t other = fork_child([&] {
    const net::unique_fd fd(::open((folder / "pid").c_str(), O_RDONLY | O_CLOEXEC));
    struct flock l {};
    l.l_type = F_RDLCK;
    l.l_whence = SEEK_SET;
    if (::fcntl(fd.get(), F_SETLK, &l) != 0 || ::write(ready.writer.get(), "r", 1) != 1) return 1;
    return ::pause();
  });
  char c;
  BOOST_REQUIRE(::read(ready.reader.get(), &c, 1) == 1);
  BOOST_CHECK_THROW(read_pid(folder / "pid"), pid_file_error); // that lock is none of a master's
  {
    const pid_file ours(folder / "pid");
    BOOST_TEST(read_pid(folder / "pid") == ::getpid());
    struct stat s {};
    BOOST_REQUIRE(::stat((folder / "pid.lock").c_str(), &s) == 0);
    BOOST_TEST((s.st_mode & 0777) == 0600u);
    BOOST_REQUIRE(::stat((folder / "pid").c_str(), &s) == 0);
    BOOST_TEST((s.st_mode & 0444) == 0444u);
  }
  ::kill(other, SIGKILL);
  wait_for_end(other);
}

BOOST_AUTO_TEST_CASE(refuses_a_lock_file_of_another_user_or_kind) {
  const temporary_folder folder;
  BOOST_REQUIRE(::mkfifo((folder / "pid.lock").c_str(), 0600) == 0);
  BOOST_CHECK_EXCEPTION(pid_file(folder / "pid"), pid_file_error,
                        says((folder / "pid.lock") + " is no regular file, so it is no lock of a pid file: remove it"));
  ::unlink((folder / "pid.lock").c_str());
  if (::geteuid() != 0) return; // only root makes a file another's
  folder.write("pid.lock", "");
  BOOST_REQUIRE(::chown((folder / "pid.lock").c_str(), 65534, 65534) == 0);
  BOOST_CHECK_EXCEPTION(pid_file(folder / "pid"), pid_file_error,
                        says((folder / "pid.lock") + " belongs to user 65534, and this program runs as user 0: remove "
                                                     "it, or give another --pid-file"));
}

BOOST_AUTO_TEST_CASE(protects_a_lock_file_that_others_could_open) {
  const temporary_folder folder;
  folder.write("pid.lock", "");
  BOOST_REQUIRE(::chmod((folder / "pid.lock").c_str(), 0666) == 0);
  const pid_file ours(folder / "pid");
  struct stat s {};
  BOOST_REQUIRE(::stat((folder / "pid.lock").c_str(), &s) == 0);
  BOOST_TEST((s.st_mode & 0777) == 0600u);
}

BOOST_AUTO_TEST_CASE(says_which_control_socket_goes_with_it) {
  const temporary_folder folder;
  BOOST_TEST(control_of(folder / "pid") == (folder / "pid.control"));
  const pid_file ours(folder / "pid", "/run/x/control");
  BOOST_TEST(control_of(folder / "pid") == "/run/x/control");
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_a_pid_file) {
  const temporary_folder folder;
  BOOST_REQUIRE(::mkfifo((folder / "pid").c_str(), 0600) == 0);
  const auto text = says("the pid file " + (folder / "pid") + " is a pipe; expected a regular file");
  BOOST_CHECK_EXCEPTION(pid_file(folder / "pid"), pid_file_error, text);
  BOOST_CHECK_EXCEPTION(read_pid(folder / "pid"), pid_file_error, text);
}

BOOST_AUTO_TEST_CASE(says_what_cannot_be_done) {
  const temporary_folder folder;
  BOOST_CHECK_EXCEPTION(pid_file(folder / "none/pid"), pid_file_error,
                        says("cannot open the lock of the pid file " + (folder / "none/pid") + ": No such file or directory"));
  BOOST_CHECK_EXCEPTION(
      read_pid(folder / "pid"), pid_file_error,
      says("there is no pid file " + (folder / "pid") + ": epollhost does not run, or with another --pid-file"));
}

BOOST_AUTO_TEST_SUITE_END()
