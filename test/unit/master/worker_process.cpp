// Distributed under the Boost Software License, Version 1.0.
// Tests what the master knows of a worker.
#include "master/worker_process.hpp"

#include "master/shared_page.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

using namespace epollhost;
using namespace epollhost::master;

namespace {

struct known_worker {
  explicit known_worker(bool draining, std::int64_t ends_by_ns = 0)
      : report(test::make_pipe()), ends(channel::pair()),
        process(loop, {.generation = 1, .instance = 0, .slot = 0},
                {.pid = ::getpid(),
                 .channel = ::dup(ends.first.fd()),
                 .report = report.reader.release(),
                 .page = ::dup(page.fd()),
                 .draining = draining,
                 .ends_by_ns = ends_by_ns},
                std::chrono::seconds(30), [](worker_process&, const message&) {}) {}

  loop::io_context loop{{}};
  shared_page page;
  test::pipe_ends report;
  std::pair<channel, channel> ends;
  worker_process process;
};

} // namespace

BOOST_AUTO_TEST_SUITE(worker_process_)

BOOST_AUTO_TEST_CASE(goes_on_draining_when_it_says_late_that_it_is_ready) {
  known_worker of(true);
  of.process.serving();
  BOOST_TEST((of.process.phase() == worker_process::phase::draining));
}

BOOST_AUTO_TEST_CASE(keeps_the_deadline_that_an_earlier_image_has_set) {
  known_worker of(true, 1000);
  BOOST_TEST(!of.process.overdue(999));
  BOOST_TEST(of.process.overdue(1000));
  BOOST_TEST(of.process.ends_by_ns() == 1000);
}

BOOST_AUTO_TEST_CASE(has_no_deadline_before_it_drains) {
  known_worker of(false);
  BOOST_TEST(!of.process.overdue(INT64_MAX - 1));
  BOOST_TEST(of.process.ends_by_ns() == 0);
  of.process.drain({});
  BOOST_TEST(of.process.ends_by_ns() > 0);
}

BOOST_AUTO_TEST_SUITE_END()
