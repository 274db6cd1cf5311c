// Distributed under the Boost Software License, Version 1.0.
// Tests master/log_process: what reaches a file, what stops it, what does not.
#include "master/log_process.hpp"

#include "file_watch.hpp"
#include "support.hpp"

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

// The log process of a test; lines of the test go to it.
class logging {
public:
  explicit logging(const log_options& options) : options_(options), process_(start_log_process(options)) {
    log_to(process_, options);
  }
  ~logging() {
    if (process_.writer) end();
    log::set_sink(nullptr);
    log::set_format(log::format::text);
  }
  // Close the pipe and wait for the process; its status.
  int end() {
    log::set_sink(nullptr);
    process_.writer.reset();
    process_.reader.reset();
    return wait_for_end(process_.pid);
  }
  log_process& process() { return process_; }
  void restart() { restart_log_process(process_, options_); }

private:
  log_options options_;
  log_process process_;
};

log_options to_file(const std::string& path) {
  log_options o;
  o.file = path;
  return o;
}

// Make this process's standard error another one for a while.
class standard_error_as {
public:
  explicit standard_error_as(int fd) : old_(::dup(STDERR_FILENO)) { ::dup2(fd, STDERR_FILENO); }
  ~standard_error_as() {
    ::dup2(old_, STDERR_FILENO);
    ::close(old_);
  }

private:
  int old_;
};

std::string wait_for_line(int fd, const std::string& part) {
  std::string text;
  char c;
  while (text.find(part) == std::string::npos || text.back() != '\n') {
    BOOST_REQUIRE(::read(fd, &c, 1) == 1);
    text += c;
  }
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(log_process_)

BOOST_AUTO_TEST_CASE(writes_lines_to_a_file_and_ends_with_the_last_writer) {
  const temporary_folder folder;
  logging to(to_file(folder / "log"));
  log::info("who", "one");
  const pid_t child = fork_child([] {
    log::info("child", "two");
    return 0;
  });
  BOOST_TEST(wait_for_end(child) == 0);
  BOOST_TEST(to.end() == 0);
  const auto lines = lines_of(read_file(folder / "log"));
  BOOST_REQUIRE(lines.size() == 2);
  BOOST_TEST(lines[0].ends_with(" info who: one"));
  BOOST_TEST(lines[1].ends_with(" info child: two"));
}

BOOST_AUTO_TEST_CASE(writes_json) {
  const temporary_folder folder;
  log_options options = to_file(folder / "log");
  options.format = log::format::json;
  logging to(options);
  log::warning("who", "\"quoted\"");
  to.end();
  const auto lines = lines_of(read_file(folder / "log"));
  BOOST_REQUIRE(lines.size() == 1);
  BOOST_TEST(lines[0].starts_with("{\"time\":\""));
  BOOST_TEST(lines[0].ends_with(R"(,"level":"warning","who":"who","text":"\"quoted\""})"));
}

BOOST_AUTO_TEST_CASE(writes_to_the_standard_error_when_nothing_else_is_said) {
  pipe_ends err = make_pipe();
  {
    const standard_error_as other(err.writer.get());
    logging to({});
    log::info("", "here");
    to.end();
  }
  err.writer.reset();
  BOOST_TEST(read_to_end(err.reader.get()).ends_with(" info here\n"));
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_cannot_be_opened) {
  const temporary_folder folder;
  BOOST_CHECK_EXCEPTION(start_log_process(to_file(folder / "none/log")), boost::system::system_error, [&](auto& e) {
    return std::string(e.what()).starts_with("cannot open the log file " + (folder / "none/log") + ": No such file");
  });
}

BOOST_AUTO_TEST_CASE(opens_its_file_again_when_asked) {
  const temporary_folder folder;
  file_watch watch(folder / "");
  logging to(to_file(folder / "log"));
  watch.wait();
  log::info("", "before");
  BOOST_REQUIRE(std::rename((folder / "log").c_str(), (folder / "log.1").c_str()) == 0);
  BOOST_TEST(reopen_log(to.process()));
  watch.wait();
  log::info("", "after");
  to.end();
  const std::string both = read_file(folder / "log.1") + read_file(folder / "log");
  BOOST_TEST(lines_of(both).size() == 2);
  BOOST_TEST(read_file(folder / "log").ends_with(" info after\n"));
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_old_file_when_the_new_one_cannot_be_opened) {
  const temporary_folder folder;
  folder.write("a/empty", "");
  pipe_ends err = make_pipe();
  {
    const standard_error_as other(err.writer.get());
    log_options options = to_file(folder / "a/log");
    options.standard_error = true;
    logging to(options);
    BOOST_REQUIRE(std::rename((folder / "a").c_str(), (folder / "b").c_str()) == 0);
    reopen_log(to.process());
    wait_for_line(err.reader.get(), "going on with the old file");
    log::info("", "after");
    to.end();
  }
  BOOST_TEST(read_file(folder / "b/log").ends_with(" info after\n"));
}

BOOST_AUTO_TEST_CASE(outlives_the_signals_that_end_the_master) {
  const temporary_folder folder;
  logging to(to_file(folder / "log"));
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR2, SIGPIPE, SIGALRM})
    BOOST_REQUIRE(::kill(to.process().pid, signal) == 0);
  log::info("", "still here");
  BOOST_TEST(to.end() == 0);
  BOOST_TEST(read_file(folder / "log").ends_with("still here\n"));
}

