// Distributed under the Boost Software License, Version 1.0.
// The functions of eh_host, for the host in memory (src/worker/host_table.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_HOST_TABLE_HPP
#define EPOLLHOST_TESTING_DETAIL_HOST_TABLE_HPP

#include <epollhost/testing/detail/worker.hpp>

#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// Each function answers what the real one answers. Besides, it notes what a careful plugin never does.
namespace epollhost::testing::detail::host_functions {

/// The worker, if its `stop` has not returned. [any thread]
inline worker* of(const eh_host* host, const char* function) {
  worker* const w = static_cast<const host_table*>(host)->owner.load();
  if (w && w->stopped())
    w->shared().rules.note("after-stop", std::string(function) +
                                             " was called when `stop` had returned; end all threads and timers in it");
  return w && !w->stopped() ? w : nullptr;
}

/// The same on the worker's thread only.
inline worker* on_worker_of(const eh_host* host, const char* function, eh_status& why) {
  worker* const w = of(host, function);
  why = EH_GONE;
  if (!w || w->on_this_thread()) return w;
  why = EH_WRONG_THREAD;
  w->shared().rules.note("wrong-thread", std::string(function) +
                                             " was called from a thread that is not the worker's; use post, and do it "
                                             "in `wake` or `tick`");
  return nullptr;
}

inline eh_status invalid(const eh_host* host, const char* function, const char* what) {
  if (worker* const w = of(host, function))
    w->shared().rules.note("invalid-argument", std::string(function) + " was called with " + what);
  return EH_INVALID;
}

template <class F>
auto with(const eh_host* host, const char* function, eh_conn_id conn, F f) -> decltype(f(std::declval<connection&>())) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, function, why);
  if (!w) return why;
  connection* const c = w->find(conn);
  if (!c) return EH_GONE;
  return f(*c);
}

inline void log(const eh_host* host, std::uint32_t level, const char* text, std::uint64_t len) {
  if (worker* const w = of(host, "log")) w->plugin_says(level, std::string(text ? text : "", text ? len : 0));
}

inline std::int64_t now_ns(const eh_host* host) {
  worker* const w = of(host, "now_ns");
  return w ? w->loop().now_ns() : 0;
}

inline std::int64_t wall_ns(const eh_host* host) {
  worker* const w = of(host, "wall_ns");
  return w ? w->shared().chosen.wall_ns + w->loop().now_ns() - w->shared().chosen.now_ns : 0;
}

inline void random(const eh_host* host, void* bytes, std::uint64_t len) {
  worker* const w = of(host, "random");
  for (std::uint64_t at = 0; w && at < len; at += sizeof(std::uint64_t)) {
    const std::uint64_t word = w->random();
    std::memcpy(static_cast<char*>(bytes) + at, &word, std::min<std::uint64_t>(sizeof word, len - at));
  }
}

inline std::int32_t on_worker(const eh_host* host) {
  worker* const w = of(host, "on_worker");
  return w && w->on_this_thread();
}

inline eh_status write(const eh_host* host, eh_conn_id conn, const void* bytes, std::uint64_t len) {
  if (!bytes && len) return invalid(host, "write", "null for its bytes");
  return with(host, "write", conn, [&](connection& c) {
    return c.write({static_cast<const char*>(bytes), std::size_t(len)});
  });
}

/// Whether bytes that the host is to keep lie where the plugin may not leave them.
inline bool will_not_last(worker& w, const void* bytes) {
  const auto at = reinterpret_cast<std::uint64_t>(bytes);
  const call_record& r = w.shared().record;
  return r.in != hook::none && (r.input.contains(at) || r.output.contains(at));
}

