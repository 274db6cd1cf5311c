// Distributed under the Boost Software License, Version 1.0.
// Connections that a task makes. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_CONNECT_HPP
#define EPOLLHOST_ASYNC_CONNECT_HPP

#include <epollhost/async/hooks.hpp>

namespace epollhost {
namespace detail {

inline eh_next open_outgoing(void*, void* state, eh_io* io) {
  connection& c = connection_hooks::of(state);
  c.enter(io);
  c.open();
  return c.leave(false);
}

inline void close_outgoing(void* self, void* state, eh_reason why);

inline constexpr eh_hooks outgoing_coroutine_hooks = [] {
  eh_hooks h = connection_hooks::table(open_outgoing, 0);
  h.close = close_outgoing;
  return h;
}();

/// Waits for a connection of its own. Destroyed before that is there, it gives it up.
class connect_operation : public operation {
public:
  connect_operation(std::string_view address, std::chrono::nanoseconds timeout)
      : address_(address), timeout_(timeout) {}
  ~connect_operation() {
    if (!made_ || made_->connecting != this) return;
    made_->connecting = nullptr;
    made_->close(EH_ABORT);
  }

  bool await_ready() const noexcept { return false; }

  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    waiter = self.address();
    scope& home = self.promise().top->home;
    if (const eh_status done = begin(home.run_by); done != EH_OK) {
      error = done == EH_INVALID ? EINVAL : done == EH_OVER_LIMIT ? EAGAIN : done == EH_NO_MEMORY ? ENOMEM : ENOTSUP;
      home.resume_later(*this);
    }
  }

  /// It could not be made: `text` says more than a number.
  void fail(eh_reason why, std::string_view text) {
    error = why == EH_REASON_TIMEOUT  ? ETIMEDOUT
            : why == EH_REASON_SYSTEM ? EMFILE
            : why == EH_REASON_DRAIN  ? ECONNABORTED
            : why == EH_REASON_PLUGIN ? ECANCELED
                                      : ENOTCONN;
    why_ += text;
  }

protected:
  stream result() const { return error == 0 ? stream(*made_) : stream(); }
  const char* what() const { return why_.c_str(); }

private:
  eh_status begin(scheduler& s) {
    const eh_connect how{.size = sizeof(eh_connect),
                         .flags = 0,
                         .address = address_.empty() ? "" : address_.data(),
                         .address_len = address_.size(),
                         .hooks = &outgoing_coroutine_hooks,
                         .arg = 0,
                         .timeout_ns = timeout_.count()};
    eh_conn_id id = 0;
    void* state = nullptr;
    const eh_status done = s.host->connect(s.host, &how, &id, &state);
    if (done != EH_OK) return done;
    try {
      *static_cast<connection**>(state) = made_ = new connection(s, id, *this);
    } catch (const std::bad_alloc&) {
      s.host->close(s.host, id, EH_ABORT);
      return EH_NO_MEMORY;
    }
    return EH_OK;
  }

  const std::string_view address_;
  const std::chrono::nanoseconds timeout_;
  connection* made_ = nullptr;
  std::string why_ = "async_connect";
};

template <class Report> class connect_awaiter : public connect_operation {
public:
  connect_awaiter(std::string_view address, std::chrono::nanoseconds timeout, Report report)
      : connect_operation(address, timeout), report_(report) {}
  stream await_resume() const {
    report_(error, what());
    return result();
  }

private:
  [[no_unique_address]] const Report report_;
};

inline void close_outgoing(void* self, void* state, eh_reason why) {
  connection* const c = *static_cast<connection**>(state);
  if (c && c->connecting) {
    char text[256];
    const eh_host& host = c->host();
    const std::int64_t length = host.connect_error(&host, text, sizeof text);
    auto& waiting = static_cast<connect_operation&>(*c->connecting);
    waiting.fail(why, length > 0 ? ": " + std::string(text, std::size_t(length)) : std::string());
  }
  connection_hooks::close(self, state, why);
}

} // namespace detail

/// Make a connection and wait until it is there. `address` is one of eh_connect in plugin.h: "127.0.0.1:80",
/// "[::1]:80", "name:80", "unix:/path"; it must live as long as the operation. The timeout holds for all of it, the
/// look-up of a name included; 0 is the host's, 10 s. The connection belongs to the streams: it is closed when the last
/// one goes.
///
/// Errors: not_connected (refused, unreachable, no such name: what() says which, and for which address), timed_out,
/// invalid_argument (the address; the log says why), resource_unavailable_try_again (--max-connections),
/// too_many_files_open, connection_aborted (the worker ends). With an error the stream is none. [worker]
inline auto async_connect(std::string_view address, std::chrono::nanoseconds timeout = {}) {
  return detail::connect_awaiter(address, timeout, detail::throwing{});
}
inline auto async_connect(std::string_view address, std::chrono::nanoseconds timeout, std::error_code& ec) {
  return detail::connect_awaiter(address, timeout, detail::reporting{ec});
}
inline auto async_connect(std::string_view address, std::error_code& ec) { return async_connect(address, {}, ec); }

} // namespace epollhost

#endif
