// Distributed under the Boost Software License, Version 1.0.
// Tests the host's functions: from inside of every hook, on itself and on others, on gone ones, from other threads.
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <set>
#include <thread>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::probe;
using test::served;

namespace {

constexpr std::array hook_names = {"open", "data", "room", "timer", "wake", "drain"};

// Two connections, the first of which gets one chosen hook. `act` runs in it, once.
struct stage {
  stage(loop::trigger trigger, probe_hook which, std::function<void(stage&, eh_io&)> act)
      : host(p, trigger, low_marks) {
    const auto once = [this, act](eh_io& io) {
      io.in_used = io.in_len;
      if (!first || (io.conn != first && which_ != probe_open) || acted) return eh_next(EH_KEEP);
      acted = true;
      act(*this, io);
      return eh_next(EH_KEEP);
    };
    which_ = which;
    probe::hook* const hooks[] = {&p.open, &p.data, &p.room, &p.timer, &p.wake, &p.drain};
    other.emplace(host.at());
    host.until([&] { return p.opened.size() == 1; });
    second = p.opened[0];
    if (which == probe_open) first = ~0ull; // known in the hook
    *hooks[which] = once;
    mine.emplace(host.at());
    host.until([&] { return p.opened.size() == 2; });
    first = p.opened[1];
  }

  static void low_marks(worker_settings& w) {
    w.limits.output_high = 1000;
    w.limits.output_low = 10;
    w.drain_timeout = 0s;
  }

  void provoke() {
    const eh_host* const h = p.host;
    switch (which_) {
    case probe_open: break;
    case probe_data: mine->send("x"); break;
    case probe_room: h->write(h, first, std::string(5000, 'r').data(), 5000); break;
    case probe_timer: h->timer_start(h, first, h->now_ns(h), 7); break;
    case probe_wake: h->wake(h, first, 7); break;
    case probe_drain: host.worker->drain(); break;
    default: break;
    }
    host.until([&] { return acted; });
    for (int i = 0; i < 3; ++i) host.turn();
  }

  probe p;
  served host;
  std::optional<client> mine, other;
  eh_conn_id first = 0, second = 0;
  bool acted = false;
  probe_hook which_;
};

template <class Act> void in_every_hook(loop::trigger trigger, Act act) {
  for (int which = probe_open; which < probe_hook_count; ++which)
    for (const bool self : {true, false}) {
      BOOST_TEST_CONTEXT(hook_names[std::size_t(which)] << (self ? " on itself" : " on another")) {
        stage s(trigger, probe_hook(which), [&](stage& s, eh_io& io) { act(s, io, self ? io.conn : s.second); });
        s.provoke();
        BOOST_CHECK(s.acted);
      }
    }
}

void ignore(void*) {}

} // namespace

BOOST_AUTO_TEST_SUITE(calls)

EPOLLHOST_TEST_EACH_TRIGGER(writes_from_every_hook) {
  for (int which = probe_open; which < probe_hook_count; ++which)
    for (const bool self : {true, false}) {
      BOOST_TEST_CONTEXT(hook_names[std::size_t(which)] << self) {
        stage s(trigger, probe_hook(which), [&](stage& s, eh_io& io) {
          const eh_host* const h = s.p.host;
          const eh_conn_id to = self ? io.conn : s.second;
          BOOST_CHECK_EQUAL(h->write(h, to, "a", 1), EH_OK);
          BOOST_CHECK_EQUAL(h->write_ref(h, to, "b", 1, ignore, nullptr), EH_OK);
          BOOST_CHECK_EQUAL(h->write(h, to, "c", 1), EH_OK);
        });
        s.provoke();
        client& got = self ? *s.mine : *s.other;
        s.host.until([&] {
          got.receive();
          return got.received.ends_with("abc");
        });
      }
    }
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_from_every_hook) {
  for (const eh_next how : {eh_next(EH_CLOSE), eh_next(EH_ABORT), eh_next(EH_CLOSE | EH_LINGER)})
    in_every_hook(trigger, [how](stage& s, eh_io&, eh_conn_id to) {
      BOOST_CHECK_EQUAL(s.p.end_by_call(to, how), EH_OK);
      BOOST_CHECK_EQUAL(s.p.end_by_call(to, how), EH_GONE);
      BOOST_CHECK(s.p.closed.empty()); // never inside another hook
    });
}

