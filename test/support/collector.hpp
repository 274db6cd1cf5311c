// Distributed under the Boost Software License, Version 1.0.
// A test plugin's `data` that keeps all it is given.
#ifndef EPOLLHOST_TEST_SUPPORT_COLLECTOR_HPP
#define EPOLLHOST_TEST_SUPPORT_COLLECTOR_HPP

#include "support/probe.hpp"

#include <string>

namespace epollhost::test {

/// Keeps what `data` was given, and how often the end was told.
struct collector {
  explicit collector(probe& p) {
    p.data = [this](eh_io& io) {
      if (io.flags & EH_IN_END)
        ++ends;
      else if (ends)
        ++after_the_end;
      bytes.append(io.in, io.in_len);
      io.in_used = io.in_len;
      return answer;
    };
  }
  std::string bytes;
  int ends = 0, after_the_end = 0;
  eh_next answer = EH_KEEP;
};

} // namespace epollhost::test

#endif
