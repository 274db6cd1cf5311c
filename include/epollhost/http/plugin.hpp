// Distributed under the Boost Software License, Version 1.0.
// Make an HTTP plugin of one function. Plugins may include this.
//
//     eh::http::response hello(const eh::http::request& request) {
//       return request.target() == "/" ? eh::http::text("Hello, world!") : eh::http::not_found();
//     }
//     EPOLLHOST_HTTP_PLUGIN(hello, "1.0.0", "greets", ":8080", hello)
//
// The handler takes the request, or the request and its content: response(const request&, std::string_view). It is
// called when all of the request has come. What it throws becomes 500, and a line in the log.
//
// A handler that answers later, in pieces, or takes content as it comes is a class instead, derived from `service`,
// with `using connection = session<itself>` and these members, of which only the first is required:
//
//     void answer(const request&, std::string_view content, reply&);
//         sends, begins or promises exactly one answer
//     void resume(const request&, occasion, std::uint64_t what, reply&);
//         there is room, or news of an answer that was promised or begun: a wake, post or timer of the connection with
//         the argument `reply::token(what)` of this exchange. News of another exchange does not come
//     bool piece(const request&, std::string_view content, eh_conn_id);
//         content as it comes, and none in `answer`; if it says false, no more comes until the host's `resume` of the
//         connection, whatever else happens
//     void dropped(eh_conn_id);
//         that exchange ended without its whole answer; said once
//     static constexpr std::string_view methods = "GET, HEAD";
//         what Allow says where a method is refused before `answer` is asked

#ifndef EPOLLHOST_HTTP_PLUGIN_HPP
#define EPOLLHOST_HTTP_PLUGIN_HPP

#include <epollhost/http/reply.hpp>
#include <epollhost/http/request.hpp>
#include <epollhost/http/response.hpp>
#include <epollhost/http/service.hpp>
#include <epollhost/http/session.hpp>
#include <epollhost/http/settings.hpp>
#include <epollhost/plugin.hpp>

#include <concepts>
#include <string_view>

namespace epollhost::http {

/// A plugin whose requests are answered by a function.
template <auto Handler> class function_plugin : public service {
public:
  using options = settings;
  static constexpr auto schema = settings_schema<settings>();
  using connection = session<function_plugin>;

  static constexpr bool takes_content = requires(const request& head) {
    { Handler(head, std::string_view{}) } -> std::convertible_to<response>;
  };

  function_plugin(epollhost::host functions, const options& chosen) : service{functions, chosen} {}

  void answer(const request& head, [[maybe_unused]] std::string_view content, reply& out) {
    if constexpr (takes_content)
      out.send(Handler(head, content));
    else
      out.send(Handler(head));
  }
};

} // namespace epollhost::http

/// Export a plugin: its name (not quoted), version, summary, default listen address, and handler. Once, at namespace
/// scope, outside any namespace.
#define EPOLLHOST_HTTP_PLUGIN(plugin_name, plugin_version, plugin_summary, plugin_listen, ...)                         \
  struct plugin_name##_http_plugin : ::epollhost::http::function_plugin<__VA_ARGS__> {                                 \
    using function_plugin::function_plugin;                                                                            \
    static constexpr auto about = ::epollhost::about{#plugin_name, plugin_version, plugin_summary, plugin_listen};     \
  };                                                                                                                   \
  EPOLLHOST_PLUGIN(plugin_name##_http_plugin)

#endif
