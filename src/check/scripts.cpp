// Distributed under the Boost Software License, Version 1.0.
// Conversations that no plugin should mind.
#include "check/scripts.hpp"

#include "check/process_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::check {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using testing::escaped;
using testing::peer;

constexpr std::size_t shown_bytes = 80; // of an input, in a description
constexpr char fill = '\xa5';           // of an output window

// What a client of some protocol could say first. The plugin's own is among them only by chance; all others it refuses
// in its way, which is the point.
const std::string_view samples[] = {
    "hello\n"sv,
    "one\r\ntwo\r\n\r\n\0three"sv,
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"sv,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"sv,
    "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n"sv,
    "{\"id\": 1, \"text\": \"\\u20ac\"}\n"sv,
    "\x00\x00\x00\x05hello\x00\x00\x00\x00\xff\xff\xff\xff"sv,
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"sv,
    "%s%n%s%n ../../etc/passwd ' OR 1=1 -- <script>\n"sv,
};

std::string shown(std::string_view bytes) { return escaped(bytes, shown_bytes); }

void start_and_stop(stage& s) {
  const process_state before = process_state::now();
  testing::settings trial = s.usual();
  trial.run = false;
  auto p = s.begin("start and stop, without run, as in a trial", trial);
  if (const std::size_t threads = process_state::now().threads; threads > before.threads)
    s.add("start-has-effects", fmt::format("`start` began {} threads", threads - before.threads));
  s.end(std::move(p));
  const process_state after = process_state::settled(before);
  if (after.threads > before.threads)
    s.add("after-stop", fmt::format("{} threads run on when `stop` has returned", after.threads - before.threads));
  if (after.descriptors > before.descriptors)
    s.add("start-has-effects", fmt::format("{} descriptors are open that were not before `start`; `stop` closes them",
                                           after.descriptors - before.descriptors));
}

void run_and_stop(stage& s) {
  const process_state before = process_state::now();
  for (int i = 0; i < 3; ++i) {
    auto p = s.begin("start, run, a connection, stop", s.usual());
    p->connect().send("x");
    p->wait_for_post(10ms);
    s.end(std::move(p));
  }
  if (const process_state after = process_state::settled(before); after.threads > before.threads)
    s.add("after-stop", fmt::format("{} threads run on when `stop` has returned", after.threads - before.threads));
}

void whole_conversations(stage& s) {
  for (const std::string_view sample : samples)
    for (const char* end : {"finish", "close", "reset", "stop"}) {
      auto p = s.begin(fmt::format("the peer sends {}, then: {}", shown(sample), end), s.usual());
      peer c = p->connect().send(sample);
      if (end == "finish"sv) c.finish();
      if (end == "close"sv) c.close();
      if (end == "reset"sv) c.reset();
      s.pass(*p, 1h);
      s.end(std::move(p));
    }
}

testing::outcome converse(stage& s, std::string doing, std::initializer_list<std::string_view> pieces,
                          const testing::settings& chosen) {
  auto p = s.begin(std::move(doing), chosen);
  peer c = p->connect();
  for (const std::string_view piece : pieces) c.send(piece);
  const testing::outcome out{c.received(), c.ended(), c.was_reset(), c.closed(), p->failures()};
  s.end(std::move(p));
  return out;
}

void every_cut(stage& s) {
  for (const std::string_view sample : samples) {
    const testing::outcome whole = converse(s, "the peer sends " + shown(sample), {sample}, s.usual());
    for (std::size_t at = 1; at < sample.size(); ++at) {
      const testing::outcome cut = converse(s, fmt::format("the peer sends {} cut after byte {}", shown(sample), at),
                                            {sample.substr(0, at), sample.substr(at)}, s.usual());
      const std::string why = testing::detail::differing(whole, cut);
      if (why.empty()) continue;
      // What has statics may answer otherwise each time, and then it is not the cut.
      if (converse(s, "the peer sends " + shown(sample), {sample}, s.usual()) == whole)
        s.add("depends-on-cuts",
              fmt::format("cut after byte {}, the output is another than for the whole input\n{}", at, why));
    }
  }
}

void every_end(stage& s) {
  for (const std::string_view sample : samples)
    for (std::size_t at = 0; at <= sample.size(); ++at)
      for (int how = 0; how < 3; ++how) {
        constexpr const char* ends[] = {"resets", "ends its input", "the worker drains"};
        auto p = s.begin(fmt::format("the peer sends {}, then: {}", shown(sample.substr(0, at)), ends[how]), s.usual());
        peer c = p->connect().send(sample.substr(0, at));
        if (how == 0) c.reset();
        if (how == 1) c.finish();
        if (how == 2) p->drain(), s.pass(*p, 31s);
        s.end(std::move(p));
      }
}

