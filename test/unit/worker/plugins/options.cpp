// Distributed under the Boost Software License, Version 1.0.
// A plugin that tells the values of its options, one of each type.
#include <epollhost/plugin.hpp>

#include <chrono>
#include <string>

namespace eh = epollhost;
using namespace std::chrono_literals;

struct teller {
  enum class colour { red, green, blue };
  struct options {
    bool flag = true;
    std::int32_t integer = -7;
    std::uint64_t natural = 9;
    double real = 0.25;
    eh::bytes size{64 * 1024};
    std::chrono::milliseconds duration = 250ms;
    std::string_view text = "a text";
    colour choice = colour::green;
    eh::address address{":80"};
    eh::file file{"/etc"};
    eh::secret secret;
  };
  static constexpr auto about = eh::about{.name = "teller",
                                          .version = "2.5.1",
                                          .summary = "tells its options",
                                          .listen = "[::1]:9",
                                          .nodelay = 1,
                                          .cork = 0,
                                          .write_policy = EH_WRITE_NOW,
                                          .flags = EH_SINGLE_WORKER};
  static constexpr auto schema = eh::schema<options>(
      eh::option("flag", &options::flag, "help of flag"),
      eh::option("integer", &options::integer, "help of integer").range(-10, 10),
      eh::option("natural", &options::natural, "help of natural"), eh::option("real", &options::real, "help of real"),
      eh::option("size", &options::size, "help of size"),
      eh::option("duration", &options::duration, "help of duration").range(1ms, 10s),
      eh::option("text", &options::text, "help of text"),
      eh::option("choice", &options::choice, "help of choice").choices("red|green|blue"),
      eh::option("address", &options::address, "help of address"),
      eh::option("file", &options::file, "help of file").must_exist(),
      eh::option("secret", &options::secret, "help of secret"));

  struct connection {
    const options& opt;
    eh::next open(eh::io& io) {
      io.reply(std::to_string(opt.flag) + " " + std::to_string(opt.integer) + " " + std::to_string(opt.natural) + " " +
               std::to_string(opt.real) + " " + std::to_string(opt.size) + " " + std::to_string(opt.duration.count()) +
               " " + std::string(opt.text) + " " + std::to_string(int(opt.choice)) + " " + std::string(opt.address) +
               " " + std::string(opt.file) + " " + std::string(opt.secret.text));
      return eh::next::close;
    }
    eh::next data(eh::io&) { return eh::next::keep; }
  };
};

EPOLLHOST_PLUGIN(teller)
