// Distributed under the Boost Software License, Version 1.0.
// One kind of input, and what must be true of it.

#include "target.hpp"

#include <cstdio>
#include <cstdlib>

namespace fuzz {
namespace {

const target* the_one = nullptr;

} // namespace

target::target(const char* n, void (*c)(std::string_view)) : name(n), check(c) {
  if (the_one) fail("two targets in one program");
  the_one = this;
}

const target& target::linked() {
  if (!the_one) fail("no target in this program");
  return *the_one;
}

void fail(std::string_view why) {
  std::fprintf(stderr, "fuzz: %.*s\n", static_cast<int>(why.size()), why.data());
  std::abort();
}

} // namespace fuzz
