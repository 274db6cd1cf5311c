// new-plugin: answers each line, a name, with a greeting.
//
// The class lives once in each worker; `serve` runs once for each connection, which is closed when it returns.
// <epollhost/async.hpp> says what else there is.
#include <epollhost/async.hpp>

#include <string>
#include <string_view>
#include <system_error>

namespace eh = epollhost;

struct server {
  struct options {
    std::string_view greeting = "Hello";
    eh::bytes line_max{1024};
  };

  static constexpr auto about = eh::about{"new-plugin", "0.1.0", "greets whoever sends a name", ":7000"};
  static constexpr auto schema = eh::schema<options>(
      eh::option("greeting", &options::greeting, "the word before the name"),
      eh::option("line-max", &options::line_max, "the longest name; a longer one ends the connection")
          .range(eh::bytes{1}, eh::bytes{64 * 1024}));

  eh::task<> serve(eh::stream peer, const options& opt) {
    const auto longest = static_cast<std::size_t>(opt.line_max) + 1; // and its line end
    std::error_code ec;
    while (auto line = co_await peer.async_read_until('\n', longest, ec)) {
      const std::string name(line->substr(0, line->size() - 1)); // a view ends where the coroutine waits
      co_await peer.async_write(std::string(opt.greeting) + ", " + name + "!\n");
    }
  }
};

EPOLLHOST_PLUGIN(server)
