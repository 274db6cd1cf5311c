// Distributed under the Boost Software License, Version 1.0.
// Tests worker/crash_handler and master/symbolizer as one: a child crashes, and the report says where.
#include "master/crash_report.hpp"

#include "master/sealed_file.hpp"
#include "master/symbolizer.hpp"
#include "support.hpp"
#include "support/left_out.hpp"
#include "support/watch.hpp"
#include "worker/crash_handler.hpp"
#include "worker/module_table.hpp"

#include <boost/test/unit_test.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

int crash(const std::string& plugin, int report_fd, const char* how) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (install_crash_handler(report_fd)) return 1;
  void* const handle = ::dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return 2;
  refresh_module_table();
  return reinterpret_cast<int (*)(const char*)>(::dlsym(handle, "crash_by"))(how);
}

void wait_readable(int fd) {
  pollfd p{fd, POLLIN, 0};
  BOOST_REQUIRE(::poll(&p, 1, -1) == 1);
}

std::vector<std::string> symbolized(const crash_record& record, int plugin_fd) {
  symbolizer s(record, {"crasher.so", plugin_fd, -1, {}});
  do wait_readable(s.fd());
  while (!s.read());
  BOOST_TEST(wait_for_end(s.pid()) == 0);
  return s.lines();
}

// A child that crashed, what it said, and what that means.
struct crashed {
  explicit crashed(const char* how, bool symbolize = true) : plugin(argument("crasher.so")) {
    pipe_ends report = make_pipe(O_NONBLOCK);
    status = wait_for_end(fork_child([&] { return crash(plugin.path(), report.writer.get(), how); }));
    const auto r = read_report(report.reader.get());
    BOOST_REQUIRE_MESSAGE(r.has_value(), how << " ended with " << status << " and no report");
    record = *r;
    BOOST_TEST(!read_report(report.reader.get()).has_value());
    if (symbolize) lines = symbolized(record, plugin.fd());
  }

  bool has_line(std::string_view begin, std::string_view end) const {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const auto& l) { return l.find(begin) != l.npos && l.ends_with(end); });
  }

  sealed_file plugin;
  int status = 0;
  crash_record record{};
  std::vector<std::string> lines;
};

} // namespace

BOOST_AUTO_TEST_SUITE(crash_report_)

BOOST_AUTO_TEST_CASE(names_function_offset_file_and_line_of_each_frame) {
  const crashed c("SIGSEGV");
  BOOST_TEST(WTERMSIG(c.status) == SIGSEGV);
  BOOST_TEST(describe_signal(c.record) == "SIGSEGV at address 0x10");
  BOOST_REQUIRE(c.lines.size() >= 3);
  BOOST_TEST(c.lines[0].starts_with("#0 crasher.so!crasher::parse(char const*, int volatile*)+0x"));
  BOOST_TEST(c.lines[0].ends_with(" (crasher.cpp:1000)"));
  BOOST_TEST(c.lines[1].starts_with("#1 crasher.so!crasher::read_request(char const*)+0x"));
  BOOST_TEST(c.lines[1].ends_with(" (crasher.cpp:2000)"));
  BOOST_TEST(c.lines[2].starts_with("#2 crasher.so!crash_by+0x"));
  BOOST_TEST(c.has_line(" master!main", ""));
}

BOOST_AUTO_TEST_CASE(lets_the_process_die_of_its_own_signal) {
  for (const auto& [how, signal] : {std::pair("SIGFPE", SIGFPE), {"SIGILL", SIGILL}, {"SIGBUS", SIGBUS}}) {
    const crashed c(how, false);
    BOOST_TEST(WIFSIGNALED(c.status), how);
    BOOST_TEST(WTERMSIG(c.status) == signal, how);
    BOOST_TEST(describe_signal(c.record).starts_with(how + std::string(" at address 0x")), how);
  }
}

BOOST_AUTO_TEST_CASE(shows_who_called_abort) {
  const crashed c("SIGABRT");
  BOOST_TEST(WTERMSIG(c.status) == SIGABRT);
  BOOST_TEST(describe_signal(c.record) == "SIGABRT, sent by a process (kill or abort)");
  BOOST_TEST(c.has_line(" crasher.so!crash_by+0x", ""));
  BOOST_TEST(c.has_line(" libc.so.6!abort+0x", ""));
}

BOOST_AUTO_TEST_CASE(dies_of_a_signal_that_was_sent) {
  const crashed c("raise", false);
  BOOST_TEST(WTERMSIG(c.status) == SIGSEGV);
  BOOST_TEST(bool(c.record.flags & crash_record::sent_by_process));
}

BOOST_AUTO_TEST_CASE(reports_an_overflow_of_the_stack) {
  const crashed c("overflow");
  BOOST_TEST(WTERMSIG(c.status) == SIGSEGV);
  BOOST_TEST(c.lines.size() == crash_frames_max);
  BOOST_TEST(c.has_line("#63 crasher.so!crasher::overflow(char volatile*)+0x", ""));
}