EPOLLHOST_TEST_EACH_TRIGGER(pauses_and_resumes_from_every_hook) {
  in_every_hook(trigger, [](stage& s, eh_io&, eh_conn_id to) {
    const eh_host* const h = s.p.host;
    BOOST_CHECK_EQUAL(h->resume(h, to), EH_OK);
    BOOST_CHECK_EQUAL(h->pause(h, to), EH_OK);
    BOOST_CHECK_EQUAL(h->pause(h, to), EH_OK);
    BOOST_CHECK_EQUAL(h->resume(h, to), EH_OK);
  });
}

EPOLLHOST_TEST_EACH_TRIGGER(wakes_posts_and_starts_timers_from_every_hook) {
  in_every_hook(trigger, [](stage& s, eh_io& io, eh_conn_id to) {
    const eh_host* const h = s.p.host;
    BOOST_CHECK_EQUAL(h->wake(h, to, 1), EH_OK);
    BOOST_CHECK_EQUAL(h->post(h, to, 2, ignore, nullptr), EH_OK);
    BOOST_CHECK_EQUAL(h->post(h, 0, 3, ignore, nullptr), EH_OK);
    const std::int64_t stopped = h->timer_start(h, to, io.now_ns, 4);
    BOOST_CHECK_GT(stopped, 0);
    BOOST_CHECK_GT(h->timer_start(h, to, io.now_ns, 5), 0);
    BOOST_CHECK_GT(h->timer_start(h, 0, io.now_ns, 6), 0);
    BOOST_CHECK_EQUAL(h->timer_stop(h, stopped), EH_OK);
    BOOST_CHECK_EQUAL(h->timer_stop(h, stopped), EH_GONE);
  });
}

EPOLLHOST_TEST_EACH_TRIGGER(answers_questions_from_every_hook) {
  in_every_hook(trigger, [](stage& s, eh_io&, eh_conn_id to) {
    const eh_host* const h = s.p.host;
    char text[100];
    BOOST_CHECK_GE(h->queued(h, to), 0);
    BOOST_CHECK_EQUAL(h->on_worker(h), 1);
    BOOST_CHECK_EQUAL(h->set_option(h, to, EH_SO_NODELAY, 1), EH_OK);
    BOOST_CHECK_EQUAL(h->set_option(h, to, EH_SO_CORK, 0), EH_OK);
    const std::int64_t len = h->address(h, to, 1, text, sizeof text);
    BOOST_REQUIRE_GT(len, 0);
    BOOST_CHECK_EQUAL(std::string(text), std::string(text, std::size_t(len)));
    BOOST_CHECK(std::string_view(text).starts_with("127.0.0.1:"));
    BOOST_CHECK_EQUAL(h->address(h, to, 1, text, std::uint64_t(len)), EH_OVER_LIMIT); // no room for the zero
    BOOST_CHECK_EQUAL(h->address(h, to, 1, text, std::uint64_t(len) + 1), len);
  });
}

