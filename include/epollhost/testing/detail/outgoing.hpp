// Distributed under the Boost Software License, Version 1.0.
// The connections that a plugin makes by itself, until the test answers them (src/worker/outgoing.hpp).
#ifndef EPOLLHOST_TESTING_DETAIL_OUTGOING_HPP
#define EPOLLHOST_TESTING_DETAIL_OUTGOING_HPP

#include <epollhost/testing/detail/connection.hpp>
#include <epollhost/testing/detail/tables.hpp>

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace epollhost::testing::detail {

/// Owned by the worker. Each waits until the test accepts or refuses it, or until its time is over.
class outgoing {
public:
  static constexpr std::size_t kinds_max = 64;                       ///< tables of hooks that a plugin connects with
  static constexpr std::int64_t default_timeout_ns = 10'000'000'000; ///< where the plugin names none

  explicit outgoing(context& shared) : shared_(shared) {}

  /// The hooks of a table, which stays as it is; null if there are too many tables.
  const eh_hooks* kind_of(const eh_hooks* given) {
    for (const auto& [known, full] : kinds_)
      if (known == given) return &full;
    if (kinds_.size() == kinds_max) return nullptr;
    return &kinds_.emplace_back(given, complete(*given)).second;
  }

  void add(connection& c, std::shared_ptr<link> peer, const eh_connect& how) {
    auto& d = dials_.emplace_back(std::make_unique<dial>(*this, c, std::move(peer), how.arg));
    shared_.loop.remember(*d);
    shared_.loop.arm(*d, deadline_after(shared_.loop.now_ns(), how.timeout_ns ? how.timeout_ns : default_timeout_ns));
  }

  /// The addresses, in the order of their asking.
  std::vector<std::string> addresses() const {
    std::vector<std::string> out;
    for (const auto& d : dials_) out.push_back(d->peer->peer_address);
    return out;
  }

  /// The first to this address, or the first of all: `open` comes. Null if there is none.
  std::shared_ptr<link> accept(std::string_view address) {
    const auto d = take(address);
    if (!d) return nullptr;
    d->to.established(d->arg);
    let_go(*d);
    return d->peer;
  }

  bool refuse(std::string_view address, const std::string& why) {
    const auto d = take(address);
    if (d) fail(*d, EH_REASON_CONNECT, why);
    return d != nullptr;
  }

  /// It ends before it was made.
  void forget(connection& c) {
    for (auto at = dials_.begin(); at != dials_.end(); ++at)
      if (&(*at)->to == &c) {
        const auto d = std::move(*at);
        dials_.erase(at);
        shared_.loop.forget(*d);
        return let_go(*d);
      }
  }

  /// Post `f` when it is decided whether the connection is made.
  void when_decided(const connection& c, std::function<void()> f) {
    for (const auto& d : dials_)
      if (&d->to == &c) d->waiting.push_back(std::move(f));
  }

  std::string error_of(std::uint64_t conn) const {
    const auto at = errors_.find(conn);
    return at == errors_.end() ? std::string() : at->second;
  }
  void closed(std::uint64_t conn) { errors_.erase(conn); }

private:
  struct dial final : loop_object {
    dial(outgoing& o, connection& c, std::shared_ptr<link> p, std::uint64_t a)
        : loop_object(role::other), owner(o), to(c), peer(std::move(p)), arg(a) {}
    void on_timer() override {
      const auto self = owner.take(*this);
      owner.fail(*self, EH_REASON_TIMEOUT, "Connection timed out");
    }
    outgoing& owner;
    connection& to;
    std::shared_ptr<link> peer;
    std::uint64_t arg; // of `open`
    std::vector<std::function<void()>> waiting;
  };

  std::unique_ptr<dial> take(std::string_view address) {
    for (const auto& d : dials_)
      if (address.empty() || d->peer->peer_address == address) return take(*d);
    return nullptr;
  }
  std::unique_ptr<dial> take(dial& d) {
    for (auto at = dials_.begin();; ++at)
      if (at->get() == &d) {
        auto out = std::move(*at);
        dials_.erase(at);
        shared_.loop.forget(d);
        return out;
      }
  }

  void fail(dial& d, eh_reason why, const std::string& text) {
    errors_.emplace(d.to.id(), d.peer->peer_address + ": " + text);
    d.to.fail(why);
    let_go(d);
  }
  void let_go(dial& d) {
    for (auto& f : d.waiting) shared_.loop.post(std::move(f));
  }

  context& shared_;
  std::deque<std::pair<const eh_hooks*, eh_hooks>> kinds_; // connections refer to theirs
  std::list<std::unique_ptr<dial>> dials_;
  std::map<std::uint64_t, std::string> errors_; // of those whose `close` is due
};

} // namespace epollhost::testing::detail

#endif
