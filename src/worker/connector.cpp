// Distributed under the Boost Software License, Version 1.0.
// Makes the socket of one outgoing connection.
#include "worker/connector.hpp"

#include "worker/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace epollhost {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t least_rest_ns = 10 * ms, most_rest_ns = 100 * ms;

// This machine lacks what any connection needs, so the next address would fail too.
bool lacks_means(net::result error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM;
}

// The peer has no part in this error. Also: no local port is left for this address (another one may have some), no room
// in a table of the kernel, forbidden by a filter of this machine.
bool is_ours(net::result error, const net::endpoint& to) {
  return lacks_means(error) || error == -EADDRNOTAVAIL || error == -ENOSPC || error == -EPERM ||
         (error == -EAGAIN && !to.is_unix());
}

} // namespace

// One address that the kernel is connecting to.
struct connector::attempt final : loop::io_object {
  attempt(connector& owner, const net::endpoint& to, net::unique_fd socket)
      : owner(owner), to(to), fd(std::move(socket)) {
    owner.loop_.remember(*this);
  }
  ~attempt() {
    owner.loop_.unwatch(*this, fd.get());
    if (owner.witness_.recorder) owner.witness_.recorder->let_go(id());
    owner.loop_.forget(*this);
  }
  void on_event(std::uint32_t events) override {
    if (owner.witness_.recorder) owner.witness_.recorder->event(id(), events);
    owner.settled(*this);
  }

  connector& owner;
  const net::endpoint to;
  net::unique_fd fd;
};

connector::connector(loop::io_context& loop, bool nodelay, std::int64_t deadline_ns, done d, witness w)
    : loop_(loop), nodelay_(nodelay), deadline_ns_(deadline_ns), done_(std::move(d)), witness_(w) {
  loop_.remember(*this);
  try {
    loop_.arm(*this, deadline_ns_);
  } catch (...) {
    loop_.forget(*this);
    throw;
  }
}

connector::~connector() {
  running_.clear();
  loop_.forget(*this);
}

void connector::start(const net::endpoint& to) {
  addresses_.push_back(to);
  loop_.make_ready(*this);
}

void connector::start(const std::string& name, net::resolver::answer found) {
  addresses_ = std::move(found.endpoints);
  addresses_.resize(std::min(addresses_.size(), addresses_max));
  if (addresses_.empty()) {
    error_ = fmt::format("cannot look up {}: {}", name, found.error);
    blameless_ = found.is_ours();
  }
  try_next();
}

void connector::try_next() {
  while (next_ < addresses_.size()) {
    const net::endpoint& to = addresses_[next_];
    net::unique_fd fd;
    const net::result r = net::connect(to, nodelay_, fd);
    if (r != -EINPROGRESS) record(witness_.conn, to, fd, r);
    if (r == 0) return finish({std::move(fd), EH_REASON_PLUGIN, {}});
    if (r == -EAGAIN && to.is_unix()) { // its listen queue is full, and no event will tell when it is not
      note(to, r);
      rest_ns_ = std::clamp(rest_ns_ * 2, least_rest_ns, most_rest_ns);
      return arm(loop_.now_ns() + rest_ns_);
    }
    ++next_;
    if (r == -EINPROGRESS && wait_for(to, std::move(fd)))
      return arm(next_ < addresses_.size() ? loop_.now_ns() + attempt_delay_ns : deadline_ns_);
    if (r != -EINPROGRESS) note(to, r);
    if (lacks_means(r)) return fail(EH_REASON_SYSTEM);
  }
  if (running_.empty()) return fail(blameless_ ? EH_REASON_SYSTEM : EH_REASON_CONNECT);
  arm(deadline_ns_); // the timer may have been the one that brought us here
}

bool connector::wait_for(const net::endpoint& to, net::unique_fd fd) {
  auto& a = *running_.emplace_back(std::make_unique<attempt>(*this, to, std::move(fd)));
  record(a.id(), to, a.fd, -EINPROGRESS);
  const net::error_code ec = loop_.watch(a, a.fd.get(), false, true);
  if (!ec) return true;
  note(to, -ec.value());
  running_.pop_back();
  return false;
}

void connector::arm(std::int64_t next_ns) { loop_.arm(*this, std::min(next_ns, deadline_ns_)); }

void connector::on_timer() {
  if (witness_.recorder) witness_.recorder->calling(); // it comes in this turn again
  if (loop_.now_ns() < deadline_ns_) return try_next();
  if (!running_.empty())
    error_ = fmt::format("{}: no answer in time", to_string(running_.back()->to));
  else if (error_.empty())
    error_ = "the name was not looked up in time";
  fail(EH_REASON_TIMEOUT);
}

// The kernel has decided.
void connector::settled(attempt& a) {
  const net::result r = net::finish_connect(a.fd.get());
  if (witness_.recorder) witness_.recorder->socket_error(a.id(), static_cast<int>(-r));
  if (r == 0) {
    if (witness_.recorder) witness_.recorder->becomes(a.id(), witness_.conn);
    loop_.unwatch(a, a.fd.get());
    return finish({std::move(a.fd), EH_REASON_PLUGIN, {}});
  }
  note(a.to, r);
  std::erase_if(running_, [&](const auto& other) { return other.get() == &a; });
  try_next();
}

void connector::record(loop::object_id as, const net::endpoint& to, const net::unique_fd& fd, net::result answer) {
  if (!witness_.recorder) return;
  witness_.recorder->attempted(as, to, fd ? net::local_endpoint(fd.get()) : to, answer);
}

void connector::note(const net::endpoint& to, net::result error) {
  blameless_ |= is_ours(error, to);
  error_ = fmt::format("{}: {}", to_string(to),
                       net::error_code(static_cast<int>(-error), boost::system::system_category()).message());
}

void connector::fail(eh_reason why) { finish({{}, why, std::move(error_)}); }

void connector::finish(outcome o) {
  const done d = std::exchange(done_, nullptr); // which usually destroys us
  d(std::move(o));
}

} // namespace epollhost
