// Distributed under the Boost Software License, Version 1.0.
// What has happened in a simulated world, as a number and, if wanted, as lines.
#ifndef EPOLLHOST_NET_SIM_TRACE_HPP
#define EPOLLHOST_NET_SIM_TRACE_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::net::sim {

/// Every call and every event goes in here. Two runs with the same number have done the same.
class trace {
public:
  explicit trace(bool lines) : lines_wanted_(lines) {}

  /// `on`: which descriptor or client; `value`: what it gave, or how much.
  void note(std::int64_t now_ns, std::string_view what, std::int64_t on, std::int64_t value);

  /// The bytes too, but for their length not shown in lines.
  void note_bytes(std::string_view bytes);

  std::uint64_t hash() const { return hash_; }
  const std::vector<std::string>& lines() const { return lines_; }

private:
  void mix(std::uint64_t n);

  bool lines_wanted_;
  std::uint64_t hash_ = 14695981039346656037u;
  std::vector<std::string> lines_;
};

} // namespace epollhost::net::sim

#endif
