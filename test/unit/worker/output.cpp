// Distributed under the Boost Software License, Version 1.0.
// Tests how a plugin's bytes leave: order, marks, limits, references, the FIN behind them.
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::pattern;
using test::probe;
using test::quiet_turns;
using test::served;

namespace {

void say(eh_io& io, std::string_view text) {
  std::memcpy(io.out + io.out_used, text.data(), text.size());
  io.out_used += text.size();
}

// Counts the calls of a release function, and whether any came inside a hook.
struct released {
  explicit released(probe& p) : p(p) {}
  static void release(void* self) {
    auto& r = *static_cast<released*>(self);
    ++r.count;
    r.in_hook |= r.p.in_hook();
    r.after_close |= !r.p.closed.empty();
  }
  probe& p;
  int count = 0;
  bool in_hook = false, after_close = false;
};

constexpr std::size_t megabyte = 1 << 20;

} // namespace

BOOST_AUTO_TEST_SUITE(output)

// LESSONS 1.10.
EPOLLHOST_TEST_EACH_TRIGGER(sends_the_whole_answer_to_a_client_that_has_half_closed) {
  const std::string answer = pattern(3 * megabyte);
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    if (io.flags & EH_IN_END) p.host->write(p.host, io.conn, answer.data(), answer.size());
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at(), 200'000);
  c.send("please");
  c.finish();
  s.receive_end(c);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK(c.received == answer);
  BOOST_CHECK(c.ended);
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_END);
}

