// Distributed under the Boost Software License, Version 1.0.
// Many seeds.
#include "sim/campaign.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace epollhost::sim {
namespace {

constexpr std::uint64_t seeds_a_block = 256; // that choose among the same conversations
constexpr std::size_t talks_a_block = 32;
constexpr std::uint64_t of_talks = 30; // stream of random numbers
constexpr std::string_view http_request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

bool is_run_twice(std::uint64_t seed) { return seed % 16 < 2; }

void add(figures& to, const figures& f) {
  to.hash ^= f.hash;
  for (std::size_t i = 0; i < net::sim::fault_count; ++i) to.faults[i] += f.faults[i];
  to.injected += f.injected;
  to.connections += f.connections;
  to.bytes_sent += f.bytes_sent;
  to.bytes_received += f.bytes_received;
  to.backends += f.backends;
  to.backend_bytes += f.backend_bytes;
  to.hooks += f.hooks;
  to.virtual_ns += f.virtual_ns;
}

} // namespace

campaign::campaign(const campaign_settings& s) : settings_(s) {
  stage_ = {s.make, s.trigger, {}, {}, s.masked_lines, s.servers, s.relayed, s.pooled, s.answer_within_ns};
  for (unsigned i = 0; i < std::max(1u, s.jobs); ++i) slots_.push_back(std::make_unique<slot>());
  if (!settings_.talk) settings_.talk = find_language();
  if (settings_.talk == language::http) stage_.masked_lines.push_back("Date:");
}

// ---- what is said

// A plugin that answers a request as a web server does is one.
language campaign::find_language() {
  stage s = stage_;
  s.talks = {{{step::kind::send, std::string(http_request), 0}, {step::kind::finish, {}, 0}}};
  const outcome seen =
      run_forked([&](last_words& words, const reporter& report) { return run_undisturbed(s, words, report); });
  return !seen.answers.empty() && seen.answers[0].starts_with("HTTP/") ? language::http : language::bytes;
}

outcome campaign::prepare(std::uint64_t block) {
  net::sim::random_source random(block, of_talks);
  stage_.talks.clear();
  if (settings_.script) stage_.talks.push_back(*settings_.script);
  while (!settings_.script && stage_.talks.size() < talks_a_block)
    stage_.talks.push_back(make_conversation(*settings_.talk, random));
  stage_.answers.clear();
  outcome seen =
      run_forked([&](last_words& words, const reporter& report) { return run_undisturbed(stage_, words, report); });
  if (settings_.compare) stage_.answers = std::move(seen.answers);
  return seen;
}

const stage& campaign::stage_for(std::uint64_t seed) {
  const std::uint64_t block = settings_.script ? 0 : seed / seeds_a_block;
  if (block_ != block) undisturbed_ = prepare(block);
  block_ = block;
  return stage_;
}

// ---- runs

net::sim::trace::sink campaign::to_descriptor(int fd) {
  if (fd < 0) return {};
  return [fd](std::string_view text) {
    const std::string whole = std::string(text) + '\n';
    if (::write(fd, whole.data(), whole.size()) < 0) return; // a line less
  };
}

job campaign::job_for(const plan& p, int lines_to) const {
  return [this, p, lines_to](last_words& words, const reporter& report) {
    return sim::run(stage_, p, words, report, to_descriptor(lines_to));
  };
}

outcome campaign::run_one(const plan& p, int lines_to) {
  stage_for(p.seed);
  if (undisturbed_.good()) return run_forked(job_for(p, lines_to));
  return run_forked([&](last_words& words, const reporter& report) {
    return run_undisturbed(stage_, words, report, to_descriptor(lines_to));
  });
}

void campaign::note(const order& of, const outcome& seen, campaign_result& to) {
  if (to.found) return;
  if (!seen.good()) {
    to.found = finding{of.how, seen};
  } else if (of.expected_hash && *of.expected_hash != seen.seen.hash) {
    to.found = finding{of.how, seen};
    to.found->seen.rule = "nondeterminism";
    to.found->seen.what =
        "two runs of this seed differ: the plugin uses a clock, random numbers or memory that are not "
        "the host's, or a thread";
  } else if (of.expected_hash) {
    return;
  }
  ++to.seeds;
  add(to.sum, seen.seen);
  if (!to.found && is_run_twice(of.how.seed)) again_.push_back({of.how, seen.seen.hash});
}

void campaign::fill(std::uint64_t& next) {
  for (const auto& s : slots_) {
    if (s->child.running()) continue;
    if (!again_.empty()) {
      s->of = again_.front();
      again_.pop_front();
    } else if (next < settings_.first + settings_.count) {
      s->of = {};
      s->of.how.seed = next++;
    } else {
      continue;
    }
    stage_for(s->of.how.seed);
    if (undisturbed_.good())
      s->child.start(job_for(s->of.how, -1));
    else
      s->child.start([this](last_words&, const reporter&) { return undisturbed_; });
  }
}

campaign_result campaign::run(const std::function<void(const campaign_result&)>& progress) {
  campaign_result out;
  std::uint64_t next = settings_.first;
  while (!out.found) {
    fill(next);
    std::vector<pollfd> waiting;
    std::vector<slot*> of;
    for (const auto& s : slots_) {
      if (!s->child.running()) continue;
      waiting.push_back({s->child.fd(), POLLIN, 0});
      of.push_back(s.get());
    }
    if (waiting.empty()) break;
    ::poll(waiting.data(), waiting.size(), -1); // EINTR: nothing is marked as readable
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0 || !of[i]->child.take()) continue;
      note(of[i]->of, of[i]->child.result(), out);
      progress(out);
    }
  }
  return out;
}

// ---- a smaller failure

template <class Change> bool campaign::try_without(finding& f, Change change) {
  finding smaller = f;
  change(smaller.how);
  if (smaller.how == f.how) return false;
  smaller.seen = run_one(smaller.how);
  if (smaller.seen.rule != f.seen.rule) return false;
  f = smaller;
  return true;
}

finding campaign::shrink(finding f) {
  stage_for(f.how.seed);
  if (!undisturbed_.good()) return f;                                     // it takes no fault
  if (f.seen.rule == "nondeterminism" || f.seen.rule == "hang") return f; // it takes a second run, or long
  try_without(f, [](plan& p) { p.faults = 0; });
  try_without(f, [](plan& p) { p.slow_net = false; });
  try_without(f, [](plan& p) { p.cuts_most = 0; });
  try_without(f, [](plan& p) { p.calm_backends = true; });
  for (unsigned i = 0; i < clients_max; ++i) try_without(f, [i](plan& p) { p.clients &= ~(1u << i); });
  for (std::size_t i = 0; i < net::sim::fault_count; ++i)
    try_without(f, [i](plan& p) { p.faults &= ~(std::uint64_t(1) << i); });
  // The failure needs a first so many of the faults: halve what is between enough and too few.
  std::uint64_t too_few = 0, enough = f.seen.seen.injected;
  while (too_few + 1 < enough) {
    const std::uint64_t middle = (too_few + enough) / 2;
    (try_without(f, [middle](plan& p) { p.faults_most = middle; }) ? enough : too_few) = middle;
  }
  for (const std::uint64_t cuts : {1, 2, 4, 8})
    if (cuts < f.how.cuts_most && try_without(f, [cuts](plan& p) { p.cuts_most = cuts; })) break;
  return f;
}

} // namespace epollhost::sim
