// Distributed under the Boost Software License, Version 1.0.
// Moves bytes from one socket to another through a simulated pipe.
#include "net/splice.hpp"

#include "net/sim/kernel.hpp"

#include <algorithm>
#include <string>

namespace epollhost::net {
namespace {

sim::kernel& kernel() { return sim::kernel::current(); }

/// Both ends of a pipe hold the same bytes. Nobody waits for it.
struct pipe_end final : sim::file {
  explicit pipe_end(std::shared_ptr<std::string> b) : bytes(std::move(b)) {}
  std::uint32_t poll() override { return bytes->empty() ? 0 : std::uint32_t(EPOLLIN); }
  void released(bool) override {}
  const std::shared_ptr<std::string> bytes;
};

std::string* content(int fd, const char* call) {
  auto* const end = kernel().find_as<pipe_end>(fd);
  if (!end) kernel().connected(fd, call); // it tells of what is wrong
  return end ? end->bytes.get() : nullptr;
}

// Fewer than there are: the rest stays where it was.
std::size_t shorten(std::size_t n) {
  if (n < 2 || !kernel().faults().strikes(sim::fault::short_splice)) return n;
  return kernel().faults().choices().between(1, n - 1);
}

} // namespace

result splice_pipe::fill(int from, std::size_t len) {
  if (kernel().faults().strikes(sim::fault::no_splice)) return in_ ? -EOPNOTSUPP : -EMFILE;
  if (!in_) {
    const auto bytes = std::make_shared<std::string>();
    out_.reset(kernel().install(std::make_shared<pipe_end>(bytes)));
    in_.reset(out_ ? kernel().install(std::make_shared<pipe_end>(bytes)) : -1);
    if (!in_) return out_.reset(), -EMFILE;
  }
  std::string* const held = content(in_.get(), "splice");
  sim::stream* const s = kernel().connected(from, "splice");
  if (!s || !held) return -EBADF;
  if (held->size() == bytes_max) return kernel().answered("splice in", from, -EAGAIN); // nobody asks the socket then
  std::string room(shorten(std::min({len, s->unread() + 1, bytes_max - held->size()})), '\0');
  const result r = s->receive(room.data(), room.size());
  if (r > 0) {
    held->append(room, 0, static_cast<std::size_t>(r));
    kernel().notes().note_bytes({room.data(), static_cast<std::size_t>(r)});
    kernel().note_progress();
  }
  return kernel().answered("splice in", from, r);
}

result splice_pipe::drain(int to, std::size_t len) {
  std::string* const held = content(out_.get(), "splice");
  sim::stream* const s = kernel().connected(to, "splice");
  if (!s || !held) return -EBADF;
  const std::size_t most = std::min(len, held->size());
  if (most == 0) return kernel().answered("splice out", to, -EAGAIN);
  const iovec part{held->data(), shorten(most)};
  const result r = s->send({&part, 1});
  if (r > 0) held->erase(0, static_cast<std::size_t>(r)), kernel().note_progress();
  return kernel().answered("splice out", to, r);
}

result splice_pipe::take(void* bytes, std::size_t len) {
  std::string* const held = content(out_.get(), "read");
  if (!held) return -EBADF;
  const std::size_t n = std::min(len, held->size());
  if (n == 0) return -EAGAIN;
  held->copy(static_cast<char*>(bytes), n);
  held->erase(0, n);
  return static_cast<result>(n);
}

} // namespace epollhost::net
