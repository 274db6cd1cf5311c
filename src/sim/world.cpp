// Distributed under the Boost Software License, Version 1.0.
// One run: a server, its clients and what happens to them.
#include "sim/world.hpp"

#include "sim/backends.hpp"
#include "sim/client.hpp"
#include "sim/memory.hpp"
#include "sim/relayed.hpp"
#include "sim/scenery.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <memory>

namespace epollhost::sim {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t end_grace_ns = 10 * second; // a lingering close takes 5 s
constexpr std::int64_t run_most_ns = 120 * second; // then SIGTERM comes in any case
constexpr std::size_t leak_most = 128 * 1024; // what is allocated once and kept: caches, also malloc's, and statics
constexpr int chances = 5; // a clock that jumps passes several times at once: the program must have seen them too

class world {
public:
  world(const stage& s, scenery scene, last_words& words, const reporter& report, net::sim::trace::sink line)
      : stage_(s), scene_(std::move(scene)), kernel_(with_lines(scene_.kernel, std::move(line))),
        referee_(kernel_, report), servers_(referee_, s.servers, scene_) {
    kernel_.when_idle = [this] { return !asked_to_end_ && (ask_to_end(), true); };
    kernel_.faults().hold(true);
    subject_ = s.make(scene_.around, referee_, words);
    kernel_.faults().hold(false);
    for (auto& part : scene_.clients) add_client(part);
  }

  outcome play(bool one_by_one) {
    if (clients_.empty()) kernel_.at(kernel_.now_ns(), [this] { ask_to_end(); });
    one_by_one_ = one_by_one;
    for (std::size_t i = 0; i < (one_by_one ? 1 : clients_.size()); ++i) clients_[i]->start(subject_->at());
    if (scene_.signal_ns > 0) kernel_.at(kernel_.now_ns() + scene_.signal_ns, [this] { ask_to_end(); });
    if (!one_by_one) kernel_.at(kernel_.now_ns() + run_most_ns, [this] { ask_to_end(); });
    run();
    check_end();
    const bool gentle = !is_rough(scene_.around.seed) && !cuts_off_; // a drain may show in an answer
    if (!one_by_one && !stage_.answers.empty() && gentle) compare();
    if (stage_.relayed) check_relayed(referee_, clients_, servers_.echoes(), !cuts_off_, gentle || scene_.around.calm);
    outcome out{{}, {}, referee_.count(), {}};
    for (const auto& c : clients_) out.answers.push_back(c->received());
    return out;
  }

private:
  static net::sim::kernel::options with_lines(net::sim::kernel::options o, net::sim::trace::sink line) {
    o.line = std::move(line);
    return o;
  }

  void add_client(scenery::part& part) {
    const bool limited = stage_.answer_within_ns > 0 && !scene_.around.calm;
    if (limited) part.how.patience_ns = stage_.answer_within_ns;
    const conversation& talk = stage_.talks.at(part.talk);
    clients_.push_back(
        std::make_unique<client>(referee_, part.number, talk, part.how, scene_.around.seed, [this] { one_is_over(); }));
    clients_.back()->excused = [this, limited] { return lost() > 0 || (!limited && servers_wait()); };
  }

  // A server that is silent, or a connection of which nothing is known yet.
  bool servers_wait() { return servers_.lost() + kernel_.connecting() > 0; }

  void run() {
    try {
      subject_->run();
    } catch (const net::sim::broken_rule& e) {
      referee_.fail("loop", e.what());
    } catch (const std::exception& e) {
      referee_.fail("exception", fmt::format("the server ended with '{}'", e.what()));
    }
  }

  // ---- the clients end, then the server

  void one_is_over() {
    check_memory();
    const auto next = std::find_if(clients_.begin(), clients_.end(), [](const auto& c) { return !c->is_over(); });
    if (next == clients_.end()) return look_at_rest(chances);
    if (one_by_one_) (*next)->start(subject_->at());
  }

  std::size_t lost() const {
    return static_cast<std::size_t>(
        std::count_if(clients_.begin(), clients_.end(), [](const auto& c) { return c->is_lost(); }));
  }

  void look_at_rest(int chances_left) {
    const std::int64_t wait = chances_left == chances ? end_grace_ns : second;
    kernel_.at(kernel_.now_ns() + wait, [this, chances_left] {
      if (asked_to_end_) return;
      if (subject_->open_connections() <= may_stay_open()) return ask_to_end();
      if (chances_left > 0) return look_at_rest(chances_left - 1);
      referee_.fail("left open", fmt::format("{} connections are open {} s after the last of the clients has gone; {} "
                                             "are expected (of clients that vanished or stopped reading)",
                                             subject_->open_connections(), end_grace_ns / second, may_stay_open()));
    });
  }

  // Who is lost to a server is so to the client that is served by it, and the other way round.
  std::size_t may_stay_open() const {
    if (servers_.connections() == 0) return lost() + kernel_.connecting();
    return 2 * (lost() + servers_.lost()) + kernel_.connecting() + (stage_.pooled ? servers_.open() : 0);
  }

