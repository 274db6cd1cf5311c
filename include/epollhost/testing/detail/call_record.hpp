// Distributed under the Boost Software License, Version 1.0.
// Which hook is running, and in which memory it may work.
#ifndef EPOLLHOST_TESTING_DETAIL_CALL_RECORD_HPP
#define EPOLLHOST_TESTING_DETAIL_CALL_RECORD_HPP

#include <cstddef>
#include <cstdint>

namespace epollhost::testing::detail {

enum class hook : std::uint32_t { none, start, run, tick, stop, open, data, room, timer, wake, drain, close };

inline const char* name_of(hook h) {
  constexpr const char* names[] = {"no hook", "start", "run",   "tick", "stop",  "open",
                                   "data",    "room",  "timer", "wake", "drain", "close"};
  return names[static_cast<std::uint32_t>(h)];
}

/// Plain memory, so that it can be shared with a process that looks at it when this one has crashed.
struct call_record {
  struct range {
    std::uint64_t begin, end;
    bool contains(std::uint64_t at) const { return begin <= at && at < end; }
  };
  static constexpr std::size_t ended_max = 4096;

  hook in = hook::none;
  std::uint64_t conn = 0;
  range input{}, output{}, state{}; ///< of the call in hand; what lies behind `end` is not to be touched
  std::uint64_t calls = 0;          ///< of hooks, in all
  std::uint64_t ended_count = 0;
  range ended[ended_max]{}; ///< windows and states whose life is over, the last so many: a ring

  void end(range r) { ended[ended_count++ % ended_max] = r; }
  bool has_ended(std::uint64_t at) const {
    for (const range& r : ended)
      if (r.contains(at)) return true;
    return false;
  }
};

} // namespace epollhost::testing::detail

#endif