inline eh_status write_ref(const eh_host* host, eh_conn_id conn, const void* bytes, std::uint64_t len,
                           eh_release release, void* context) {
  if (!bytes || len == 0) return invalid(host, "write_ref", "no bytes");
  if (worker* const w = of(host, "write_ref"); w && w->on_this_thread() && will_not_last(*w, bytes)) {
    w->shared().rules.note("held-pointer", "write_ref was given a window of this call; those end with the hook, the "
                                           "bytes must stay until their release. Use write, which copies");
    return write(host, conn, bytes, len) == EH_OK && release ? (release(context), EH_OK) : EH_INVALID;
  }
  return with(host, "write_ref", conn, [&](connection& c) {
    return c.write_reference({static_cast<const char*>(bytes), std::size_t(len)}, release, context);
  });
}

inline eh_status pause(const eh_host* host, eh_conn_id conn) {
  return with(host, "pause", conn, [](connection& c) { return c.pause(); });
}

inline eh_status resume(const eh_host* host, eh_conn_id conn) {
  return with(host, "resume", conn, [](connection& c) { return c.resume(); });
}

inline eh_status close(const eh_host* host, eh_conn_id conn, eh_next how) {
  if (how != EH_ABORT && (how & ~eh_next(EH_LINGER)) != EH_CLOSE)
    return invalid(host, "close", "a `how` that is neither EH_ABORT nor EH_CLOSE, perhaps with EH_LINGER");
  return with(host, "close", conn, [&](connection& c) { return c.close(how); });
}

inline std::int64_t queued(const eh_host* host, eh_conn_id conn) {
  return with(host, "queued", conn, [](connection& c) { return static_cast<std::int64_t>(c.queued()); });
}

inline eh_status set_option(const eh_host* host, eh_conn_id conn, std::uint32_t option, std::int64_t) {
  return with(host, "set_option", conn, [&](connection& c) -> eh_status {
    if (c.is_connecting()) return EH_UNSUPPORTED;
    if (option < EH_SO_NODELAY || option > EH_SO_SNDBUF)
      return invalid(host, "set_option", "an option that is none of EH_SO_*");
    const bool of_tcp = option == EH_SO_NODELAY || option == EH_SO_CORK;
    return of_tcp && c.peer().local_address.starts_with("unix:") ? EH_UNSUPPORTED : EH_OK;
  });
}

inline std::int64_t address(const eh_host* host, eh_conn_id conn, std::uint32_t which, char* text, std::uint64_t cap) {
  if (which > 1 || !text) return invalid(host, "address", "a `which` above 1, or null for the text");
  return with(host, "address", conn, [&](connection& c) -> std::int64_t {
    if (c.is_connecting()) return EH_UNSUPPORTED;
    const std::string& s = which == 0 ? c.peer().peer_address : c.peer().local_address;
    if (s.size() >= cap) return EH_OVER_LIMIT;
    std::memcpy(text, s.c_str(), s.size() + 1);
    return static_cast<std::int64_t>(s.size());
  });
}

inline std::int64_t timer_start(const eh_host* host, eh_conn_id conn, std::int64_t at_ns, std::uint64_t arg) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, "timer_start", why);
  if (!w) return why;
  if (conn && arg == 0) return invalid(host, "timer_start", "arg 0 for a connection, which means its deadline");
  const connection* const c = conn ? w->find(conn) : nullptr;
  if (conn && !c) return EH_GONE;
  if (c && c->is_connecting()) return invalid(host, "timer_start", "a connection that is not open yet");
  const std::int64_t id = w->timers().start(conn, at_ns, arg);
  return id ? id : std::int64_t(EH_OVER_LIMIT);
}

inline eh_status timer_stop(const eh_host* host, std::int64_t timer) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, "timer_stop", why);
  if (!w) return why;
  return w->timers().stop(timer) ? EH_OK : EH_GONE;
}

// When `stop` has run, what comes is released in the last turn; later there is nobody who could.
inline eh_status post(const eh_host* host, eh_conn_id conn, std::uint64_t arg, eh_release release, void* context) {
  worker* const w = of(host, "post");
  if (!w) return EH_GONE;
  w->post({conn, arg, release, context});
  return EH_OK;
}

inline eh_status wake(const eh_host* host, eh_conn_id conn, std::uint64_t arg) {
  return with(host, "wake", conn, [&](connection&) { return post(host, conn, arg, nullptr, nullptr); });
}

