// Distributed under the Boost Software License, Version 1.0.
// What is done with a connected socket.
#ifndef EPOLLHOST_NET_SOCKET_HPP
#define EPOLLHOST_NET_SOCKET_HPP

#include "net/endpoint.hpp"
#include "net/error.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

// Functions on the path of a request answer a count of bytes, or -errno. EINTR is never seen. [hot]
namespace epollhost::net {

using result = std::int64_t; ///< 0 or more: bytes or a descriptor; below 0: -errno

inline bool would_block(result r) { return r == -EAGAIN; }

/// Accept one connection: its descriptor, non-blocking and closed on exec; or -errno. Options that were set on the
/// listener (TCP_NODELAY, SO_OOBINLINE, buffers) are inherited. Source: accept4(2).
result accept(int listener);

/// What the kernel has answered: a count, or -1, and errno says why until the next call.
using raw_result = ssize_t;
inline result checked(raw_result n) { return n >= 0 ? n : -errno; }

/// For whoever looks at errors last. The socket is non-blocking: the call never sleeps, so no signal interrupts it.
raw_result receive_raw(int fd, void* bytes, std::size_t len);
raw_result send_raw(int fd, const void* bytes, std::size_t len);

/// 0: the end of input. Source: recv(2).
inline result receive(int fd, void* bytes, std::size_t len) { return checked(receive_raw(fd, bytes, len)); }

/// Never raises SIGPIPE. Source: send(2).
inline result send(int fd, const void* bytes, std::size_t len) { return checked(send_raw(fd, bytes, len)); }
/// `more`: other bytes follow at once; do not let a segment that is not full leave for these alone.
result send(int fd, std::span<const iovec> parts, bool more = false);

/// Send at most `len` bytes of a file from `offset`, without copying them. 0: the file has ended there. Fewer than
/// `len` prove nothing: what stopped it is seen by the next call. It waits for the disk where the kernel does not hold
/// the file's pages, and raises SIGPIPE unless the program ignores it (net/process.hpp). Source: sendfile(2).
result send_file(int fd, int file, std::uint64_t offset, std::size_t len);

/// The same where others have set the descriptor's flags: never waits. Source: send(2), MSG_DONTWAIT.
result send_now(int fd, const void* bytes, std::size_t len);

/// Send our FIN. An error (the peer is gone) shows at the next read.
void shutdown_send(int fd);

/// Close with a reset.
void abort(int fd);

/// Read and drop what the error queue holds (time stamps, zero-copy completions). True if it held anything: then the
/// EPOLLERR that announced it was no error. Source: recvmsg(2), MSG_ERRQUEUE.
bool drain_error_queue(int fd);

/// The pending error of a socket, and clear it. Source: socket(7), SO_ERROR.
error_code take_error(int fd);

error_code set_nodelay(int fd, bool on);
error_code set_cork(int fd, bool on);
error_code set_receive_buffer(int fd, int bytes);
error_code set_send_buffer(int fd, int bytes);

endpoint local_endpoint(int fd);
endpoint peer_endpoint(int fd);

} // namespace epollhost::net

#endif
