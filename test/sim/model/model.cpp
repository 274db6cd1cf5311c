// Distributed under the Boost Software License, Version 1.0.
// Plays scripts of calls on sockets and epoll, and prints what is seen. It is linked with each kernel; the simulated
// one is right where both print the same.
//
//   model FIRST COUNT      the random scripts FIRST to FIRST + COUNT - 1
//   model queues           those that are not random
#include "model/queues.hpp"
#include "model/script.hpp"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN); // as the program does: splice and sendfile have no MSG_NOSIGNAL
  if (argc == 2 && std::strcmp(argv[1], "queues") == 0) return epollhost::test::play_queues(), 0;
  if (argc != 3) return std::fprintf(stderr, "model FIRST COUNT | model queues\n"), 2;
  const auto first = std::strtoull(argv[1], nullptr, 10), count = std::strtoull(argv[2], nullptr, 10);
  for (auto seed = first; seed < first + count; ++seed) epollhost::test::script(seed).play();
}
