// Distributed under the Boost Software License, Version 1.0.
// What the load is to be: NAME=VALUE words.
#ifndef EPOLLHOST_TEST_LOAD_OPTIONS_HPP
#define EPOLLHOST_TEST_LOAD_OPTIONS_HPP

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace load {

enum class mode { http, stream };

struct options {
  enum mode mode = mode::http; // mode=http|stream
  sockaddr_storage to{};       // to=127.0.0.1:PORT, unix:/path, unix:@name
  socklen_t to_size = 0;
  std::uint64_t clients = 50;       // connections at once
  std::uint64_t count = 0;          // requests in all; 0: until the time is over
  std::uint64_t seconds = 60;       // then nothing new begins
  std::uint64_t timeout_ms = 20000; // for one answer
  bool keep = true;                 // keep=0: a connection for each request
  std::uint64_t pipeline = 1;       // requests sent at once
  std::uint64_t think_us = 0;       // between answer and next request: a random time up to this
  std::uint64_t answer = 13;        // bytes that the answer has; asked for as GET /bytes/N
  std::uint64_t body = 0;           // bytes of a POST, which the answer repeats; 0: GET
  std::uint64_t piece = 0;          // the body or the stream leaves in pieces of this size ...
  std::uint64_t pause_us = 1000;    // ... with this time between them
  std::uint64_t read = 0;           // read so many bytes, then pause as long; 0: all at once
};

/// Throws std::invalid_argument with a message for the user.
options parse(int argc, char** argv);

} // namespace load

#endif
