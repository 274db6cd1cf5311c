// Distributed under the Boost Software License, Version 1.0.
// One connection for the whole load: numbers go out, and must come back in their order.
#ifndef EPOLLHOST_TEST_LOAD_STREAM_CLIENT_HPP
#define EPOLLHOST_TEST_LOAD_STREAM_CLIENT_HPP

#include "campaign.hpp"
#include "socket.hpp"

#include <string>

namespace load {

/// Sends `piece` numbers of eight bytes every `pause_us`. At the end it closes its half and waits for the rest. Each
/// number that came back counts as answered; a stream that ends otherwise than by us is one failure.
class stream_client final : public handler {
public:
  explicit stream_client(campaign& c) : all_(c) { ++all_.live; }
  void begin();

private:
  void on_ready(std::uint32_t events) override;
  void on_time() override;

  void send_some();
  void receive_some();
  bool check(std::string_view bytes);
  void end(outcome what, const std::string& why);
  void finish();

  campaign& all_;
  socket socket_;
  std::string out_;
  std::uint64_t next_out_ = 0; // numbers
  std::uint64_t seen_ = 0;     // bytes
  std::int64_t progress_ns_ = 0;
  std::uint32_t interest_ = 0;
  bool connected_ = false, finished_ = false;
};

} // namespace load

#endif
