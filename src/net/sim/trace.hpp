// Distributed under the Boost Software License, Version 1.0.
// What has happened in a simulated world, as a number and, if wanted, as lines.
#ifndef EPOLLHOST_NET_SIM_TRACE_HPP
#define EPOLLHOST_NET_SIM_TRACE_HPP

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace epollhost::net::sim {

/// Every call and every event goes in here. Two runs with the same number have done the same.
class trace {
public:
  using sink = std::function<void(std::string_view line)>;

  explicit trace(sink s) : sink_(std::move(s)) {}

  /// `on`: which descriptor or client; `value`: what it gave, or how much.
  void note(std::int64_t now_ns, std::string_view what, std::int64_t on, std::int64_t value);

  /// The bytes too, but for their length not shown in lines.
  void note_bytes(std::string_view bytes);

  std::uint64_t hash() const { return hash_; }

private:
  void mix(std::uint64_t n);

  sink sink_; // or none
  std::uint64_t hash_ = 14695981039346656037u;
};

} // namespace epollhost::net::sim

#endif
