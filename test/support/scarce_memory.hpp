// Distributed under the Boost Software License, Version 1.0.
// Memory that runs out, in a test program that links scarce_memory.cpp.
#ifndef EPOLLHOST_TEST_SUPPORT_SCARCE_MEMORY_HPP
#define EPOLLHOST_TEST_SUPPORT_SCARCE_MEMORY_HPP

#include <utility>

namespace epollhost::test {

/// While it lives, `operator new` of this thread answers so often, and throws from then on. One at a time.
class scarce_memory {
public:
  explicit scarce_memory(int allocations);
  ~scarce_memory();
  scarce_memory(const scarce_memory&) = delete;

  /// Whether more was asked for than there is.
  bool ran_out() const;
};

/// Makes the call again and again, each time with memory for one allocation more, until that is enough; answers how
/// often it was not. `look(result)` sees what the call answered while memory ran out.
template <class Call, class Look> int each_lack_of_memory(Call call, Look look) {
  for (int allocations = 0;; ++allocations) {
    const auto [result, ran_out] = [&] {
      const scarce_memory few(allocations);
      const auto r = call();
      return std::pair(r, few.ran_out());
    }();
    if (!ran_out) return allocations;
    look(result);
  }
}

} // namespace epollhost::test

#endif
