// Distributed under the Boost Software License, Version 1.0.
// One kind of input, and what must be true of it.

#ifndef EPOLLHOST_TEST_FUZZ_TARGET_HPP
#define EPOLLHOST_TEST_FUZZ_TARGET_HPP

#include <string_view>

namespace fuzz {

/// What this program fuzzes: each has one such object, which the fuzzer and the replay find.
struct target {
  const char* name;
  void (*check)(std::string_view input); ///< ends in fail() if anything is wrong with what comes of the input

  target(const char* name, void (*check)(std::string_view));
  static const target& linked();
};

/// Says why on the standard error, and aborts: so the input is kept.
[[noreturn]] void fail(std::string_view why);

} // namespace fuzz

#endif
