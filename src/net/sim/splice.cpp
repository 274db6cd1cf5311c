// Distributed under the Boost Software License, Version 1.0.
// The simulated kernel has no pipes: who wants to splice must copy.
#include "net/splice.hpp"

namespace epollhost::net {

result splice_pipe::fill(int, std::size_t) { return -EOPNOTSUPP; }
result splice_pipe::drain(int, std::size_t) { return -EOPNOTSUPP; }
result splice_pipe::take(void*, std::size_t) { return -EOPNOTSUPP; }

} // namespace epollhost::net
