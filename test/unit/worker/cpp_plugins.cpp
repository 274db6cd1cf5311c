// Distributed under the Boost Software License, Version 1.0.
// Tests plugins that are written as a class with plugin.hpp: options, and exceptions from everywhere.
#include "support/served.hpp"

#include "worker/plugin_refused.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using namespace std::chrono_literals;
using test::argument;
using test::client;
using test::log_lines;
using test::served;

namespace {

const plugin_library& thrower() {
  static const plugin_library library = plugin_library::open(argument("thrower.so"), false);
  return library;
}

served::change throw_in(const std::string& where) {
  return [where](worker_settings& s) {
    s.values.at(0).text = where;
    s.name = "my-thrower";
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(cpp_plugins)

// LESSONS 3.16.
EPOLLHOST_TEST_EACH_TRIGGER(ends_only_the_connection_whose_hook_threw_and_logs_what) {
  for (const std::string where : {"connection", "open", "data", "number", "room", "timer", "wake"}) {
    BOOST_TEST_CONTEXT(where) {
      log_lines log;
      served s(thrower(), trigger, throw_in(where));
      client witness(s.at());
      s.until([&] { return s.counters().accepted == 1; });
      client victim(s.at());
      victim.send_some("go");
      s.until([&] {
        victim.receive();
        return s.counters().closed == 1;
      });
      s.receive_end(victim);
      BOOST_CHECK_EQUAL(victim.error, ECONNRESET);
      BOOST_CHECK_EQUAL(s.counters().plugin_failures, 1);
      if (where == "number")
        BOOST_CHECK_NE(log.with({"error", "my-thrower", "data", "no std::exception"}), "");
      else
        BOOST_CHECK_NE(log.with({"error", "my-thrower", "thrown in " + where}), "");
      witness.send("still there?");
      s.receive(witness, 12);
      BOOST_CHECK_EQUAL(witness.received, "still there?");
      BOOST_CHECK_EQUAL(s.worker->open_connections(), 1);
    }
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(survives_a_close_hook_that_throws) {
  log_lines log;
  served s(thrower(), trigger, throw_in("close"));
  client witness(s.at());
  s.until([&] { return s.counters().accepted == 1; });
  { client victim(s.at()); }
  s.until([&] { return s.counters().closed == 1; });
  BOOST_CHECK_NE(log.with({"error", "my-thrower", "thrown in close"}), "");
  witness.send("on");
  s.receive(witness, 2);
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_in_order_though_a_drain_hook_throws) {
  log_lines log;
  served s(thrower(), trigger, throw_in("drain"));
  client witness(s.at()), victim(s.at());
  s.until([&] { return s.counters().accepted == 2; });
  s.worker->drain();
  s.worker->run();
  BOOST_CHECK_EQUAL(s.counters().closed, 2);
  BOOST_CHECK_EQUAL(s.counters().plugin_failures, 1);
  BOOST_CHECK_NE(log.with({"error", "my-thrower", "thrown in drain"}), "");
}

EPOLLHOST_TEST_EACH_TRIGGER(goes_on_though_tick_throws) {
  for (const std::string where : {"tick"}) {
    log_lines log;
    served s(thrower(), trigger, throw_in(where));
    client c(s.at());
    c.send("hi");
    bool asked = false;
    loop::steady_timer again(s.worker->loop());
    std::function<void(boost::system::error_code)> look = [&](boost::system::error_code ec) {
      if (ec) return;
      c.receive();
      if (c.received == "hi" && !asked) asked = true, s.worker->drain();
      again.expires_after(1ms);
      again.async_wait(look);
    };
    look({});
    s.worker->run();
    again.cancel();
    s.turn();
    BOOST_CHECK_EQUAL(c.received, "hi");
    BOOST_CHECK_NE(log.with({"error", "my-thrower", "thrown in " + where}), "");
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(serves_nobody_if_run_throws) {
  served s(thrower(), trigger, throw_in("run"));
  client c(s.at());
  c.send("hi");
  BOOST_CHECK_EXCEPTION(s.worker->run(), plugin_refused, [](const plugin_refused& e) {
    return std::string_view(e.what()).find("failed in its `run`: run threw: thrown in run") != std::string_view::npos;
  });
  BOOST_CHECK_EQUAL(s.counters().accepted, 0);
}

BOOST_AUTO_TEST_CASE(refuses_a_plugin_whose_constructor_throws) {
  log_lines log;
  BOOST_CHECK_EXCEPTION(served(thrower(), loop::trigger::edge, throw_in("constructor")), plugin_refused,
                        [](const plugin_refused& e) {
                          const std::string_view why = e.what();
                          return why.find("expected 0") != why.npos && why.find("--my-thrower") != why.npos;
                        });
  BOOST_CHECK_NE(log.with({"error", "my-thrower", "thrown in constructor"}), "");
}

BOOST_AUTO_TEST_CASE(describes_its_options_with_their_defaults) {
  const plugin_library library = plugin_library::open(argument("options.so"), false);
  const plugin_description& d = library.describe();
  BOOST_CHECK_EQUAL(d.name, "teller");
  BOOST_CHECK_EQUAL(d.version, "2.5.1");
  BOOST_CHECK_EQUAL(d.summary, "tells its options");
  BOOST_CHECK_EQUAL(d.listen, "[::1]:9");
  BOOST_CHECK_EQUAL(d.nodelay, 1);
  BOOST_CHECK_EQUAL(d.cork, 0);
  BOOST_CHECK_EQUAL(d.write_policy, EH_WRITE_NOW);
  BOOST_CHECK(d.single_worker);
  BOOST_REQUIRE_EQUAL(d.options.size(), 11);
  const std::uint32_t types[] = {EH_FLAG,   EH_INTEGER, EH_INTEGER, EH_REAL, EH_SIZE,  EH_DURATION,
                                 EH_STRING, EH_CHOICE,  EH_ADDRESS, EH_FILE, EH_SECRET};
  const std::int64_t integers[] = {1, -7, 9, 0, 65536, 250'000'000, 0, 1, 0, 0, 0};
  for (std::size_t i = 0; i < 11; ++i) {
    const option_description& o = d.options[i];
    BOOST_CHECK_EQUAL(o.help, "help of " + o.name);
    BOOST_CHECK_EQUAL(o.type, types[i]);
    if (o.type != EH_REAL && o.type != EH_STRING) BOOST_CHECK_EQUAL(o.fallback.integer, integers[i]);
  }
  BOOST_CHECK_EQUAL(d.options[1].min.integer, -10);
  BOOST_CHECK_EQUAL(d.options[1].max.integer, 10);
  BOOST_CHECK_EQUAL(d.options[2].min.integer, 0); // unsigned
  BOOST_CHECK_EQUAL(d.options[3].fallback.real, 0.25);
  BOOST_CHECK_EQUAL(d.options[5].min.integer, 1'000'000);
  BOOST_CHECK_EQUAL(d.options[5].max.integer, 10'000'000'000);
  BOOST_CHECK_EQUAL(d.options[6].fallback.text, "a text");
  BOOST_CHECK_EQUAL(d.options[7].fallback.text, "green");
  BOOST_CHECK((d.options[7].choices == std::vector<std::string>{"red", "green", "blue"}));
  BOOST_CHECK_EQUAL(d.options[8].fallback.text, ":80");
  BOOST_CHECK_EQUAL(d.options[9].fallback.text, "/etc");
  BOOST_CHECK_EQUAL(d.options[9].flags, EH_MUST_EXIST);
  BOOST_CHECK_EQUAL(d.options[10].fallback.text, "");
}

EPOLLHOST_TEST_EACH_TRIGGER(gets_its_options_by_default_and_as_they_are_set) {
  const plugin_library library = plugin_library::open(argument("options.so"), false);
  {
    served s(library, trigger);
    client c(s.at());
    s.receive_end(c);
    BOOST_CHECK_EQUAL(c.received, "1 -7 9 0.250000 65536 250 a text 1 :80 /etc ");
  }
  served s(library, trigger, [](worker_settings& w) {
    w.values = {{.integer = 0, .text = {}},
                {.integer = 10, .text = {}},
                {.integer = std::int64_t(1) << 40, .text = {}},
                {.real = -1.5, .text = {}},
                {.integer = 1, .text = {}},
                {.integer = 7'000'000'000, .text = {}},
                {.text = std::string("with\0zero", 9)},
                {.integer = 2, .text = "blue"},
                {.text = "unix:/x"},
                {.text = "/x y"},
                {.text = "hush"}};
  });
  client c(s.at());
  s.receive_end(c);
  BOOST_CHECK_EQUAL(c.received, std::string("0 10 1099511627776 -1.500000 1 7000 with\0zero 2 unix:/x /x y hush", 65));
}

BOOST_AUTO_TEST_SUITE_END()
