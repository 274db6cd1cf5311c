// Distributed under the Boost Software License, Version 1.0.
// A plugin that connects where its clients say, and tells them what comes of it.
#include <epollhost/plugin.hpp>

#include <stdexcept>
#include <string>

namespace eh = epollhost;

struct caller {
  struct options {
    std::string_view first = "127.0.0.1:1";
  };
  static constexpr auto about = eh::about{"caller", "1.0.0", "connects where it is told to", "127.0.0.1:0"};
  static constexpr auto schema = eh::schema<options>(eh::option("first", &options::first, "an address to check"));

  caller(eh::host h, const options& values) : host(h) {
    if (!eh::can_connect<called>(host, *this, values.first)) throw std::invalid_argument("that is no address");
  }

  struct called {
    eh::host host;
    eh_conn_id client;
    std::string words;

    called(eh::host h, eh_conn_id c, std::string_view w) : host(h), client(c), words(w) {
      if (words == "throw") throw std::runtime_error("as it was told to");
    }
    eh::next open(eh::io& io) {
      io.reply(words);
      return eh::next::keep;
    }
    eh::next data(eh::io& io) {
      if (!io.input().empty()) host.write(client, std::string(io.take()) + ";");
      return eh::next::keep;
    }
    void close(eh_reason reason) {
      char text[200];
      const auto why = host.connect_error(text);
      if (!why.empty()) host.write(client, "reason " + std::to_string(reason) + " " + std::string(why) + ";");
    }
  };

  struct connection {
    caller& plugin;

    eh::next data(eh::io& io) {
      const std::string_view in = io.take();
      if (in.empty()) return eh::next::keep;
      const auto space = in.find(' '), end = in.find('\n');
      const eh::connect_to to{.address = in.substr(space + 1, end - space - 1)};
      const std::string words = in.starts_with("throw") ? "throw" : "from its object";
      try {
        if (!eh::connect<called>(plugin.host, plugin, to, plugin.host, io.id(), words)) io.reply("refused;");
      } catch (const std::runtime_error&) {
        io.reply("thrown;");
      }
      return eh::next::keep;
    }
  };

  eh::host host;
};

EPOLLHOST_PLUGIN(caller)
