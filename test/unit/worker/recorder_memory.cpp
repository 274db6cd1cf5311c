// Distributed under the Boost Software License, Version 1.0.
// Tests worker/recorder where memory runs out: the recording ends, and nothing else.
#include "worker/recorder.hpp"

#include "epollhost/plugin.h"
#include "support/log_lines.hpp"
#include "support/scarce_memory.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <functional>

using namespace epollhost;

namespace {

struct world {
  world() : file(::memfd_create("recording", MFD_CLOEXEC)) {
    settings.name = "who";
    plugin_description plugin;
    for (const char* name : {"key", "none"}) plugin.options.emplace_back().name = name;
    for (auto& o : plugin.options) o.type = EH_SECRET;
    settings.values.resize(2);
    settings.values[0].text = "hush";
    net::unique_fd writer(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
    recording.emplace(context, settings, plugin, record_file{"some.1", std::move(writer)});
  }

  std::string read() const {
    std::string out(std::size_t(::lseek(file.get(), 0, SEEK_END)), '\0');
    BOOST_CHECK_EQUAL(::pread(file.get(), out.data(), out.size(), 0), out.size());
    return out;
  }

  loop::io_context context;
  worker_settings settings;
  net::unique_fd file;
  std::optional<recorder> recording;
};

// A whole life, its end too.
void live(std::optional<recorder>& recording) {
  recorder& r = *recording;
  const net::endpoint unnamed;
  std::array<char, 3000> text;
  text.fill('x');
  const std::array<iovec, 2> parts{{{text.data(), 1000}, {text.data(), 2000}}};
  r.accepted(7, 0, unnamed, unnamed);
  r.event(7, 1);
  r.received(7, 3000, text.data());
  r.calling();
  r.sent(7, parts, 1500);
  r.sent_file(7, 100, 50);
  r.error_queue(7, true);
  r.socket_error(7, 104);
  r.random({text.data(), 100});
  r.draining();
  r.closed(7, 1);
  recording.reset();
}

} // namespace

BOOST_AUTO_TEST_SUITE(recorder_memory)

BOOST_AUTO_TEST_CASE(ends_the_recording_whichever_allocation_fails_and_nothing_else) {
  const test::log_lines lines;
  world whole;
  live(whole.recording);
  std::optional<world> w(std::in_place);
  const int times = test::each_lack_of_memory(
      [&] {
        live(w->recording); // an exception would fail the test; one out of the destructor would end it
        return 0;
      },
      [&](int) {
        BOOST_TEST(whole.read().size() > w->read().size());
        w.emplace();
      });
  BOOST_CHECK_GE(times, 5);
  BOOST_CHECK_EQUAL(w->read().size(), whole.read().size());
  BOOST_TEST(whole.read().find("secret.key") != std::string::npos);
  BOOST_TEST(whole.read().find("secret.none") == std::string::npos);
  BOOST_TEST(whole.read().find("hush") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
