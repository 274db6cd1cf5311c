// Distributed under the Boost Software License, Version 1.0.
// Tests worker/recorder: which connections, how much, and what becomes of a file that takes no more.
#include "worker/recorder.hpp"

#include "net/process.hpp"
#include "support/log_lines.hpp"
#include "support/watch.hpp"

#include <netinet/in.h>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

using namespace epollhost;
using test::log_lines;

namespace {

net::endpoint peer(std::uint8_t last = 1) {
  net::endpoint out;
  auto& in = reinterpret_cast<sockaddr_in&>(out.storage);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(0xc0000200u + last);
  out.size = sizeof in;
  return out;
}

struct folder {
  folder() { BOOST_REQUIRE(::mkdtemp(path.data())); }
  ~folder() { std::filesystem::remove_all(path); }
  std::string path = "/tmp/epollhost-recorder-XXXXXX";
};

struct place {
  explicit place(worker_settings s = {}) : settings(std::move(s)) {
    settings.name = "who";
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }

  recorder make() { return {context, settings, {}, {"some.1", std::move(writer)}}; }

  // All that is there.
  std::string read() {
    std::string out;
    std::array<char, 65536> some;
    for (ssize_t n; (n = ::read(reader.get(), some.data(), some.size())) > 0;) out.append(some.data(), std::size_t(n));
    return out;
  }

  log_lines lines;
  loop::io_context context;
  worker_settings settings;
  net::unique_fd reader, writer;
};

std::size_t said(const place& p, std::string_view what) {
  std::size_t n = 0;
  for (const std::string& line : p.lines.all()) n += line.find(what) != line.npos;
  return n;
}

bool ended_whole(const std::string& bytes, record::ending why) {
  std::string last;
  record::writer(last).begin(record::kind::end).number(static_cast<std::uint64_t>(why)).end();
  return bytes.ends_with(last);
}

} // namespace

BOOST_AUTO_TEST_SUITE(recorder_)

BOOST_AUTO_TEST_CASE(has_written_what_a_hook_is_called_for_before_it_is_called) {
  place p;
  recorder r = p.make();
  BOOST_TEST(p.read().starts_with(record::magic));
  BOOST_TEST(r.accepted(7, 0, peer(), peer()));
  r.received(7, 5, "hello");
  BOOST_TEST(p.read().find("hello") != std::string::npos);
  r.finish();
  BOOST_TEST(ended_whole(p.read(), record::ending::worker));
}

BOOST_AUTO_TEST_CASE(takes_the_first_of_each_so_many) {
  worker_settings s;
  s.record_every = 3;
  place p(s);
  recorder r = p.make();
  std::string taken;
  for (loop::object_id id = 1; id <= 7; ++id) taken += r.accepted(id, 0, peer(), peer()) ? 'y' : 'n';
  BOOST_TEST(taken == "ynnynny");
}

BOOST_AUTO_TEST_CASE(takes_the_peers_of_a_network_and_counts_these_alone) {
  worker_settings s;
  s.record_peer = "192.0.2.0/31";
  s.record_every = 2;
  place p(s);
  recorder r = p.make();
  BOOST_TEST(r.accepted(1, 0, peer(0), peer()));
  BOOST_TEST(!r.accepted(2, 0, peer(2), peer()));
  BOOST_TEST(!r.accepted(3, 0, peer(1), peer()));
  BOOST_TEST(r.accepted(4, 0, peer(1), peer()));
}

BOOST_AUTO_TEST_CASE(never_writes_more_than_its_limit_and_then_ends_whole) {
  worker_settings s;
  s.record_limit = 64 * 1024;
  place p(s);
  recorder r = p.make();
  std::string bytes = p.read();
  BOOST_TEST(r.accepted(7, 0, peer(), peer()));
  const std::string block(1000, 'x');
  for (int i = 0; i < 100; ++i) r.received(7, 1000, block.data()), bytes += p.read();
  BOOST_TEST(bytes.size() <= s.record_limit);
  BOOST_TEST(bytes.size() > s.record_limit - 1100);
  BOOST_TEST(ended_whole(bytes, record::ending::limit));
  BOOST_TEST(said(p, "has reached --record-limit, 65536 bytes") == 1u);
  BOOST_TEST(!r.accepted(8, 0, peer(), peer()));
}