inline std::int64_t channel_open(const eh_host* host, const char* path, std::uint64_t len) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, "channel_open", why);
  if (!w) return why;
  const std::string_view name(path ? path : "", path ? len : 0);
  if (w->shared().record.in != hook::start)
    return invalid(host, "channel_open", "the worker already running; channels are opened in `start` only");
  if (name.empty() || name.find('\0') != name.npos) return invalid(host, "channel_open", "no path");
  return w->open_channel(std::string(name));
}

inline eh_status channel_write(const eh_host* host, std::int64_t channel, const void* lines, std::uint64_t len) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, "channel_write", why);
  if (!w) return why;
  const std::string_view text(static_cast<const char*>(lines), lines ? len : 0);
  if (channel < 1 || static_cast<std::size_t>(channel) > w->channels().size())
    return invalid(host, "channel_write", "a number that channel_open did not answer");
  if (text.empty() || text.size() > EH_CHANNEL_WRITE_MAX || text.back() != '\n')
    return invalid(host, "channel_write", "something else than whole lines of at most EH_CHANNEL_WRITE_MAX bytes");
  w->channels()[static_cast<std::size_t>(channel) - 1].lines += text;
  return EH_OK;
}

inline eh_status send_file(const eh_host* host, eh_conn_id conn, std::int32_t fd, std::uint64_t offset,
                           std::uint64_t len) {
  return with(host, "send_file", conn, [&](connection& c) { return c.send_file(fd, offset, len); });
}

/// "127.0.0.1:80", "[::1]:80", "name:80", "unix:/path".
inline bool is_address(std::string_view text) {
  if (text.starts_with("unix:")) return text.size() > 5;
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return false;
  unsigned port = 0;
  bool ok = false;
  const std::string_view rest = parse_number(text.substr(colon + 1), port, ok);
  const std::string_view name = text.substr(0, colon);
  return ok && rest.empty() && port > 0 && port <= 65535 && (name.find(':') == name.npos || name.front() == '[');
}

inline eh_status connect(const eh_host* host, const eh_connect* how, eh_conn_id* conn, void** state) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, "connect", why);
  if (!w) return why;
  if (!how || how->size < sizeof(eh_connect) || (how->flags & ~std::uint32_t(EH_CONNECT_CHECK)) != 0 ||
      how->timeout_ns < 0 || !how->address || !how->hooks || !how->hooks->data)
    return invalid(host, "connect", "a null pointer, or a size, flags or timeout_ns that it does not take");
  const std::string address(how->address, how->address_len ? how->address_len : std::strlen(how->address));
  if (!is_address(address)) { // which a user may have written
    w->plugin_says(EH_LOG_ERROR, "cannot connect: the address " + escaped(address) + " is none");
    return EH_INVALID;
  }
  if (how->flags & EH_CONNECT_CHECK) return EH_OK;
  return w->is_started() ? w->dial(*how, address, conn, state) : EH_UNSUPPORTED;
}

inline std::int64_t connect_error(const eh_host* host, char* text, std::uint64_t cap) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, "connect_error", why);
  if (!w) return why;
  if (!text || cap == 0) return invalid(host, "connect_error", "no room for the text");
  const call_record& r = w->shared().record;
  const std::string error = r.in == hook::close ? w->outgoing().error_of(r.conn) : std::string();
  const std::size_t n = error.copy(text, cap - 1);
  text[n] = '\0';
  return static_cast<std::int64_t>(n);
}

inline eh_status relay(const eh_host* host, eh_conn_id a, eh_conn_id b) {
  return with(host, "relay", a, [&](connection& one) -> eh_status {
    connection* const other = of(host, "relay")->find(b);
    if (!other) return EH_GONE;
    const eh_status answer = one.relay(*other);
    return answer == EH_OK ? answer : invalid(host, "relay", "connections that cannot be one now");
  });
}

inline std::int64_t relay_moved_ns(const eh_host* host, eh_conn_id conn) {
  return with(host, "relay_moved_ns", conn, [&](connection& c) -> std::int64_t {
    const std::int64_t moved = c.relay_moved_ns();
    return moved >= 0 ? moved : invalid(host, "relay_moved_ns", "a connection that is not relayed");
  });
}

