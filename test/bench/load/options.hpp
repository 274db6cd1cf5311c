// Distributed under the Boost Software License, Version 1.0.
// What the load generator is asked to do.
#ifndef BENCH_LOAD_OPTIONS_HPP
#define BENCH_LOAD_OPTIONS_HPP

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

enum class ending { keep, close }; ///< of a connection: it stays for all requests, or the server ends it after one

struct options {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::size_t depth = 1;    ///< requests sent at once on a connection
  std::size_t requests = 0; ///< all of them together, a multiple of connections * depth unless they close
  std::string request;      ///< the bytes of one
  std::size_t echoed = 0;   ///< bytes of an answer, where it is no HTTP
  ending how = ending::keep;
  bool hold = false; ///< when all is answered: say so, and keep the connections until the standard input ends
};

/// Reads the command line; says what is wrong with it and ends the program.
options read_options(int argc, char** argv);

} // namespace bench

#endif
