// Distributed under the Boost Software License, Version 1.0.
// The host's functions with C++ manners. Plugins may include this (through plugin.hpp).
#ifndef EPOLLHOST_DETAIL_HOST_HPP
#define EPOLLHOST_DETAIL_HOST_HPP

#include <epollhost/plugin.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace epollhost {

/// What a hook answers. Combine one of keep, close, abort with any of the others by `|`.
enum class next : eh_next {
  keep = EH_KEEP,
  close = EH_CLOSE,
  abort = EH_ABORT,
  fail = EH_FAIL,
  pause = EH_PAUSE,
  half_open = EH_HALF_OPEN,
  finish = EH_FINISH,
  linger = EH_LINGER,
  idle = EH_IDLE ///< only where host::knows_idle()
};
constexpr next operator|(next a, next b) { return next(eh_next(a) | eh_next(b)); }

/// A log channel, once host::open_channel() has opened it; to be copied freely. Contract: eh_host::channel_write.
class channel {
public:
  channel() = default; ///< of no file
  explicit operator bool() const { return number_ > 0; }

  /// Append whole lines; they are written soon, at the end of a turn of the loop. False if they were dropped, since the
  /// reader is too far behind, or if there is no file.
  bool write(std::string_view lines) const {
    return number_ > 0 && table_->channel_write(table_, number_, lines.data(), lines.size()) == EH_OK;
  }

private:
  friend class host;
  channel(const eh_host* table, std::int64_t number) : table_(table), number_(number) {}

  const eh_host* table_ = nullptr;
  std::int64_t number_ = 0;
};

/// A metric, once host::counter() or host::gauge() has defined it; to be copied freely. It costs what a variable does.
/// Contract: eh_host::metric.
class metric {
public:
  void add(std::uint64_t n = 1) const { *cell_ += n; }

  /// Of a gauge; a counter never falls.
  void subtract(std::uint64_t n = 1) const { *cell_ -= n; }
  void set(std::uint64_t n) const { *cell_ = n; }

  std::uint64_t value() const { return *cell_; }

private:
  friend class host;
  explicit metric(std::uint64_t* cell) : cell_(cell) {}

  std::uint64_t* cell_;
};

/// The functions of the host; a pointer, to be copied freely. Contracts and thread tags: eh_host in plugin.h.
class host {
public:
  explicit host(const eh_host* table) : table_(table) {}

  void log(std::uint32_t level, std::string_view text) const { table_->log(table_, level, text.data(), text.size()); }
  void error(std::string_view text) const { log(EH_LOG_ERROR, text); }
  void info(std::string_view text) const { log(EH_LOG_INFO, text); }

  std::int64_t now_ns() const { return table_->now_ns(table_); }
  std::int64_t wall_ns() const { return table_->wall_ns(table_); }
  void random(void* bytes, std::uint64_t len) const { table_->random(table_, bytes, len); }
  bool on_worker() const { return table_->on_worker(table_) != 0; }

  eh_status write(eh_conn_id conn, std::string_view bytes) const {
    return table_->write(table_, conn, bytes.data(), bytes.size());
  }
  eh_status write_ref(eh_conn_id conn, std::string_view bytes, eh_release release, void* context) const {
    return table_->write_ref(table_, conn, bytes.data(), bytes.size(), release, context);
  }
  eh_status send_file(eh_conn_id conn, int fd, std::uint64_t offset, std::uint64_t len) const {
    return table_->send_file(table_, conn, fd, offset, len);
  }
  eh_status pause(eh_conn_id conn) const { return table_->pause(table_, conn); }
  eh_status resume(eh_conn_id conn) const { return table_->resume(table_, conn); }
  eh_status close(eh_conn_id conn, next how = next::close) const { return table_->close(table_, conn, eh_next(how)); }
  std::int64_t queued(eh_conn_id conn) const { return table_->queued(table_, conn); }
  eh_status set_option(eh_conn_id conn, std::uint32_t option, std::int64_t value) const {
    return table_->set_option(table_, conn, option, value);
  }
  std::int64_t start_timer(eh_conn_id conn, std::int64_t at_ns, std::uint64_t arg) const {
    return table_->timer_start(table_, conn, at_ns, arg);
  }
  eh_status stop_timer(std::int64_t timer) const { return table_->timer_stop(table_, timer); }
  /// In `close` of a connection that could not be made: why, cut to fit the buffer; else empty.
  template <std::size_t N> std::string_view connect_error(char (&text)[N]) const {
    const std::int64_t n = table_->connect_error(table_, text, N);
    return {text, n > 0 ? std::size_t(n) : 0};
  }
  eh_status relay(eh_conn_id a, eh_conn_id b) const { return table_->relay(table_, a, b); }
  std::int64_t relay_moved_ns(eh_conn_id conn) const { return table_->relay_moved_ns(table_, conn); }
  eh_status wake(eh_conn_id conn, std::uint64_t arg) const { return table_->wake(table_, conn, arg); }
  eh_status post(eh_conn_id conn, std::uint64_t arg, eh_release release = nullptr, void* context = nullptr) const {
    return table_->post(table_, conn, arg, release, context);
  }

  /// Open a log channel: a file that the host writes lines to. In the plugin's constructor only. Throws
  /// std::runtime_error.
  channel open_channel(std::string_view path) const {
    const std::int64_t number = table_->channel_open(table_, path.data(), path.size());
    if (number > 0) return {table_, number};
    const char* why = number == EH_UNSUPPORTED  ? "; the log line above says why"
                      : number == EH_OVER_LIMIT ? ": the plugin has too many channels"
                      : path.empty()            ? ": the path is empty"
                                                : ": only the constructor may open one, and a path holds no zero";
    throw std::runtime_error("cannot open the log channel \"" + std::string(path) + "\"" + why);
  }

  /// Define a metric, which `--status` shows: how often something has happened, or how many there are now. In the
  /// plugin's constructor only. Throws std::runtime_error.
  metric counter(const char* name, const char* help) const { return define(EH_METRIC_COUNTER, name, help); }
  metric gauge(const char* name, const char* help) const { return define(EH_METRIC_GAUGE, name, help); }

  /// Write the peer's address as text; answers its length, or a negative status. See eh_host::address.
  std::int64_t peer_address(eh_conn_id conn, char* text, std::uint64_t cap) const {
    return table_->address(table_, conn, 0, text, cap);
  }

  /// Whether this host knows next::idle; one that was built before takes it for a broken contract.
  bool knows_idle() const { return table_->size > offsetof(eh_host, relay_moved_ns); }

  const eh_host* table() const { return table_; }

private:
  metric define(std::uint32_t kind, const char* name, const char* help) const {
    std::uint64_t* cell = nullptr;
    const eh_status status = table_->metric(table_, kind, name, help, &cell);
    if (status == EH_OK) return metric(cell);
    const char* why = status == EH_UNSUPPORTED || status == EH_WRONG_THREAD ? ": only the constructor may do so"
                                                                            : "; the log line above says why";
    throw std::runtime_error("cannot define the metric \"" + std::string(name ? name : "") + "\"" + why);
  }

  const eh_host* table_;
};

} // namespace epollhost

#endif
