// Distributed under the Boost Software License, Version 1.0.
// The listening sockets of a plugin, which outlive its workers.
#include "worker/listening.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <new>

namespace epollhost {
namespace {

std::string who_to_look_for(const net::endpoint& at) {
  const std::string text = to_string(at);
  if (at.is_unix()) return fmt::format("`ss -xlp | grep '{}'` shows who listens there", text.substr(5));
  return fmt::format("`ss -ltnp 'sport = {}'` shows who listens there", text.substr(text.rfind(':')));
}

[[noreturn]] void refuse(const net::endpoint& at, const net::error_code& ec) {
  std::string what = fmt::format("cannot listen on {}: {}", to_string(at), ec.message());
  if (ec.value() == EADDRINUSE)
    what += ". " + who_to_look_for(at) + "; end it, or choose another address with --listen";
  else if (ec.value() == EACCES && !at.is_unix())
    what +=
        ". Ports below net.ipv4.ip_unprivileged_port_start need root or CAP_NET_BIND_SERVICE; or take a higher port";
  else if (ec.value() == EADDRNOTAVAIL)
    what += ". No interface of this machine has that address (`ip address` lists them)";
  else if (at.is_unix())
    what += ". Check that its folder exists and may be written";
  throw cannot_listen(what);
}

net::unique_fd bind_at(const net::endpoint& at, bool wildcard, net::port_share share, const worker_settings& s) {
  net::error_code ec;
  auto fd = net::bind(at,
                      {.share = at.is_unix() ? net::port_share::none : share,
                       .dual_stack = wildcard,
                       .nodelay = s.nodelay && !at.is_unix(),
                       .unix_mode = s.unix_mode},
                      ec);
  if (ec) refuse(at, ec);
  return fd;
}

} // namespace

listening_address::listening_address(const listen_address& address, const worker_settings& settings)
    : wildcard_(address.wildcard) {
  if (!address.passed.empty())
    throw cannot_listen(
        fmt::format("no socket named '{0}' was passed to this process. Expected one from the service manager: "
                    "a socket unit with FileDescriptorName={0} (with --workers 0 none are taken)",
                    address.passed));
  slots_.push_back(bind_at(address.endpoint, wildcard_, net::port_share::first, settings));
  bound_ = bound();
  file_ = net::identify(bound_.unix_path());
  owner_ = ::getpid();
}

listening_address::listening_address(bool wildcard, bool passed, std::vector<net::unique_fd> slots,
                                     std::size_t listening)
    : wildcard_(wildcard), passed_(passed), slots_(std::move(slots)), listening_(listening) {
  bound_ = bound();
  if (!passed) file_ = net::identify(bound_.unix_path()); // the file of another's socket is not ours to remove
  owner_ = ::getpid();
}

void listening_address::grow(std::size_t slots, const worker_settings& settings) {
  while (!is_shared() && slots_.size() < slots)
    slots_.push_back(bind_at(bound_, wildcard_, net::port_share::further, settings));
}

void listening_address::listen(const worker_settings& settings) {
  for (const auto& slot : slots_) {
    if (!is_shared())
      net::set_nodelay(slot.get(), settings.nodelay); // a reload may have changed it; TCP always takes it
    if (const auto ec = net::listen(slot.get(), settings.backlog)) refuse(bound_, ec);
  }
  listening_ = slots_.size();
}

void listening_address::take_no_more() {
  for (const auto& slot : slots_) net::take_no_more(slot.get()); // where it cannot, a few microseconds are left
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
