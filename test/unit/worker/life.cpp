// Distributed under the Boost Software License, Version 1.0.
// Tests the life of a worker: start, run, drain, signals, stop.
#include "support/served.hpp"

#include "worker/plugin_refused.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::log_lines;
using test::probe;
using test::served;

namespace {

bool refuses_connections(const net::endpoint& at) {
  const net::unique_fd fd(::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(fd.get(), at.data(), at.size) != 0;
}

// Calls `f` in the loop, once run() turns it.
template <class F> void in_loop(served& s, F f) { s.worker->loop().post(f); }

} // namespace

BOOST_AUTO_TEST_SUITE(life)

EPOLLHOST_TEST_EACH_TRIGGER(starts_runs_and_stops_its_plugin_once_each_and_in_order) {
  log_lines log;
  std::string order;
  probe p;
  p.start = [&] { return order += "start,", 0; };
  p.run = [&] { order += "run,"; };
  p.tick = [&](std::uint64_t arg) { order += "tick" + std::to_string(arg) + ","; };
  p.stop = [&] { order += "stop,"; };
  {
    served s(p, trigger);
    in_loop(s, [&] {
      BOOST_CHECK_EQUAL(p.host->post(p.host, 0, 7, nullptr, nullptr), EH_OK);
      s.worker->drain();
    });
    s.worker->run();
  }
  BOOST_CHECK(order == "start,run,tick7,stop," || order == "start,run,stop,");
  BOOST_CHECK_EQUAL(p.stops, 1);
}

// A crash is blamed by it.
BOOST_AUTO_TEST_CASE(shows_which_function_of_the_instance_runs) {
  probe p;
  worker_page page;
  std::vector<hook> seen;
  const auto look = [&] {
    BOOST_CHECK_EQUAL(page.conn, 0);
    seen.push_back(page.in_hook);
  };
  p.run = p.stop = look;
  p.tick = [&](std::uint64_t) { look(); };
  {
    worker w(test::default_settings(p.library(), loop::trigger::edge), p.library(), {}, page);
    page.conn = 77; // of a hook before
    BOOST_REQUIRE_EQUAL(p.host->post(p.host, 0, 1, nullptr, nullptr), EH_OK);
    w.loop().post([&] { w.drain(); });
    w.run();
  }
  BOOST_CHECK((seen == std::vector{hook::run, hook::tick, hook::stop}));
  BOOST_CHECK(page.in_hook == hook::none);
}

BOOST_AUTO_TEST_CASE(stops_a_plugin_that_never_ran) {
  probe p;
  { const served s(p, loop::trigger::edge); }
  BOOST_CHECK_EQUAL(p.stops, 1);
}

BOOST_AUTO_TEST_CASE(throws_what_the_user_needs_when_start_refuses) {
  log_lines log;
  probe p;
  p.start = [] { return 17; };
  BOOST_CHECK_EXCEPTION(served(p, loop::trigger::edge), plugin_refused, [](const plugin_refused& e) {
    return std::string_view(e.what()).find("answered 17, expected 0, and it logged no error") != std::string_view::npos;
  });
  p.start = [&] { return p.host->log(p.host, EH_LOG_ERROR, "no such file", 12), 17; };
  BOOST_CHECK_EXCEPTION(served(p, loop::trigger::edge), plugin_refused, [](const plugin_refused& e) {
    return std::string_view(e.what()).find("refused to start: no such file; its `start`") != std::string_view::npos;
  });
  BOOST_CHECK_EQUAL(p.stops, 0); // there is no instance
}

EPOLLHOST_TEST_EACH_TRIGGER(drains_accepts_no_more_tells_the_plugin_and_ends_with_its_last_connection) {
  log_lines log;
  probe p;
  std::vector<eh_conn_id> told;
  p.drain = [&](eh_io& io) {
    BOOST_CHECK(io.flags & EH_DRAINING);
    told.push_back(io.conn);
    io.deadline_ns = io.now_ns + 20'000'000; // one more thing to do before it ends
    return eh_next(EH_KEEP);
  };
  p.timer = [&](eh_io& io) {
    BOOST_CHECK(io.flags & EH_DRAINING);
    return eh_next(EH_CLOSE);
  };
  served s(p, trigger);
  const client a(s.at()), b(s.at());
  const net::endpoint at = s.at();
  s.until([&] { return p.opened.size() == 2; });
  in_loop(s, [&] { s.worker->drain(), s.worker->drain(); });
  s.worker->run();
  BOOST_CHECK_EQUAL(told.size(), 2);
  BOOST_CHECK_EQUAL(p.closed.size(), 2);
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
  BOOST_CHECK(refuses_connections(at));
}

// LESSONS 3.21: a plugin cannot veto.
EPOLLHOST_TEST_EACH_TRIGGER(cuts_off_at_the_drain_timeout_what_does_not_end_and_never_early) {
  log_lines log;
  probe p;
  p.drain = p.timer = [](eh_io&) { return eh_next(EH_KEEP); };
  served s(p, trigger, [](auto& w) { w.drain_timeout = 80ms; });
  client a(s.at()), b(s.at());
  s.until([&] { return p.opened.size() == 2; });
  const auto begin = std::chrono::steady_clock::now();
  in_loop(s, [&] { s.worker->drain(); });
  s.worker->run();
  BOOST_CHECK(std::chrono::steady_clock::now() - begin >= 80ms);
  BOOST_REQUIRE_EQUAL(p.closed.size(), 2);
  for (const auto& c : p.closed) BOOST_CHECK_EQUAL(c.reason, EH_REASON_DRAIN);
  BOOST_CHECK_NE(log.with({"warning", "drain timeout", "2 connections"}), "");
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_soon_what_is_idle_when_the_program_ends_and_leaves_the_others_their_time) {
  probe p;
  std::vector<eh_conn_id> idle;
  p.drain = [&](eh_io& io) { return idle.push_back(io.conn), eh_next(io.conn == p.opened[0] ? EH_KEEP : EH_IDLE); };
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    return eh_next(io.in[0] == 'i' ? EH_IDLE : EH_KEEP);
  };
  served s(p, trigger, [](auto& w) {
    w.drain_timeout = 1h;
    w.idle_drain = 20ms;
  });
  client busy(s.at());
  s.until([&] { return p.opened.size() == 1; });
  client rests(s.at()), wakes(s.at());
  s.until([&] { return p.opened.size() == 3; });
  s.worker->drain_all();
  s.until([&] { return idle.size() == 3; });
  wakes.send("a request"); // its answer says that it is not idle any more
  s.until([&] { return p.calls[probe_data] == 1; });
  s.receive_end(rests);
  rests.close();
  s.until([&] { return p.closed.size() == 1; });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_DRAIN);
  s.rest(30ms);
  BOOST_CHECK_EQUAL(p.closed.size(), 1);
  wakes.send("i");
  s.receive_end(wakes);
  wakes.close();
  busy.send("i");
  s.receive_end(busy);
  busy.close();
  s.until([&] { return p.closed.size() == 3; });
  BOOST_CHECK_EQUAL(s.worker->open_connections(), 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(answers_a_request_that_crosses_the_end_of_an_idle_connection) {
  probe p;
  p.drain = [](eh_io&) { return eh_next(EH_IDLE); };
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    p.host->write(p.host, io.conn, "answer", 6);
    return eh_next(EH_IDLE);
  };
  served s(p, trigger, [](auto& w) {
    w.drain_timeout = 1h;
    w.idle_drain = 0s;
  });
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  c.send("request"); // which the worker has not read when it closes what is idle
  s.worker->drain_all();
  s.receive_end(c);
  BOOST_CHECK_EQUAL(c.received, "answer");
  BOOST_CHECK_EQUAL(c.error, 0);
}

