// Distributed under the Boost Software License, Version 1.0.
// An echo server as a plugin in C++: a class, and one line that makes the tables of it.
#include <epollhost/plugin.hpp>

namespace eh = epollhost;

struct echo {
  struct options {
    eh::bytes limit{0};
  };

  static constexpr auto about = eh::about{"echo", "1.0.0", "sends every byte back", ":7000"};
  static constexpr auto schema =
      eh::schema<options>(eh::option("limit", &options::limit, "close after this many bytes; 0 for never"));

  struct connection {
    const options& opt;
    std::uint64_t seen = 0;

    eh::next data(eh::io& io) {
      seen += io.reply(io.take()); // take() gives as much as there is room to answer; the rest comes again
      return opt.limit && seen >= opt.limit ? eh::next::close : eh::next::keep;
    }
  };
};

EPOLLHOST_PLUGIN(echo)