inline eh_status metric(const eh_host* host, std::uint32_t kind, const char* name, const char* help,
                        std::uint64_t** cell) {
  eh_status why = EH_OK;
  worker* const w = on_worker_of(host, "metric", why);
  if (!w) return why;
  if (w->shared().record.in != hook::start) return EH_UNSUPPORTED;
  const std::string_view called = metric_text(name, EH_METRIC_NAME_MAX), says = metric_text(help, EH_METRIC_HELP_MAX);
  if (const char* const fault = fault_of_metric(kind, called, says)) return invalid(host, "metric", fault);
  if (!cell) return invalid(host, "metric", "null for its cell");
  testing::metric* known = find(w->metrics(), called);
  if (known && known->kind != kind) return invalid(host, "metric", "the name of a metric of the other kind");
  if (!known && w->metrics().size() == EH_METRICS_MAX) return EH_OVER_LIMIT;
  if (!known) known = &w->metrics().emplace_back(testing::metric{kind, std::string(called), std::string(says)});
  *cell = &known->value;
  return EH_OK;
}

inline eh_status fail(const eh_host* host, const char* text, std::uint64_t len) {
  eh_status why;
  worker* const w = on_worker_of(host, "fail", why);
  if (!w) return why;
  if (!text || len == 0) return EH_INVALID;
  return w->fail_run({text, len}) ? EH_OK : EH_UNSUPPORTED;
}

inline const void* get_extension(const eh_host* host, const char* id) {
  const worker* const w = of(host, "get_extension");
  const auto& table = *static_cast<const host_table*>(host);
  if (w && id && std::string_view(id) == EH_LIMITS) return &table.bounds;
  return w && id && std::string_view(id) == EH_FAILURE ? &table.failure : nullptr;
}

} // namespace epollhost::testing::detail::host_functions

namespace epollhost::testing::detail {

inline host_table* make_host_table(worker& owner) {
  static std::mutex mutex;
  static std::vector<std::unique_ptr<host_table>> all; // a thread that was not ended may call one at any time
  auto t = std::make_unique<host_table>();
  t->size = sizeof(eh_host);
  t->abi_major = EH_ABI_MAJOR;
  t->abi_minor = EH_ABI_MINOR;
  t->log = host_functions::log;
  t->now_ns = host_functions::now_ns;
  t->wall_ns = host_functions::wall_ns;
  t->random = host_functions::random;
  t->on_worker = host_functions::on_worker;
  t->write = host_functions::write;
  t->write_ref = host_functions::write_ref;
  t->pause = host_functions::pause;
  t->resume = host_functions::resume;
  t->close = host_functions::close;
  t->queued = host_functions::queued;
  t->set_option = host_functions::set_option;
  t->address = host_functions::address;
  t->timer_start = host_functions::timer_start;
  t->timer_stop = host_functions::timer_stop;
  t->wake = host_functions::wake;
  t->post = host_functions::post;
  t->get_extension = host_functions::get_extension;
  t->channel_open = host_functions::channel_open;
  t->channel_write = host_functions::channel_write;
  t->send_file = host_functions::send_file;
  t->connect = host_functions::connect;
  t->connect_error = host_functions::connect_error;
  t->relay = host_functions::relay;
  t->metric = host_functions::metric;
  t->relay_moved_ns = host_functions::relay_moved_ns;
  const limits& l = owner.shared().chosen.limits;
  t->bounds = {.size = sizeof(eh_limits),
               .flags = 0,
               .input_max = l.input_max,
               .output_low = l.output_low,
               .output_high = l.output_high,
               .output_max = l.output_max};
  t->failure = {.size = sizeof(eh_failure), .flags = 0, .fail = host_functions::fail};
  t->owner = &owner;
  const std::lock_guard lock(mutex);
  all.push_back(std::move(t));
  return all.back().get();
}

} // namespace epollhost::testing::detail

#endif
