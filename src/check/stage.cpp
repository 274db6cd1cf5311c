// Distributed under the Boost Software License, Version 1.0.
// Where a script plays its conversations with a plugin, in a child process.
#include "check/stage.hpp"

#include <algorithm>
#include <utility>

namespace epollhost::check {

stage::stage(const std::string& library, const worker_settings& settings, trial_record& record)
    : table_(testing::detail::load(library)), settings_(settings), record_(record) {
  for (const option_value& v : settings.values) values_.push_back({v.integer, v.real, v.text.c_str(), v.text.size()});
}

testing::settings stage::usual() const {
  testing::settings out;
  out.limits.input_max = settings_.limits.input_max;
  out.limits.output_high = settings_.limits.output_high;
  out.limits.output_low = settings_.limits.output_low;
  out.limits.output_max = settings_.limits.output_max;
  out.throws = false;
  out.record = &record_.calls;
  return out;
}

std::unique_ptr<played_plugin> stage::begin(std::string doing, testing::settings chosen) {
  ++conversations_;
  const std::size_t len = std::min(doing.size(), trial_record::doing_bytes - 1);
  doing.copy(record_.doing, len);
  record_.doing[len] = '\0';
  return std::make_unique<played_plugin>(table_, values_, std::move(chosen));
}

void stage::pass(played_plugin& p, std::chrono::seconds time) const {
  constexpr std::uint64_t calls_max = 50;
  const std::uint64_t before = record_.calls.calls;
  std::chrono::nanoseconds left = time, step = std::chrono::milliseconds(5);
  for (; left.count() > 0 && record_.calls.calls - before < calls_max; left -= step) {
    step = std::min(left, 2 * step);
    p.advance(step);
  }
}

void stage::end(std::unique_ptr<played_plugin> p) {
  p->stop();
  for (const testing::broken_rule& b : p->broken_rules()) add(b.rule, b.what);
  if (p->failures() > 0) {
    const auto log = p->log();
    add("failed", "a hook answered EH_FAIL" + (log.empty() ? std::string() : "; it logged: " + log.back().text));
  }
  for (const testing::broken_rule& b : p->broken_rules())
    if (b.rule == "never-rests") throw enough();
}

// The first of a kind says it all.
void stage::add(std::string_view kind, std::string what) {
  for (const finding& f : findings_)
    if (f.kind->name == kind) return;
  findings_.push_back(make_finding(kind, what + "\n" + record_.doing));
}

} // namespace epollhost::check
