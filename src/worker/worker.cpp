// Distributed under the Boost Software License, Version 1.0.
// One plugin on one loop in one thread.
#include "worker/worker.hpp"

#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <signal.h>

namespace epollhost {
namespace {

std::string who_to_look_for(const net::endpoint& at) {
  if (at.is_unix()) return fmt::format("`ss -xlp | grep '{}'` shows who listens there", to_string(at).substr(5));
  const std::string text = to_string(at);
  return fmt::format("`ss -ltnp 'sport = {}'` shows who listens there", text.substr(text.rfind(':')));
}

[[noreturn]] void refuse_address(const net::endpoint& at, const net::error_code& ec) {
  std::string what = fmt::format("cannot listen on {}: {}", to_string(at), ec.message());
  if (ec.value() == EADDRINUSE)
    what += ". " + who_to_look_for(at) + "; end it or choose another address with --listen";
  else if (ec.value() == EACCES && !at.is_unix())
    what +=
        ". Ports below net.ipv4.ip_unprivileged_port_start need root or CAP_NET_BIND_SERVICE; or take a higher port";
  else if (ec.value() == EADDRNOTAVAIL)
    what += ". No interface of this machine has that address (`ip address` lists them)";
  else if (at.is_unix())
    what += ". Check that its folder exists and may be written";
  throw cannot_listen(what);
}

std::vector<eh_value> to_table(const std::vector<option_value>& values) {
  std::vector<eh_value> out;
  for (const auto& v : values) out.push_back({v.integer, v.real, v.text.c_str(), v.text.size()});
  return out;
}

} // namespace

worker::worker(const worker_settings& settings, const plugin_library& library)
    : settings_(settings), library_(library),
      loop_({.trigger = settings_.trigger, .spin = settings_.spin, .events_a_turn = 512}),
      signals_(loop_, {SIGTERM, SIGINT, SIGQUIT}), drain_timer_(loop_), shared_(loop_, settings_), host_(*this),
      records_(connection::record_bytes(library_.hooks()), connection::record_alignment(library_.hooks())),
      timers_(loop_,
              [this](loop::object_id conn, std::uint64_t arg) {
                if (conn == 0)
                  library_.instance().tick(shared_.instance, arg);
                else if (connection* const c = find(conn))
                  c->call(&eh_hooks::timer, arg);
              }),
      values_(to_table(settings_.values)) {
  shared_.io.size = sizeof(eh_io);
  shared_.worker = this;
  shared_.on_freed = [](void* self, loop::object_id gone) { static_cast<worker*>(self)->on_freed(gone); };
  try {
    start_instance();
    listen();
  } catch (...) {
    if (started_) library_.instance().stop(shared_.instance);
    throw;
  }
}

worker::~worker() { end(); }

void worker::start_instance() {
  const std::int32_t answer = library_.instance().start(&host_, values_.data(), &shared_.instance);
  if (answer != 0)
    throw plugin_refused(
        fmt::format("plugin {} refused to start: its `start` answered {}, expected 0. The log line above "
                    "says why; look at the options that begin with --{}.",
                    settings_.plugin_file, answer, settings_.name));
  started_ = true;
}

void worker::listen() {
  for (std::size_t i = 0; i < settings_.listen.size(); ++i) {
    const listen_address& a = settings_.listen[i];
    net::error_code ec;
    auto fd = net::listen(a.endpoint,
                          {.dual_stack = a.wildcard,
                           .nodelay = settings_.nodelay && !a.endpoint.is_unix(),
                           .backlog = settings_.backlog,
                           .unix_mode = settings_.unix_mode},
                          ec);
    if (ec) refuse_address(a.endpoint, ec);
    listeners_.push_back(std::make_unique<listener>(
        connection_kind{.shared = shared_, .hooks = library_.hooks(), .arg = i, .records = records_}, std::move(fd)));
  }
}

std::vector<net::endpoint> worker::listening() const {
  std::vector<net::endpoint> out;
  for (const auto& l : listeners_) out.push_back(l->local_endpoint());
  return out;
}

// ---- life

void worker::run() {
  wait_for_signal();
  library_.instance().run(shared_.instance);
  loop_.run();
  end();
}

void worker::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code, int signal) { on_signal(signal); });
}

void worker::on_signal(int signal) {
  if (shared_.draining) {
    log::warning(settings_.name, "signal {} again: {} connections are cut off", signal, shared_.open);
    return loop_.stop();
  }
  wait_for_signal();
  log::info(settings_.name, "signal {}: draining {} connections, for at most {} s", signal, shared_.open,
            std::chrono::duration<double>(settings_.drain_timeout).count());
  drain();
}

void worker::drain() {
  if (std::exchange(shared_.draining, true)) return;
  for (auto& l : listeners_) l->stop();
  for_each_connection([](connection& c) { c.drain(); });
  if (shared_.open == 0) return loop_.stop();
  if (settings_.drain_timeout.count() == 0) return;
  drain_timer_.expires_after(settings_.drain_timeout);
  drain_timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    log::warning(settings_.name, "the drain timeout has passed: {} connections are cut off", shared_.open);
    cut_off_all();
  });
}

void worker::on_freed(loop::object_id gone) {
  timers_.forget(gone);
  if (shared_.draining) {
    if (shared_.open == 0) loop_.stop();
  } else {
    for (auto& l : listeners_) l->on_room();
  }
}

template <class F> void worker::for_each_connection(F f) {
  loop_.for_each_object([&](loop::io_object& o) {
    if (o.role() == connection::role_number) f(static_cast<connection&>(o));
  });
}

void worker::cut_off_all() {
  for_each_connection([](connection& c) { c.cut_off(); });
}

// Every connection has its `close`, every undelivered post its release, then the instance ends.
void worker::end() {
  if (!std::exchange(started_, false)) return;
  shared_.draining = true;
  for (auto& l : listeners_) l->stop();
  const auto last_turn = [this] {
    cut_off_all();
    loop_.post([this] { loop_.stop(); });
    loop_.run();
  };
  last_turn();
  library_.instance().stop(shared_.instance);
  last_turn(); // what the plugin's threads had posted before they ended
}

// ---- for host_table

connection* worker::find(eh_conn_id id) {
  loop::io_object* const o = loop_.find(id);
  if (!o || o->role() != connection::role_number) return nullptr;
  auto* const c = static_cast<connection*>(o);
  return c->is_open() ? c : nullptr;
}

void worker::post(message m) {
  loop_.post([this, m] { deliver(m); });
}

void worker::deliver(const message& m) {
  if (m.conn == 0 && started_)
    library_.instance().tick(shared_.instance, m.arg);
  else if (connection* const c = m.conn ? find(m.conn) : nullptr)
    c->call(&eh_hooks::wake, m.arg);
  else if (m.release)
    m.release(m.context);
}

void worker::plugin_says(log::level l, std::string_view text) { log::write(l, settings_.name, text); }

} // namespace epollhost
