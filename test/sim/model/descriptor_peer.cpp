// Distributed under the Boost Software License, Version 1.0.
// The other end of a connection, where it is a descriptor.
#include "model/peer.hpp"

#include "net/socket.hpp"

#include <utility>
#include <vector>

namespace epollhost::test {
namespace {

class descriptor_peer final : public peer {
public:
  explicit descriptor_peer(net::unique_fd fd) : fd_(std::move(fd)) {}
  long send(std::size_t bytes) override {
    const std::vector<char> zeros(bytes);
    return fd_ ? net::send(fd_.get(), zeros.data(), bytes) : 0;
  }
  long receive(std::size_t bytes) override {
    std::vector<char> room(bytes);
    return fd_ ? net::receive(fd_.get(), room.data(), bytes) : 0;
  }
  void finish() override {
    if (fd_) net::shutdown_send(fd_.get());
  }
  void close() override { fd_.reset(); }
  void reset() override {
    if (fd_) net::abort(fd_.release());
  }

private:
  net::unique_fd fd_;
};

} // namespace

std::unique_ptr<peer> make_peer(net::unique_fd fd) { return std::make_unique<descriptor_peer>(std::move(fd)); }

} // namespace epollhost::test
