// Distributed under the Boost Software License, Version 1.0.
// The control socket: who may write to its file may ask.
#ifndef EPOLLHOST_MASTER_CONTROL_HPP
#define EPOLLHOST_MASTER_CONTROL_HPP

#include "loop/io_context.hpp"
#include "net/endpoint.hpp"
#include "net/listen.hpp"
#include "net/unique_fd.hpp"

#include <sys/types.h>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace epollhost::master {

/// Answers one line with one text, then closes: at once, or when what it asked for has happened. The file's mode is the
/// authority. A client that neither asks nor reads holds nothing but its descriptor, and at most `clients_max` do.
class control_server final : loop::io_object {
public:
  static constexpr std::size_t clients_max = 16;
  /// Empty: the client waits for answer_waiting().
  using answer = std::function<std::optional<std::string>(const std::string& request)>;

  /// Throws system_error.
  control_server(loop::io_context& loop, const std::string& path, unsigned mode, answer f);
  ~control_server();

  int fd() const { return fd_.get(); }

  /// Answer all that wait for what they have asked for with this line.
  void answer_waiting(const std::string& request, const std::string& text);

  /// As if they had asked for something else.
  void rename_waiting(const std::string& from, const std::string& to);

  /// Descriptors of those that wait, for the next image of this process; and, there, one of them.
  std::vector<int> waiting(const std::string& request) const;
  void adopt(net::unique_fd fd, const std::string& request);

private:
  struct client;
  void on_event(std::uint32_t) override;
  void add(std::unique_ptr<client> c);

  loop::io_context& loop_;
  const answer answer_;
  const std::string path_;
  net::unique_fd fd_;
  net::file_id file_;
  std::list<std::unique_ptr<client>> clients_;
};

/// The other end: ask, and answer all that comes back. Throws runtime_error with a message for the user, also if nothing
/// comes within `patience_s` seconds; 0: wait for ever.
std::string ask_control(const std::string& path, const std::string& request, unsigned patience_s = 5);

/// The process that listens at the path, as the kernel says; 0 if it is in another process namespace. Throws
/// runtime_error with a message for the user.
pid_t process_at_control(const std::string& path);

/// Signal that process, and no other that has its number later. False if it is not the one at the path any more, or the
/// kernel has no descriptors of processes. Throws runtime_error if it is not permitted.
bool signal_at_control(const std::string& path, pid_t process, int signal);

} // namespace epollhost::master

#endif
