// Distributed under the Boost Software License, Version 1.0.
// What a service may have besides `answer`, and when it is called. Plugins may include this.

#ifndef EPOLLHOST_HTTP_HANDLER_HPP
#define EPOLLHOST_HTTP_HANDLER_HPP

#include <epollhost/http/reply.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/plugin.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace epollhost::http {

/// Say why `resume` is called: by `wake` or `post`, by a timer of the connection, or because there is room again.
enum class occasion : std::uint8_t { wake, timer, room };

namespace detail {

/// It takes content as it comes: `bool piece(const request&, std::string_view, eh_conn_id)`.
template <class Plugin>
concept takes_pieces = requires(Plugin& plugin, const request& head, eh_conn_id connection) {
  { plugin.piece(head, std::string_view{}, connection) } -> std::same_as<bool>;
};

/// It completes answers that it promised or began: `void resume(const request&, occasion, std::uint64_t, reply&)`.
template <class Plugin>
concept resumes = requires(Plugin& plugin, const request& head, std::uint64_t arg, reply& out) {
  plugin.resume(head, occasion::wake, arg, out);
};

/// Return the methods that it answers, as Allow lists them: `static constexpr std::string_view methods`, or all that are
/// not refused before it is asked.
template <class Plugin> constexpr std::string_view methods_of() noexcept {
  if constexpr (requires { std::string_view{Plugin::methods}; })
    return Plugin::methods;
  else
    return "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";
}

/// Tell it of an exchange that ended without its whole answer, if it wants to know: `void dropped(eh_conn_id)`.
template <class Plugin> void tell_dropped(Plugin& plugin, eh_conn_id connection) noexcept {
  if constexpr (requires { plugin.dropped(connection); }) {
    try {
      plugin.dropped(connection);
    } catch (...) {
      epollhost::detail::log_exception(plugin.functions().table(), "dropped");
    }
  }
}

} // namespace detail
} // namespace epollhost::http

#endif
