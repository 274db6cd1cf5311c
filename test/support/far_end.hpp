// Distributed under the Boost Software License, Version 1.0.
// An outgoing connection of a plugin in a test's hands.
#ifndef EPOLLHOST_TEST_SUPPORT_FAR_END_HPP
#define EPOLLHOST_TEST_SUPPORT_FAR_END_HPP

#include <epollhost/plugin.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace epollhost::test {

/// One connection that is made by connect(). It notes what it was called with, and checks the order that plugin.h
/// promises. If it dies before its `close`, nobody is told of that.
class far_end {
public:
  far_end() = default;
  ~far_end();
  far_end(const far_end&) = delete;

  eh_status connect(const eh_host* host, const std::string& address, std::chrono::nanoseconds timeout = {},
                    const eh_hooks* with = nullptr);
  eh_status check(const eh_host* host, const std::string& address);
  static const eh_hooks& hooks();

  std::function<eh_next(eh_io&)> open, data; ///< unset: keep; `data` then takes all into `received`
  std::function<void()> closed;

  eh_conn_id conn = 0;
  std::vector<std::string> calls; ///< "open", "wake 5", "close" and so on; of `data` none
  std::string received;
  std::uint64_t arg = 0;   ///< of `open`
  eh_reason reason = 9999; ///< of `close`
  std::string error;       ///< eh_host::connect_error in `close`
  bool ended = false;      ///< the end of input was told

  bool over() const { return !calls.empty() && calls.back() == "close"; }

private:
  struct callbacks;
  const eh_host* host_ = nullptr;
  void* state_ = nullptr;
};

} // namespace epollhost::test

#endif
