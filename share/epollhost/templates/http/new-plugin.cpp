// new-plugin: an HTTP service that greets whom the path names.
//
// The function is called when all of a request has come; what it throws becomes 500, and a line in the log.
// <epollhost/http/plugin.hpp> says how to answer later or in pieces, and how to take content as it comes.
#include <epollhost/http/plugin.hpp>

#include <string>
#include <string_view>

namespace eh = epollhost;
namespace http = epollhost::http;

static http::response greet(const http::request& request) {
  const std::string_view name = request.target().substr(1); // what stands behind the first slash
  return http::text("Hello, " + std::string(name.empty() ? "world" : name) + "!\n");
}

struct server : http::function_plugin<greet> {
  using function_plugin::function_plugin;
  static constexpr auto about = eh::about{"new-plugin", "0.1.0", "greets whom the path names", ":8080"};
};

EPOLLHOST_PLUGIN(server)
