// Distributed under the Boost Software License, Version 1.0.
// Tests cancellation, deadlines, exceptions and the end of connections: each frame goes exactly once.
#include "scripted.hpp"

#include <stdexcept>

using namespace epollhost;
using namespace std::chrono_literals;
using test::fake_peer;
using test::scene;
using test::witness;

namespace {

// One operation of each kind, which cannot complete by itself; its error.
enum class kind { read, read_copy, write, timer, drain };
constexpr kind kinds[] = {kind::read, kind::read_copy, kind::write, kind::timer, kind::drain};

task<> wait_for(kind k, stream peer, steady_timer& timer, std::error_code& ec) {
  char buffer[10];
  switch (k) {
  case kind::read: co_await peer.async_read(10, ec); break;
  case kind::read_copy: co_await peer.async_read(buffer, ec); break;
  case kind::write: co_await peer.async_write(std::string(1'000'000, 'x'), ec); break;
  case kind::timer: co_await timer.async_wait(ec); break;
  case kind::drain: co_await peer.async_wait_drain(ec); break;
  }
}

// What makes it complete after all.
void complete(kind k, scene& s, fake_peer& p) {
  switch (k) {
  case kind::read:
  case kind::read_copy: s.send(p, "0123456789"); break;
  case kind::write:
    while (!p.queued.empty()) s.read(p);
    break;
  case kind::timer: s.advance(1h); break;
  case kind::drain: s.drain(); break;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(ending)

BOOST_AUTO_TEST_CASE(cancels_what_waits_and_nothing_that_has_completed) {
  for (const kind k : kinds) {
    for (const bool completed_first : {false, true}) {
      BOOST_TEST_CONTEXT("kind " << int(k) << ", " << completed_first) {
        std::error_code ec;
        bool done = false;
        scene s([&](stream peer) -> task<> {
          steady_timer timer(peer, 1h);
          co_spawn(peer, [](kind k, stream peer, steady_timer& timer, std::error_code& ec, bool& done) -> task<> {
            co_await wait_for(k, peer, timer, ec);
            done = true;
          }(k, peer, timer, ec, done));
          steady_timer until(peer, 1min);
          co_await until.async_wait();
          peer.cancel();
          timer.cancel();
          BOOST_CHECK(!done || completed_first); // nobody is resumed from inside of another coroutine
          co_await peer.async_read_some();
        });
        s.peers_read = false;
        fake_peer& p = s.connect();
        if (completed_first) complete(k, s, p);
        // The timers come in one turn, in the order in which they were started: first that of the cancellation.
        BOOST_CHECK_EQUAL(done, completed_first);
        if (done && k != kind::timer) {
          BOOST_CHECK(!ec);
          continue;
        }
        s.advance(1min);
        BOOST_CHECK(done);
        BOOST_CHECK_MESSAGE(ec == std::errc::operation_canceled, ec.message());
      }
    }
  }
}

// Its task waits for its turn because others had too many: then cancel() comes first. A write and the wait for the drain
// have completed; a read and a timer are looked at when the task has its turn.
BOOST_AUTO_TEST_CASE(keeps_the_result_of_what_has_completed_but_not_gone_on) {
  for (const kind k : {kind::read, kind::read_copy, kind::write, kind::timer, kind::drain}) {
    BOOST_TEST_CONTEXT("kind " << int(k)) {
      std::error_code ec;
      bool done = false;
      scene s([&](stream peer) -> task<> {
        steady_timer timer(peer, 0s);
        co_await peer.async_read(1);
        for (unsigned i = 1; i <= detail::scheduler::inline_completions_max; ++i) co_await peer.async_write("");
        co_spawn(peer, [](kind k, stream peer, steady_timer& timer, std::error_code& ec, bool& done) -> task<> {
          if (k == kind::write)
            co_await peer.async_write("small", ec);
          else
            co_await wait_for(k, peer, timer, ec);
          done = true;
        }(k, peer, timer, ec, done));
        co_spawn(peer, [](stream peer, steady_timer& timer, bool& done) -> task<> {
          BOOST_CHECK(!done);
          peer.cancel();
          timer.cancel();
          co_return;
        }(peer, timer, done));
        co_await post();
        co_await post();
      });
      fake_peer& p = s.connect();
      s.drain();
      s.send(p, "x0123456789");
      BOOST_CHECK(done);
      const bool had_completed = k == kind::write || k == kind::drain;
      BOOST_CHECK_MESSAGE(had_completed ? !ec : ec == std::errc::operation_canceled, ec.message());
      BOOST_CHECK_EQUAL(p.sent, k == kind::write ? "small" : "");
    }
  }
}

// Two wait for the same; the first that goes on cancels the other, which has its result.
BOOST_AUTO_TEST_CASE(keeps_the_result_of_what_completed_in_the_same_moment) {
  std::vector<std::error_code> results;
  const auto waiting = [&](stream peer) -> task<> {
    std::error_code ec = std::make_error_code(std::errc::interrupted);
    co_await peer.async_wait_drain(ec);
    results.push_back(ec);
    peer.cancel();
  };
  scene s([&](stream peer) -> task<> {
    co_spawn(peer, waiting(peer));
    co_spawn(peer, waiting(peer));
    std::error_code ec;
    co_await peer.async_read_some(ec);
    results.push_back(ec);
  });
  s.connect();
  s.drain();
  BOOST_REQUIRE_EQUAL(results.size(), 3);
  BOOST_CHECK(!results[0]);
  BOOST_CHECK(!results[1]);
  BOOST_CHECK(results[2] == std::errc::operation_canceled);
}

BOOST_AUTO_TEST_CASE(reads_and_writes_again_after_cancel) {
  scene s([](stream peer) -> task<> {
    std::error_code ec;
    peer.cancel(); // nothing waits
    co_await peer.async_read(3, ec);
    BOOST_CHECK(!ec);
    co_await peer.async_write("again");
  });
  fake_peer& p = s.connect();
  s.send(p, "abc");
  BOOST_CHECK_EQUAL(p.sent, "again");
}

BOOST_AUTO_TEST_CASE(throws_what_the_other_form_reports) {
  std::string what;
  scene s([&](stream peer) -> task<> {
    peer.expires_after(1s);
    try {
      co_await peer.async_read_some();
    } catch (const stream_error& e) {
      BOOST_CHECK(e.code() == std::errc::timed_out);
      what = e.what();
    }
  });
  s.connect();
  s.advance(1s);
  BOOST_CHECK_EQUAL(what, "async_read_some: Connection timed out");
}

BOOST_AUTO_TEST_CASE(ends_what_waits_at_the_deadline_and_not_before) {
  for (const kind k : {kind::read, kind::read_copy, kind::write, kind::drain}) {
    BOOST_TEST_CONTEXT("kind " << int(k)) {
      std::error_code ec;
      bool done = false;
      scene s([&](stream peer) -> task<> {
        steady_timer timer(peer);
        co_await peer.async_read(1);
        peer.expires_after(1s);
        co_await wait_for(k, peer, timer, ec);
        done = true;
        std::error_code later;
        co_await peer.async_read(0, later);
        BOOST_CHECK(later == std::errc::timed_out); // until it is set anew
        peer.expires_after(1s);
        co_await peer.async_read(0, later);
        BOOST_CHECK(!later);
        peer.expires_never();
        co_await peer.async_read_some();
      });
      fake_peer& p = s.connect();
      p.reads = false;
      s.send(p, "x");
      s.advance(999'999'999ns);
      BOOST_CHECK(!done);
      s.advance(1ns);
      BOOST_CHECK(done);
      BOOST_CHECK(ec == std::errc::timed_out);
      s.advance(1h);
      BOOST_CHECK(!p.closed);
    }
  }
}

BOOST_AUTO_TEST_CASE(moves_the_deadline_with_each_message) {
  scene s([](stream peer) -> task<> {
    peer.expires_after(1s);
    while (co_await peer.async_read_some()) peer.expires_after(1s);
  });
  fake_peer& p = s.connect();
  for (int i = 0; i < 10; ++i) {
    s.advance(900ms);
    s.send(p, "x");
  }
  BOOST_CHECK(!p.closed);
  s.advance(1s);
  BOOST_CHECK(p.closed);
  BOOST_CHECK(!p.failed); // a deadline is no failure of the plugin
  BOOST_CHECK(s.log_lines.empty());
}

BOOST_AUTO_TEST_CASE(sets_the_deadline_of_a_connection_that_is_not_in_hand) {
  std::vector<stream> all;
  scene s([&](stream peer) -> task<> {
    all.push_back(peer);
    while (const auto word = co_await peer.async_read(4))
      if (*word == "soon")
        all[0].expires_after(1s);
      else
        all[0].expires_never();
  });
  fake_peer &a = s.connect(), &b = s.connect();
  s.send(b, "soon");
  s.advance(999ms);
  s.send(b, "stop");
  s.advance(1h);
  BOOST_CHECK(!a.closed);
  s.send(b, "soon");
  s.advance(1s);
  BOOST_CHECK(a.closed);
  BOOST_CHECK(!b.closed);
  all.clear();
}

BOOST_AUTO_TEST_CASE(destroys_each_frame_once_wherever_it_waits) {
  for (const kind k : kinds) {
    for (const bool nested : {false, true}) {
      BOOST_TEST_CONTEXT("kind " << int(k) << ", " << nested) {
        {
          scene s([&](stream peer) -> task<> {
            const witness here;
            const std::string text = "something that is too long to lie inside of the string";
            steady_timer timer(peer, 1h);
            std::error_code ec;
            co_spawn(peer, [](witness) -> task<> { co_await post(); }(here));
            co_spawn(peer, [](stream peer, witness) -> task<> { co_await peer.async_wait_drain(); }(peer, here));
            co_spawn(peer, [](steady_timer& t, witness) -> task<> { co_await t.async_wait(); }(timer, here));
            if (nested)
              co_await [](kind k, stream peer, steady_timer& t, std::error_code& ec, witness) -> task<> {
                const witness inner;
                co_await wait_for(k, peer, t, ec);
              }(k, peer, timer, ec, here);
            else
              co_await wait_for(k, peer, timer, ec);
          });
          s.peers_read = false;
          fake_peer& p = s.connect();
          BOOST_CHECK_GT(witness::alive, 0);
          s.drop(p);
          BOOST_CHECK_EQUAL(witness::alive, 0);
          BOOST_CHECK_EQUAL(s.pending_timers(), 0);
          s.connect(); // and one that the end of the host meets
        }
        BOOST_CHECK_EQUAL(witness::alive, 0);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(ends_the_tasks_of_a_connection_with_its_first_one) {
  scene s([](stream peer) -> task<> {
    co_spawn(peer, [](stream peer, witness) -> task<> {
      for (steady_timer beat(peer);;) {
        beat.expires_after(1s);
        co_await beat.async_wait();
        co_await peer.async_write("beat ");
      }
    }(peer, {}));
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  s.advance(1s);
  s.advance(1s);
  BOOST_CHECK_EQUAL(witness::alive, 1);
  s.send(p, "stop");
  BOOST_CHECK_EQUAL(p.sent, "beat beat ");
  BOOST_CHECK(p.closed);
  BOOST_CHECK_EQUAL(witness::alive, 0);
}

BOOST_AUTO_TEST_CASE(fails_the_connection_whose_task_threw_and_logs_what) {
  for (const std::string where : {"first", "nested", "spawned", "posted"}) {
    BOOST_TEST_CONTEXT(where) {
      scene s([where](stream peer) -> task<> {
        const witness here;
        const auto thrower = [](stream peer, std::string where, witness) -> task<int> {
          co_await peer.async_read_some();
          if (where != "posted") throw std::runtime_error("thrown in " + where);
          post(peer.get_executor(), [] { throw std::runtime_error("thrown in posted"); });
          co_return 1;
        };
        if (where == "spawned") {
          co_spawn(peer, [](auto thrower, stream peer, std::string where, witness w) -> task<> {
            co_await thrower(peer, where, w);
          }(thrower, peer, where, here));
          co_await peer.async_wait_drain();
        }
        if (where == "first") {
          co_await peer.async_read_some();
          throw std::runtime_error("thrown in first");
        }
        co_await thrower(peer, where, here);
        co_await peer.async_wait_drain();
      });
      fake_peer &p = s.connect(), &other = s.connect();
      s.send(p, "go");
      BOOST_CHECK(p.failed);
      BOOST_CHECK(p.closed);
      BOOST_REQUIRE_EQUAL(s.log_lines.size(), 1);
      BOOST_CHECK_EQUAL(s.log_lines[0], "a coroutine threw: thrown in " + where);
      BOOST_CHECK(!other.closed);
      s.drop(other);
      BOOST_CHECK_EQUAL(witness::alive, 0);
    }
  }
}

// The task is resumed by what happens to another connection.
BOOST_AUTO_TEST_CASE(fails_or_ends_the_right_connection_when_another_one_is_in_hand) {
  for (const bool throws : {false, true}) {
    std::vector<stream> all;
    scene s([&](stream peer) -> task<> {
      all.push_back(peer);
      if (all.size() == 1) co_await peer.async_wait_drain();
      co_await all[0].async_read_some();
      if (throws) throw std::runtime_error("on the wrong foot");
    });
    fake_peer &a = s.connect(), &b = s.connect();
    s.send(a, "x");
    BOOST_CHECK(!a.closed);
    BOOST_CHECK(b.closed);
    BOOST_CHECK_EQUAL(b.failed, throws);
    all.clear();
  }
}

BOOST_AUTO_TEST_CASE(catches_an_exception_of_a_nested_task) {
  scene s([](stream peer) -> task<> {
    try {
      co_await [](stream peer) -> task<> {
        co_await peer.async_read_some();
        throw std::runtime_error("inner");
      }(peer);
    } catch (const std::runtime_error& e) {
      co_spawn(peer, [](stream peer, std::string what) -> task<> { co_await peer.async_write(what); }(peer, e.what()));
    }
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  s.send(p, "x");
  BOOST_CHECK_EQUAL(p.sent, "inner");
  BOOST_CHECK(!p.failed);
}

BOOST_AUTO_TEST_CASE(survives_a_coroutine_that_cannot_be_made) {
  scene s([](stream) -> task<> { throw std::runtime_error("no coroutine"); });
  fake_peer& p = s.connect();
  BOOST_CHECK(p.failed);
  BOOST_CHECK(p.closed);
  BOOST_REQUIRE_EQUAL(s.log_lines.size(), 1);
  BOOST_CHECK_EQUAL(s.log_lines[0], "open threw: no coroutine");
}

BOOST_AUTO_TEST_CASE(closes_and_aborts_when_told) {
  for (const bool abort : {false, true}) {
    std::error_code ec;
    scene s([&](stream peer) -> task<> {
      const witness here;
      co_await peer.async_write("last words");
      abort ? peer.abort() : peer.close();
      co_await peer.async_write("nobody hears", ec);
      while (co_await peer.async_read_some()) {
      }
    });
    fake_peer& p = s.connect();
    BOOST_CHECK(ec == std::errc::operation_canceled);
    BOOST_CHECK(p.closed);
    BOOST_CHECK(!p.failed);
    BOOST_CHECK_EQUAL(p.fin_seen, !abort);
    BOOST_CHECK_EQUAL(witness::alive, 0);
    BOOST_CHECK(s.log_lines.empty());
  }
}

BOOST_AUTO_TEST_CASE(tells_tasks_that_the_worker_ends) {
  scene s([](stream peer) -> task<> {
    co_spawn(peer, [](stream peer) -> task<> {
      co_await peer.async_wait_drain();
      peer.cancel();
    }(peer));
    std::error_code ec;
    while (const auto line = co_await peer.async_read_until('\n', ec)) co_await peer.async_write(*line);
    if (peer.draining()) co_await peer.async_write("bye\n");
  });
  fake_peer& p = s.connect();
  s.send(p, "one\ntw");
  s.drain();
  BOOST_CHECK_EQUAL(p.sent, "one\nbye\n");
  BOOST_CHECK(p.closed);
}

BOOST_AUTO_TEST_CASE(says_that_a_connection_is_idle_between_messages_once_the_worker_ends) {
  for (const bool says : {true, false}) {
    scene s([says](stream peer) -> task<> {
      if (says) peer.idle_between_messages();
      while (const auto line = co_await peer.async_read_until('\n')) co_await peer.async_write(*line);
    });
    fake_peer &idle = s.connect(), &busy = s.connect();
    s.send(idle, "one\n");
    s.send(busy, "tw");
    BOOST_CHECK_EQUAL(idle.answer & EH_IDLE, 0);
    s.drain();
    BOOST_CHECK_EQUAL((idle.answer & EH_IDLE) != 0, says);
    BOOST_CHECK_EQUAL(busy.answer & EH_IDLE, 0);
    s.send(busy, "o\n");
    BOOST_CHECK_EQUAL((busy.answer & EH_IDLE) != 0, says);
    BOOST_CHECK_EQUAL(busy.sent, "two\n");
  }
}

BOOST_AUTO_TEST_CASE(keeps_the_handle_of_a_connection_that_is_gone) {
  stream kept;
  {
    scene s([&](stream peer) -> task<> {
      kept = peer;
      co_await peer.async_read_some();
    });
    fake_peer& p = s.connect(3);
    BOOST_CHECK(kept.is_open());
    BOOST_CHECK_EQUAL(kept.id(), p.id);
    BOOST_CHECK_EQUAL(kept.listener(), 3);
    BOOST_CHECK_EQUAL(kept.remote_address(), "10.0.0.1:50000");
    BOOST_CHECK_EQUAL(kept.local_address(), "10.0.0.2:7001");
    s.drop(p);
    BOOST_CHECK(!kept.is_open());
    kept.expires_after(1s);
    kept.cancel();
    kept.finish();
    kept.close();
    bool ran = false;
    co_spawn(kept, [](bool& ran) -> task<> {
      ran = true;
      co_return;
    }(ran));
    s.run();
    BOOST_CHECK(!ran);
    kept = {};
    BOOST_CHECK(!kept);
  }
}

BOOST_AUTO_TEST_SUITE_END()