BOOST_AUTO_TEST_CASE(fills_its_limit_to_the_byte) {
  constexpr std::size_t around = 3 + 1 + 4, end = 1 + 2 + 4; // length, kind, checksum; the last frame
  for (const std::size_t beyond : {0u, 1u}) {
    worker_settings s;
    s.record_limit = 64 * 1024;
    place p(s);
    recorder r = p.make();
    std::string bytes = p.read();
    r.random(std::string(s.record_limit - bytes.size() - around - end + beyond, 'x'));
    r.finish();
    bytes += p.read();
    BOOST_TEST(ended_whole(bytes, beyond ? record::ending::limit : record::ending::worker));
    BOOST_TEST((beyond ? bytes.size() < 1000 : bytes.size() == s.record_limit));
  }
}

BOOST_AUTO_TEST_CASE(gives_up_with_one_line_when_the_disk_is_full) {
  place p;
  p.writer.reset(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  recorder r = p.make();
  BOOST_TEST(!r.accepted(7, 0, peer(), peer()));
  r.received(7, 5, "hello");
  r.finish();
  BOOST_TEST(said(p, "the recording some.1 ends early: No space left on device") == 1u);
}

BOOST_AUTO_TEST_CASE(gives_up_when_nobody_reads_and_never_waits) {
  place p;
  p.settings.record_limit = 1 << 30;
  recorder r = p.make();
  BOOST_TEST(r.accepted(7, 0, peer(), peer()));
  const std::string block(64 * 1024, 'x');
  for (std::size_t i = 0; i < recorder::waiting_max / block.size() + 4; ++i)
    r.received(7, net::result(block.size()), block.data());
  BOOST_TEST(said(p, "ends early: who writes the file is not fast enough") == 1u);
  BOOST_TEST(!r.accepted(8, 0, peer(), peer()));
}

BOOST_AUTO_TEST_CASE(gives_up_at_its_end_when_nobody_reads_any_more) {
  for (const bool gone : {false, true}) {
    net::ignore_broken_pipes();
    place p;
    recorder r = p.make();
    const std::string block(128 * 1024, 'x');
    r.random(block);
    BOOST_TEST(said(p, "ends early") == 0u);
    if (gone) p.reader.reset();
    r.finish();
    BOOST_TEST(said(p, gone ? "ends early: Broken pipe" : "ends early: who writes the file is not fast enough") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(makes_files_that_only_the_owner_reads_and_overwrites_none) {
  const folder f;
  const std::string name = f.path + "/r";
  net::error_code ec;
  for (unsigned i = 1; i <= record_files_max; ++i) {
    const record_file made = make_record_file(name, ec);
    BOOST_REQUIRE(!ec);
    BOOST_REQUIRE(made.path == name + "." + std::to_string(i));
    struct stat s {};
    BOOST_REQUIRE(::fstat(made.fd.get(), &s) == 0);
    BOOST_TEST((s.st_mode & 0777) == 0600u);
  }
  BOOST_TEST(!make_record_file(name, ec).fd);
  BOOST_TEST(cannot_record("r", ec) ==
             "not recorded: r.1 to r.64 are there already; move them away, or change --record");
  std::filesystem::remove(name + ".9");
  BOOST_TEST(make_record_file(name, ec).path == name + ".9");
}

BOOST_AUTO_TEST_CASE(says_why_there_is_no_file) {
  net::error_code ec;
  BOOST_TEST(!make_record_file("/nowhere/at/all", ec).fd);
  BOOST_TEST(cannot_record("/nowhere/at/all", ec) ==
             "not recorded: cannot make a file /nowhere/at/all.N: No such file or directory");
  BOOST_TEST(bool(may_make_record_file("/nowhere/at/all")));
  BOOST_TEST(!may_make_record_file("/tmp/any"));
}

BOOST_AUTO_TEST_SUITE_END()
