// Distributed under the Boost Software License, Version 1.0.
// One client that asks over HTTP/1.1, again and again, and says what became of each request.
#ifndef EPOLLHOST_TEST_LOAD_HTTP_CLIENT_HPP
#define EPOLLHOST_TEST_LOAD_HTTP_CLIENT_HPP

#include "answer.hpp"
#include "campaign.hpp"
#include "socket.hpp"

#include <string>

namespace load {

///     connecting --> asking --answers--> thinking --> asking ...
///          ^            |                   |
///          '-- closed --'<-- closed --------'        done: nothing more may be asked
///
/// It is a careful client: before each request it looks whether the server has closed the connection already. What it
/// sends nevertheless counts as lost if no byte of an answer comes.
class http_client final : public handler {
public:
  explicit http_client(campaign& c) : all_(c), current_(0) { ++all_.live; }
  void begin(); ///< the first connection, or the next

private:
  enum class state { connecting, asking, thinking, done };

  void on_ready(std::uint32_t events) override;
  void on_time() override;

  void on_connected(int error);
  void ask();
  void send_some();
  void receive_some();
  void take(std::string_view bytes);
  void on_answer();
  void on_end();
  void think();
  void fail(outcome what, const std::string& why);
  void end_connection();
  void next_connection(std::int64_t pause_ns);
  void finish();

  std::string request() const;
  bool in_pieces() const { return all_.opt.piece != 0 && all_.opt.body != 0; }
  void interest();
  void set_time();

  campaign& all_;
  socket socket_;
  state state_ = state::connecting;
  answer current_;
  std::string out_;             // what is still to be sent
  std::uint64_t in_flight_ = 0; // requests asked and not answered
  bool told_close_ = false;     // an answer of this connection has said that it closes
  bool served_ = false;
  std::uint32_t interest_ = 0;
  std::int64_t deadline_ns_ = 0, piece_ns_ = 0, read_ns_ = 0, think_ns_ = 0; // 0: none
};

} // namespace load

#endif
