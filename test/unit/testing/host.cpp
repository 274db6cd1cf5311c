// Distributed under the Boost Software License, Version 1.0.
// Tests what a test of a plugin has in its hands: peers, time, options, log.
#include <epollhost/testing.hpp>

#include "support/collector.hpp"
#include "support/probe.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::probe;

namespace {

testing::plugin hosted(testing::settings chosen = {}) {
  return testing::plugin(test::argument("probe.so"), {}, std::move(chosen));
}

struct all_types {
  struct options {
    bool flag = false;
    std::int32_t number = 5;
    double real = 0.5;
    bytes size{512};
    std::chrono::milliseconds time{10};
    std::string_view text = "default";
    int word = 1;
  };
  static constexpr auto about = epollhost::about{"all", "1.0.0", "shows its options", ":7000"};
  static constexpr auto schema = epollhost::schema<options>(
      option("flag", &options::flag, "a flag"), option("number", &options::number, "a number").range(1, 10),
      option("real", &options::real, "a number").range(0.0, 1.0), option("size", &options::size, "a size"),
      option("time", &options::time, "a time"), option("text", &options::text, "a text"),
      option("word", &options::word, "a word").choices("none|some|all"));
  struct connection {
    const options& opt;
    next open(io& io) {
      std::string all = std::to_string(opt.flag) + " " + std::to_string(opt.number) + " " + std::to_string(opt.real) +
                        " " + std::to_string(opt.size.value) + " " + std::to_string(opt.time.count()) + " ";
      all += std::string(opt.text) + " " + std::to_string(opt.word);
      io.reply(all);
      return next::keep;
    }
    next data(io&) { return next::keep; }
  };
};

using shows_options = testing::plugin_of<all_types>;

struct counting {
  struct options {
    std::string_view name = "requests";
  };
  static constexpr auto about = epollhost::about{"counting", "1.0.0", "counts", ":7000"};
  static constexpr auto schema = epollhost::schema<options>(option("name", &options::name, "of its counter"));

  counting(epollhost::host h, const options& chosen)
      : host(h), requests(h.counter(std::string(chosen.name).c_str(), "bytes that came")),
        here(h.gauge("here", "connections that are there")) {}

  struct connection {
    counting& all;
    next open(io& io) {
      all.here.add();
      if (io.arg() == 1) all.host.counter("late", "defined too late");
      return next::keep;
    }
    next data(io& io) {
      all.requests.add(io.take().size());
      return next::keep;
    }
    void close(eh_reason) { all.here.subtract(); }
  };

  epollhost::host host;
  metric requests, here;
};

using counts = testing::plugin_of<counting>;

} // namespace

BOOST_AUTO_TEST_SUITE(host)

// A function that is null would be a crash in whoever calls it.
BOOST_AUTO_TEST_CASE(has_every_function_of_the_table) {
  probe p;
  testing::plugin host = hosted();
  const std::size_t first = offsetof(eh_host, log), size = sizeof(void*);
  BOOST_TEST(host.host()->size == sizeof(eh_host));
  for (std::size_t at = first; at < sizeof(eh_host); at += size) {
    void* function = nullptr;
    std::memcpy(&function, reinterpret_cast<const char*>(host.host()) + at, size);
    BOOST_TEST(function != nullptr, "the function at offset " << at << " of eh_host is missing");
  }
}

BOOST_AUTO_TEST_CASE(gives_defaults_to_options_that_are_not_set) {
  BOOST_TEST(shows_options().connect().received() == "0 5 0.500000 512 10 default 1");
}

BOOST_AUTO_TEST_CASE(parses_options_as_the_program_does) {
  shows_options p({{"flag", "on"},
                   {"number", "10"},
                   {"real", "0.25"},
                   {"size", "64KiB"},
                   {"time", "2s"},
                   {"text", "a b"},
                   {"word", "all"}});
  BOOST_TEST(p.connect().received() == "1 10 0.250000 65536 2000 a b 2");
}

BOOST_AUTO_TEST_CASE(takes_options_as_a_value_too) {
  all_types::options chosen;
  chosen.number = 7;
  chosen.text = "typed";
  BOOST_TEST(shows_options(chosen).connect().received() == "0 7 0.500000 512 10 typed 1");
}

