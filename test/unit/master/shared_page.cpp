// Distributed under the Boost Software License, Version 1.0.
// Tests master/shared_page and what is read of a page: who maps it, who cannot, and that no number in it does harm.
#include "master/shared_page.hpp"

#include "master/child.hpp"
#include "master/totals.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <string>

using namespace epollhost;
using namespace epollhost::master;

namespace {

// Whether this process has a page in its memory.
bool has_a_page() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("epollhost page") != line.npos) return true;
  return false;
}

int status_of(pid_t child) {
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(shared_page_)

BOOST_AUTO_TEST_CASE(shows_the_master_what_its_worker_writes) {
  const shared_page page;
  const int keep[] = {page.fd()};
  BOOST_TEST(status_of(fork_child(keep, [&] {
               shared_page::map_for_worker(page.fd()).counters.accepted = 5;
               return 0;
             })) == 0);
  BOOST_TEST(std::uint64_t(page->counters.accepted) == 5u);
}

BOOST_AUTO_TEST_CASE(is_in_no_child_that_does_not_map_it) {
  const shared_page one, other;
  BOOST_TEST(has_a_page());
  const int keep[] = {one.fd()};
  BOOST_TEST(status_of(fork_child(keep, [&] { return has_a_page() || ::fcntl(other.fd(), F_GETFD) >= 0; })) == 0);
}

BOOST_AUTO_TEST_CASE(keeps_its_size_whatever_its_worker_does) {
  const shared_page page;
  struct stat s {};
  BOOST_REQUIRE_EQUAL(::fstat(page.fd(), &s), 0);
  BOOST_TEST(s.st_size < 32768); // bytes: it counts for the limit of file sizes
  BOOST_TEST(::ftruncate(page.fd(), 0) == -1);
  BOOST_TEST(::ftruncate(page.fd(), 1 << 20) == -1);
}

BOOST_AUTO_TEST_CASE(is_found_again_by_its_descriptor_and_no_other_file_is_taken_for_one) {
  const shared_page page;
  shared_page::map_for_worker(page.fd()).open = 3;
  const shared_page again(net::unique_fd(::dup(page.fd())));
  BOOST_TEST(open_of(*again) == 3u);
  net::unique_fd small(::memfd_create("small", MFD_CLOEXEC));
  BOOST_CHECK_THROW(shared_page(std::move(small)), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(counts_for_nothing_where_no_worker_can_have_counted_that) {
  for (const int byte : {0xff, 0x80, 0x41, 0x01}) {
    const auto page = std::make_unique<worker_page>();
    std::memset(static_cast<void*>(page.get()), byte, sizeof(worker_page));
    totals t;
    t.add(*page);
    channel_totals c;
    c.add(page->channels[0]);
    for (std::size_t i = 0; i < totals::columns.size(); ++i) BOOST_TEST(t[i] == 0u);
    BOOST_TEST(t.turns() + c.lines + c.bytes + c.dropped + open_of(*page) == 0u);
    BOOST_TEST(!is_hook(page->in_hook.load()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
