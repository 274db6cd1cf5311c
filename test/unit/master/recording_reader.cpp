// Distributed under the Boost Software License, Version 1.0.
// Tests master/recording_reader: what was written before a worker ended gets to the file, and a file that takes no more
// holds nobody up.
#include "master/recording_reader.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

log_options to_file(const std::string& path) {
  log_options o;
  o.file = path;
  return o;
}

/// A reader whose log is a file.
struct reading {
  reading() : log(to_file(folder / "log"), open_log_file(to_file(folder / "log"))), reader(log) {}

  // The worker's end of a new recording's pipe.
  net::unique_fd begin(std::uint64_t id, const std::string& path) {
    pipe_ends p = make_pipe(O_NONBLOCK);
    reader.add(id, path, std::move(p.reader));
    return std::move(p.writer);
  }
  void look() {
    std::vector<pollfd> waits{{.fd = -1, .events = 0, .revents = 0}}; // others stand before them
    reader.wait_for(waits);
    BOOST_REQUIRE_GT(::poll(waits.data(), waits.size(), 0), 0);
    reader.look(waits);
  }
  std::string said() const { return read_file(folder / "log"); }

  temporary_folder folder;
  log_sinks log;
  recording_reader reader;
};

void say(const net::unique_fd& to, std::string_view text) {
  BOOST_REQUIRE_EQUAL(::write(to.get(), text.data(), text.size()), text.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(recording_reader_)

BOOST_AUTO_TEST_CASE(copies_each_to_its_file_and_forgets_it_once_that_is_told) {
  reading r;
  net::unique_fd one = r.begin(1, r.folder / "one"), two = r.begin(2, r.folder / "two");
  say(one, "first");
  r.look();
  one.reset();
  r.look();
  BOOST_TEST(r.reader.has_ended());
  say(two, "second");
  r.look();
  BOOST_TEST(read_file(r.folder / "one") == "first");
  BOOST_TEST(read_file(r.folder / "two") == "second");
  r.reader.forget_ended([](std::uint64_t) { return false; });
  BOOST_TEST(r.reader.has_ended());
  r.reader.forget_ended([](std::uint64_t id) { return id == 1; });
  BOOST_TEST(!r.reader.has_ended());
}

BOOST_AUTO_TEST_CASE(takes_at_its_end_what_is_there_and_waits_for_nothing) {
  reading r;
  const net::unique_fd open = r.begin(1, r.folder / "one");
  const std::string much(60'000, 'x');
  say(open, much);
  r.reader.finish();
  BOOST_TEST(read_file(r.folder / "one") == much);
}

BOOST_AUTO_TEST_CASE(reads_and_drops_what_a_file_does_not_take) {
  reading r;
  const net::unique_fd full = r.begin(1, "/dev/full"), none = r.begin(2, r.folder / "no/folder");
  for (int i = 0; i < 2; ++i) {
    say(full, "lost");
    say(none, "lost");
    r.look();
  }
  const std::string said = r.said();
  BOOST_TEST(lines_of(said).size() == 2);
  BOOST_TEST(said.find("no/folder ends early: No such file or directory") != std::string::npos);
  BOOST_TEST(said.find("the recording /dev/full ends early: No space left on device") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
