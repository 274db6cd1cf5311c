// Distributed under the Boost Software License, Version 1.0.
// The control socket: who may write to its file may ask.
#include "master/control.hpp"

#include "master/control_request.hpp"
#include "net/file.hpp"
#include "net/socket.hpp"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace epollhost::master {
namespace {

net::endpoint endpoint_of(const std::string& path) {
  net::endpoint e;
  auto& u = reinterpret_cast<sockaddr_un&>(e.storage);
  if (path.empty() || path.size() >= sizeof u.sun_path)
    throw std::runtime_error(fmt::format("the control socket's path '{}' has {} bytes, expected 1 to {}", path,
                                         path.size(), sizeof u.sun_path - 1));
  u.sun_family = AF_UNIX;
  std::memcpy(u.sun_path, path.c_str(), path.size() + 1);
  e.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return e;
}

[[noreturn]] void fail(const std::string& path, int error) {
  const char* hint = "";
  if (error == ENOENT) hint = ". Is that the --control or --pid-file of a running epollhost?";
  if (error == ECONNREFUSED) hint = ". Nobody listens there any more: the program has ended";
  if (error == ETIMEDOUT) hint = ". It is stopped, or busy with something that takes long";
  if (error == EACCES) hint = ". You may not write to that file: its mode is the authority";
  throw std::runtime_error(fmt::format("cannot ask the control socket {}: {}{}", path, std::strerror(error), hint));
}

} // namespace

struct control_server::client final : loop::io_object {
  client(control_server& owner, net::unique_fd fd) : owner(owner), fd(std::move(fd)) {
    owner.loop_.remember(*this);
    if (const auto ec = owner.loop_.watch_level(*this, this->fd.get()))
      throw net::system_error(ec, "epoll_ctl of control");
  }
  ~client() {
    owner.loop_.unwatch(*this, fd.get());
    owner.loop_.forget(*this);
  }

  void on_event(std::uint32_t) override {
    if (waits) return look_whether_gone();
    std::array<char, control_request::bytes_max> part;
    const net::result n = net::receive(fd.get(), part.data(), part.size());
    if (net::would_block(n)) return;
    const auto now = n > 0 ? request.add({part.data(), static_cast<std::size_t>(n)}) : control_request::state::refused;
    if (now == control_request::state::more) return;
    if (now == control_request::state::whole) {
      if (const auto text = owner.answer_(request.line()))
        reply(*text);
      else
        return wait_for(request.line());
    }
    owner.clients_.remove_if([this](const auto& c) { return c.get() == this; }); // ends this object
  }

  void wait_for(const std::string& what) {
    waits = true;
    asked = what;
  }

  // A client that has sent its FIN may still wait for the answer; if it has gone, the answer is lost.
  void look_whether_gone() {
    std::array<char, 256> part;
    const net::result n = net::receive(fd.get(), part.data(), part.size());
    if (n <= 0 && !net::would_block(n)) owner.loop_.unwatch(*this, fd.get());
  }

  // What does not fit into the socket's buffer is lost: the master waits for nobody. So the buffer is made to fit.
  void reply(const std::string& text) {
    net::set_send_buffer(fd.get(), static_cast<int>(text.size() + 4096));
    net::send(fd.get(), text.data(), text.size());
  }

  control_server& owner;
  net::unique_fd fd;
  control_request request;
  bool waits = false;
  std::string asked; // what it waits for
};

control_server::control_server(loop::io_context& loop, const std::string& path, unsigned mode, answer f)
    : loop_(loop), answer_(std::move(f)), path_(path) {
  net::error_code ec;
  fd_ = net::bind(endpoint_of(path), {.file = {.mode = mode}}, ec);
  if (!ec) ec = net::listen(fd_.get(), clients_max);
  const std::string kind = ec.value() == EADDRINUSE ? net::kind_of(path) : "";
  if (!kind.empty() && kind != "a socket")
    throw std::runtime_error(fmt::format("the control socket {}: there is {} at that path; remove it, or give another "
                                         "--control",
                                         path, kind));
  if (ec) throw net::system_error(ec, "the control socket " + path);
  file_ = net::identify(path);
  loop_.remember(*this);
  ec = loop_.watch_level(*this, fd_.get());
  if (ec) throw net::system_error(ec, "epoll_ctl of the control socket");
}

