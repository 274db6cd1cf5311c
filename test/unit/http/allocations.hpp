// Distributed under the Boost Software License, Version 1.0.
// Counts what is taken from the heap.

#ifndef EPOLLHOST_TEST_HTTP_ALLOCATIONS_HPP
#define EPOLLHOST_TEST_HTTP_ALLOCATIONS_HPP

#include <cstddef>

namespace http_test {

/// Return how often `operator new` was called in this program so far.
std::size_t allocations();

} // namespace http_test

#endif
