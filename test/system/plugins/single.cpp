// Distributed under the Boost Software License, Version 1.0.
// An echo plugin that wants one worker, since its connections could share state.
#include <epollhost/plugin.hpp>

namespace eh = epollhost;

struct single {
  static constexpr auto about = eh::about{.name = "single",
                                          .version = "1.0.0",
                                          .summary = "has one worker",
                                          .listen = "127.0.0.1:0",
                                          .flags = EH_SINGLE_WORKER};
  struct connection {
    eh::next data(eh::io& io) {
      io.reply(io.take());
      return eh::next::keep;
    }
  };
};
EPOLLHOST_PLUGIN(single)
