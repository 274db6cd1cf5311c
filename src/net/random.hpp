// Distributed under the Boost Software License, Version 1.0.
// Random bytes.
#ifndef EPOLLHOST_NET_RANDOM_HPP
#define EPOLLHOST_NET_RANDOM_HPP

#include <cstddef>

namespace epollhost::net {

/// Fill with bytes fit for keys. Source: getrandom(2).
void random_bytes(void* bytes, std::size_t len);

} // namespace epollhost::net

#endif
