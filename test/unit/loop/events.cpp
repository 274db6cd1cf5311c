// Distributed under the Boost Software License, Version 1.0.
// Tests what the loop makes of the kernel's events.
#include "loop/io_context.hpp"

#include "support/watch.hpp"
#include "support/watcher.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>

using namespace epollhost;
using test::socket_pair;
using test::turn;
using test::watcher;

namespace {

void put(const net::unique_fd& fd, std::string_view bytes) {
  BOOST_REQUIRE_EQUAL(::write(fd.get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
}

std::size_t take(const net::unique_fd& fd, std::size_t most = 4096) {
  std::string bytes(most, '\0');
  const auto n = ::read(fd.get(), bytes.data(), most);
  return n > 0 ? std::size_t(n) : 0;
}

std::uint64_t turns_in_50_ms(loop::io_context& context) {
  watcher last(context);
  last.timer = [&] { context.stop(); };
  context.arm(last, context.refresh_now_ns() + 50'000'000);
  const auto before = context.counters().turns;
  context.run();
  return context.counters().turns - before;
}

} // namespace

BOOST_AUTO_TEST_SUITE(events)

// LESSONS 1.2: the first of two ready objects closes the other one's descriptor and opens a new one, which gets the
// same number, within one harvest.
EPOLLHOST_TEST_EACH_TRIGGER(drops_the_event_of_a_descriptor_whose_number_was_used_again_in_the_same_batch) {
  loop::io_context context({.trigger = trigger});
  std::array<socket_pair, 2> pairs;
  std::array<std::optional<watcher>, 2> old;
  socket_pair fresh;
  std::optional<watcher> heir;
  for (std::size_t i = 0; i < 2; ++i) {
    old[i].emplace(context, std::move(pairs[i].ours));
    BOOST_REQUIRE(!old[i]->watch());
    old[i]->event = [&, i](std::uint32_t) {
      take(old[i]->fd);
      const int number = old[1 - i]->fd.get();
      old[1 - i].reset();
      net::unique_fd same(::fcntl(fresh.ours.get(), F_DUPFD_CLOEXEC, number));
      BOOST_REQUIRE_EQUAL(same.get(), number);
      heir.emplace(context, std::move(same));
      BOOST_REQUIRE(!heir->watch());
    };
  }
  put(pairs[0].theirs, "a");
  put(pairs[1].theirs, "b");
  turn(context);
  BOOST_REQUIRE(heir);
  BOOST_CHECK_EQUAL(heir->events, 0);
  BOOST_CHECK_EQUAL(context.counters().stale_events, 1);
  put(fresh.theirs, "c");
  turn(context);
  BOOST_CHECK_EQUAL(heir->events, 1);
  BOOST_CHECK_EQUAL(context.counters().stale_events, 1);
}

// LESSONS 1.4, and 2: closing alone leaves the events of a duplicated descriptor coming, and nobody can remove them.
EPOLLHOST_TEST_EACH_TRIGGER(is_quiet_after_a_close_though_a_duplicate_of_the_descriptor_lives) {
  loop::io_context context({.trigger = trigger});
  socket_pair pair;
  const net::unique_fd duplicate(::fcntl(pair.ours.get(), F_DUPFD_CLOEXEC, 0));
  watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  w.close();
  put(pair.theirs, "nobody is interested");
  BOOST_CHECK_LE(turns_in_50_ms(context), 4);
  BOOST_CHECK_EQUAL(w.events, 0);
  BOOST_CHECK_EQUAL(context.counters().stale_events, 0);
}

// LESSONS 2: without RDHUP in the mask, the end behind the data would never be announced.
EPOLLHOST_TEST_EACH_TRIGGER(announces_the_end_of_input_together_with_the_data_before_it) {
  loop::io_context context({.trigger = trigger});
  socket_pair pair;
  watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  put(pair.theirs, "last words");
  BOOST_REQUIRE_EQUAL(::shutdown(pair.theirs.get(), SHUT_WR), 0);
  turn(context);
  BOOST_CHECK_EQUAL(w.events, 1);
  BOOST_CHECK(w.seen & EPOLLIN);
  BOOST_CHECK(w.seen & EPOLLRDHUP);
}

BOOST_AUTO_TEST_CASE(announces_unread_bytes_once_when_edge_triggered_and_always_when_level_triggered) {
  for (const auto t : {loop::trigger::edge, loop::trigger::level}) {
    loop::io_context context({.trigger = t});
    socket_pair pair;
    watcher w(context, std::move(pair.ours));
    BOOST_REQUIRE(!w.watch());
    put(pair.theirs, "12345");
    for (int i = 0; i < 5; ++i) turn(context);
    BOOST_CHECK_EQUAL(w.events, t == loop::trigger::edge ? 1 : 5);
    put(pair.theirs, "6");
    turn(context);
    BOOST_CHECK_EQUAL(w.events, t == loop::trigger::edge ? 2 : 6);
  }
}

// LESSONS 1.18: a change of the mask must not lose EPOLLET.
BOOST_AUTO_TEST_CASE(stays_edge_triggered_when_the_interest_changes) {
  loop::io_context context;
  socket_pair pair;
  watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  BOOST_REQUIRE(!context.set_interest(w, w.fd.get(), true, true));
  turn(context); // the MOD reports that it is writable
  const unsigned before = w.events;
  for (int i = 0; i < 5; ++i) turn(context);
  BOOST_CHECK_EQUAL(w.events, before);
  BOOST_REQUIRE(!context.set_interest(w, w.fd.get(), true, false));
  put(pair.theirs, "12345");
  for (int i = 0; i < 5; ++i) turn(context);
  BOOST_CHECK_EQUAL(w.events, before + 1);
}

BOOST_AUTO_TEST_CASE(reports_no_output_until_it_is_asked_for) {
  loop::io_context context;
  socket_pair pair;
  watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  turn(context);
  BOOST_CHECK_EQUAL(w.events, 0);
  put(pair.theirs, "in");
  turn(context);
  BOOST_CHECK_EQUAL(w.seen & EPOLLOUT, 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(reports_room_for_output_after_the_peer_has_read) {
  loop::io_context context({.trigger = trigger});
  socket_pair pair;
  watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  const std::string block(4096, 'x');
  while (::write(w.fd.get(), block.data(), block.size()) > 0) {
  }
  BOOST_REQUIRE(!context.set_interest(w, w.fd.get(), true, true));
  turn(context);
  BOOST_CHECK_EQUAL(w.seen & EPOLLOUT, 0);
  while (take(pair.theirs, 65536) > 0) {
  }
  turn(context);
  BOOST_CHECK(w.seen & EPOLLOUT);
}

BOOST_AUTO_TEST_CASE(follows_the_interest_with_its_mask_when_level_triggered) {
  loop::io_context context({.trigger = loop::trigger::level});
  socket_pair pair;
  watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  BOOST_REQUIRE(!context.set_interest(w, w.fd.get(), false, false));
  put(pair.theirs, "not now");
  BOOST_CHECK_LE(turns_in_50_ms(context), 4);
  BOOST_CHECK_EQUAL(w.events, 0);
  BOOST_REQUIRE(!context.set_interest(w, w.fd.get(), true, false));
  turn(context);
  BOOST_CHECK_EQUAL(w.events, 1);
}

// LESSONS 1.22.
BOOST_AUTO_TEST_CASE(answers_EPERM_for_what_epoll_does_not_take) {
  loop::io_context context;
  for (const char* const path : {"/dev/null", "/proc/self/exe"}) {
    watcher w(context, net::unique_fd(::open(path, O_RDONLY | O_CLOEXEC)));
    BOOST_REQUIRE(w.fd);
    BOOST_CHECK_EQUAL(w.watch().value(), EPERM);
    BOOST_CHECK(!context.watched(w));
    BOOST_CHECK_EQUAL(context.watch_level(w, w.fd.get()).value(), EPERM);
    BOOST_CHECK(!context.watched(w));
  }
}

// A pipe that is full of events for the objects of one batch, each of which ends all the others.
EPOLLHOST_TEST_EACH_TRIGGER(survives_an_object_that_ends_all_others_of_its_batch) {
  loop::io_context context({.trigger = trigger});
  constexpr std::size_t count = 50;
  std::array<socket_pair, count> pairs;
  std::vector<std::unique_ptr<watcher>> all;
  unsigned called = 0;
  for (auto& p : pairs) {
    all.push_back(std::make_unique<watcher>(context, std::move(p.ours)));
    BOOST_REQUIRE(!all.back()->watch());
    all.back()->event = [&, me = all.back().get()](std::uint32_t) {
      ++called;
      for (auto& w : all)
        if (w.get() != me) w.reset();
    };
  }
  for (auto& p : pairs) put(p.theirs, "!");
  turn(context);
  BOOST_CHECK_EQUAL(called, 1);
  BOOST_CHECK_EQUAL(context.counters().stale_events, count - 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(harvests_all_ready_descriptors_though_a_turn_takes_few) {
  loop::io_context context({.trigger = trigger, .events_a_turn = 2});
  std::array<socket_pair, 9> pairs;
  std::vector<std::unique_ptr<watcher>> all;
  for (auto& p : pairs) {
    all.push_back(std::make_unique<watcher>(context, std::move(p.ours)));
    BOOST_REQUIRE(!all.back()->watch());
    all.back()->event = [w = all.back().get()](std::uint32_t) { take(w->fd); };
    put(p.theirs, "x");
  }
  for (int i = 0; i < 5; ++i) turn(context);
  for (auto& w : all) BOOST_CHECK_EQUAL(w->events, 1);
}

BOOST_AUTO_TEST_CASE(spins_only_while_it_is_told_to_and_misses_nothing_then) {
  loop::io_context context({.spin = std::chrono::microseconds(50)});
  socket_pair pair;
  watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  unsigned rounds = 0;
  w.event = [&](std::uint32_t) {
    take(w.fd);
    if (++rounds == 1000) return context.stop();
    put(pair.theirs, "again");
  };
  put(pair.theirs, "begin");
  context.run();
  BOOST_CHECK_EQUAL(rounds, 1000);
  BOOST_CHECK_LE(turns_in_50_ms(context), 4);
}

BOOST_AUTO_TEST_SUITE_END()