EPOLLHOST_TEST_EACH_TRIGGER(answers_gone_for_stale_and_forged_ids) {
  probe p;
  served s(p, trigger);
  eh_conn_id stale = 0;
  {
    client c(s.at());
    s.until([&] { return p.opened.size() == 1; });
    stale = p.opened[0];
  }
  s.until([&] { return p.closed.size() == 1; });
  client c(s.at());
  s.until([&] { return p.opened.size() == 2; });
  const eh_conn_id live = p.opened[1];
  const eh_host* const h = p.host;
  // The first ids of the loop belong to objects that are no connections: the wake-up, signals, listeners. A timer's
  // too.
  const eh_conn_id timer = eh_conn_id(h->timer_start(h, 0, h->now_ns(h) + 1'000'000'000, 1));
  std::vector<eh_conn_id> wrong = {0, stale, timer, live + 1, live + (1ull << 24), live ^ (1ull << 63), ~0ull};
  for (eh_conn_id slot = 0; slot < 8; ++slot)
    if ((live & 0xffffff) != slot) wrong.push_back(1ull << 24 | slot);
  for (const eh_conn_id id : wrong) {
    BOOST_TEST_CONTEXT(std::hex << id) {
      char text[64];
      BOOST_CHECK_EQUAL(h->write(h, id, "x", 1), EH_GONE);
      BOOST_CHECK_EQUAL(h->write_ref(h, id, "x", 1, nullptr, nullptr), EH_GONE);
      BOOST_CHECK_EQUAL(h->pause(h, id), EH_GONE);
      BOOST_CHECK_EQUAL(h->resume(h, id), EH_GONE);
      BOOST_CHECK_EQUAL(h->close(h, id, EH_ABORT), EH_GONE);
      BOOST_CHECK_EQUAL(h->queued(h, id), EH_GONE);
      BOOST_CHECK_EQUAL(h->set_option(h, id, EH_SO_NODELAY, 1), EH_GONE);
      BOOST_CHECK_EQUAL(h->address(h, id, 0, text, sizeof text), EH_GONE);
      BOOST_CHECK_EQUAL(h->wake(h, id, 1), EH_GONE);
      if (id != 0) BOOST_CHECK_EQUAL(h->timer_start(h, id, 0, 1), EH_GONE);
    }
  }
  for (const eh_conn_id id : std::vector<eh_conn_id>{0, stale, live, ~0ull}) // no timers
    BOOST_CHECK_EQUAL(h->timer_stop(h, std::int64_t(id)), EH_GONE);
  c.send("still here");
  s.until([&] { return p.calls[probe_data] == 1; });
}

EPOLLHOST_TEST_EACH_TRIGGER(answers_invalid_for_arguments_out_of_range) {
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const eh_conn_id id = p.opened[0];
  const eh_host* const h = p.host;
  char text[64];
  BOOST_CHECK_EQUAL(h->write(h, id, nullptr, 1), EH_INVALID);
  BOOST_CHECK_EQUAL(h->write_ref(h, id, nullptr, 1, nullptr, nullptr), EH_INVALID);
  BOOST_CHECK_EQUAL(h->close(h, id, EH_KEEP), EH_INVALID);
  BOOST_CHECK_EQUAL(h->close(h, id, EH_FAIL), EH_INVALID);
  BOOST_CHECK_EQUAL(h->close(h, id, EH_CLOSE | EH_PAUSE), EH_INVALID);
  BOOST_CHECK_EQUAL(h->close(h, id, EH_ABORT | EH_LINGER), EH_INVALID);
  BOOST_CHECK_EQUAL(h->timer_start(h, id, 0, 0), EH_INVALID);
  BOOST_CHECK_EQUAL(h->set_option(h, id, 0, 1), EH_INVALID);
  BOOST_CHECK_EQUAL(h->set_option(h, id, 99, 1), EH_INVALID);
  BOOST_CHECK_EQUAL(h->address(h, id, 2, text, sizeof text), EH_INVALID);
  BOOST_CHECK_EQUAL(h->address(h, id, 0, nullptr, 10), EH_INVALID);
  BOOST_CHECK_EQUAL(h->write(h, id, nullptr, 0), EH_OK);
  BOOST_CHECK_EQUAL(h->write(h, id, "ok", 2), EH_OK); // nothing of all that has hurt it
  s.receive(c, 2);
  BOOST_CHECK_EQUAL(c.received, "ok");
  BOOST_CHECK(h->get_extension(h, "eh.nothing/1") == nullptr);
  const auto* const bounds = static_cast<const eh_limits*>(h->get_extension(h, EH_LIMITS));
  BOOST_REQUIRE(bounds);
  BOOST_CHECK_EQUAL(bounds->size, sizeof(eh_limits));
  const limits& set = s.worker->settings().limits;
  BOOST_CHECK_EQUAL(bounds->input_max, set.input_max);
  BOOST_CHECK_EQUAL(bounds->output_low, set.output_low);
  BOOST_CHECK_EQUAL(bounds->output_high, set.output_high);
  BOOST_CHECK_EQUAL(bounds->output_max, set.output_max);
}

EPOLLHOST_TEST_EACH_TRIGGER(answers_unsupported_where_a_unix_socket_has_no_such_option) {
  probe p;
  served s(p, trigger, [](auto& w) { w.listen = {test::any_unix()}; });
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const eh_host* const h = p.host;
  BOOST_CHECK_EQUAL(h->set_option(h, p.opened[0], EH_SO_NODELAY, 1), EH_UNSUPPORTED);
  BOOST_CHECK_EQUAL(h->set_option(h, p.opened[0], EH_SO_RCVBUF, 65536), EH_OK);
  char text[200];
  BOOST_CHECK_GT(h->address(h, p.opened[0], 1, text, sizeof text), 0);
  BOOST_CHECK(std::string_view(text).starts_with("unix:@epollhost-test-"));
}

EPOLLHOST_TEST_EACH_TRIGGER(answers_wrong_thread_elsewhere_and_does_nothing) {
  probe p;
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const eh_conn_id id = p.opened[0];
  const eh_host* const h = p.host;
  const std::int64_t timer = h->timer_start(h, id, h->now_ns(h) + 3'600'000'000'000, 1);
  std::thread([&] {
    char text[64];
    std::array<unsigned char, 16> random{};
    BOOST_CHECK_EQUAL(h->write(h, id, "x", 1), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->write_ref(h, id, "x", 1, nullptr, nullptr), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->pause(h, id), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->resume(h, id), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->close(h, id, EH_ABORT), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->queued(h, id), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->set_option(h, id, EH_SO_NODELAY, 1), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->address(h, id, 0, text, sizeof text), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->timer_start(h, id, 0, 1), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->timer_stop(h, timer), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->connect(h, nullptr, nullptr, nullptr), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->connect_error(h, text, sizeof text), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->wake(h, id, 1), EH_WRONG_THREAD);
    BOOST_CHECK_EQUAL(h->on_worker(h), 0);
    BOOST_CHECK_GT(h->now_ns(h), 0); // and what may be called from anywhere
    BOOST_CHECK_GT(h->wall_ns(h), 0);
    h->random(h, random.data(), random.size());
    BOOST_CHECK((random != std::array<unsigned char, 16>{}));
  }).join();
  for (int i = 0; i < 3; ++i) s.turn();
  c.receive();
  BOOST_CHECK_EQUAL(c.received, "");
  BOOST_CHECK_EQUAL(p.calls[probe_wake], 0);
  BOOST_CHECK_EQUAL(h->timer_stop(h, timer), EH_OK);
}

BOOST_AUTO_TEST_CASE(takes_lines_of_the_log_however_odd_they_are) {
  const test::log_lines lines;
  probe p;
  served s(p, loop::trigger::edge);
  p.host->log(p.host, 99, "of no level", 11);
  p.host->log(p.host, EH_LOG_INFO, nullptr, 5);
  BOOST_CHECK_EQUAL(lines.with({"info", "of no level"}), lines.with({"of no level"}));
  BOOST_CHECK(!lines.with({"of no level"}).empty());
  BOOST_CHECK_EQUAL(lines.all().size(), 2);
}

BOOST_AUTO_TEST_SUITE_END()
