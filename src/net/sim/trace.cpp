// Distributed under the Boost Software License, Version 1.0.
// What has happened in a simulated world, as a number and, if wanted, as lines.
#include "net/sim/trace.hpp"

#include <fmt/format.h>

#include <cstring>

namespace epollhost::net::sim {

void trace::mix(std::uint64_t n) {
  hash_ = (hash_ ^ n) * 0x9e3779b97f4a7c15;
  hash_ ^= hash_ >> 29;
}

void trace::note(std::int64_t now_ns, std::string_view what, std::int64_t on, std::int64_t value) {
  mix(static_cast<std::uint64_t>(now_ns));
  note_bytes(what);
  mix(static_cast<std::uint64_t>(on));
  mix(static_cast<std::uint64_t>(value));
  if (sink_) sink_(fmt::format("{:14.6f} ms  {:<18} {:>4} {}", double(now_ns) / 1e6, what, on, value));
}

void trace::note_bytes(std::string_view bytes) {
  mix(bytes.size());
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = bytes.size() < sizeof word ? bytes.size() : sizeof word;
    std::memcpy(&word, bytes.data(), n);
    mix(word);
    bytes.remove_prefix(n);
  }
}

} // namespace epollhost::net::sim
