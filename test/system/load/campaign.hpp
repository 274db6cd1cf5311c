// Distributed under the Boost Software License, Version 1.0.
// What all clients of one load share.
#ifndef EPOLLHOST_TEST_LOAD_CAMPAIGN_HPP
#define EPOLLHOST_TEST_LOAD_CAMPAIGN_HPP

#include "options.hpp"
#include "outcomes.hpp"
#include "reactor.hpp"

#include <random>

namespace load {

struct campaign {
  const options& opt;
  reactor& loop;
  outcomes& result;
  std::uint64_t started = 0; // requests
  std::uint64_t live = 0;    // clients that have not ended
  std::uint64_t served = 0;  // clients that have had an answer
  bool stopping = false;     // nothing new begins
  std::minstd_rand random{1};

  bool may_ask() const { return !stopping && (opt.count == 0 || started < opt.count); }
};

/// The pattern that bodies and streams of text are made of.
constexpr char pattern(std::uint64_t at) { return static_cast<char>('a' + at % 26); }

} // namespace load

#endif
