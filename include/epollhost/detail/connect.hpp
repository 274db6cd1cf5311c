// Distributed under the Boost Software License, Version 1.0.
// Connections that a plugin class makes by itself. Plugins may include this (through plugin.hpp).
#ifndef EPOLLHOST_DETAIL_CONNECT_HPP
#define EPOLLHOST_DETAIL_CONNECT_HPP

#include <epollhost/detail/adapter.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace epollhost {

/// Where to, as eh_connect in plugin.h says it.
struct connect_to {
  std::string_view address;
  std::chrono::nanoseconds timeout{0}; ///< 0: 10 s
  std::uint64_t arg = 0;               ///< io::arg() of its `open`
};

/// What connect() answers: an id that can be written to and closed at once, or why there is none.
struct connecting {
  eh_status status = EH_OK;
  eh_conn_id conn = 0;
  explicit operator bool() const { return status == EH_OK; }
};

namespace detail {
template <class P, class C> inline constexpr eh_hooks outgoing_hooks = hooks_of<P, C, true>::table();

template <class P> eh_connect to_table(const connect_to& to, const eh_hooks& hooks, std::uint32_t flags = 0) {
  static_assert(
      requires { P::about; }, "the second argument of connect() is the plugin, an object of its class");
  return {.size = sizeof(eh_connect),
          .flags = flags,
          .address = to.address.empty() ? "" : to.address.data(),
          .address_len = to.address.size(),
          .hooks = &hooks,
          .arg = to.arg,
          .timeout_ns = to.timeout.count()};
}
} // namespace detail

/// Make a connection of the class `C`, which has hooks as a plugin's nested `connection` has. Its object is made now,
/// from `args`, in the host's memory, and destroyed after its `close`; that one comes alone if the connection cannot be
/// made (then host::connect_error says why). An exception of its constructor passes through, with nothing left behind.
/// Contract and errors: eh_host::connect. [worker]
///
///     struct backend { ... };  // in the plugin's class, beside `connection`
///     const auto made = eh::connect<backend>(host, plugin, {.address = "127.0.0.1:9000"}, io.id());
template <class C, class P, class... A> connecting connect(host h, const P&, const connect_to& to, A&&... args) {
  static_assert(
      std::is_constructible_v<C, A...> || requires { C{std::declval<A>()...}; },
      "the arguments behind the address are those that the connection's object is made from");
  const eh_connect how = detail::to_table<P>(to, detail::outgoing_hooks<P, C>);
  connecting out;
  void* state = nullptr;
  out.status = h.table()->connect(h.table(), &how, &out.conn, &state);
  if (!out) return out;
  try {
    detail::hooks_of<P, C, true>::make_from(state, std::forward<A>(args)...);
  } catch (...) {
    h.close(out.conn, next::abort);
    throw;
  }
  return out;
}

/// Whether an address could be tried at all: for options, in the plugin's constructor. If not, the log says why.
/// [worker]
template <class C, class P> bool can_connect(host h, const P&, std::string_view address) {
  const eh_connect how = detail::to_table<P>({.address = address}, detail::outgoing_hooks<P, C>, EH_CONNECT_CHECK);
  return h.table()->connect(h.table(), &how, nullptr, nullptr) == EH_OK;
}

} // namespace epollhost

#endif
