// Distributed under the Boost Software License, Version 1.0.
// The rules of plugin.h that a plugin was seen to break.
#ifndef EPOLLHOST_TESTING_DETAIL_RULES_HPP
#define EPOLLHOST_TESTING_DETAIL_RULES_HPP

#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace epollhost::testing {

/// A rule of plugin.h that the plugin broke. The names of the rules are a fixed set:
///
///   in-used, out-used    more of a window than there was
///   answer               no eh_next
///   exception            one left a hook
///   wrong-thread         a [worker] function called from another thread
///   after-stop           a function of the host called when `stop` had returned
///   invalid-argument     the host answered EH_INVALID
///   held-pointer         a window given to the host to keep
///   state-overflow       bytes around the connection's state were written
///   changed-reference    bytes given to write_ref were changed before their release
///   never-rests          it goes on without end though no time passes
struct broken_rule {
  std::string rule;
  std::string what; ///< what was found, what was expected
};

namespace detail {

/// Takes notes on any thread, since rules are broken on any.
class rule_book {
public:
  static constexpr std::size_t kept_max = 1000;

  void note(std::string rule, std::string what) {
    const std::lock_guard lock(mutex_);
    if (broken_.size() < kept_max) broken_.push_back({std::move(rule), std::move(what)});
  }
  std::vector<broken_rule> all() const {
    const std::lock_guard lock(mutex_);
    return broken_;
  }
  /// Those that nobody has taken yet.
  std::vector<broken_rule> take_new() {
    const std::lock_guard lock(mutex_);
    std::vector<broken_rule> out(broken_.begin() + static_cast<std::ptrdiff_t>(taken_), broken_.end());
    taken_ = broken_.size();
    return out;
  }

private:
  mutable std::mutex mutex_;
  std::vector<broken_rule> broken_;
  std::size_t taken_ = 0;
};

} // namespace detail
} // namespace epollhost::testing

#endif