// Nobody waits for its end.
EPOLLHOST_TEST_EACH_TRIGGER(leaves_idle_connections_open_where_others_serve_on) {
  probe p;
  p.drain = p.data = [](eh_io& io) { return io.in_used = io.in_len, eh_next(EH_IDLE); };
  served s(p, trigger, [](auto& w) {
    w.drain_timeout = 1h;
    w.idle_drain = 0s;
  });
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  s.worker->drain();
  s.rest(20ms);
  c.send("still here");
  s.until([&] { return p.calls[probe_data] == 1; });
  s.rest(5ms);
  BOOST_CHECK(p.closed.empty());
}

EPOLLHOST_TEST_EACH_TRIGGER(cuts_off_what_lives_when_the_worker_dies) {
  probe p;
  {
    served s(p, trigger);
    const client a(s.at()), b(s.at());
    s.until([&] { return p.opened.size() == 2; });
  }
  BOOST_REQUIRE_EQUAL(p.closed.size(), 2);
  for (const auto& c : p.closed) BOOST_CHECK_EQUAL(c.reason, EH_REASON_DRAIN);
}

EPOLLHOST_TEST_EACH_TRIGGER(drains_at_a_signal_and_ends_at_once_at_a_second_one) {
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) {
    log_lines log;
    probe p;
    bool again = false;
    p.drain = [&](eh_io&) {
      again = true;
      ::kill(::getpid(), SIGTERM);
      return eh_next(EH_KEEP);
    };
    served s(p, trigger, [](auto& w) { w.drain_timeout = 1h; });
    const client c(s.at());
    s.until([&] { return p.opened.size() == 1; });
    ::kill(::getpid(), signal);
    s.worker->run();
    BOOST_CHECK(again);
    BOOST_REQUIRE_EQUAL(p.closed.size(), 1);
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_DRAIN);
  }
}

BOOST_AUTO_TEST_CASE(says_who_to_look_for_when_an_address_is_in_use) {
  log_lines log;
  probe p;
  const served first(p, loop::trigger::edge);
  listen_address taken;
  taken.endpoint = first.at();
  BOOST_CHECK_EXCEPTION(served(p, loop::trigger::edge, [&](auto& w) { w.listen = {taken}; }), std::runtime_error,
                        [&](const std::runtime_error& e) {
                          const std::string why = e.what();
                          return why.find(to_string(taken.endpoint)) != why.npos && why.find("ss -") != why.npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
