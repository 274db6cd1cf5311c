// Distributed under the Boost Software License, Version 1.0.
// What a worker process does.
#include "master/worker_main.hpp"

#include "base/log.hpp"
#include "worker/crash_handler.hpp"
#include "worker/plugin_refused.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>

namespace epollhost::master {
namespace {

constexpr int exit_failed = 6, exit_refused = 5;

// The master's word, on the worker's loop.
class master_link final : loop::io_object {
public:
  master_link(worker& served, const channel& c) : served_(served), channel_(c) {
    served_.loop().remember(*this);
    if (const auto ec = served_.loop().watch_level(*this, channel_.fd()))
      throw net::system_error(ec, "epoll_ctl of the master's channel");
    served_.report_to({.asked_to_end = [this] { say(message::kind::asked); },
                       .released = [this] { say(message::kind::released); }});
  }
  ~master_link() {
    served_.report_to({});
    served_.loop().unwatch(*this, channel_.fd());
    served_.loop().forget(*this);
  }

  void say(enum message::kind kind) {
    message m;
    m.kind = kind;
    // Fails if the master has died: on_event says so. Or for want of memory: one that it does not know to be ready
    // would never serve, and is replaced; that the sockets are released, it also assumes after a while.
    if (!channel_.send(m) && kind == message::kind::ready) net::throw_last_error("send to the master");
  }

private:
  void on_event(std::uint32_t) override {
    bool ended = false;
    while (const auto m = channel_.receive(ended)) obey(*m);
    if (!ended) return;
    served_.loop().unwatch(*this, channel_.fd());
    log::warning(served_.settings().name, "the master has ended: draining");
    served_.drain_all();
  }

  void obey(const message& m) {
    if (m.kind == message::kind::accept) {
      served_.accept_from([&](bool shared, std::size_t slot) { return shared ? m.which.any() : m.which.test(slot); });
    } else if (m.kind == message::kind::drain) {
      served_.drain([&](std::size_t address) { return m.which.test(address); });
    } else if (m.kind == message::kind::idle) {
      served_.drain_idle();
    }
  }

  worker& served_;
  const channel& channel_;
};

// The writing end of the pipe that the master has made for this path.
channel_opener channels_of(const worker_process::start_point& from) {
  return [&from](const std::string& path) {
    const auto& planned = from.plan.channels;
    const auto at = std::find(planned.begin(), planned.end(), path);
    if (at == planned.end())
      throw net::system_error(net::error_code(ENOENT, boost::system::system_category()),
                              "the plugin's trial did not open the log channel " + path);
    return net::unique_fd(from.channels[static_cast<std::size_t>(at - planned.begin())].get()); // once for each path
  };
}

} // namespace

int worker_main(const worker_process::start_point& from, channel to_master, int report_fd, net::unique_fd page_file) {
  const worker_settings& settings = from.plan.settings;
  ::prctl(PR_SET_NAME, ("eh-" + settings.name).substr(0, 15).c_str()); // for `top`; nothing depends on it
  try {
    if (const auto ec = install_crash_handler(report_fd)) throw net::system_error(ec, "the crash handler");
    worker_page& page = shared_page::map_for_worker(page_file.get());
    page_file.reset();
    drop_privileges(from.rights);
    bool may_be_ready = true; // not once `run` has failed: the worker's end runs what was posted, too
    worker served(settings, plugin_library::load(from.plugin.path(), settings.plugin_file), from.listening, page,
                  channels_of(from), record_file{from.record.path, net::unique_fd(from.record.fd.get())});
    master_link link(served, to_master);
    served.loop().post([&] {
      if (may_be_ready) link.say(message::kind::ready);
    });
    try {
      served.run();
    } catch (...) {
      may_be_ready = false;
      throw;
    }
    return 0;
  } catch (const plugin_refused& e) {
    to_master.send(message::refusal(e.what()));
    return exit_refused;
  } catch (const std::exception& e) {
    log::error(settings.name, "the worker ends: {}", e.what());
    return exit_failed;
  }
}

} // namespace epollhost::master
