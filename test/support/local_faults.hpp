// Distributed under the Boost Software License, Version 1.0.
// Faults of this machine, in a test's hands.
#ifndef EPOLLHOST_TEST_SUPPORT_LOCAL_FAULTS_HPP
#define EPOLLHOST_TEST_SUPPORT_LOCAL_FAULTS_HPP

namespace epollhost::test {

/// While it lives, each connect(2) of this thread fails with this errno.
class failing_connect {
public:
  explicit failing_connect(int error);
  ~failing_connect();
  failing_connect(const failing_connect&) = delete;
};

} // namespace epollhost::test

#endif
