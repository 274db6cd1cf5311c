// Distributed under the Boost Software License, Version 1.0.
// Conversations that no plugin should mind.
#ifndef EPOLLHOST_CHECK_SCRIPTS_HPP
#define EPOLLHOST_CHECK_SCRIPTS_HPP

#include "check/stage.hpp"

#include <span>

namespace epollhost::check {

struct script {
  const char* name;
  void (*play)(stage&);
};

/// All of them. Each is played in a process of its own, so that a crash hides only what would have come after it there.
std::span<const script> scripts();

} // namespace epollhost::check

#endif
