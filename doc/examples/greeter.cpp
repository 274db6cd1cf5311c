// Distributed under the Boost Software License, Version 1.0.
// A dialogue as a coroutine: options, a deadline, a limit, and errors as values.
#include <epollhost/async.hpp>

#include <string>

namespace eh = epollhost;

struct greeter {
  struct options {
    std::chrono::milliseconds patience{10'000};
    eh::bytes longest{64};
  };

  static constexpr auto about = eh::about{"greeter", "1.0.0", "asks for a name and greets", ":7003"};
  static constexpr auto schema =
      eh::schema<options>(eh::option("patience", &options::patience, "wait so long for the name"),
                          eh::option("longest", &options::longest, "bytes of the longest name, with its line end"));

  std::uint64_t guests = 0; // all connections of the worker share it; nothing is locked

  eh::task<> serve(eh::stream peer, const options& opt) {
    co_await peer.async_write("Who are you?\n");
    peer.expires_after(opt.patience);
    std::error_code ec;
    const auto line = co_await peer.async_read_until('\n', opt.longest, ec);
    peer.expires_never();
    if (ec == std::errc::timed_out)
      co_await peer.async_write("You are slow.\n");
    else if (ec == std::errc::message_size)
      co_await peer.async_write("That is too long.\n");
    else if (line)
      co_await greet(peer, *line);
  } // the connection is closed when this has left

  eh::task<> greet(eh::stream peer, std::string_view line) {
    const std::string name(line.substr(0, line.size() - 1)); // a copy may be kept over any co_await, the view may not
    co_await peer.async_write("Hello, " + name + "!\n");
    co_await peer.async_write("You are guest " + std::to_string(++guests) + ".\n");
  }
};

EPOLLHOST_PLUGIN(greeter)
