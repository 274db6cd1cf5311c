// Distributed under the Boost Software License, Version 1.0.
// The session's target for libFuzzer.

#include "http_session_target.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::check_http_session({reinterpret_cast<const char*>(data), size});
  return 0;
}
