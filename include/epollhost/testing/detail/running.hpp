// Distributed under the Boost Software License, Version 1.0.
// A plugin that runs, and the failure of a test when it broke a rule.
#ifndef EPOLLHOST_TESTING_DETAIL_RUNNING_HPP
#define EPOLLHOST_TESTING_DETAIL_RUNNING_HPP

#include <epollhost/testing/detail/worker.hpp>
#include <epollhost/testing/failure.hpp>
#include <epollhost/testing/text.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace epollhost::testing::detail {

/// What a peer does to its link after it has changed the wire.
using action = std::function<void(link&)>;

inline std::string conversation(const wire& w) {
  return "  the peer has sent " + escaped(w.sent) + "\n  and received " + escaped(w.received) + "\n";
}

/// Stays where it is, so that peers can find it as long as it lives.
struct running {
  running(const eh_plugin& table, option_values values, const settings& chosen)
      : own_record(chosen.record ? nullptr : std::make_unique<call_record>()),
        worker(table, std::move(values), chosen, chosen.record ? *chosen.record : *own_record),
        act(std::make_shared<action>([this](link& l) {
          if (l.host) l.host->wire_changed();
          settle(&l);
        })) {}

  /// `of` is the connection that a message shows.
  void settle(const link* of = nullptr) {
    worker.settle();
    check(of);
  }

  /// Throws failure if a rule was broken since the last time.
  void check(const link* of = nullptr) {
    const auto broken = worker.shared().rules.take_new();
    if (broken.empty() || !worker.shared().chosen.throws) return;
    std::string why = "plugin " + worker.name() + " broke a rule of plugin.h\n";
    for (const broken_rule& b : broken) why += "  [" + b.rule + "] " + b.what + "\n";
    throw failure(of ? why + conversation(of->bytes) : why);
  }

  const std::unique_ptr<call_record> own_record;
  class worker worker;
  const std::shared_ptr<action> act;
  std::uint64_t connects = 0;
};

} // namespace epollhost::testing::detail

#endif
