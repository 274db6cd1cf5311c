// Distributed under the Boost Software License, Version 1.0.
// Owns one descriptor. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_DESCRIPTOR_HPP
#define EPOLLHOST_HTTP_DETAIL_DESCRIPTOR_HPP

#include <unistd.h>

#include <utility>

namespace epollhost::http::detail {

/// Close a descriptor at the end of the scope, unless it was released. -1 is none.
class descriptor {
public:
  explicit descriptor(int fd = -1) noexcept : fd_{fd} {}
  descriptor(descriptor&& other) noexcept : fd_{other.release()} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }

private:
  int fd_;
};

} // namespace epollhost::http::detail

#endif
