// Distributed under the Boost Software License, Version 1.0.
// Tests that a plugin sees in memory what it sees of the real worker.
#include "actor.hpp"

#include "support/client.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>

using namespace epollhost::test;
using namespace std::chrono_literals;
namespace testing = epollhost::testing;

namespace {

eh_next echo_always(actor&, const std::string& hook, std::size_t, eh_io& io) {
  return hook == "data" ? echo(io) : eh_next(EH_KEEP);
}

// A play that answers this from `data` once it has seen the word.
actor::play on_word(std::string_view word, eh_next answer) {
  return [=](actor&, const std::string& hook, std::size_t, eh_io& io) -> eh_next {
    if (hook != "data") return EH_KEEP;
    const bool said = std::string_view(io.in, io.in_len).find(word) != word.npos;
    echo(io);
    return said ? answer : eh_next(EH_KEEP);
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(conformance)

BOOST_AUTO_TEST_CASE(of_an_echo_and_its_end) {
  compare(echo_always, [](world& w, actor&) {
    w.connect();
    w.send(0, "hello");
    w.connect();
    w.send(1, pattern(9000));
    w.send(0, "again");
    w.finish(0);
    w.close(1);
  });
}

BOOST_AUTO_TEST_CASE(of_each_answer) {
  for (const eh_next answer :
       {eh_next(EH_CLOSE), eh_next(EH_ABORT), eh_next(EH_FAIL), eh_next(EH_HALF_OPEN), eh_next(EH_FINISH),
        eh_next(EH_PAUSE), EH_CLOSE | eh_next(EH_LINGER), EH_HALF_OPEN | eh_next(EH_FINISH), eh_next(4), eh_next(0x200),
        EH_CLOSE | eh_next(EH_PAUSE)})
    compare(on_word("now", answer), [](world& w, actor& a) {
      w.connect();
      w.send(0, "not yet");
      w.send(0, "now");
      w.send(0, "more");
      w.call([&] { a.write(0, "late"); });
      w.call([&] { a.resume(0); });
      w.finish(0);
      w.call([&] { a.write(0, "later"); });
      w.close(0);
    });
}

BOOST_AUTO_TEST_CASE(of_windows_that_are_overrun) {
  for (const bool output : {false, true})
    compare(
        [=](actor&, const std::string& hook, std::size_t, eh_io& io) -> eh_next {
          if (hook == "data") (output ? io.out_used : io.in_used) = (output ? io.out_cap : io.in_len) + 1;
          return EH_KEEP;
        },
        [](world& w, actor&) {
          w.connect();
          w.send(0, "x");
        });
}

BOOST_AUTO_TEST_CASE(of_bytes_that_are_left_and_wanted) {
  for (const std::uint64_t want : {0, 1, 5, 100, 40'000})
    compare(
        [=](actor&, const std::string& hook, std::size_t, eh_io& io) -> eh_next {
          if (hook != "data") return EH_KEEP;
          io.in_used = io.in_len > 3 ? io.in_len / 2 : 0;
          io.want = want;
          return EH_KEEP;
        },
        [](world& w, actor&) {
          w.connect();
          for (const char* part : {"a", "bc", "defghi", "j", "klmnopqrstu"}) w.send(0, part);
          w.finish(0);
        });
}

BOOST_AUTO_TEST_CASE(of_more_input_than_may_be_kept) {
  compare([](actor&, const std::string&, std::size_t, eh_io&) -> eh_next { return EH_KEEP; },
          [](world& w, actor&) {
            w.connect();
            for (int i = 0; i < 9; ++i) w.send(0, pattern(4000));
          });
}

BOOST_AUTO_TEST_CASE(of_a_peer_that_is_reset_at_any_point) {
  for (const eh_next answer : {eh_next(EH_KEEP), eh_next(EH_PAUSE), eh_next(EH_HALF_OPEN), eh_next(EH_CLOSE)})
    for (const bool finished : {false, true})
      compare(on_word("now", answer), [=](world& w, actor& a) {
        w.connect();
        w.send(0, "now");
        if (finished) w.finish(0);
        w.reset(0);
        w.call([&] { a.write(0, "late"); });
        w.call([&] { a.queued(0); });
      });
}

BOOST_AUTO_TEST_CASE(of_a_peer_that_has_closed_both_directions) {
  compare(on_word("now", EH_HALF_OPEN), [](world& w, actor& a) {
    w.connect();
    w.send(0, "now");
    w.close(0);
    w.call([&] { a.write(0, "nobody reads this"); });
    w.call([&] { a.write(0, "nor this"); });
  });
}

BOOST_AUTO_TEST_CASE(of_wakes_and_posts_and_gone_connections) {
  const auto act = [](actor& a, const std::string& hook, std::size_t conn, eh_io& io) -> eh_next {
    if (hook == "wake" && io.arg == 7) return EH_CLOSE;
    if (hook == "wake") a.write(conn, "woken");
    if (hook == "data") {
      a.wake(1 - conn, 1);
      a.post(1 - conn, 2);
      a.close(1 - conn, EH_KEEP + (io.in[0] == 'a' ? EH_ABORT : EH_CLOSE));
      a.write(1 - conn, "gone");
      a.queued(1 - conn);
      a.wake(conn, 7);
      return echo(io);
    }
    return EH_KEEP;
  };
  for (const char* text : {"a", "c"})
    compare(act, [=](world& w, actor& a) {
      w.connect();
      w.connect();
      w.send(0, text);
      w.call([&] { a.post(0, 3); });
      w.call([&] { a.host()->post(a.host(), 0, 9, nullptr, nullptr); });
      w.call([&] { a.wake(1, 3); });
    });
}

BOOST_AUTO_TEST_CASE(of_pausing_and_resuming) {
  const auto act = [](actor& a, const std::string& hook, std::size_t conn, eh_io& io) -> eh_next {
    if (hook == "wake") a.resume(conn);
    if (hook != "data") return EH_KEEP;
    echo(io);
    a.pause(conn);
    return EH_KEEP;
  };
  compare(act, [](world& w, actor& a) {
    w.connect();
    w.send(0, "one");
    w.send(0, "two");
    w.finish(0);
    w.call([&] { a.wake(0, 1); });
    w.call([&] { a.wake(0, 2); });
  });
}

// More than any kernel takes for a peer that does not read; then the peer reads it all.
BOOST_AUTO_TEST_CASE(of_output_that_the_peer_does_not_take) {
  static const std::string much = pattern(24 << 20);
  testing::limits bounds = small_limits();
  bounds.output_max = 32 << 20;
  for (const bool reference : {false, true})
    compare(
        [=](actor& a, const std::string& hook, std::size_t conn, eh_io& io) -> eh_next {
          if (hook != "data") return EH_KEEP;
          if (io.in_len > 0 && io.in[0] == '!') reference ? a.write_reference(conn, much) : a.write(conn, much);
          return take_all(io);
        },
        [](world& w, actor& a) {
          w.connect();
          w.read(0, false);
          w.send(0, "!");
          w.send(0, "not seen before there is room");
          w.call([&] { a.write(0, pattern(20 << 20)); }); // passes the limit
          w.call([&] { a.wake(0, 1); });
          w.read(0, true);
          w.finish(0);
        },
        bounds);
}

BOOST_AUTO_TEST_CASE(of_a_reset_while_output_is_queued) {
  static const std::string much = pattern(24 << 20);
  testing::limits bounds = small_limits();
  bounds.output_max = 32 << 20;
  compare(
      [](actor& a, const std::string& hook, std::size_t conn, eh_io& io) -> eh_next {
        if (hook == "data") a.write_reference(conn, much);
        return take_all(io);
      },
      [](world& w, actor& a) {
        w.connect();
        w.read(0, false);
        w.send(0, "!");
        w.reset(0);
        w.call([&] { a.write(0, "gone"); });
      },
      bounds);
}

BOOST_AUTO_TEST_CASE(of_files) {
  static const std::string content = pattern(300'000);
  const auto act = [](actor& a, const std::string& hook, std::size_t conn, eh_io& io) -> eh_next {
    if (hook != "data") return EH_KEEP;
    io.out[0] = '<';
    io.out_used = 1;
    for (const std::uint64_t offset : {0, 250'000, 299'999, 300'000, 300'001})
      a.send_file(conn, content, offset, content.size() - std::min<std::uint64_t>(content.size(), offset));
    a.queued(conn);
    a.write(conn, ">");
    return take_all(io);
  };
  compare(act, [](world& w, actor& a) {
    w.connect();
    w.send(0, "file");
    w.send(0, "again");
    w.call([&] { a.send_file(0, content, 0, 10); });
    w.finish(0);
  });
}

BOOST_AUTO_TEST_CASE(of_a_relay_and_how_it_ends) {
  enum class end { by_both, by_reset, by_close_of_the_plugin };
  for (const end how : {end::by_both, end::by_reset, end::by_close_of_the_plugin})
    compare([](actor&, const std::string&, std::size_t, eh_io&) -> eh_next { return EH_KEEP; },
            [=](world& w, actor& a) {
              w.connect();
              w.connect();
              w.send(0, "left unconsumed");
              w.call([&] { a.note("relay " + std::to_string(a.host()->relay(a.host(), a.id(0), a.id(1)))); });
              w.send(0, "there");
              w.send(1, pattern(9000));
              w.call([&] { a.note("again " + std::to_string(a.host()->relay(a.host(), a.id(0), a.id(1)))); });
              w.finish(0);
              w.send(1, "and back");
              if (how == end::by_both) w.finish(1);
              if (how == end::by_reset) w.reset(1);
              if (how == end::by_close_of_the_plugin) w.call([&] { a.close(0, EH_CLOSE); });
            });
}

BOOST_AUTO_TEST_CASE(of_a_file_that_becomes_shorter) {
  static const std::string much = pattern(24 << 20);
  compare(
      [](actor& a, const std::string& hook, std::size_t conn, eh_io& io) -> eh_next {
        if (hook == "data") a.send_file(conn, much, 0, much.size(), 1000);
        return take_all(io);
      },
      [](world& w, actor&) {
        w.connect();
        w.send(0, "file");
      });
}

BOOST_AUTO_TEST_CASE(of_deadlines_and_timers) {
  const auto act = [](actor& a, const std::string& hook, std::size_t, eh_io& io) -> eh_next {
    if (hook == "open") io.deadline_ns = io.now_ns + 2'000'000;
    if (hook == "data") {
      a.host()->timer_start(a.host(), io.conn, io.now_ns + 1'000'000, 5);
      const auto stopped = a.host()->timer_start(a.host(), io.conn, io.now_ns + 1'000'000, 7);
      a.note("stop answers " + std::to_string(a.host()->timer_stop(a.host(), stopped)));
      a.note("again " + std::to_string(a.host()->timer_stop(a.host(), stopped)));
      io.deadline_ns = 0;
      return take_all(io);
    }
    if (hook != "timer" || io.arg != 5) return EH_KEEP;
    a.host()->timer_start(a.host(), 0, io.now_ns + 3'000'000, 6);
    return EH_CLOSE;
  };
  compare(act, [](world& w, actor&) {
    w.connect();
    w.pass(10ms);
    w.send(0, "x");
    w.pass(10ms);
  });
}

BOOST_AUTO_TEST_CASE(of_a_drain) {
  testing::limits bounds = small_limits();
  bounds.drain_timeout = 20ms;
  const auto act = [](actor&, const std::string& hook, std::size_t conn, eh_io& io) -> eh_next {
    if (hook == "data") return echo(io);
    return hook == "drain" && conn == 0 ? EH_CLOSE : EH_KEEP;
  };
  compare(
      act,
      [](world& w, actor&) {
        w.connect();
        w.connect();
        w.send(1, "x");
        w.drain();
        w.pass(30ms);
      },
      bounds);
}

// ---- by chance

namespace {

// Each hook does something else, which depends on nothing but the seed and how many came before.
class chance {
public:
  explicit chance(unsigned seed) : random_(seed) {}

  eh_next operator()(actor& a, const std::string& hook, std::size_t conn, eh_io& io) {
    if (hook == "data") use_input(io);
    if (one_in(3)) write_something(a, conn, io);
    if (one_in(4)) ask_something(a, conn);
    if (one_in(6)) io.want = io.in_len - io.in_used + random_() % 50;
    return answer();
  }

private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  void use_input(eh_io& io) {
    const std::uint64_t choices[] = {io.in_len, io.in_len, io.in_len / 2, 0, io.in_len > 0};
    io.in_used = choices[random_() % 5];
  }

  void write_something(actor& a, std::size_t conn, eh_io& io) {
    const std::size_t len = std::min<std::uint64_t>(one_in(3) ? 5000 : 10, io.out_cap);
    std::fill_n(io.out, len, static_cast<char>('a' + random_() % 26));
    io.out_used = len;
    if (one_in(2)) a.write(other(a, conn), "by call");
    if (one_in(4)) a.write_reference(other(a, conn), "by reference");
  }

  void ask_something(actor& a, std::size_t conn) {
    const std::size_t to = other(a, conn);
    switch (random_() % 7) {
    case 0: return a.wake(to, random_() % 9);
    case 1: return a.post(to, random_() % 9);
    case 2: return a.pause(to);
    case 3: return a.queued(to);
    case 4: return one_in(3) ? a.close(to, one_in(2) ? EH_CLOSE : EH_ABORT) : a.resume(to);
    default: return a.resume(to);
    }
  }

  std::size_t other(actor& a, std::size_t conn) { return one_in(2) ? conn : random_() % a.opened(); }

  eh_next answer() {
    if (!one_in(8)) return EH_KEEP;
    constexpr eh_next answers[] = {EH_CLOSE,  EH_ABORT,     EH_FAIL,      EH_PAUSE,
                                   EH_FINISH, EH_HALF_OPEN, EH_HALF_OPEN, EH_CLOSE | eh_next(EH_LINGER)};
    return answers[random_() % std::size(answers)];
  }

  std::mt19937 random_;
};

void random_script(world& w, actor& a, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int> peers; // 0: open, 1: finished, 2: away
  const auto any = [&] { return random() % peers.size(); };
  for (int i = 0; i < 14; ++i) {
    if (peers.empty() || random() % 5 == 0) {
      w.connect();
      peers.push_back(0);
      continue;
    }
    const std::size_t at = any();
    const unsigned what = random() % 12;
    if (what == 0 && peers[at] == 0)
      w.finish(at), peers[at] = 1;
    else if (what == 1 && peers[at] < 2)
      w.reset(at), peers[at] = 2;
    else if (what == 2)
      w.call([&] { a.resume(at); });
    else if (what == 3)
      w.call([&] { a.wake(at, 3); });
    else if (peers[at] == 0)
      w.send(at, pattern(random() % 3 == 0 ? 3000 : 1 + random() % 20));
  }
}

} // namespace

namespace {

void compare_seeds(unsigned from, unsigned to) {
  for (unsigned seed = from; seed < to; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::shared_ptr<chance> play;
      const auto act = [&](actor& a, const std::string& hook, std::size_t conn, eh_io& io) {
        if (hook == "open" && a.opened() == 1) play = std::make_shared<chance>(seed);
        return (*play)(a, hook, conn, io);
      };
      compare(act, [seed](world& w, actor& a) { random_script(w, a, seed); });
    }
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(of_what_comes_by_chance) { compare_seeds(1, 60); }
BOOST_AUTO_TEST_CASE(of_what_comes_by_another_chance) { compare_seeds(60, 120); }
BOOST_AUTO_TEST_CASE(of_what_comes_by_a_third_chance) { compare_seeds(120, 180); }

BOOST_AUTO_TEST_SUITE_END()
