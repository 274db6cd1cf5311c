// Distributed under the Boost Software License, Version 1.0.
// The listening sockets of a plugin, which outlive its workers.
#include "worker/listening.hpp"

#include "net/file.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <new>
#include <utility>

namespace epollhost {
namespace {

std::string who_to_look_for(const net::endpoint& at) {
  const std::string text = to_string(at);
  if (at.is_unix()) return fmt::format("`ss -xlp | grep '{}'` shows who listens there", text.substr(5));
  return fmt::format("`ss -ltnp 'sport = {}'` shows who listens there", text.substr(text.rfind(':')));
}

// What kept it from being done, for a unix socket.
std::string unix_advice(const std::string& path, const worker_settings& s, const net::error_code& ec) {
  if (ec.value() == EPERM && !(s.unix_user.name.empty() && s.unix_group.name.empty()))
    return ". Only root gives a file to another user (--unix-user), or to a group that it is not in (--unix-group)";
  if (ec.value() == EACCES)
    return fmt::format(". Its folder must be writable, and {}.lock in it, if it is there, must belong to this user",
                       path);
  return ". Check that its folder exists and may be written";
}

std::string advice_in_use(const net::endpoint& at) {
  const std::string kind = at.unix_path().empty() ? "" : net::kind_of(at.unix_path());
  if (!kind.empty() && kind != "a socket")
    return fmt::format("There is {} at that path, and only the file of a dead socket is replaced; remove it, or choose "
                       "another path",
                       kind);
  return who_to_look_for(at) + "; end it, or choose another address with --listen";
}

[[noreturn]] void refuse(const net::endpoint& at, const worker_settings& settings, const net::error_code& ec) {
  std::string what = fmt::format("cannot listen on {}: {}", to_string(at), ec.message());
  if (ec.value() == EADDRINUSE)
    what += ". " + advice_in_use(at);
  else if (ec.value() == EACCES && !at.is_unix())
    what +=
        ". Ports below net.ipv4.ip_unprivileged_port_start need root or CAP_NET_BIND_SERVICE; or take a higher port";
  else if (ec.value() == EADDRNOTAVAIL)
    what += ". No interface of this machine has that address (`ip address` lists them)";
  else if (at.is_unix())
    what += unix_advice(at.unix_path(), settings, ec);
  throw cannot_listen(what);
}

net::unix_access access_of(const worker_settings& s) {
  net::unix_access out{.mode = s.unix_mode};
  if (!s.unix_user.name.empty()) out.user = s.unix_user.number;
  if (!s.unix_group.name.empty()) out.group = s.unix_group.number;
  return out;
}

net::unique_fd bind_at(const net::endpoint& at, bool wildcard, net::port_share share, const worker_settings& s) {
  net::error_code ec;
  auto fd = net::bind(at,
                      {.share = at.is_unix() ? net::port_share::none : share,
                       .dual_stack = wildcard,
                       .nodelay = s.nodelay && !at.is_unix(),
                       .file = access_of(s)},
                      ec);
  if (ec) refuse(at, s, ec);
  return fd;
}

} // namespace

listening_address::listening_address(const listen_address& address, const worker_settings& settings, bool beside_ours)
    : wildcard_(address.wildcard) {
  if (!address.passed.empty())
    throw cannot_listen(
        fmt::format("no socket named '{0}' was passed to this process. Expected one from the service manager: "
                    "a socket unit with FileDescriptorName={0} (with --workers 0 none are taken)",
                    address.passed));
  // Where our own address has the port, no other program has it.
  const auto share = beside_ours ? net::port_share::further : net::port_share::first;
  slots_.push_back(bind_at(address.endpoint, wildcard_, share, settings));
  bound_ = bound();
  file_ = net::identify(bound_.unix_path());
  owner_ = ::getpid();
}

listening_address::listening_address(bool wildcard, bool passed, std::vector<net::unique_fd> slots,
                                     std::size_t listening, bool leaving)
    : wildcard_(wildcard), passed_(passed), leaving_(leaving), slots_(std::move(slots)), listening_(listening) {
  bound_ = bound();
  if (!passed) file_ = net::identify(bound_.unix_path()); // the file of another's socket is not ours to remove
  owner_ = ::getpid();
}

void listening_address::grow(std::size_t slots, const worker_settings& settings) {
  while (!is_shared() && slots_.size() < slots)
    slots_.push_back(bind_at(bound_, wildcard_, net::port_share::further, settings));
}

void listening_address::listen(const worker_settings& settings) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const int fd = slots_[i].get();
    if (leaving_) net::take_again(fd);
    if (!is_shared()) net::set_nodelay(fd, settings.nodelay); // a reload may have changed it; TCP always takes it
    net::error_code ec = net::listen(fd, settings.backlog);
    // The first one listens alone, or not at all: another program may be bound there, too.
    if (!ec && i == 0 && listening_ == 0 && !is_shared()) ec = net::share_port(fd);
    if (ec) refuse(bound_, settings, ec);
  }
  listening_ = slots_.size();
  leaving_ = false;
  const std::string path = passed_ ? "" : bound_.unix_path();
  if (path.empty()) return;
  if (const auto ec = net::set_access(path, access_of(settings))) refuse(bound_, settings, ec);
}

void listening_address::take_no_more() {
  if (passed_ || std::exchange(leaving_, true)) return;
  if (::getpid() == owner_) net::remove_file(bound_.unix_path(), file_);
  for (const auto& slot : slots_) net::take_no_more(slot.get()); // where it cannot, a few microseconds are left
}

std::optional<bool> listening_address::has_handshakes() const {
  return passed_ || slots_.empty() ? false : net::has_handshakes(slots_.front().get()); // asks for the port
}

bool listening_address::can_listen_again() const {
  if (passed_ || bound_.unix_path().empty()) return passed_ || !bound_.is_unix() || !leaving_;
  return !leaving_ && net::identify(bound_.unix_path()) == file_;
}

void listening_address::close() {
  if (slots_.empty()) return;
  try {
    if (::getpid() == owner_) net::remove_file(bound_.unix_path(), file_);
  } catch (const std::bad_alloc&) { // a stale file stays, which the next start replaces
  }
  slots_.clear();
}

} // namespace epollhost
