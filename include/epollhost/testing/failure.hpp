// Distributed under the Boost Software License, Version 1.0.
// What a test of a plugin throws. Plugins may include this (their tests, through testing.hpp).
#ifndef EPOLLHOST_TESTING_FAILURE_HPP
#define EPOLLHOST_TESTING_FAILURE_HPP

#include <stdexcept>

namespace epollhost::testing {

/// A rule of plugin.h that the plugin broke, or output that is not what it should be. what() says what was found, what
/// was expected, and the conversation that led there; it may have several lines.
struct failure : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The plugin does not load, or its `start` refused; what() has the lines that it logged.
struct refused : failure {
  using failure::failure;
};

} // namespace epollhost::testing

#endif
