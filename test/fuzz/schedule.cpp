// Distributed under the Boost Software License, Version 1.0.
// Serves simulated clients while the input chooses what the kernel does: which call fails, how much it gives, when a
// piece arrives, in which order events come. All that the simulator looks at must be right.
//
// The first byte of an input chooses the plugin, the conversations and whether the run is repeated, the next two the
// seed of all that is no choice of the kernel; the rest are the choices, in the order in which they are asked for. When
// they are used up, the seed goes on.

#include "target.hpp"

#include "base/log.hpp"
#include "sim/forked.hpp"
#include "sim/hosted_plugin.hpp"
#include "sim/last_log.hpp"
#include "sim/options.hpp"
#include "sim/talk.hpp"
#include "sim/world.hpp"
#include "worker/plugin_library.hpp"

#include <fmt/format.h>

#include <map>
#include <string>

extern "C" const eh_plugin http_table, raw_table; // of plugins/, linked in under these names

namespace fuzz {
namespace {

using namespace epollhost;

constexpr std::uint64_t faults_most = 24; // more of them on purpose, and no client would have the patience
constexpr unsigned blocks = 8, talks_a_block = 6;
constexpr std::uint64_t of_talks = 30; // stream of random numbers

[[noreturn]] void report(const sim::outcome& o) { fail(fmt::format("{}: {}\n{}", o.rule, o.what, sim::last_line())); }

void check_good(const sim::outcome& o) {
  if (!o.good()) report(o);
}

sim::stage make_stage(const plugin_library& plugin, sim::language language, unsigned block) {
  sim::stage out;
  out.make = sim::host(plugin, sim::default_values(plugin.describe()));
  if (language == sim::language::http) out.masked_lines.push_back("Date:");
  net::sim::random_source random(block, of_talks);
  while (out.talks.size() < talks_a_block) out.talks.push_back(make_conversation(language, random));
  sim::last_words words;
  sim::outcome undisturbed = run_undisturbed(out, words, report);
  check_good(undisturbed);
  out.answers = std::move(undisturbed.answers);
  return out;
}

const sim::stage& stage_for(bool http, unsigned block) {
  static const plugin_library plugins[] = {plugin_library::of(raw_table, "raw.so"),
                                           plugin_library::of(http_table, "http.so")};
  static std::map<std::pair<bool, unsigned>, sim::stage> stages;
  const auto [at, added] = stages.try_emplace({http, block});
  if (added) at->second = make_stage(plugins[http], http ? sim::language::http : sim::language::bytes, block);
  return at->second;
}

std::uint64_t play(const sim::stage& on, const sim::plan& how) {
  sim::last_words words;
  const sim::outcome seen = run(on, how, words, report);
  check_good(seen);
  return seen.seen.hash;
}

void check(std::string_view input) {
  if (input.size() < 3) return;
  log::set_sink(sim::keep_last_line);
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(input[at]); };
  const sim::stage& on = stage_for(byte(0) & 1, byte(0) / 2 % blocks);
  sim::plan how;
  how.seed = byte(1) | unsigned(byte(2)) << 8;
  how.faults_most = faults_most;
  how.choices = input.substr(3);
  const std::uint64_t hash = play(on, how);
  const bool again = byte(0) >= 224;
  if (again && play(on, how) != hash) fail("the same choices, another run");
}

const target registered("schedule", check);

} // namespace
} // namespace fuzz
