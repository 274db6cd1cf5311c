// Distributed under the Boost Software License, Version 1.0.
// Tests master/channel_pipes with a real log process: lines from workers' pipes into files, whatever happens meanwhile.
#include "master/channel_pipes.hpp"

#include "file_watch.hpp"
#include "master/log_process.hpp"
#include "support.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

// A log process, the master's part of it, and what the workers hold.
class place {
public:
  place() : options_{.file = folder / "log"}, process_(start_log_process(options_)), pipes_(std::in_place, loop_) {
    pipes_->connect(std::move(process_.channels));
  }
  ~place() {
    if (process_.writer) end();
  }

  net::unique_fd worker(const std::string& path) { return std::move(pipes_->open({path}).front()); }
  void turn() {
    loop_.post([this] { loop_.stop(); });
    loop_.run();
  }

  // Nobody writes any more; waits for the process and answers its status.
  int end() {
    process_.writer.reset();
    process_.reader.reset();
    return wait_for_end(process_.pid);
  }
  void kill_and_restart(const std::function<void()>& meanwhile) {
    BOOST_REQUIRE(::kill(process_.pid, SIGKILL) == 0);
    wait_for_end(process_.pid);
    meanwhile();
    restart_log_process(process_, options_);
    pipes_->connect(std::move(process_.channels));
  }
  log_process& process() { return process_; }

  const temporary_folder folder;

private:
  const log_options options_;
  log_process process_;
  loop::io_context loop_;
  std::optional<channel_pipes> pipes_;
};

void write(const net::unique_fd& to, const std::string& bytes) {
  BOOST_REQUIRE_EQUAL(::write(to.get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
}

std::vector<std::string> sorted_lines(const std::string& path) {
  auto lines = lines_of(read_file(path));
  std::sort(lines.begin(), lines.end());
  return lines;
}

} // namespace

BOOST_AUTO_TEST_SUITE(channel_pipes_)

BOOST_AUTO_TEST_CASE(writes_the_lines_of_several_workers_whole) {
  place at;
  net::unique_fd one = at.worker(at.folder / "a"), two = at.worker(at.folder / "a"), other = at.worker(at.folder / "b");
  write(one, "1 first\n1 sec");
  write(two, "2 first\n2 second\n2 th");
  write(other, "of b\n");
  write(one, "ond\n");
  write(two, "ird\n");
  for (auto* fd : {&one, &two, &other}) fd->reset();
  BOOST_TEST(at.end() == 0);
  const std::vector<std::string> expected = {"1 first", "1 second", "2 first", "2 second", "2 third"};
  BOOST_TEST(sorted_lines(at.folder / "a") == expected, boost::test_tools::per_element());
  BOOST_TEST(read_file(at.folder / "b") == "of b\n");
  struct stat s {};
  ::stat((at.folder / "b").c_str(), &s);
  BOOST_TEST((s.st_mode & 0777 & ~0640) == 0);
}

BOOST_AUTO_TEST_CASE(ends_the_last_line_of_a_worker_that_died_in_the_middle_of_it) {
  place at;
  net::unique_fd one = at.worker(at.folder / "a"), two = at.worker(at.folder / "a");
  write(one, "whole\nhalf");
  one.reset();
  write(two, "of another\n");
  two.reset();
  at.end();
  const std::vector<std::string> expected = {"half", "of another", "whole"};
  BOOST_TEST(sorted_lines(at.folder / "a") == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lets_go_of_a_pipe_when_its_last_line_is_written) {
  place at;
  const std::size_t before = open_descriptors().size();
  net::unique_fd worker = at.worker(at.folder / "a");
  BOOST_TEST(open_descriptors().size() == before + 2);
  write(worker, "one\n");
  worker.reset();
  while (open_descriptors().size() != before) at.turn();
  BOOST_TEST(read_file(at.folder / "a") == "one\n");
}

BOOST_AUTO_TEST_CASE(opens_files_again_when_asked) {
  place at;
  at.folder.write("sub/.keep", "");
  file_watch watch(at.folder / "sub");
  net::unique_fd worker = at.worker(at.folder / "sub/a");
  watch.wait();
  BOOST_REQUIRE(std::rename((at.folder / "sub/a").c_str(), (at.folder / "a.1").c_str()) == 0);
  BOOST_TEST(reopen_log(at.process()));
  watch.wait();
  write(worker, "after\n");
  worker.reset();
  at.end();
  BOOST_TEST(read_file(at.folder / "a.1") == "");
  BOOST_TEST(read_file(at.folder / "sub/a") == "after\n");
}

BOOST_AUTO_TEST_CASE(loses_no_line_that_waits_when_the_log_process_is_killed_and_started_again) {
  place at;
  net::unique_fd one = at.worker(at.folder / "a"), gone = at.worker(at.folder / "a");
  at.kill_and_restart([&] {
    write(one, "written meanwhile\n");
    write(gone, "by one that ends meanwhile\n");
    gone.reset();
  });
  net::unique_fd later = at.worker(at.folder / "a");
  write(later, "by a later one\n");
  one.reset();
  later.reset();
  at.end();
  const std::vector<std::string> expected = {"by a later one", "by one that ends meanwhile", "written meanwhile"};
  BOOST_TEST(sorted_lines(at.folder / "a") == expected, boost::test_tools::per_element());
}

// More messages than the socket holds: the rest follows.
BOOST_AUTO_TEST_CASE(passes_all_pipes_to_a_log_process_that_stood_still) {
  place at;
  BOOST_REQUIRE(::kill(at.process().pid, SIGSTOP) == 0);
  int status = 0;
  BOOST_REQUIRE(::waitpid(at.process().pid, &status, WUNTRACED) == at.process().pid);
  const std::size_t before = open_descriptors().size();
  for (int i = 0; i < 400; ++i) write(at.worker(at.folder / "a"), std::to_string(i) + "\n");
  BOOST_REQUIRE(::kill(at.process().pid, SIGCONT) == 0);
  while (open_descriptors().size() != before) at.turn();
  BOOST_TEST(sorted_lines(at.folder / "a").size() == 400);
}

BOOST_AUTO_TEST_CASE(waits_for_a_slow_reader_and_loses_nothing) {
  place at;
  const std::string fifo = at.folder / "fifo";
  BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const net::unique_fd reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  net::unique_fd worker = at.worker(fifo);
  std::string sent;
  for (int i = 0; sent.size() < 300'000; ++i) sent += "line " + std::to_string(i) + "\n";
  write(worker, sent);
  worker.reset();
  ::fcntl(reader.get(), F_SETFL, 0);
  std::string got(sent.size(), '\0');
  for (std::size_t have = 0; have < got.size();) {
    const ssize_t n = ::read(reader.get(), &got[have], got.size() - have);
    if (n > 0) have += std::size_t(n);
  }
  BOOST_TEST((got == sent));
  at.end();
}

BOOST_AUTO_TEST_CASE(says_how_many_lines_a_full_disk_has_cost) {
  place at;
  net::unique_fd worker = at.worker("/dev/full");
  write(worker, "one\ntwo\nthree\n");
  worker.reset();
  at.end();
  BOOST_TEST(read_file(at.folder / "log").find("3 lines could not be written to /dev/full: No space left on device") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
