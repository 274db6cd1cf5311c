// Distributed under the Boost Software License, Version 1.0.
// The other end of a connection, on the simulated kernel.
#include "model/peer.hpp"

#include "net/sim/kernel.hpp"

#include <vector>

namespace epollhost::test {
namespace {

net::sim::kernel& the_kernel() {
  static net::sim::kernel k({});
  return k;
}

// What program makes a call first is not known: it finds a kernel in any case.
[[maybe_unused]] const net::sim::kernel& made_early = the_kernel();

class simulated_peer final : public peer {
public:
  explicit simulated_peer(const net::endpoint& to) {
    the_kernel().connect(to, {}, [this](net::sim::stream* s) { end_ = s; });
  }
  long send(std::size_t bytes) override {
    std::vector<char> zeros(bytes);
    const iovec part{zeros.data(), bytes};
    return end_ ? end_->send({&part, 1}) : 0;
  }
  long receive(std::size_t bytes) override {
    std::vector<char> room(bytes);
    return end_ ? end_->receive(room.data(), bytes) : 0;
  }
  void finish() override {
    if (end_) end_->shutdown_send();
  }
  void close() override { end(false); }
  void reset() override { end(true); }

private:
  void end(bool reset) {
    if (end_) end_->released(reset);
    end_ = nullptr;
  }

  net::sim::stream* end_ = nullptr;
};

} // namespace

void wait_for_acknowledgement(int) {} // it has come with the FIN

std::unique_ptr<peer> connect_peer(const net::endpoint& to) { return std::make_unique<simulated_peer>(to); }

} // namespace epollhost::test
