// Distributed under the Boost Software License, Version 1.0.
// Random bytes that follow from the seed.
#include "net/random.hpp"

#include "net/sim/kernel.hpp"

namespace epollhost::net {

void random_bytes(void* bytes, std::size_t len) {
  if (const auto& given = sim::kernel::current().next_random; given && given(bytes, len)) return;
  sim::random_source& source = sim::kernel::current().chance();
  for (auto* at = static_cast<unsigned char*>(bytes); len > 0; --len) *at++ = static_cast<unsigned char>(source.next());
}

} // namespace epollhost::net
