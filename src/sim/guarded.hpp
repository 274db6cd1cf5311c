// Distributed under the Boost Software License, Version 1.0.
// Memory that ends where nothing may be touched.
#ifndef EPOLLHOST_SIM_GUARDED_HPP
#define EPOLLHOST_SIM_GUARDED_HPP

#include <cstddef>

namespace epollhost::sim {

/// `len` zeroed bytes whose end, but for what `alignment` asks for, is the end of the last page that can be touched.
/// Throws bad_alloc. They stay until they are released.
char* take_guarded(std::size_t len, std::size_t alignment);

/// What take_guarded() answered for `len`.
void release_guarded(char* bytes, std::size_t len);

/// From now on whoever touches them dies of SIGSEGV.
void forbid_guarded(char* bytes, std::size_t len);

} // namespace epollhost::sim

#endif