BOOST_AUTO_TEST_CASE(blocks_no_writer_when_it_stands_still_and_counts_what_was_lost) {
  const temporary_folder folder;
  logging to(to_file(folder / "log"));
  const pid_t pid = to.process().pid;
  BOOST_REQUIRE(::kill(pid, SIGSTOP) == 0);
  int status = 0;
  BOOST_REQUIRE(::waitpid(pid, &status, WUNTRACED) == pid);
  const std::uint64_t before = log::dropped();
  const std::string text(4000, 'x');
  unsigned written = 0;
  while (log::dropped() == before) log::info("", "{}", text), ++written;
  BOOST_REQUIRE(::kill(pid, SIGCONT) == 0);
  pollfd room{to.process().writer.get(), POLLOUT, 0};
  BOOST_REQUIRE(::poll(&room, 1, -1) == 1);
  const auto lost = log::dropped() - before;
  log::info("", "again");
  BOOST_TEST(to.end() == 0);
  const auto lines = lines_of(read_file(folder / "log"));
  BOOST_REQUIRE(lines.size() >= 2);
  BOOST_TEST(lines.back().ends_with("again"));
  BOOST_TEST(lines[lines.size() - 2].ends_with(" warning " + std::to_string(lost) +
                                               " log lines were dropped: the log did not take them"));
  BOOST_TEST(lines.size() == written - lost + 2);
}

BOOST_AUTO_TEST_CASE(loses_no_line_when_it_is_killed_and_started_again) {
  const temporary_folder folder;
  logging to(to_file(folder / "log"));
  BOOST_REQUIRE(::kill(to.process().pid, SIGKILL) == 0);
  BOOST_TEST(WTERMSIG(wait_for_end(to.process().pid)) == SIGKILL);
  for (int i = 0; i < 20; ++i) log::info("", "{}", i);
  to.restart();
  BOOST_TEST(to.end() == 0);
  BOOST_TEST(lines_of(read_file(folder / "log")).size() == 20);
}

BOOST_AUTO_TEST_CASE(survives_a_full_disk_and_does_not_spin) {
  pipe_ends err = make_pipe();
  rusage before{}, after{};
  ::getrusage(RUSAGE_CHILDREN, &before);
  {
    const standard_error_as other(err.writer.get());
    log_options options = to_file("/dev/full");
    options.standard_error = true;
    logging to(options);
    for (int i = 0; i < 20; ++i) log::info("", "{}", i);
    wait_for_line(err.reader.get(), " 19\n");
    BOOST_TEST(to.end() == 0);
  }
  ::getrusage(RUSAGE_CHILDREN, &after);
  BOOST_TEST(after.ru_nvcsw - before.ru_nvcsw < 200); // once for each line, if each comes alone
}

BOOST_AUTO_TEST_SUITE_END()
