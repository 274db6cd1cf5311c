// Distributed under the Boost Software License, Version 1.0.
// The control socket: who may write to its file may ask.
#ifndef EPOLLHOST_MASTER_CONTROL_HPP
#define EPOLLHOST_MASTER_CONTROL_HPP

#include "loop/io_context.hpp"
#include "net/endpoint.hpp"
#include "net/listen.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>

namespace epollhost::master {

/// Answers one line with one text, then closes: "status", "status json". The file's mode is the authority. A client
/// that neither asks nor reads holds nothing but its descriptor, and at most `clients_max` do.
class control_server final : loop::io_object {
public:
  static constexpr std::size_t clients_max = 16;
  using answer = std::function<std::string(const std::string& request)>;

  /// Throws system_error.
  control_server(loop::io_context& loop, const std::string& path, unsigned mode, answer f);
  ~control_server();

  int fd() const { return fd_.get(); }

private:
  struct client;
  void on_event(std::uint32_t) override;

  loop::io_context& loop_;
  const answer answer_;
  const std::string path_;
  net::unique_fd fd_;
  net::file_id file_;
  std::list<std::unique_ptr<client>> clients_;
};

/// The other end: ask, and answer all that comes back. Blocks for at most a few seconds. Throws runtime_error with a
/// message for the user.
std::string ask_control(const std::string& path, const std::string& request);

} // namespace epollhost::master

#endif
