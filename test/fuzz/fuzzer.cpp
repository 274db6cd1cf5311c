// Distributed under the Boost Software License, Version 1.0.
// What libFuzzer calls.

#include "target.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::target& target = fuzz::target::linked();
  target.check({reinterpret_cast<const char*>(data), size});
  return 0;
}
