// Distributed under the Boost Software License, Version 1.0.
// Tells systemd what the master does. Source: sd_notify(3), written here so that no library is linked for it.
#include "master/service_manager.hpp"

#include "net/clock.hpp"
#include "net/unique_fd.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace epollhost::master {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

// 0 for what is no positive number.
long long number(const std::string& text) {
  long long n = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  return r.ec == std::errc() && r.ptr == text.data() + text.size() && n > 0 ? n : 0;
}

std::chrono::microseconds read_watchdog_period() {
  const std::string process = variable("WATCHDOG_PID");
  if (!process.empty() && number(process) != ::getpid()) return {}; // for another process
  return std::chrono::microseconds(number(variable("WATCHDOG_USEC")) / 2);
}

// A line end in it would begin another field.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

} // namespace

service_manager::service_manager() : socket_(variable("NOTIFY_SOCKET")), watchdog_period_(read_watchdog_period()) {
  // "/path" or "@abstract"; there is also "vsock:", for virtual machines, which systemd's own library only came to
  // later.
  const bool known = socket_.size() > 1 && (socket_[0] == '/' || socket_[0] == '@');
  if (!known || socket_.size() > sizeof sockaddr_un::sun_path - 1) socket_.clear();
  if (socket_.empty()) watchdog_period_ = {};
}

net::error_code service_manager::send(const std::string& message) const {
  if (!present()) return {};
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, socket_.data(), socket_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + socket_.size());
  const net::unique_fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return net::last_error();
  const auto* const address = reinterpret_cast<const sockaddr*>(&to);
  if (::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL, address, size) < 0) return net::last_error();
  return {};
}

net::error_code service_manager::ready(const std::string& status) const {
  return send("READY=1\nSTATUS=" + one_line(status) + "\n");
}

net::error_code service_manager::reloading() const {
  // The time tells systemd which READY=1 answers this: one sent before it does not count.
  return send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", net::monotonic_ns() / 1000));
}

net::error_code service_manager::stopping(const std::string& status) const {
  return send("STOPPING=1\nSTATUS=" + one_line(status) + "\n");
}

net::error_code service_manager::status(const std::string& text) const {
  return send("STATUS=" + one_line(text) + "\n");
}

net::error_code service_manager::watchdog() const { return send("WATCHDOG=1\n"); }

net::error_code service_manager::main_process(pid_t pid) const { return send(fmt::format("MAINPID={}\n", pid)); }

} // namespace epollhost::master
