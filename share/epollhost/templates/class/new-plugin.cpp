// new-plugin: answers each line, a name, with a greeting.
//
// The class lives once in each worker, `connection` once for each connection. The host calls `data` when there is input;
// what is left unconsumed comes again, with more behind it. <epollhost/plugin.hpp> says what else there is.
#include <epollhost/plugin.hpp>

#include <string>
#include <string_view>

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

  struct connection {
    const options& opt;

    eh::next data(eh::io& io) {
      for (;;) {
        const std::string_view input = io.input();
        const std::size_t end = input.find('\n');
        const std::size_t length = end == input.npos ? input.size() : end;
        if (length > opt.line_max) return eh::next::close;
        if (end == input.npos) return eh::next::keep; // the rest of the line is still to come

        const std::string answer = std::string(opt.greeting) + ", " + std::string(input.substr(0, end)) + "!\n";
        const bool first = io.raw()->in_used == 0;
        if (answer.size() > io.room() && !first) return eh::next::keep; // the next call has an empty window
        if (io.reply(answer) == 0) return eh::next::close; // the peer sends names and reads no greetings
        io.consume(end + 1);
      }
    }
  };
};

EPOLLHOST_PLUGIN(server)