BOOST_AUTO_TEST_CASE(refuses_options_that_the_program_would_refuse) {
  const std::pair<const char*, const char*> bad[] = {
      {"flag", "maybe"},     {"number", "0"},  {"number", "11"}, {"number", "x"}, {"number", ""},
      {"real", "1.5"},       {"real", "nan"},  {"size", "-1"},   {"size", "1XB"}, {"time", "5"},
      {"time", "99999999h"}, {"word", "more"}, {"numer", "5"}};
  for (const auto& [name, text] : bad)
    BOOST_CHECK_EXCEPTION(shows_options({{name, text}}), testing::refused, [name = name](const testing::refused& e) {
      return std::string(e.what()).find(name) != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(refuses_a_plugin_whose_start_refuses_and_shows_its_log) {
  probe p;
  p.start = [&] { return p.host->log(p.host, EH_LOG_ERROR, "no such file", 12), 1; };
  BOOST_CHECK_EXCEPTION(hosted(), testing::refused, [](const testing::refused& e) {
    return std::string(e.what()).find("it logged: no such file") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_is_no_plugin) {
  BOOST_CHECK_THROW(testing::plugin("/nonexistent.so"), testing::refused);
  BOOST_CHECK_THROW(testing::plugin("libc.so.6"), testing::refused);
}

BOOST_AUTO_TEST_CASE(lets_deadlines_pass_one_by_one_and_none_early) {
  probe p;
  std::vector<std::int64_t> at;
  p.open = [](eh_io& io) { return io.deadline_ns = io.now_ns + 10, eh_next(EH_KEEP); };
  p.timer = [&](eh_io& io) {
    at.push_back(io.now_ns);
    if (at.size() < 3) io.deadline_ns = io.now_ns + 10;
    return eh_next(EH_KEEP);
  };
  testing::plugin host = hosted();
  const std::int64_t start = host.now_ns();
  host.connect();
  host.advance(9ns);
  BOOST_TEST(at.size() == 0u);
  host.advance(1ns);
  BOOST_TEST(at.size() == 1u);
  host.advance(100ns);
  BOOST_TEST(at == (std::vector<std::int64_t>{start + 10, start + 20, start + 30}), boost::test_tools::per_element());
  BOOST_TEST(host.now_ns() == start + 110);
}

BOOST_AUTO_TEST_CASE(can_make_deadlines_late) {
  probe p;
  std::vector<std::int64_t> at;
  p.open = [](eh_io& io) { return io.deadline_ns = io.now_ns + 10, eh_next(EH_KEEP); };
  p.timer = [&](eh_io& io) { return at.push_back(io.now_ns), eh_next(EH_KEEP); };
  testing::plugin host = hosted();
  const std::int64_t start = host.now_ns();
  host.connect();
  host.jump(1h);
  BOOST_TEST(at == std::vector<std::int64_t>{start + std::chrono::nanoseconds(1h).count()},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(stops_taking_output_when_the_peer_does) {
  probe p;
  std::vector<std::int64_t> queued;
  testing::plugin host = hosted({.limits = {.output_high = 10, .output_low = 5, .output_max = EH_OUT_MIN}});
  testing::peer c = host.connect().stop_reading(3);
  const auto write = [&](std::size_t n) { return p.host->write(p.host, c.id(), std::string(n, 'x').data(), n); };
  BOOST_TEST(write(EH_OUT_MIN) == EH_OK);
  BOOST_TEST(write(1) == EH_OVER_LIMIT);
  host.settle();
  BOOST_TEST(c.received() == "xxx");
  BOOST_TEST(c.queued() == EH_OUT_MIN - 3u);
  c.read(EH_OUT_MIN - 3 - 6);
  BOOST_TEST(p.calls[probe_room] == 0u);
  c.read(1);
  BOOST_TEST(p.calls[probe_room] == 1u);
  c.start_reading();
  BOOST_TEST(c.received().size() == std::size_t(EH_OUT_MIN));
}

BOOST_AUTO_TEST_CASE(resets_a_peer_that_takes_nothing_for_the_send_timeout) {
  probe p;
  testing::plugin host = hosted();
  testing::peer c = host.connect().stop_reading();
  p.host->write(p.host, c.id(), "x", 1);
  host.advance(59s);
  BOOST_TEST(!c.closed());
  host.advance(1s);
  BOOST_TEST(c.reason() == EH_REASON_TIMEOUT);
  BOOST_TEST(c.was_reset());
}

BOOST_AUTO_TEST_CASE(lets_connections_wait_above_the_limit) {
  probe p;
  testing::plugin host = hosted({.limits = {.max_connections = 1}});
  testing::peer first = host.connect(), second = host.connect();
  BOOST_TEST(second.id() == 0u);
  second.send("early");
  first.reset();
  BOOST_TEST(second.id() != 0u);
  BOOST_TEST(host.bytes_in() == 5u);
}

BOOST_AUTO_TEST_CASE(ends_a_drain_by_force_at_its_timeout) {
  probe p;
  testing::plugin host = hosted();
  testing::peer c = host.connect();
  host.drain();
  BOOST_TEST(p.calls[probe_drain] == 1u);
  host.advance(29s);
  BOOST_TEST(host.open_connections() == 1u);
  host.advance(1s);
  BOOST_TEST(host.open_connections() == 0u);
  BOOST_TEST(c.reason() == EH_REASON_DRAIN);
}

BOOST_AUTO_TEST_CASE(tells_the_plugin_its_limits) {
  probe p;
  testing::plugin host = hosted({.limits = {.input_max = 1234, .output_max = 99'999}});
  const auto* const limits = static_cast<const eh_limits*>(p.host->get_extension(p.host, EH_LIMITS));
  BOOST_TEST_REQUIRE(limits);
  BOOST_TEST(limits->size == sizeof(eh_limits));
  BOOST_TEST(limits->input_max == 1234u);
  BOOST_TEST(limits->output_max == 99'999u);
  BOOST_TEST(p.host->get_extension(p.host, "eh.none/1") == nullptr);
}

BOOST_AUTO_TEST_CASE(keeps_the_log_with_its_levels) {
  probe p;
  testing::plugin host = hosted();
  p.host->log(p.host, EH_LOG_WARNING, "beware", 6);
  BOOST_TEST(host.log().size() == 1u);
  BOOST_TEST(host.log()[0].level == unsigned(EH_LOG_WARNING));
  BOOST_TEST(host.logged("bewar"));
  host.clear_log();
  BOOST_TEST(!host.logged("bewar"));
}

BOOST_AUTO_TEST_CASE(keeps_what_is_written_to_log_channels) {
  probe p;
  std::int64_t first = 0, again = 0, none = 0;
  p.start = [&] {
    first = p.host->channel_open(p.host, "/a.log", 6);
    again = p.host->channel_open(p.host, "/a.log", 6);
    return 0;
  };
  testing::plugin host = hosted({.throws = false});
  none = p.host->channel_open(p.host, "/b.log", 6);
  BOOST_TEST(first == 1);
  BOOST_TEST(again == 1);
  BOOST_TEST(none == EH_INVALID);
  BOOST_TEST(p.host->channel_write(p.host, 1, "a line\n", 7) == EH_OK);
  BOOST_TEST(p.host->channel_write(p.host, 1, "no line", 7) == EH_INVALID);
  BOOST_TEST(p.host->channel_write(p.host, 2, "a line\n", 7) == EH_INVALID);
  BOOST_TEST_REQUIRE(host.channels().size() == 1u);
  BOOST_TEST(host.channels()[0].path == "/a.log");
  BOOST_TEST(host.channels()[0].lines == "a line\n");
}

BOOST_AUTO_TEST_CASE(shows_what_metrics_have_come_to) {
  counts p;
  testing::peer a = p.connect(), b = p.connect();
  a.send("12345");
  b.send("123");
  BOOST_TEST(p.metric("requests") == 8u);
  BOOST_TEST(p.metric("here") == 2u);
  a.close();
  BOOST_TEST(p.metric("here") == 1u);
  BOOST_CHECK_THROW(p.metric("nobody"), testing::failure);
  BOOST_TEST_REQUIRE(p.metrics().size() == 2u);
  BOOST_TEST(p.metrics()[1].kind == unsigned(EH_METRIC_GAUGE));
  BOOST_TEST(p.metrics()[1].help == "connections that are there");
}

BOOST_AUTO_TEST_CASE(refuses_a_plugin_whose_metric_is_none) {
  BOOST_CHECK_EXCEPTION(counts({{"name", "Requests"}}), testing::refused, [](const testing::refused& e) {
    return std::string(e.what()).find("cannot define the metric \"Requests\"") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(lets_nobody_define_a_metric_after_the_constructor) {
  counts p({}, {.throws = false});
  p.connect(1);
  BOOST_TEST(p.failures() == 1u);
  BOOST_TEST(p.logged("cannot define the metric \"late\": only the constructor may do so"));
}

BOOST_AUTO_TEST_CASE(takes_the_metrics_that_the_program_takes) {
  probe p;
  std::uint64_t *cell = nullptr, *again = nullptr, *none = nullptr;
  const auto define = [&](std::uint32_t kind, const std::string& name, const std::string& help, std::uint64_t** to) {
    return p.host->metric(p.host, kind, name.c_str(), help.c_str(), to);
  };
  p.start = [&] {
    BOOST_TEST(define(EH_METRIC_COUNTER, "jobs", "help", &cell) == EH_OK);
    BOOST_TEST(define(EH_METRIC_COUNTER, "jobs", "help", &again) == EH_OK);
    BOOST_TEST(define(EH_METRIC_GAUGE, "jobs", "help", &none) == EH_INVALID);
    BOOST_TEST(define(3, "kind", "help", &none) == EH_INVALID);
    BOOST_TEST(define(EH_METRIC_GAUGE, "no-name", "help", &none) == EH_INVALID);
    BOOST_TEST(define(EH_METRIC_GAUGE, std::string(EH_METRIC_NAME_MAX, 'x'), "help", &none) == EH_INVALID);
    BOOST_TEST(define(EH_METRIC_GAUGE, "long", std::string(EH_METRIC_HELP_MAX, 'x'), &none) == EH_INVALID);
    BOOST_TEST(define(EH_METRIC_GAUGE, "empty", "", &none) == EH_INVALID);
    BOOST_TEST(define(EH_METRIC_GAUGE, "nowhere", "help", nullptr) == EH_INVALID);
    const std::string longest(EH_METRIC_HELP_MAX - 1, 'x');
    for (int i = 1; i < EH_METRICS_MAX; ++i)
      BOOST_TEST(define(EH_METRIC_GAUGE, longest.substr(0, std::size_t(32 + i)), longest, &none) == EH_OK);
    BOOST_TEST(define(EH_METRIC_GAUGE, "one_more", "help", &none) == EH_OVER_LIMIT);
    return 0;
  };
  const testing::plugin host = hosted({.throws = false});
  BOOST_TEST(cell == again);
  *cell += 2;
  BOOST_TEST(host.metric("jobs") == 2u);
  BOOST_TEST(define(EH_METRIC_GAUGE, "late", "help", &none) == EH_UNSUPPORTED);
}

BOOST_AUTO_TEST_CASE(gives_the_same_chance_each_time) {
  probe p;
  const auto draw = [&](std::uint64_t seed) {
    testing::plugin host = hosted({.seed = seed});
    std::string out(20, '\0');
    host.host()->random(host.host(), out.data(), out.size());
    return out;
  };
  BOOST_TEST(draw(1) == draw(1));
  BOOST_TEST(draw(1) != draw(2));
}

BOOST_AUTO_TEST_CASE(takes_pieces_as_segments_of_their_own) {
  probe p;
  test::collector got(p);
  testing::plugin host = hosted();
  host.connect().send_by(4, "ten bytes!");
  BOOST_TEST(p.calls[probe_data] == 3u);
  BOOST_TEST(got.bytes == "ten bytes!");
}

BOOST_AUTO_TEST_CASE(does_not_let_a_peer_send_behind_its_own_end) {
  probe p;
  testing::plugin host = hosted();
  testing::peer c = host.connect().finish();
  BOOST_CHECK_THROW(c.send("x"), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
