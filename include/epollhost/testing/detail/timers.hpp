// Distributed under the Boost Software License, Version 1.0.
// Timers that a plugin has started in the host in memory.
#ifndef EPOLLHOST_TESTING_DETAIL_TIMERS_HPP
#define EPOLLHOST_TESTING_DETAIL_TIMERS_HPP

#include <epollhost/testing/detail/loop.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace epollhost::testing::detail {

/// Of its connections and of its instance (connection 0).
class plugin_timers {
public:
  static constexpr std::size_t timers_max = 1 << 20; ///< as in the real host

  using fired = std::function<void(std::uint64_t conn, std::uint64_t arg)>;
  plugin_timers(class loop& loop, fired f) : loop_(loop), fired_(std::move(f)) {}
  ~plugin_timers() {
    for (auto& [id, t] : all_) loop_.forget(*t);
  }
  plugin_timers(const plugin_timers&) = delete;
  plugin_timers& operator=(const plugin_timers&) = delete;

  /// Answers an id, or 0 if there are too many.
  std::int64_t start(std::uint64_t conn, std::int64_t at_ns, std::uint64_t arg) {
    if (all_.size() == timers_max) return 0;
    auto t = std::make_unique<timer>(*this, conn, arg);
    loop_.remember(*t);
    loop_.arm(*t, at_ns);
    const auto id = static_cast<std::int64_t>(t->id());
    all_.emplace(id, std::move(t));
    return id;
  }

  bool stop(std::int64_t id) {
    const auto at = all_.find(id);
    if (at == all_.end()) return false;
    loop_.forget(*at->second);
    all_.erase(at);
    return true;
  }

  /// The connection has gone: its timers go too.
  void forget(std::uint64_t conn) {
    for (auto at = all_.begin(); at != all_.end();) {
      const auto next = std::next(at);
      if (at->second->conn == conn) stop(at->first);
      at = next;
    }
  }

private:
  struct timer final : loop_object {
    timer(plugin_timers& owner, std::uint64_t conn, std::uint64_t arg)
        : loop_object(role::timer), owner(owner), conn(conn), arg(arg) {}
    void on_timer() override {
      plugin_timers& all = owner;
      const auto to = conn, with = arg;
      all.stop(static_cast<std::int64_t>(id())); // ends this object, before the call: the plugin may start another
      all.fired_(to, with);
    }
    plugin_timers& owner;
    const std::uint64_t conn, arg;
  };

  class loop& loop_;
  fired fired_;
  std::map<std::int64_t, std::unique_ptr<timer>> all_;
};

} // namespace epollhost::testing::detail

#endif
