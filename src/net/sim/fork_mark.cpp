// Distributed under the Boost Software License, Version 1.0.
// Tells a process from the copies that fork(2) makes of it: here, where campaigns are forked on purpose, none is told.
#include "net/fork_mark.hpp"

namespace epollhost::net {
namespace {

constexpr char always = 1;

} // namespace

fork_mark::fork_mark() : mark_(&always) {}
fork_mark::~fork_mark() = default;

} // namespace epollhost::net
