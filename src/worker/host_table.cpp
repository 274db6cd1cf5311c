// Distributed under the Boost Software License, Version 1.0.
// The functions of eh_host, for one worker.
#include "worker/host_table.hpp"

#include "base/log.hpp"
#include "net/clock.hpp"
#include "net/random.hpp"
#include "worker/worker.hpp"

#include <cstring>
#include <new>
#include <string_view>

// No exception leaves this file, and nothing here enters a plugin: what has consequences is put on the loop's queues.
namespace epollhost {
namespace {

worker& of(const eh_host* host) { return static_cast<const host_table*>(host)->worker; }

// Run `f(connection&)` if this is the worker's thread and the connection is open.
template <class F> auto with(const eh_host* host, eh_conn_id conn, F f) -> decltype(f(std::declval<connection&>())) {
  if (!of(host).on_this_thread()) return EH_WRONG_THREAD;
  connection* const c = of(host).find(conn);
  if (!c) return EH_GONE;
  try {
    return f(*c);
  } catch (const std::bad_alloc&) {
    return EH_NO_MEMORY;
  }
}

void log_line(const eh_host* host, std::uint32_t level, const char* text, std::uint64_t len) {
  const auto l = level < EH_LOG_ERROR || level > EH_LOG_DEBUG ? log::level::info : static_cast<log::level>(level);
  try {
    of(host).plugin_says(l, {text ? text : "", text ? len : 0});
  } catch (const std::bad_alloc&) { // a line less
  }
}

std::int64_t now_ns(const eh_host*) { return net::monotonic_ns(); }
std::int64_t wall_ns(const eh_host*) { return net::wall_ns(); }

void random_bytes(const eh_host* host, void* bytes, std::uint64_t len) {
  net::random_bytes(bytes, len);
  if (of(host).on_this_thread()) of(host).note_random({static_cast<const char*>(bytes), len});
}

std::int32_t on_worker(const eh_host* host) { return of(host).on_this_thread(); }

eh_status write(const eh_host* host, eh_conn_id conn, const void* bytes, std::uint64_t len) {
  if (!bytes && len) return EH_INVALID;
  return with(host, conn, [&](connection& c) { return c.write(bytes, len); });
}

eh_status write_ref(const eh_host* host, eh_conn_id conn, const void* bytes, std::uint64_t len, eh_release release,
                    void* context) {
  if (!bytes || len == 0) return EH_INVALID;
  return with(host, conn, [&](connection& c) { return c.write_reference(bytes, len, release, context); });
}

eh_status pause(const eh_host* host, eh_conn_id conn) {
  return with(host, conn, [](connection& c) { return c.pause(); });
}

eh_status resume(const eh_host* host, eh_conn_id conn) {
  return with(host, conn, [](connection& c) { return c.resume(); });
}

eh_status close(const eh_host* host, eh_conn_id conn, eh_next how) {
  if (how != EH_ABORT && (how & ~eh_next(EH_LINGER)) != EH_CLOSE) return EH_INVALID;
  return with(host, conn, [&](connection& c) { return c.close(how); });
}

std::int64_t queued(const eh_host* host, eh_conn_id conn) {
  return with(host, conn, [](connection& c) { return static_cast<std::int64_t>(c.queued()); });
}

eh_status set_option(const eh_host* host, eh_conn_id conn, std::uint32_t option, std::int64_t value) {
  return with(host, conn, [&](connection& c) { return c.set_option(option, value); });
}

std::int64_t address(const eh_host* host, eh_conn_id conn, std::uint32_t which, char* text, std::uint64_t cap) {
  if (which > 1 || !text) return EH_INVALID;
  return with(host, conn, [&](connection& c) -> std::int64_t {
    if (c.is_connecting()) return EH_UNSUPPORTED;
    const std::string s = to_string(which == 0 ? net::peer_endpoint(c.fd()) : net::local_endpoint(c.fd()));
    if (s.size() >= cap) return EH_OVER_LIMIT;
    std::memcpy(text, s.c_str(), s.size() + 1);
    return static_cast<std::int64_t>(s.size());
  });
}

std::int64_t timer_start(const eh_host* host, eh_conn_id conn, std::int64_t at_ns, std::uint64_t arg) {
  worker& w = of(host);
  if (!w.on_this_thread()) return EH_WRONG_THREAD;
  if (conn && arg == 0) return EH_INVALID;
  const connection* const c = conn ? w.find(conn) : nullptr;
  if (conn && !c) return EH_GONE;
  if (c && c->is_connecting()) return EH_INVALID;
  try {
    const std::int64_t id = w.timers().start(conn, at_ns, arg);
    if (id) return id;
    return EH_OVER_LIMIT;
  } catch (const std::exception&) { // no memory, or no slot in the loop
    return EH_OVER_LIMIT;
  }
}

eh_status timer_stop(const eh_host* host, std::int64_t timer) {
  if (!of(host).on_this_thread()) return EH_WRONG_THREAD;
  return of(host).timers().stop(timer) ? EH_OK : EH_GONE;
}

eh_status post(const eh_host* host, eh_conn_id conn, std::uint64_t arg, eh_release release, void* context) {
  try {
    of(host).post({conn, arg, release, context});
    return EH_OK;
  } catch (const std::bad_alloc&) {
    return EH_NO_MEMORY;
  }
}

eh_status wake(const eh_host* host, eh_conn_id conn, std::uint64_t arg) {
  return with(host, conn, [&](connection&) { return post(host, conn, arg, nullptr, nullptr); });
}

eh_status send_file(const eh_host* host, eh_conn_id conn, std::int32_t fd, std::uint64_t offset, std::uint64_t len) {
  return with(host, conn, [&](connection& c) { return c.send_file(fd, offset, len); });
}

eh_status connect(const eh_host* host, const eh_connect* how, eh_conn_id* conn, void** state) {
  worker& w = of(host);
  if (!w.on_this_thread()) return EH_WRONG_THREAD;
  if (!how) return EH_INVALID;
  if (!w.is_started() && !(how->flags & EH_CONNECT_CHECK)) return EH_UNSUPPORTED;
  try {
    return w.outgoing().connect(*how, conn, state);
  } catch (const std::exception&) { // no memory, or no slot in the loop
    return EH_NO_MEMORY;
  }
}

std::int64_t connect_error(const eh_host* host, char* text, std::uint64_t cap) {
  worker& w = of(host);
  if (!w.on_this_thread()) return EH_WRONG_THREAD;
  if (!text || cap == 0) return EH_INVALID;
  const std::string_view error = w.outgoing().error_of(w.closing());
  const std::size_t n = error.copy(text, cap - 1);
  text[n] = '\0';
  return static_cast<std::int64_t>(n);
}

eh_status relay(const eh_host* host, eh_conn_id a, eh_conn_id b) {
  return with(host, a, [&](connection& one) {
    connection* const other = of(host).find(b);
    return other ? one.relay(*other) : EH_GONE;
  });
}

std::int64_t relay_moved_ns(const eh_host* host, eh_conn_id conn) {
  return with(host, conn, [](connection& c) { return c.relay_moved_ns(); });
}

eh_status fail(const eh_host* host, const char* text, std::uint64_t len) {
  if (!of(host).on_this_thread()) return EH_WRONG_THREAD;
  if (!text || len == 0) return EH_INVALID;
  try {
    return of(host).fail_run({text, len}) ? EH_OK : EH_UNSUPPORTED;
  } catch (const std::bad_alloc&) {
    return EH_NO_MEMORY;
  }
}

const void* get_extension(const eh_host* host, const char* id) {
  const auto& table = *static_cast<const host_table*>(host);
  if (id && std::string_view(id) == EH_LIMITS) return &table.bounds;
  if (id && std::string_view(id) == EH_FAILURE) return &table.failure;
  return nullptr;
}

std::int64_t channel_open(const eh_host* host, const char* path, std::uint64_t len) {
  if (!of(host).on_this_thread()) return EH_WRONG_THREAD;
  if (!path) return EH_INVALID;
  try {
    return of(host).channels().open({path, len});
  } catch (const std::bad_alloc&) {
    return EH_NO_MEMORY;
  }
}

eh_status channel_write(const eh_host* host, std::int64_t channel, const void* lines, std::uint64_t len) {
  if (!of(host).on_this_thread()) return EH_WRONG_THREAD;
  return of(host).channels().write(channel, {static_cast<const char*>(lines), lines ? len : 0});
}

eh_status metric(const eh_host* host, std::uint32_t kind, const char* name, const char* help, std::uint64_t** cell) {
  if (!of(host).on_this_thread()) return EH_WRONG_THREAD;
  try {
    return of(host).metrics().define(kind, name, help, cell);
  } catch (const std::bad_alloc&) {
    return EH_NO_MEMORY;
  }
}

} // namespace

host_table::host_table(epollhost::worker& w)
    : eh_host{.size = sizeof(eh_host),
              .abi_major = EH_ABI_MAJOR,
              .abi_minor = EH_ABI_MINOR,
              .log = log_line,
              .now_ns = epollhost::now_ns,
              .wall_ns = epollhost::wall_ns,
              .random = random_bytes,
              .on_worker = epollhost::on_worker,
              .write = epollhost::write,
              .write_ref = epollhost::write_ref,
              .pause = epollhost::pause,
              .resume = epollhost::resume,
              .close = epollhost::close,
              .queued = epollhost::queued,
              .set_option = epollhost::set_option,
              .address = epollhost::address,
              .timer_start = epollhost::timer_start,
              .timer_stop = epollhost::timer_stop,
              .wake = epollhost::wake,
              .post = epollhost::post,
              .get_extension = epollhost::get_extension,
              .channel_open = epollhost::channel_open,
              .channel_write = epollhost::channel_write,
              .send_file = epollhost::send_file,
              .connect = epollhost::connect,
              .connect_error = epollhost::connect_error,
              .relay = epollhost::relay,
              .metric = epollhost::metric,
              .relay_moved_ns = epollhost::relay_moved_ns},
      worker(w), bounds{.size = sizeof(eh_limits),
                        .flags = 0,
                        .input_max = w.settings().limits.input_max,
                        .output_low = w.settings().limits.output_low,
                        .output_high = w.settings().limits.output_high,
                        .output_max = w.settings().limits.output_max},
      failure{.size = sizeof(eh_failure), .flags = 0, .fail = fail} {}

} // namespace epollhost
