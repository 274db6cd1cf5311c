// Distributed under the Boost Software License, Version 1.0.
// What is done with a connected socket of the simulated kernel.
#include "net/socket.hpp"

#include "net/sim/kernel.hpp"
#include "net/unique_fd.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace epollhost::net {
namespace {

sim::kernel& kernel() { return sim::kernel::current(); }

// A call on a socket: the answer goes into the trace.
template <class Call> result on(int fd, const char* name, Call call) {
  sim::stream* const s = kernel().connected(fd, name);
  if (!s) return -EBADF;
  const result r = call(*s);
  if (r > 0) kernel().note_progress();
  return kernel().answered(name, fd, r);
}

raw_result as_raw(result r) {
  if (r >= 0) return r;
  errno = static_cast<int>(-r);
  return -1;
}

error_code set(int fd, const char* name) {
  return {on(fd, name, [](sim::stream&) { return 0; }) < 0 ? EBADF : 0, boost::system::system_category()};
}

error_code set_of_tcp(int fd, const char* name) {
  const bool is_unix = local_endpoint(fd).is_unix();
  const error_code ec = kernel().find_as<sim::acceptor>(fd) ? error_code() : set(fd, name);
  return is_unix ? error_code(EOPNOTSUPP, boost::system::system_category()) : ec;
}

} // namespace

void close(int fd) {
  if (fd < sim::kernel::first_descriptor)
    ::close(fd); // of a file that is real
  else
    kernel().close(fd, false);
}

void abort(int fd) { kernel().close(fd, true); }

result accept(int listener) { return kernel().accept(listener); }

raw_result receive_raw(int fd, void* bytes, std::size_t len) {
  return as_raw(on(fd, "recv", [&](sim::stream& s) {
    const result r = s.receive(bytes, len);
    if (r > 0) kernel().notes().note_bytes({static_cast<const char*>(bytes), static_cast<std::size_t>(r)});
    return r;
  }));
}

raw_result send_raw(int fd, const void* bytes, std::size_t len) {
  const iovec part{const_cast<void*>(bytes), len};
  return as_raw(net::send(fd, {&part, 1}, false));
}

// Segments are not simulated, so `more` changes nothing.
result send(int fd, std::span<const iovec> parts, bool) {
  return on(fd, "send", [&](sim::stream& s) { return s.send(parts); });
}

result send_file(int fd, int file, std::uint64_t offset, std::size_t len) {
  return on(fd, "sendfile", [&](sim::stream& s) { return s.send_file(file, offset, len); });
}

void shutdown_send(int fd) {
  on(fd, "shutdown", [](sim::stream& s) { return s.shutdown_send(), 0; });
}

bool drain_error_queue(int fd) {
  return on(fd, "error_queue", [](sim::stream& s) { return s.drain_error_queue() ? 1 : 0; }) > 0;
}

error_code take_error(int fd) {
  int error = 0;
  on(fd, "take_error", [&](sim::stream& s) { return -(error = s.take_error()); });
  return {error, boost::system::system_category()};
}

error_code set_nodelay(int fd, bool) { return set_of_tcp(fd, "nodelay"); }
error_code set_cork(int fd, bool) { return set_of_tcp(fd, "cork"); }
error_code set_receive_buffer(int fd, int) { return set(fd, "receive_buffer"); }

error_code set_send_buffer(int fd, int bytes) {
  if (auto* const s = kernel().find_as<sim::stream>(fd)) s->set_send_room(std::size_t(std::max(bytes, 4608)));
  return set(fd, "send_buffer");
}

endpoint local_endpoint(int fd) {
  if (const auto* const a = kernel().find_as<sim::acceptor>(fd)) return a->bound;
  const auto* const s = kernel().find_as<sim::stream>(fd);
  return s ? s->local() : endpoint();
}

endpoint peer_endpoint(int fd) {
  const auto* const s = kernel().find_as<sim::stream>(fd);
  return s ? s->remote() : endpoint();
}

} // namespace epollhost::net
