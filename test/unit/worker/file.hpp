// Distributed under the Boost Software License, Version 1.0.
// A regular file in memory, for tests that send it.
#ifndef EPOLLHOST_TEST_UNIT_WORKER_FILE_HPP
#define EPOLLHOST_TEST_UNIT_WORKER_FILE_HPP

#include "net/unique_fd.hpp"
#include "support/probe.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

namespace epollhost::test {

/// Gives each who asks a descriptor of its own.
class file {
public:
  explicit file(std::string_view bytes) : fd_(::memfd_create("test", MFD_CLOEXEC)) {
    BOOST_REQUIRE(fd_);
    BOOST_REQUIRE_EQUAL(::write(fd_.get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
  }
  int open(int flags = O_RDONLY) const {
    const int fd = ::open(("/proc/self/fd/" + std::to_string(fd_.get())).c_str(), flags | O_CLOEXEC);
    BOOST_REQUIRE_GE(fd, 0);
    return fd;
  }
  void truncate(std::size_t to) const { BOOST_REQUIRE_EQUAL(::ftruncate(fd_.get(), off_t(to)), 0); }

private:
  net::unique_fd fd_;
};

inline bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

/// eh_host::send_file.
inline eh_status give(const probe& p, eh_conn_id conn, int fd, std::uint64_t offset, std::uint64_t len) {
  return p.host->send_file(p.host, conn, fd, offset, len);
}

/// A plugin that sends this file for its first input, behind a head.
inline void sends(probe& p, const file& from, std::size_t len, eh_next answer = EH_KEEP) {
  p.data = [&p, &from, len, answer](eh_io& io) {
    io.in_used = io.in_len;
    if (io.in_len == 0) return eh_next(EH_KEEP);
    std::memcpy(io.out, "head ", 5);
    io.out_used = 5;
    BOOST_REQUIRE_EQUAL(give(p, io.conn, from.open(), 0, len), EH_OK);
    BOOST_CHECK_EQUAL(io.out_used, 0);
    return answer;
  };
}

} // namespace epollhost::test

#endif
