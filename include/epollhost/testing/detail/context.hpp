// Distributed under the Boost Software License, Version 1.0.
// What all connections of the host in memory share.
#ifndef EPOLLHOST_TESTING_DETAIL_CONTEXT_HPP
#define EPOLLHOST_TESTING_DETAIL_CONTEXT_HPP

#include <epollhost/plugin.h>

#include <epollhost/deadline.hpp>
#include <epollhost/testing/detail/call_record.hpp>
#include <epollhost/testing/detail/guarded.hpp>
#include <epollhost/testing/detail/loop.hpp>
#include <epollhost/testing/detail/rules.hpp>
#include <epollhost/testing/settings.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace epollhost::testing::detail {

class connection;

struct context {
  static constexpr std::size_t receive_bytes = 64 * 1024; ///< read at once
  static constexpr std::size_t window_bytes = 64 * 1024;  ///< of output in a turn, beyond which it is queued

  context(const settings& s, call_record& r) : chosen(s), loop(s.now_ns), record(r) {}

  const settings chosen;
  class loop loop;
  rule_book rules;
  call_record& record;
  graveyard ended; ///< windows and states
  void* instance = nullptr;
  bool write_now = false; ///< EH_WRITE_NOW

  std::string window;            ///< output of the connection in its turn that no send has seen yet
  std::size_t turn_sent = 0;     ///< bytes that its queue has sent in this turn
  guarded_block io_block;        ///< of the call in hand: the struct,
  guarded_block out_block;       ///< and the window of output
  eh_io* io = nullptr;           ///< in io_block
  connection* in_hook = nullptr; ///< whose hook is running
  connection* in_turn = nullptr; ///< whose output is in the window

  std::size_t open = 0;          ///< connections that are not yet freed
  std::size_t outgoing_open = 0; ///< of those, the ones that the plugin made
  bool draining = false;
  std::uint64_t failures = 0; ///< EH_FAIL answers
  std::uint64_t bytes_in = 0; ///< read for the plugin
  std::function<void(connection&)> on_freed;
  std::function<void(connection&)> forget_dial; ///< an outgoing one ends before it was made

  /// Its addresses lead nowhere from now on.
  void bury(guarded_block&& block) {
    const auto begin = reinterpret_cast<std::uint64_t>(block.pages());
    record.end({begin, begin + block.pages_size()});
    ended.bury(std::move(block));
  }
};

} // namespace epollhost::testing::detail

#endif
