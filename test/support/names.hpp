// Distributed under the Boost Software License, Version 1.0.
// The name service in a test's hands.
#ifndef EPOLLHOST_TEST_SUPPORT_NAMES_HPP
#define EPOLLHOST_TEST_SUPPORT_NAMES_HPP

#include <cstddef>
#include <string>
#include <vector>

namespace epollhost::test {

/// While it lives, getaddrinfo(3) in this program answers for these names; for all others it does what it always does.
class names {
public:
  names() = default;
  ~names();
  names(const names&) = delete;

  /// `name` has these addresses, as numbers, in this order; none: there is no such name.
  void set(const std::string& name, std::vector<std::string> addresses);

  /// Look-ups of `name` fail with this EAI_* and this errno.
  void fail(const std::string& name, int error, int number = 0);

  /// Look-ups of `name` do not come back before release().
  void hang(const std::string& name);
  void release();

  std::size_t hanging() const; ///< right now
};

} // namespace epollhost::test

#endif
