// Distributed under the Boost Software License, Version 1.0.
// Tests what of a worker's connections gets into its recording, beside bytes: files, errors, relays, the drain.
#include "file.hpp"
#include "support/served.hpp"
#include "worker/record_format.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using record::kind;
using test::client;
using test::probe;
using test::served;

namespace {

/// A worker that is recorded, until the recording is read.
struct recorded {
  recorded(probe& p, loop::trigger trigger) {
    BOOST_REQUIRE(::mkdtemp(folder.data()));
    host.emplace(p, trigger, [&](worker_settings& s) {
      s.record = folder + "/r";
      s.drain_timeout = 20ms;
    });
  }
  ~recorded() { std::filesystem::remove_all(folder); }

  // What the frames are about.
  std::vector<kind> frames() {
    host.reset();
    std::ostringstream all;
    all << std::ifstream(folder + "/r.1", std::ios::binary).rdbuf();
    const std::string bytes = all.str();
    record::fields left(std::string_view(bytes).substr(record::magic.size()));
    std::vector<kind> out;
    while (!left.at_end()) {
      out.push_back(static_cast<kind>(left.text().value().front()));
      left = record::fields(left.rest().substr(record::checksum_bytes));
    }
    return out;
  }

  std::string folder = "/tmp/epollhost-recording-XXXXXX";
  test::log_lines log;
  std::optional<served> host;
};

std::size_t count(const std::vector<kind>& frames, kind k) {
  return std::size_t(std::count(frames.begin(), frames.end(), k));
}

} // namespace

BOOST_AUTO_TEST_SUITE(recording)

EPOLLHOST_TEST_EACH_TRIGGER(has_a_file_that_is_sent) {
  const test::file from("content");
  probe p;
  test::sends(p, from, 7, EH_CLOSE);
  recorded r(p, trigger);
  client c(r.host->at());
  c.send("go");
  r.host->receive_end(c);
  BOOST_TEST(c.received == "head content");
  BOOST_TEST(count(r.frames(), kind::sent_file) == 1u);
}

EPOLLHOST_TEST_EACH_TRIGGER(has_the_error_of_a_connection_that_nobody_reads) {
  probe p;
  p.open = [](eh_io&) { return eh_next(EH_PAUSE); };
  recorded r(p, trigger);
  client c(r.host->at());
  r.host->until([&] { return p.opened.size() == 1; });
  c.reset();
  r.host->until([&] { return p.closed.size() == 1; });
  BOOST_TEST(p.closed[0].reason == EH_REASON_RESET);
  BOOST_TEST(count(r.frames(), kind::socket_error) == 1u);
}

EPOLLHOST_TEST_EACH_TRIGGER(has_nothing_of_what_is_relayed) {
  probe p;
  recorded r(p, trigger);
  client a(r.host->at()), b(r.host->at());
  r.host->until([&] { return p.opened.size() == 2; });
  BOOST_TEST(p.host->relay(p.host, p.opened[0], p.opened[1]) == EH_OK);
  a.send("past the plugin");
  r.host->receive(b, 15);
  const auto frames = r.frames();
  BOOST_TEST(count(frames, kind::relayed) == 2u);
  BOOST_TEST(count(frames, kind::sent) == 0u);
}

EPOLLHOST_TEST_EACH_TRIGGER(has_the_drain_and_the_end_of_those_that_it_cuts_off) {
  probe p;
  p.drain = [](eh_io&) { return eh_next(EH_KEEP); };
  recorded r(p, trigger);
  const client c(r.host->at());
  r.host->until([&] { return p.opened.size() == 1; });
  r.host->worker->drain();
  r.host->until([&] { return p.closed.size() == 1; });
  const auto frames = r.frames();
  BOOST_TEST(count(frames, kind::draining) == 1u);
  BOOST_TEST(count(frames, kind::closed) == 1u);
  BOOST_TEST((frames.back() == kind::end));
}

BOOST_AUTO_TEST_SUITE_END()
