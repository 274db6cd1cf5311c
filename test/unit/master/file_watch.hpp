// Distributed under the Boost Software License, Version 1.0.
// Waits until somebody makes a file in a folder.
#ifndef EPOLLHOST_TEST_UNIT_MASTER_FILE_WATCH_HPP
#define EPOLLHOST_TEST_UNIT_MASTER_FILE_WATCH_HPP

#include "net/unique_fd.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <string>

namespace epollhost::test {

class file_watch {
public:
  explicit file_watch(const std::string& folder) : fd_(::inotify_init1(IN_CLOEXEC)) {
    ::inotify_add_watch(fd_.get(), folder.c_str(), IN_CREATE);
  }
  void wait() {
    char events[4096];
    BOOST_REQUIRE(::read(fd_.get(), events, sizeof events) > 0);
  }

private:
  net::unique_fd fd_;
};

} // namespace epollhost::test

#endif
