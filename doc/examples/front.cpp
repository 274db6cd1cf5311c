// Distributed under the Boost Software License, Version 1.0.
// Hands each line on to another server, and its answer back: a connection that a task makes.
#include <epollhost/async.hpp>

namespace eh = epollhost;

struct front {
  struct options {
    std::string_view server = "127.0.0.1:7001";
  };

  static constexpr auto about = eh::about{"front", "1.0.0", "asks another server for each line", ":7006"};
  static constexpr auto schema = eh::schema<options>(eh::option("server", &options::server, "whom it asks"));

  eh::task<> serve(eh::stream peer, const options& opt) {
    std::error_code ec;
    const eh::stream server = co_await eh::async_connect(opt.server, std::chrono::seconds(1), ec);
    if (!server) {
      co_await peer.async_write("sorry: " + ec.message() + "\n");
      co_return;
    }
    while (const auto line = co_await peer.async_read_until('\n')) {
      co_await server.async_write(*line); // a view of one connection's input, written to another one
      const auto answer = co_await server.async_read_until('\n');
      if (!answer) break; // the server has ended
      co_await peer.async_write(*answer);
    }
  } // with its last stream the connection to the server is closed
};

EPOLLHOST_PLUGIN(front)
