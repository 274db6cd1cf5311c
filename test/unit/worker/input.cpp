// Distributed under the Boost Software License, Version 1.0.
// Tests how bytes come to a plugin: windows, want, the end of input, limits.
#include "support/collector.hpp"
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::collector;
using test::pattern;
using test::probe;
using test::quiet_turns;
using test::served;

namespace {

std::string in_of(const eh_io& io) { return {io.in, std::size_t(io.in_len)}; }

} // namespace

BOOST_AUTO_TEST_SUITE(input)

EPOLLHOST_TEST_EACH_TRIGGER(delivers_data_and_the_end_that_came_in_one_edge) {
  probe p;
  collector got(p);
  served s(p, trigger);
  client c(s.at());
  c.send("all of it");
  c.finish();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(got.bytes, "all of it");
  BOOST_CHECK_EQUAL(got.ends, 1);
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_END);
}

// The same, but on a connection that is in epoll already: there the event, not the speculative read, must tell.
EPOLLHOST_TEST_EACH_TRIGGER(delivers_data_and_the_end_that_came_in_one_edge_on_an_idle_connection) {
  probe p;
  collector got(p);
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  s.turn();
  c.send("all of it");
  c.finish();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(got.bytes, "all of it");
  BOOST_CHECK_EQUAL(got.ends, 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(delivers_every_byte_before_a_half_close_then_one_end) {
  for (const std::size_t size :
       {std::size_t(1), connection_context::receive_bytes - 1, connection_context::receive_bytes,
        connection_context::receive_bytes + 1, 3 * connection_context::receive_bytes}) {
    probe p;
    collector got(p);
    served s(p, trigger);
    client c(s.at());
    const std::string all = pattern(size);
    s.send(c, all);
    c.finish();
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK(got.bytes == all);
    BOOST_CHECK_EQUAL(got.ends, 1);
    BOOST_CHECK_EQUAL(got.after_the_end, 0);
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_END);
  }
}

// LESSONS 1.9: HUP and IN in one event.
EPOLLHOST_TEST_EACH_TRIGGER(delivers_every_byte_though_the_peer_has_closed_a_unix_socket) {
  probe p;
  collector got(p);
  served s(p, trigger, [](auto& w) { w.listen = {test::any_unix()}; });
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const std::string all = pattern(150'000);
  c.send(all);
  c.close();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK(got.bytes == all);
  BOOST_CHECK_EQUAL(got.ends, 1);
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_END);
}

EPOLLHOST_TEST_EACH_TRIGGER(tells_the_end_of_input_also_without_any_byte) {
  probe p;
  collector got(p);
  served s(p, trigger);
  client c(s.at());
  c.finish();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(got.bytes, "");
  BOOST_CHECK_EQUAL(got.ends, 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(tells_the_end_of_input_once_to_a_plugin_that_stays_half_open) {
  probe p;
  collector got(p);
  got.answer = EH_HALF_OPEN;
  served s(p, trigger);
  client c(s.at());
  c.send("x");
  c.finish();
  s.until([&] { return got.ends == 1; });
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_EQUAL(got.ends, 1);
  BOOST_CHECK(p.closed.empty());
  BOOST_REQUIRE_EQUAL(p.host->write(p.host, p.opened[0], "later", 5), EH_OK);
  s.receive(c, 5);
  BOOST_CHECK_EQUAL(p.end_by_call(p.opened[0], EH_CLOSE), EH_OK);
  s.receive_end(c);
  BOOST_CHECK_EQUAL(c.received, "later");
  BOOST_CHECK(c.ended);
}

EPOLLHOST_TEST_EACH_TRIGGER(gives_unconsumed_bytes_again_with_more_behind_them) {
  probe p;
  std::vector<std::string> seen;
  p.data = [&](eh_io& io) {
    seen.push_back(in_of(io));
    io.in_used = io.in_len >= 6 ? io.in_len : 1;
    io.want = io.in_len >= 6 ? 0 : io.in_len;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("abc");
  s.until([&] { return seen.size() == 1; });
  c.send("def");
  s.until([&] { return seen.size() == 2; });
  c.send("ghi");
  s.until([&] { return seen.size() == 3; });
  BOOST_CHECK_EQUAL(seen[0], "abc");
  BOOST_CHECK_EQUAL(seen[1], "bcdef");
  BOOST_CHECK_EQUAL(seen[2], "cdefghi");
}

// Bytes come one by one, by turns; the plugin must see each prefix in one piece, whatever grows underneath.
EPOLLHOST_TEST_EACH_TRIGGER(keeps_a_growing_tail_contiguous_and_whole) {
  const std::string all = pattern(200'000);
  probe p;
  bool whole = true;
  std::size_t last = 0;
  p.data = [&](eh_io& io) {
    whole = whole && all.compare(0, io.in_len, io.in, io.in_len) == 0;
    last = io.in_len;
    if (io.in_len == all.size()) io.in_used = io.in_len;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  for (std::size_t at = 0, step = 1; at < all.size(); at += step, step = step * 5 / 4 + 1) {
    step = std::min(step, all.size() - at);
    s.send(c, std::string_view(all).substr(at, step));
    s.until([&] { return last >= at + step; });
  }
  BOOST_CHECK(whole);
  BOOST_CHECK_EQUAL(last, all.size());
}

EPOLLHOST_TEST_EACH_TRIGGER(waits_for_as_many_bytes_as_are_wanted) {
  probe p;
  std::vector<std::uint64_t> seen;
  p.data = [&](eh_io& io) {
    seen.push_back(io.in_len);
    if (seen.size() == 1)
      io.want = 10;
    else
      io.in_used = io.in_len;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("1");
  s.until([&] { return seen.size() == 1; });
  c.send("23456789");
  for (int i = 0; i < 5; ++i) s.turn();
  BOOST_CHECK_EQUAL(seen.size(), 1);
  c.send("0");
  s.until([&] { return seen.size() == 2; });
  BOOST_CHECK_EQUAL(seen[1], 10);
}

// What `data` wanted was met by the call that follows; the one after that one begins anew.
EPOLLHOST_TEST_EACH_TRIGGER(forgets_a_want_once_it_was_met) {
  probe p;
  std::vector<std::string> lines;
  p.data = [&](eh_io& io) {
    const auto end = in_of(io).find('\n');
    if (end == std::string::npos) return eh_next(EH_KEEP); // counts as a want of one byte more
    lines.push_back(in_of(io).substr(0, end));
    io.in_used = end + 1;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("a long");
  for (int i = 0; i < 5; ++i) s.turn();
  c.send(" line\n");
  s.until([&] { return lines.size() == 1; });
  c.send("b\n");
  s.until([&] { return lines.size() == 2; });
  BOOST_CHECK_EQUAL(lines[0], "a long line");
  BOOST_CHECK_EQUAL(lines[1], "b");
}

EPOLLHOST_TEST_EACH_TRIGGER(keeps_a_want_over_other_hooks) {
  probe p;
  std::vector<std::uint64_t> seen, found;
  p.data = [&](eh_io& io) {
    seen.push_back(io.in_len);
    if (seen.size() == 1) io.want = 10;
    if (seen.size() > 1) io.in_used = io.in_len;
    return eh_next(EH_KEEP);
  };
  p.wake = [&](eh_io& io) {
    found.push_back(io.want);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("1");
  s.until([&] { return seen.size() == 1; });
  BOOST_REQUIRE_EQUAL(p.host->wake(p.host, p.opened[0], 1), EH_OK);
  s.until([&] { return found.size() == 1; });
  c.send("23456789");
  for (int i = 0; i < 5; ++i) s.turn();
  BOOST_CHECK_EQUAL(found[0], 10);
  BOOST_CHECK_EQUAL(seen.size(), 1);
  c.send("0");
  s.until([&] { return seen.size() == 2; });
  BOOST_CHECK_EQUAL(seen[1], 10);
}

EPOLLHOST_TEST_EACH_TRIGGER(calls_at_the_end_of_input_though_more_was_wanted) {
  probe p;
  std::vector<std::pair<std::string, std::uint32_t>> seen;
  p.data = [&](eh_io& io) {
    seen.emplace_back(in_of(io), io.flags);
    io.want = 1000;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("too few");
  c.finish();
  s.until([&] { return !p.closed.empty(); });
  BOOST_REQUIRE(!seen.empty());
  BOOST_CHECK_EQUAL(seen.back().first, "too few");
  BOOST_CHECK_EQUAL(seen.back().second, EH_IN_END);
}

// want 0 and bytes left: no traffic is needed for the next call.
EPOLLHOST_TEST_EACH_TRIGGER(calls_again_at_once_while_bytes_are_consumed_and_left) {
  probe p;
  std::string got;
  p.data = [&](eh_io& io) {
    got += io.in[0];
    io.in_used = 1;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  const std::string all = pattern(1000);
  c.send(all);
  s.until([&] { return got.size() == all.size(); });
  BOOST_CHECK(got == all);
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
}

EPOLLHOST_TEST_EACH_TRIGGER(drains_a_tail_byte_by_byte_at_the_end_of_input_too) {
  probe p;
  std::string got;
  int ends = 0;
  p.data = [&](eh_io& io) {
    if (io.flags & EH_IN_END) ++ends;
    if (io.in_len) got += io.in[0], io.in_used = 1;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  const std::string all = pattern(500);
  c.send(all);
  c.finish();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK(got == all);
  BOOST_CHECK_GE(ends, 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(takes_a_call_without_use_and_output_as_a_wish_for_one_byte_more) {
  probe p;
  int calls = 0;
  p.data = [&](eh_io&) {
    ++calls;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("1234");
  s.until([&] { return calls == 1; });
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_EQUAL(calls, 1);
  c.send("5");
  s.until([&] { return calls == 2; });
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_EQUAL(calls, 2);
}

EPOLLHOST_TEST_EACH_TRIGGER(goes_on_calling_a_plugin_that_writes_but_consumes_nothing_yet) {
  probe p;
  int calls = 0;
  p.data = [&](eh_io& io) {
    io.out[0] = '.';
    io.out_used = 1;
    if (++calls == 10) io.in_used = io.in_len;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("x");
  s.receive(c, 10);
  BOOST_CHECK_EQUAL(c.received, "..........");
}

EPOLLHOST_TEST_EACH_TRIGGER(serves_a_want_of_exactly_the_input_limit_and_closes_at_one_more) {
  for (const std::size_t over : {0, 1}) {
    const std::size_t limit = 32 * 1024;
    probe p;
    std::size_t most = 0;
    p.data = [&](eh_io& io) {
      most = std::max<std::size_t>(most, io.in_len);
      io.want = limit + over;
      if (io.in_len == limit) io.in_used = io.in_len;
      return eh_next(EH_KEEP);
    };
    served s(p, trigger, [&](auto& w) { w.limits.input_max = limit; });
    client c(s.at());
    s.until([&] { return p.opened.size() == 1; });
    c.send_some(pattern(limit)); // with one over, the connection ends meanwhile
    if (over == 0) {
      s.until([&] { return most == limit; });
      BOOST_CHECK(p.closed.empty());
    } else {
      s.until([&] { return !p.closed.empty(); });
      BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_INPUT_MAX);
    }
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_when_a_plugin_makes_no_progress_with_all_the_input_that_may_be_kept) {
  const std::size_t limit = 100'000;
  probe p;
  std::size_t most = 0;
  p.data = [&](eh_io& io) {
    most = std::max<std::size_t>(most, io.in_len);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [&](auto& w) { w.limits.input_max = limit; });
  client c(s.at());
  s.until([&] {
    c.send_some(std::string(1000, 'x'));
    return !p.closed.empty();
  });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_INPUT_MAX);
  BOOST_CHECK_EQUAL(most, limit);
}

BOOST_AUTO_TEST_SUITE_END()