control_server::~control_server() {
  clients_.clear();
  loop_.unwatch(*this, fd_.get());
  loop_.forget(*this);
  net::remove_file(path_, file_);
}

void control_server::on_event(std::uint32_t) {
  const net::result r = net::accept(fd_.get());
  if (r < 0) return;
  net::unique_fd fd(static_cast<int>(r));
  add(std::make_unique<client>(*this, std::move(fd)));
}

// If there are too many, the one goes that has said nothing for longest; then the one that waits for longest.
void control_server::add(std::unique_ptr<client> c) {
  if (clients_.size() == clients_max) {
    const auto idle = std::find_if(clients_.begin(), clients_.end(), [](const auto& other) { return !other->waits; });
    clients_.erase(idle == clients_.end() ? clients_.begin() : idle);
  }
  clients_.push_back(std::move(c));
}

void control_server::answer_waiting(const std::string& request, const std::string& text) {
  clients_.remove_if([&](const auto& c) {
    const bool is_meant = c->waits && c->asked == request;
    if (is_meant) c->reply(text);
    return is_meant;
  });
}

void control_server::rename_waiting(const std::string& from, const std::string& to) {
  for (const auto& c : clients_)
    if (c->waits && c->asked == from) c->asked = to;
}

std::vector<int> control_server::waiting(const std::string& request) const {
  std::vector<int> out;
  for (const auto& c : clients_)
    if (c->waits && c->asked == request) out.push_back(c->fd.get());
  return out;
}

void control_server::adopt(net::unique_fd fd, const std::string& request) {
  add(std::make_unique<client>(*this, std::move(fd)));
  clients_.back()->wait_for(request);
}

// ---- the other end

namespace {

net::unique_fd connect_to(const std::string& path, unsigned patience_s) {
  const net::endpoint at = endpoint_of(path);
  net::unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  timeval patience{.tv_sec = 5, .tv_usec = 0}; // also for a queue that is full
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
      ::connect(fd.get(), at.data(), at.size) != 0)
    fail(path, errno);
  patience.tv_sec = patience_s;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) fail(path, errno);
  return fd;
}

pid_t peer_of(const net::unique_fd& fd) {
  ucred who{};
  socklen_t size = sizeof who;
  return ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 ? who.pid : 0;
}

} // namespace

std::string ask_control(const std::string& path, const std::string& request, unsigned patience_s) {
  const net::unique_fd fd = connect_to(path, patience_s);
  const std::string line = request + "\n";
  if (net::send(fd.get(), line.data(), line.size()) != static_cast<net::result>(line.size())) fail(path, EPIPE);
  std::string out;
  std::array<char, 65536> part;
  for (net::result n; (n = net::receive(fd.get(), part.data(), part.size())) != 0;) {
    if (net::would_block(n)) fail(path, ETIMEDOUT);
    if (n == -ECONNRESET) break; // the program has ended, and had not read the request
    if (n < 0) fail(path, static_cast<int>(-n));
    out.append(part.data(), static_cast<std::size_t>(n));
  }
  return out;
}

pid_t process_at_control(const std::string& path) { return peer_of(connect_to(path, 5)); }

bool signal_at_control(const std::string& path, pid_t process, int signal) {
  const net::unique_fd process_fd(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  // Only now: if it listens still, the descriptor is not of another process that has its number since.
  if (!process_fd || process_at_control(path) != process) return false;
  if (::syscall(SYS_pidfd_send_signal, process_fd.get(), signal, nullptr, 0) == 0) return true;
  throw std::runtime_error(fmt::format("cannot signal process {}: {}", process, std::strerror(errno)));
}

} // namespace epollhost::master