  void ask_to_end() {
    if (std::exchange(asked_to_end_, true)) return;
    cuts_off_ = servers_.lost() > 0 || std::any_of(clients_.begin(), clients_.end(),
                                                   [](const auto& c) { return !c->is_over() || c->is_lost(); });
    kernel_.faults().stop(net::sim::fault::clock_jump); // it would only make the end later
    kernel_.raise(SIGTERM);
    expect_end(chances, subject_->ends_within_ns() + 2 * second);
  }

  void expect_end(int chances_left, std::int64_t wait) {
    kernel_.at(kernel_.now_ns() + wait, [this, chances_left] {
      if (chances_left > 0) return expect_end(chances_left - 1, 2 * second);
      referee_.fail("drain", fmt::format("{} s after SIGTERM the server still runs, with {} connections",
                                         subject_->ends_within_ns() / second + 2, subject_->open_connections()));
    });
  }

  void check_end() {
    if (subject_->open_connections() > 0)
      referee_.fail("left open",
                    fmt::format("the server has ended with {} open connections", subject_->open_connections()));
    subject_.reset();
    if (kernel_.descriptors() > 0)
      referee_.fail("descriptors", fmt::format("the server has left {} descriptors open", kernel_.descriptors()));
  }

  // ---- what was received

  void compare() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (!clients_[i]->is_complete()) continue;
      const std::string& expected = stage_.answers.at(scene_.clients[i].talk);
      const std::string& found = clients_[i]->received();
      const std::size_t at = difference(expected, found, stage_.masked_lines);
      if (at == std::string::npos) continue;
      referee_.fail("output",
                    fmt::format("client {} received {} bytes that differ from byte {} on from the {} that the "
                                "same input gives in one piece: {:?} instead of {:?}",
                                clients_[i]->number(), found.size(), at, expected.size(),
                                std::string_view(found).substr(std::min(at, found.size()), 40),
                                std::string_view(expected).substr(std::min(at, expected.size()), 40)));
    }
  }

  // Our own copies of what was sent and received are not the server's.
  void check_memory() {
    const figures& f = referee_.count();
    const std::size_t ours = 4 * (f.bytes_sent + f.bytes_received + f.backend_bytes) + (std::size_t(4) << 20);
    const std::size_t allowed = (subject_->open_connections() + 1) * subject_->memory_a_connection() + ours;
    const std::size_t used = live_bytes() - std::min(live_bytes(), memory_at_start_);
    if (used > allowed)
      referee_.fail("memory", fmt::format("{} bytes are allocated for {} connections, whose limits allow {}", used,
                                          subject_->open_connections(), allowed));
  }

  const stage& stage_;
  scenery scene_;
  const std::size_t memory_at_start_ = live_bytes();
  net::sim::kernel kernel_;
  referee referee_;
  backends servers_;
  std::unique_ptr<subject> subject_;
  std::vector<std::unique_ptr<client>> clients_;
  bool asked_to_end_ = false, one_by_one_ = false;
  bool cuts_off_ = false; // the end, connections that would go on
};

// Where the line of this byte begins.
std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? text.npos : text.rfind('\n', at - 1);
  return before == text.npos ? 0 : before + 1;
}

} // namespace

std::size_t difference(std::string_view expected, std::string_view found,
                       const std::vector<std::string>& masked_lines) {
  const auto masked = [&](std::string_view line) {
    return std::any_of(masked_lines.begin(), masked_lines.end(), [&](const auto& m) { return line.starts_with(m); });
  };
  std::size_t e = 0, f = 0; // both at the begin of a line, but for the first look
  for (;;) {
    const auto [in_expected, in_found] = std::mismatch(expected.begin() + std::ptrdiff_t(e), expected.end(),
                                                       found.begin() + std::ptrdiff_t(f), found.end());
    e = std::size_t(in_expected - expected.begin());
    f = std::size_t(in_found - found.begin());
    if (e == expected.size() && f == found.size()) return expected.npos;
    if (!masked(expected.substr(line_begin(expected, e))) || !masked(found.substr(line_begin(found, f)))) return f;
    const std::size_t e_end = std::min(expected.find('\n', e), expected.size());
    const std::size_t f_end = std::min(found.find('\n', f), found.size());
    if (e_end == e && f_end == f) return f; // one of them lacks the end of the line
    e = e_end;
    f = f_end;
  }
}

outcome run(const stage& s, const plan& p, last_words& words, const reporter& report,
            const net::sim::trace::sink& line) {
  const std::size_t before = live_bytes();
  std::optional<world> w;
  w.emplace(s, imagine(p, s.trigger, s.talks.size()), words, report, line);
  outcome out = w->play(false);
  w.reset();
  out.answers = {};
  const std::size_t kept = live_bytes() - std::min(live_bytes(), before);
  if (kept > leak_most) {
    out.rule = "leak";
    out.what = fmt::format("{} bytes are still allocated after the last connection and the instance have ended", kept);
  }
  return out;
}

outcome run_undisturbed(const stage& s, last_words& words, const reporter& report, const net::sim::trace::sink& line) {
  return world(s, undisturbed(s.trigger, s.talks.size()), words, report, line).play(true);
}

} // namespace epollhost::sim
