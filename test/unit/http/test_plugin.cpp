// Distributed under the Boost Software License, Version 1.0.
// The HTTP plugins that the tests of the session talk to.

#include "test_plugin.hpp"

#include <epollhost/http/plugin.hpp>

#include <stdexcept>

namespace eh = epollhost;
namespace http = epollhost::http;

namespace {

http::response answer(const http::request& request, std::string_view content) {
  const std::string_view path = request.path();
  if (path == "/echo") return http::text(std::string{content});
  if (path == "/throw") throw std::runtime_error("the handler's own fault");
  if (path == "/large") return http::text(std::string(1 << 20, 'x'));
  if (path == "/huge") return http::text(std::string(10 << 20, 'y'));
  if (path == "/204") return http::no_content();
  if (path == "/304") return http::response{304}.field("ETag", "\"a\"");
  if (path == "/fields") return http::json("{}").field("X-A", "b").field("X-C", "d");
  return http::text(std::string{request.method_name()} + " " + std::string{request.target()});
}

struct functional : http::function_plugin<answer> {
  using function_plugin::function_plugin;
  static constexpr auto about = eh::about{"functional", "1", "answers", ":0"};
};

struct fixed : http::service {
  using options = http::settings;
  static constexpr auto about = eh::about{"fixed", "1", "answers", ":0"};
  static constexpr auto schema = http::settings_schema<options>();
  using connection = http::session<fixed>;
  static constexpr bool takes_content = false;

  fixed(eh::host functions, const options& chosen)
      : service{functions, chosen}, page{http::text("Hello, world!")}, large{http::text(std::string(100'000, 'z'))} {}

  void answer(const http::request& head, std::string_view, http::reply& out) {
    out.send(head.path() == "/large" ? large : page);
  }

  http::prepared page, large;
};

} // namespace

namespace http_test {
const eh_plugin& test_plugin = eh::detail::plugin_table<functional>;
const eh_plugin& prepared_plugin = eh::detail::plugin_table<fixed>;
} // namespace http_test
