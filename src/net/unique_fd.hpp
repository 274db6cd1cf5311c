// Distributed under the Boost Software License, Version 1.0.
// Owns one descriptor.
#ifndef EPOLLHOST_NET_UNIQUE_FD_HPP
#define EPOLLHOST_NET_UNIQUE_FD_HPP

#include <utility>

namespace epollhost::net {

/// Close a descriptor. Never fails as far as the caller can do anything about it; on Linux the number is free
/// afterwards even when close() reports EINTR.
void close(int fd);

/// Owner of a descriptor; movable, closes in the destructor.
class unique_fd {
public:
  unique_fd() = default;
  explicit unique_fd(int fd) : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~unique_fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (const int old = std::exchange(fd_, fd); old >= 0) close(old);
  }

private:
  int fd_ = -1;
};

} // namespace epollhost::net

#endif