EPOLLHOST_TEST_EACH_TRIGGER(keeps_the_order_of_window_copies_and_references) {
  probe p;
  static constexpr char four[] = "4";
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    say(io, "1");
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, "2", 1), EH_OK);
    BOOST_CHECK_EQUAL(io.out_used, 0);
    say(io, "3");
    BOOST_CHECK_EQUAL(p.host->write_ref(p.host, io.conn, four, 1, nullptr, nullptr), EH_OK);
    say(io, "5");
    BOOST_CHECK_EQUAL(p.host->queued(p.host, io.conn), 5);
    const std::string big(100'000, '6');
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, big.data(), big.size()), EH_OK);
    say(io, "7");
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("go");
  s.receive(c, 100'006);
  BOOST_CHECK(c.received == "12345" + std::string(100'000, '6') + "7");
}

EPOLLHOST_TEST_EACH_TRIGGER(writes_to_a_connection_that_is_not_in_hand) {
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    for (const eh_conn_id to : p.opened) BOOST_CHECK_EQUAL(p.host->write(p.host, to, io.in, io.in_len), EH_OK);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client a(s.at()), b(s.at()), c(s.at());
  s.until([&] { return p.opened.size() == 3; });
  b.send("to all");
  for (client* const each : {&a, &b, &c}) {
    s.receive(*each, 6);
    BOOST_CHECK_EQUAL(each->received, "to all");
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(takes_up_to_the_output_limit_and_nothing_of_what_is_over_it) {
  for (const bool by_reference : {false, true}) {
    probe p;
    released r(p);
    const std::size_t limit = megabyte;
    const std::string all = pattern(limit + 1);
    const auto write = [&](eh_io& io, std::size_t len) {
      return by_reference ? p.host->write_ref(p.host, io.conn, all.data(), len, released::release, &r)
                          : p.host->write(p.host, io.conn, all.data(), len);
    };
    p.open = [&](eh_io& io) {
      BOOST_CHECK_EQUAL(write(io, limit + 1), EH_OVER_LIMIT);
      BOOST_CHECK_EQUAL(p.host->queued(p.host, io.conn), 0);
      BOOST_CHECK_EQUAL(write(io, limit), EH_OK);
      BOOST_CHECK_EQUAL(write(io, 1), EH_OVER_LIMIT);
      BOOST_CHECK_EQUAL(p.host->queued(p.host, io.conn), std::int64_t(limit));
      return eh_next(EH_CLOSE);
    };
    {
      served s(p, trigger, [&](auto& w) { w.limits.output_max = limit; });
      client c(s.at());
      s.receive_end(c);
      BOOST_CHECK(c.received == all.substr(0, limit));
    }
    BOOST_CHECK_EQUAL(r.count, by_reference ? 1 : 0);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(says_room_to_whoever_was_refused_though_the_high_mark_was_not_passed) {
  probe p;
  const std::string all = pattern(megabyte);
  bool refused = false, room = false;
  p.open = [&](eh_io& io) {
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, all.data(), all.size()), EH_OK);
    refused = p.host->write(p.host, io.conn, "x", 1) == EH_OVER_LIMIT;
    return eh_next(EH_KEEP);
  };
  p.room = [&](eh_io&) {
    room = true;
    return eh_next(EH_CLOSE);
  };
  served s(p, trigger, [](auto& w) { w.limits.output_high = w.limits.output_max = megabyte; });
  client c(s.at());
  s.receive_end(c);
  BOOST_CHECK(refused && room);
  BOOST_CHECK(c.received == all);
}

EPOLLHOST_TEST_EACH_TRIGGER(releases_a_reference_once_before_close_and_outside_of_hooks) {
  const std::string block = pattern(600'000);
  for (const char how : {'c', 'a', 'r', 't'}) { // closed, aborted, reset by the peer, sent all
    probe p;
    released r(p);
    p.data = [&](eh_io& io) {
      io.in_used = io.in_len;
      for (int i = 0; i < 3; ++i)
        BOOST_CHECK_EQUAL(p.host->write_ref(p.host, io.conn, block.data(), block.size(), released::release, &r), EH_OK);
      BOOST_CHECK_EQUAL(r.count, 0);
      return eh_next(how == 'c' ? EH_CLOSE : how == 'a' ? EH_ABORT : EH_KEEP);
    };
    p.close = [&](eh_conn_id, eh_reason) { BOOST_CHECK_EQUAL(r.count, 3); };
    served s(p, trigger);
    client c(s.at(), 200'000);
    c.send("x");
    s.until([&] { return p.calls[probe_data] == 1; });
    if (how == 'r') {
      c.reset();
      s.until([&] { return !p.closed.empty(); });
    } else if (how == 't') {
      s.receive(c, 3 * block.size());
      s.until([&] { return r.count == 3; });
      BOOST_CHECK(p.closed.empty());
      BOOST_CHECK(c.received == block + block + block);
      BOOST_CHECK_EQUAL(p.host->queued(p.host, p.opened[0]), 0);
    } else {
      s.receive_end(c);
      c.close();
      s.until([&] { return !p.closed.empty(); });
    }
    BOOST_CHECK_EQUAL(r.count, 3);
    BOOST_CHECK(!r.in_hook);
    BOOST_CHECK(!r.after_close);
  }
}

// The next block is written when the one before has left: how a file is streamed. It must end when the peer goes.
EPOLLHOST_TEST_EACH_TRIGGER(lets_a_release_function_write_the_next_reference) {
  struct stream {
    probe& p;
    const std::string block = pattern(100'000);
    int blocks = 0, refused = 0;
    static void next(void* self) {
      auto& s = *static_cast<stream*>(self);
      const eh_host* const h = s.p.host;
      if (h->write_ref(h, s.p.opened[0], s.block.data(), s.block.size(), next, self) == EH_OK)
        ++s.blocks;
      else
        ++s.refused;
    }
  };
  probe p;
  stream out{p};
  p.open = [&](eh_io&) {
    stream::next(&out);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  s.receive(c, 10 * out.block.size());
  for (int i = 0; i < 10; ++i)
    BOOST_REQUIRE(c.received.compare(i * out.block.size(), out.block.size(), out.block) == 0);
  c.reset();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_RESET);
  BOOST_CHECK_EQUAL(out.refused, 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(lets_a_release_function_abort_its_connection) {
  probe p;
  const std::string block = pattern(100'000);
  p.open = [&](eh_io& io) {
    const auto end = [](void* self) {
      auto& p = *static_cast<probe*>(self);
      p.end_by_call(p.opened[0], EH_ABORT);
    };
    for (int i = 0; i < 3; ++i) p.host->write_ref(p.host, io.conn, block.data(), block.size(), end, &p);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  s.receive_end(c);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
  BOOST_CHECK_EQUAL(s.counters().reset_by_peer, 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(calls_room_once_when_the_queue_has_fallen_below_the_low_mark) {
  probe p;
  std::vector<std::int64_t> queued;
  p.room = [&](eh_io& io) {
    queued.push_back(p.host->queued(p.host, io.conn));
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [](auto& w) { w.limits.output_high = 256 * 1024, w.limits.output_low = 64 * 1024; });
  client c(s.at(), 200'000);
  s.until([&] { return p.opened.size() == 1; });
  const std::string much(4'000'000, 'x');
  std::size_t sent = 0;
  for (unsigned round = 1; round <= 2; ++round) {
    BOOST_REQUIRE_EQUAL(p.host->write(p.host, p.opened[0], much.data(), much.size()), EH_OK);
    sent += much.size();
    s.until([&] {
      c.receive(30'000);
      return c.received.size() == sent;
    });
    s.until([&] { return queued.size() == round; });
    s.turn();
    BOOST_CHECK_EQUAL(queued.size(), round);
    BOOST_CHECK_LE(queued.back(), 64 * 1024);
  }
  // Whoever never was above the high mark hears nothing.
  BOOST_REQUIRE_EQUAL(p.host->write(p.host, p.opened[0], much.data(), 200'000), EH_OK);
  s.receive(c, sent + 200'000);
  for (int i = 0; i < 3; ++i) s.turn();
  BOOST_CHECK_EQUAL(queued.size(), 2);
}

// LESSONS: a client that pipelines and never reads. Each byte asks for EH_OUT_MIN bytes.
EPOLLHOST_TEST_EACH_TRIGGER(stops_calling_data_while_much_output_waits) {
  const std::string answer(EH_OUT_MIN, 'a');
  probe p;
  std::int64_t most = 0;
  p.data = [&](eh_io& io) {
    io.in_used = 1;
    say(io, answer);
    most = std::max(most, p.host->queued(p.host, io.conn));
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at(), 200'000);
  std::size_t asked = 0;
  for (std::uint64_t before = ~0ull; before != s.counters().bytes_in + asked;) {
    before = s.counters().bytes_in + asked;
    asked += c.send_some(std::string(100'000, '?'));
    for (int i = 0; i < 20; ++i) s.turn();
  }
  const limits bounds;
  BOOST_CHECK_LE(most, std::int64_t(bounds.output_high + connection_context::window_bytes));
  BOOST_CHECK_LE(s.counters().bytes_in, bounds.input_max); // the rest waits in the kernel
  const auto calls = p.calls[probe_data];
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_EQUAL(p.calls[probe_data], calls);
  s.receive(c, (calls + 20) * answer.size()); // and it goes on
}

// A relay goes on reading above the high mark, but never finds less room than EH_OUT_MIN.
EPOLLHOST_TEST_EACH_TRIGGER(goes_on_calling_data_of_a_duplex_plugin_up_to_the_output_limit) {
  probe p(EH_DUPLEX);
  std::int64_t most = 0;
  p.data = [&](eh_io& io) {
    const std::size_t n = std::min(io.in_len, io.out_cap);
    say(io, {io.in, n});
    io.in_used = n;
    most = std::max(most, p.host->queued(p.host, io.conn));
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at(), 200'000);
  const std::string all = pattern(24 * megabyte);
  std::size_t sent = 0;
  for (std::uint64_t before = ~0ull; before != s.counters().bytes_in + sent;) {
    before = s.counters().bytes_in + sent;
    sent += c.send_some(std::string_view(all).substr(sent));
    for (int i = 0; i < 20; ++i) s.turn();
  }
  const limits bounds;
  BOOST_REQUIRE_LT(sent, all.size());
  BOOST_CHECK_GT(most, std::int64_t(bounds.output_high));
  BOOST_CHECK_LE(most, std::int64_t(bounds.output_max));
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  s.until([&] {
    sent += c.send_some(std::string_view(all).substr(sent));
    c.receive();
    return c.received.size() == all.size();
  });
  BOOST_CHECK(c.received == all);
}

// Each block passes the high mark, and the kernel takes it whole within `room`.
EPOLLHOST_TEST_EACH_TRIGGER(says_room_again_though_what_room_wrote_has_left_at_once) {
  const std::string block = pattern(5000);
  probe p;
  int blocks = 0;
  const auto write = [&](eh_io& io) {
    io.in_used = io.in_len;
    if (blocks == 4) return eh_next(EH_CLOSE);
    ++blocks;
    BOOST_REQUIRE_EQUAL(p.host->write(p.host, io.conn, block.data(), block.size()), EH_OK);
    return eh_next(EH_KEEP);
  };
  p.open = p.room = write;
  served s(p, trigger, [](auto& w) {
    w.policy = write_policy::now;
    w.limits.output_high = 1000, w.limits.output_low = 500;
  });
  client c(s.at());
  s.receive_end(c);
  BOOST_CHECK_EQUAL(c.received.size(), 4 * block.size());
}

// An answer larger than any bound, made as there is room.
EPOLLHOST_TEST_EACH_TRIGGER(streams_ten_megabytes_by_room_to_a_client_that_has_half_closed) {
  const std::string all = pattern(10 * megabyte);
  probe p;
  std::size_t at = 0;
  const auto more = [&](eh_io& io) {
    io.in_used = io.in_len;
    while (at < all.size()) {
      const std::size_t n = std::min<std::size_t>(50'000, all.size() - at);
      if (p.host->queued(p.host, io.conn) > 300'000) return eh_next(EH_HALF_OPEN);
      BOOST_REQUIRE_EQUAL(p.host->write(p.host, io.conn, all.data() + at, n), EH_OK);
      at += n;
    }
    return eh_next(EH_CLOSE);
  };
  p.data = [&](eh_io& io) { return io.flags & EH_IN_END ? more(io) : eh_next(EH_KEEP); };
  p.room = more;
  served s(p, trigger);
  client c(s.at());
  c.finish();
  s.receive_end(c);
  BOOST_CHECK(c.received == all);
  BOOST_CHECK(c.ended);
}

EPOLLHOST_TEST_EACH_TRIGGER(sends_its_end_after_the_output_and_goes_on_reading_after_finish) {
  const std::string answer = pattern(2 * megabyte);
  probe p;
  std::string got;
  eh_status late = EH_OK;
  p.data = [&](eh_io& io) {
    got.append(io.in, io.in_len);
    io.in_used = io.in_len;
    if (got != "first") { // nothing can follow our end: it is dropped, and harms nobody
      late = p.host->write(p.host, io.conn, "x", 1);
      io.out[0] = 'x';
      io.out_used = 1;
      return eh_next(EH_KEEP);
    }
    p.host->write(p.host, io.conn, answer.data(), answer.size());
    return eh_next(EH_FINISH);
  };
  served s(p, trigger, [](auto& w) { w.limits.output_high = 4 * megabyte; });
  client c(s.at(), 200'000);
  c.send("first");
  s.receive_end(c);
  BOOST_CHECK(c.received == answer);
  BOOST_CHECK(c.ended);
  BOOST_CHECK(p.closed.empty());
  c.send(",second");
  s.until([&] { return got == "first,second"; });
  BOOST_CHECK_EQUAL(late, EH_GONE);
  c.finish();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_END);
}

EPOLLHOST_TEST_EACH_TRIGGER(sends_what_a_release_function_writes) {
  for (const eh_next end : {eh_next(EH_KEEP), eh_next(EH_CLOSE), eh_next(EH_CLOSE | EH_LINGER)}) {
    struct writer {
      probe p;
      eh_next end;
      std::vector<eh_status> answers;
      static void release(void* self) {
        auto& w = *static_cast<writer*>(self);
        const eh_host* const h = w.p.host;
        w.answers.push_back(h->write(h, w.p.opened[0], " and the rest", 13));
        if (w.end != EH_KEEP) w.answers.push_back(w.p.end_by_call(w.p.opened[0], w.end));
      }
    } w{.p = probe(), .end = end, .answers = {}};
    w.p.data = [&](eh_io& io) {
      io.in_used = io.in_len;
      w.p.host->write_ref(w.p.host, io.conn, "reference", 9, writer::release, &w);
      return eh_next(EH_KEEP);
    };
    served s(w.p, trigger);
    client c(s.at());
    c.send("x");
    s.receive(c, 22);
    BOOST_CHECK_EQUAL(c.received, "reference and the rest");
    for (const eh_status answer : w.answers) BOOST_CHECK_EQUAL(answer, EH_OK);
    if (end == EH_KEEP) continue;
    s.receive_end(c);
    BOOST_CHECK(c.ended);
    c.close();
    s.until([&] { return !w.p.closed.empty(); });
    BOOST_CHECK_EQUAL(w.p.closed[0].reason, EH_REASON_PLUGIN);
  }
}

// Each block is sent when the one before has left.
EPOLLHOST_TEST_EACH_TRIGGER(sends_a_chain_of_references_of_which_each_is_written_by_the_release_of_the_last) {
  struct chain {
    probe p;
    std::string all = pattern(3 * megabyte);
    std::size_t at = 0;
    void next() {
      const std::size_t len = std::min<std::size_t>(100'000, all.size() - at);
      if (len == 0) return;
      at += len;
      p.host->write_ref(p.host, p.opened[0], all.data() + at - len, len, release, this);
    }
    static void release(void* self) { static_cast<chain*>(self)->next(); }
  } w;
  w.p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    w.next();
    return eh_next(EH_KEEP);
  };
  served s(w.p, trigger);
  client c(s.at());
  c.send("x");
  s.receive(c, w.all.size());
  BOOST_CHECK(c.received == w.all);
}

// The first write lies in the window: nothing is queued when the second one is refused.
EPOLLHOST_TEST_EACH_TRIGGER(tells_of_room_after_a_refused_write_also_where_only_the_window_holds_bytes) {
  for (const bool by_window : {false, true}) {
    probe p;
    const std::string part(10'000, 'p');
    std::vector<eh_status> answers;
    const auto offer = [&](eh_io& io) { answers.push_back(p.host->write(p.host, io.conn, part.data(), part.size())); };
    p.data = [&](eh_io& io) {
      io.in_used = io.in_len;
      if (by_window)
        say(io, part);
      else
        offer(io);
      offer(io);
      return eh_next(EH_KEEP);
    };
    p.room = [&](eh_io& io) { return offer(io), eh_next(EH_KEEP); };
    served s(p, trigger, [](auto& w) { w.limits.output_max = EH_OUT_MIN; });
    client c(s.at());
    c.send("x");
    s.receive(c, 2 * part.size());
    BOOST_CHECK_EQUAL(answers.back(), EH_OK);
    BOOST_CHECK_EQUAL(answers.at(answers.size() - 2), EH_OVER_LIMIT);
    BOOST_CHECK_EQUAL(p.calls[probe_room], 1);
  }
}

// The first answer leaves no room for another call, and is below the high mark: no `room` comes of it.
EPOLLHOST_TEST_EACH_TRIGGER(delivers_what_waited_for_output_that_the_same_turn_sent) {
  probe p;
  const std::string part = pattern(50'000);
  p.data = [&](eh_io& io) {
    if (io.in_len > 0) p.host->write_ref(p.host, io.conn, part.data(), part.size(), nullptr, nullptr);
    io.in_used = io.in_len > 0 ? 1 : 0;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [](auto& w) { w.limits.output_high = w.limits.output_max = 64 * 1024; });
  client c(s.at());
  c.send("abc");
  s.receive(c, 3 * part.size());
  BOOST_CHECK_EQUAL(c.received.size(), 3 * part.size());
}

EPOLLHOST_TEST_EACH_TRIGGER(does_not_spin_where_the_low_mark_leaves_no_room_for_the_next_write) {
  probe p;
  const std::string part(20'000, 'p');
  const auto offer = [&](eh_io& io) {
    while (p.host->write(p.host, io.conn, part.data(), part.size()) == EH_OK) {
    }
    return eh_next(EH_KEEP);
  };
  p.data = [&](eh_io& io) { return io.in_used = io.in_len, offer(io); };
  p.room = offer;
  served s(p, trigger, [](auto& w) {
    w.limits.output_high = 255 * 1024;
    w.limits.output_low = 250 * 1024;
    w.limits.output_max = 256 * 1024;
  });
  client c(s.at(), 4096);
  c.send("x");
  s.until([&] { return p.calls[probe_data] > 0; });
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_GT(p.host->queued(p.host, p.opened[0]), 200 * 1024);
}

EPOLLHOST_TEST_EACH_TRIGGER(calls_data_no_more_in_a_turn_that_has_passed_the_high_mark) {
  probe p;
  const std::string part(600, 'p');
  p.open = [&](eh_io& io) {
    p.host->set_option(p.host, io.conn, EH_SO_SNDBUF, 4096);
    return eh_next(EH_KEEP);
  };
  p.data = [&](eh_io& io) {
    io.in_used = 1;
    say(io, part);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [](auto& w) {
    w.limits.output_high = 1000;
    w.limits.output_low = 500;
  });
  client c(s.at(), 4096);
  c.send(std::string(1000, 'x'));
  s.until([&] { return s.rest(20ms) <= quiet_turns; });
  BOOST_CHECK_LT(p.calls[probe_data], 1000);
  BOOST_CHECK_LE(p.host->queued(p.host, p.opened[0]), 1000 + part.size());
  s.receive(c, 1000 * part.size());
  BOOST_CHECK_EQUAL(p.calls[probe_data], 1000);
}

BOOST_AUTO_TEST_SUITE_END()