BOOST_AUTO_TEST_CASE(names_the_caller_of_a_null_pointer) {
  const crashed c("null call");
  BOOST_TEST(describe_signal(c.record) == "SIGSEGV at address 0x0");
  BOOST_REQUIRE(c.lines.size() == 2);
  BOOST_TEST(c.lines[0] == "#0 0x0");
  BOOST_TEST(c.lines[1].starts_with("#1 crasher.so!crasher::call("));
}

#if defined(__x86_64__)
BOOST_AUTO_TEST_CASE(survives_a_stack_that_cannot_be_walked,
                     *left_out(thread_sanitizer, "it blocks all signals in a handler, so a second crash is the end")) {
  const crashed c("no stack");
  BOOST_TEST(WTERMSIG(c.status) == SIGILL);
  BOOST_TEST(bool(c.record.flags & crash_record::unwinder_crashed));
  BOOST_REQUIRE(!c.lines.empty());
  BOOST_TEST(c.lines[0].starts_with("#0 crasher.so!crasher::lose_the_stack()+0x"));
}
#endif

BOOST_AUTO_TEST_CASE(says_where_it_is_and_goes_on,
                     *left_out(thread_sanitizer, "it holds a signal back until the next call of the C library")) {
  const sealed_file plugin(argument("crasher.so"));
  pipe_ends report = make_pipe(O_NONBLOCK), ready = make_pipe();
  const pid_t pid = fork_child([&] {
    if (install_crash_handler(report.writer.get()) || ::write(ready.writer.get(), "r", 1) != 1) return 1;
    return crash(plugin.path(), report.writer.get(), "spin");
  });
  wait_readable(ready.reader.get());
  for (bool found = false; !found;) { // it answers from the first moment on, so it may not be there yet
    BOOST_REQUIRE(ask_where(pid));
    wait_readable(report.reader.get());
    const auto record = read_report(report.reader.get());
    BOOST_REQUIRE(record.has_value());
    BOOST_TEST(!(record->flags & crash_record::is_crash));
    BOOST_TEST(record->signal == where_signal());
    for (const std::string& line : symbolized(*record, plugin.fd()))
      if (line.starts_with("#0 crasher.so!crasher::spin(int volatile*)+0x")) found = true;
  }
  BOOST_REQUIRE(::kill(pid, SIGKILL) == 0);
  BOOST_TEST(WTERMSIG(wait_for_end(pid)) == SIGKILL);
  BOOST_TEST(!ask_where(pid));
}

BOOST_AUTO_TEST_CASE(does_not_name_from_a_file_that_was_replaced) {
  crashed c("SIGSEGV");
  for (std::uint32_t i = 0; i < c.record.module_count; ++i) c.record.modules[i].build_id[0] ^= 1;
  BOOST_TEST(symbolized(c.record, c.plugin.fd()) == describe_frames(c.record, "crasher.so"),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(crash_record_)

BOOST_AUTO_TEST_CASE(is_read_as_far_as_it_came) {
  crash_record r{};
  r.magic = crash_record::magic_value;
  r.frame_count = 3;
  r.module_count = 1;
  for (std::uint32_t i = 0; i < 3; ++i) r.frames[i] = {0, i};
  std::strcpy(r.modules[0].name, "/usr/lib/libx.so");
  const std::size_t head = offsetof(crash_record, frames);
  for (std::size_t size = 0; size <= sizeof r; ++size) {
    pipe_ends p = make_pipe(O_NONBLOCK);
    BOOST_REQUIRE(::write(p.writer.get(), &r, size) == ssize_t(size));
    const auto got = read_report(p.reader.get());
    BOOST_REQUIRE(got.has_value() == (size >= head));
    if (got) BOOST_REQUIRE(got->frame_count == std::min<std::size_t>(3, (size - head) / sizeof(crash_frame)));
    if (got) BOOST_REQUIRE(got->module_count == (size == sizeof r));
  }
}

BOOST_AUTO_TEST_CASE(is_safe_whatever_the_process_wrote) {
  crash_record r;
  std::memset(&r, 0xff, sizeof r);
  pipe_ends p = make_pipe(O_NONBLOCK);
  BOOST_REQUIRE(::write(p.writer.get(), &r, sizeof r) == ssize_t(sizeof r));
  BOOST_TEST(!read_report(p.reader.get()).has_value());
  r.magic = crash_record::magic_value;
  BOOST_REQUIRE(::write(p.writer.get(), &r, sizeof r) == ssize_t(sizeof r));
  const auto got = read_report(p.reader.get());
  BOOST_REQUIRE(got.has_value());
  BOOST_TEST(got->frame_count == crash_frames_max);
  BOOST_TEST(got->module_count == crash_modules_max);
  BOOST_TEST(describe_frames(*got, "x.so").size() == crash_frames_max);
}

BOOST_AUTO_TEST_CASE(frames_outside_of_all_modules_show_their_address) {
  crash_record r{};
  r.frame_count = 2;
  r.module_count = 1;
  std::strcpy(r.modules[0].name, "/proc/12/fd/7");
  r.frames[0] = {0, 0x1f};
  r.frames[1] = {crash_modules_max, 0xdead};
  const std::vector<std::string> expected{"#0 http.so+0x1f", "#1 0xdead"};
  BOOST_TEST(describe_frames(r, "http.so") == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
