// Distributed under the Boost Software License, Version 1.0.
// Signals in Asio's words.
#ifndef EPOLLHOST_LOOP_SIGNAL_SET_HPP
#define EPOLLHOST_LOOP_SIGNAL_SET_HPP

#include "loop/io_context.hpp"
#include "net/signal_fd.hpp"

#include <boost/system/error_code.hpp>

#include <functional>
#include <initializer_list>

namespace epollhost::loop {

/// Delivers signals to the loop. Make it before any thread starts. Like signals themselves, several of one kind that
/// wait together may arrive as one.
class signal_set final : io_object {
public:
  using handler = std::function<void(boost::system::error_code, int signal)>;

  signal_set(io_context& context, std::initializer_list<int> signals); ///< throws system_error
  ~signal_set();

  /// Call `h` for the next signal; once.
  void async_wait(handler h);

private:
  void on_event(std::uint32_t) override;

  io_context& context_;
  net::signal_fd fd_;
  handler handler_;
};

} // namespace epollhost::loop

#endif
