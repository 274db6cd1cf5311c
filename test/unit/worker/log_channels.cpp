// Distributed under the Boost Software License, Version 1.0.
// Tests worker/log_channels through the host's functions: who may open what, and where the lines come out.
#include "worker/log_channels.hpp"

#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

using namespace epollhost;
using test::log_lines;
using test::probe;
using test::served;

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/epollhost-test-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::int64_t open(const probe& p, const std::string& path) {
  return p.host->channel_open(p.host, path.data(), path.size());
}
eh_status write(const probe& p, std::int64_t channel, const std::string& lines) {
  return p.host->channel_write(p.host, channel, lines.data(), lines.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(log_channels_)

EPOLLHOST_TEST_EACH_TRIGGER(writes_lines_to_the_file_that_start_opened) {
  const folder f;
  probe p;
  std::int64_t a = 0, b = 0, again = 0;
  p.start = [&] {
    a = open(p, f / "a");
    b = open(p, f / "b");
    again = open(p, f / "a");
    return 0;
  };
  served s(p, trigger);
  BOOST_CHECK_EQUAL(a, 1);
  BOOST_CHECK_EQUAL(b, 2);
  BOOST_CHECK_EQUAL(again, 1);
  BOOST_CHECK_EQUAL(write(p, a, "one\n"), EH_OK);
  BOOST_CHECK_EQUAL(write(p, b, "two\n"), EH_OK);
  BOOST_CHECK_EQUAL(write(p, a, "three\nfour\n"), EH_OK);
  s.worker->channels().flush();
  BOOST_CHECK_EQUAL(content(f / "a"), "one\nthree\nfour\n");
  BOOST_CHECK_EQUAL(content(f / "b"), "two\n");
}

BOOST_AUTO_TEST_CASE(writes_what_stop_still_says) {
  const folder f;
  probe p;
  p.start = [&] { return open(p, f / "a") == 1 ? 0 : 1; };
  p.stop = [&] { BOOST_CHECK_EQUAL(write(p, 1, "the last line\n"), EH_OK); };
  { served s(p, loop::trigger::edge); }
  BOOST_CHECK_EQUAL(content(f / "a"), "the last line\n");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_whole_line_or_no_channel) {
  const folder f;
  probe p;
  p.start = [&] { return open(p, f / "a") == 1 ? 0 : 1; };
  served s(p, loop::trigger::edge);
  const std::string largest = std::string(EH_CHANNEL_WRITE_MAX - 1, 'x') + "\n";
  for (const std::int64_t channel : {-1, 0, 2}) BOOST_CHECK_EQUAL(write(p, channel, "x\n"), EH_INVALID);
  for (const char* const bad : {"", "no end", "line\nno end"}) BOOST_CHECK_EQUAL(write(p, 1, bad), EH_INVALID);
  BOOST_CHECK_EQUAL(p.host->channel_write(p.host, 1, nullptr, 5), EH_INVALID);
  BOOST_CHECK_EQUAL(write(p, 1, largest), EH_OK);
  BOOST_CHECK_EQUAL(write(p, 1, "x" + largest), EH_INVALID);
  s.worker->channels().flush();
  BOOST_CHECK(content(f / "a") == largest);
}

BOOST_AUTO_TEST_CASE(opens_as_many_as_the_bound_and_none_more) {
  const folder f;
  probe p;
  p.start = [&] {
    for (int i = 1; i <= EH_CHANNELS_MAX; ++i) BOOST_CHECK_EQUAL(open(p, f / std::to_string(i)), i);
    BOOST_CHECK_EQUAL(open(p, f / "one more"), EH_OVER_LIMIT);
    BOOST_CHECK_EQUAL(open(p, f / "1"), 1);
    return 0;
  };
  served s(p, loop::trigger::edge);
  BOOST_CHECK_EQUAL(write(p, EH_CHANNELS_MAX, "x\n"), EH_OK);
}

BOOST_AUTO_TEST_CASE(refuses_to_open_what_it_cannot_and_says_why) {
  const folder f;
  log_lines log;
  probe p;
  p.start = [&] {
    BOOST_CHECK_EQUAL(open(p, f / "none/a"), EH_UNSUPPORTED);
    BOOST_CHECK_EQUAL(open(p, ""), EH_INVALID);
    BOOST_CHECK_EQUAL(open(p, std::string("a\0b", 3)), EH_INVALID);
    BOOST_CHECK_EQUAL(p.host->channel_open(p.host, nullptr, 0), EH_INVALID);
    return 0;
  };
  served s(p, loop::trigger::edge);
  BOOST_CHECK(!log.with({"cannot open the log file " + (f / "none/a") + ": No such file or directory"}).empty());
  BOOST_CHECK_EQUAL(open(p, f / "a"), EH_INVALID); // not in `start`
  std::thread([&] {
    BOOST_CHECK_EQUAL(open(p, f / "a"), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(write(p, 1, "x\n"), EH_WRONG_THREAD);
  }).join();
}

EPOLLHOST_TEST_EACH_TRIGGER(opens_its_files_again_at_a_signal) {
  const folder f;
  log_lines log;
  probe p;
  p.start = [&] { return open(p, f / "a") == 1 ? 0 : 1; };
  served s(p, trigger);
  s.worker->loop().post([&] {
    BOOST_CHECK_EQUAL(write(p, 1, "before\n"), EH_OK);
    std::rename((f / "a").c_str(), (f / "a.1").c_str());
    ::kill(::getpid(), SIGUSR1);
  });
  loop::steady_timer look(s.worker->loop());
  std::function<void()> wait_for_it = [&] {
    look.expires_after(std::chrono::milliseconds(1));
    look.async_wait([&](boost::system::error_code) {
      if (!std::filesystem::exists(f / "a")) return wait_for_it();
      BOOST_CHECK_EQUAL(write(p, 1, "after\n"), EH_OK);
      s.worker->drain();
    });
  };
  wait_for_it();
  s.worker->run();
  BOOST_CHECK_EQUAL(content(f / "a.1"), "before\n");
  BOOST_CHECK_EQUAL(content(f / "a"), "after\n");
}

BOOST_AUTO_TEST_SUITE_END()