// Several peers at once, each of which does anything.
void by_chance(stage& s, unsigned seed) {
  std::mt19937 random(seed);
  const auto any = [&](std::size_t n) { return random() % n; };
  testing::settings chosen = s.usual();
  chosen.seed = seed;
  chosen.limits.output_max = any(2) ? chosen.limits.output_max : EH_OUT_MIN;
  auto p = s.begin(fmt::format("several peers, who do anything by chance (seed {})", seed), chosen);
  struct actor {
    peer c;
    bool open = true;
  };
  std::vector<actor> peers;
  for (int step = 0; step < 60; ++step) {
    if (peers.empty() || any(8) == 0) peers.push_back({p->connect()});
    if (!p->connecting().empty() && any(2)) peers.push_back({p->accept()}); // the far end of one that the plugin makes
    if (!p->connecting().empty() && any(4) == 0) p->refuse();
    actor& a = peers[any(peers.size())];
    std::string bytes(samples[any(std::size(samples))]);
    for (std::size_t i = any(4); i > 0 && !bytes.empty(); --i) bytes[any(bytes.size())] = static_cast<char>(any(256));
    switch (any(12)) {
    case 0: a.c.stop_reading(any(100)); break;
    case 1: a.c.start_reading(); break;
    case 2: s.pass(*p, std::chrono::seconds(any(100))); break;
    case 3: p->wake(a.c, random()); break;
    case 4:
      if (any(3) == 0) a.c.reset(), a.open = false;
      break;
    case 5:
      if (any(3) == 0 && a.open) a.c.finish(), a.open = false;
      break;
    case 6:
      if (a.open) a.c.send(std::string(any(100'000), bytes[0]));
      break;
    default:
      if (a.open) a.c.send_by(1 + any(bytes.size()), bytes);
    }
  }
  if (any(2)) p->drain();
  s.end(std::move(p));
}

void random_peers(stage& s) {
  for (unsigned seed = 1; seed <= 40; ++seed) by_chance(s, seed);
}

void refused_output(stage& s) {
  for (const std::string_view sample : samples) {
    testing::settings chosen = s.usual();
    chosen.limits.output_high = 1024;
    chosen.limits.output_low = 100;
    chosen.limits.output_max = EH_OUT_MIN;
    auto p = s.begin(fmt::format("the peer sends {} many times and takes nothing", shown(sample)), chosen);
    peer c = p->connect().stop_reading();
    for (int i = 0; i < 200; ++i) c.send(sample);
    for (int i = 0; i < 50; ++i) c.read(997);
    s.pass(*p, 1h);
    c.start_reading();
    s.end(std::move(p));
  }
}

void jumping_time(stage& s) {
  for (const std::string_view sample : samples)
    for (const std::size_t at : {std::size_t(0), sample.size() / 2, sample.size()}) {
      auto p = s.begin(fmt::format("the peer sends {}, then: the clock jumps", shown(sample.substr(0, at))), s.usual());
      peer c = p->connect().send(sample.substr(0, at));
      for (const auto by :
           {1ns, std::chrono::nanoseconds(1ms), std::chrono::nanoseconds(1h), std::chrono::nanoseconds(24h * 365)}) {
        p->jump(by);
        if (!c.closed()) c.send(sample.substr(at));
      }
      s.end(std::move(p));
    }
}

bool shows_fill(std::string_view zeros, std::string_view filled) {
  for (std::size_t i = 0; i < std::min(zeros.size(), filled.size()); ++i)
    if (zeros[i] == 0 && filled[i] == fill) return true;
  return false;
}

// What stands in the window before the plugin writes must not reach the peer.
void unwritten_output(stage& s) {
  for (const std::string_view sample : samples) {
    testing::settings chosen = s.usual();
    const testing::outcome zeros = converse(s, "the peer sends " + shown(sample), {sample}, chosen);
    chosen.fill = static_cast<unsigned char>(fill);
    const testing::outcome filled = converse(s, "the peer sends " + shown(sample), {sample}, chosen);
    if (shows_fill(zeros.received, filled.received))
      s.add("unwritten-output", "the output has bytes that the plugin did not write\n" +
                                    testing::difference(zeros.received, filled.received));
  }
}

constexpr script all[] = {{"starting and stopping", start_and_stop},
                          {"running and stopping", run_and_stop},
                          {"whole conversations", whole_conversations},
                          {"every cut", every_cut},
                          {"every end", every_end},
                          {"random peers", random_peers},
                          {"refused output", refused_output},
                          {"jumping time", jumping_time},
                          {"unwritten output", unwritten_output}};

} // namespace

std::span<const script> scripts() { return all; }

} // namespace epollhost::check
