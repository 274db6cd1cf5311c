// Distributed under the Boost Software License, Version 1.0.
// Moves bytes from one socket to another without a copy of ours.
#include "net/splice.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace epollhost::net {
namespace {

constexpr unsigned flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

template <class Call> result retry(Call call) {
  for (;;) {
    const auto n = call();
    if (n >= 0) return n;
    if (errno != EINTR) return -errno;
  }
}

} // namespace

result splice_pipe::fill(int from, std::size_t len) {
  if (!in_) {
    int both[2];
    if (::pipe2(both, O_NONBLOCK | O_CLOEXEC) != 0) return -errno;
    out_.reset(both[0]);
    in_.reset(both[1]);
    ::fcntl(in_.get(), F_SETPIPE_SZ, int(bytes_max)); // refused above a user's quota: then the usual 64 KiB must do
  }
  const result n = retry([&] { return ::splice(from, nullptr, in_.get(), nullptr, len, flags); });
  return n == -EINVAL ? -EOPNOTSUPP : n;
}

result splice_pipe::drain(int to, std::size_t len) {
  return retry([&] { return ::splice(out_.get(), nullptr, to, nullptr, len, flags); });
}

result splice_pipe::take(void* bytes, std::size_t len) {
  return retry([&] { return ::read(out_.get(), bytes, len); });
}

} // namespace epollhost::net
