// Distributed under the Boost Software License, Version 1.0.
// Looks for the bug of a mini server or a mini relay: `planted-loop BUG SEEDS` ends with 1 if it is found.
#include "planted/mini_relay.hpp"
#include "planted/mini_server.hpp"

#include "sim/campaign.hpp"
#include "sim/report.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace epollhost;

namespace {

test::bug find(const char* name) {
  for (unsigned i = 0; i < static_cast<unsigned>(test::bug::count); ++i)
    if (std::strcmp(to_string(static_cast<test::bug>(i)), name) == 0) return static_cast<test::bug>(i);
  std::fprintf(stderr, "there is no bug %s\n", name);
  std::exit(2);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("planted-loop BUG SEEDS\n", stderr), 2;
  const test::bug planted = find(argv[1]);
  const bool relays = planted >= test::bug::relay_none;
  sim::campaign_settings s;
  s.make = [=](const sim::surroundings& around, sim::referee&, sim::last_words&) -> std::unique_ptr<sim::subject> {
    if (relays) return std::make_unique<test::mini_relay>(planted, around.is_unix);
    return std::make_unique<test::mini_server>(planted, around.is_unix);
  };
  s.relayed = relays;
  s.talk = sim::language::bytes;
  s.count = std::strtoull(argv[2], nullptr, 10);
  s.jobs = 2;
  sim::campaign c(s);
  const sim::campaign_result r = c.run([](const auto&) {});
  if (!r.found) return std::printf("nothing in %llu seeds\n", static_cast<unsigned long long>(r.seeds)), 0;
  const sim::finding f = c.shrink(*r.found);
  std::printf("seed %llu fails\n%s", static_cast<unsigned long long>(f.how.seed), sim::explain(f.seen, {}, 0).c_str());
  return 1;
}
