// Distributed under the Boost Software License, Version 1.0.
// Reads what a dying or stalled process said about itself, and puts it into words.
#include "master/crash_report.hpp"

#include "master/signal_name.hpp"
#include "worker/crash_handler.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace epollhost::master {
namespace {

// The process may have written anything.
void make_safe(crash_record& r) {
  r.frame_count = std::min<std::uint32_t>(r.frame_count, crash_frames_max);
  r.module_count = std::min<std::uint32_t>(r.module_count, crash_modules_max);
  for (std::uint32_t i = 0; i < r.module_count; ++i) {
    crash_module& m = r.modules[i];
    m.name[sizeof m.name - 1] = '\0';
    m.build_id_size = std::min<std::uint8_t>(m.build_id_size, build_id_max);
  }
}

// Frames that the bytes which came do not reach.
void cut(crash_record& r, std::size_t bytes) {
  const std::size_t frames = bytes - offsetof(crash_record, frames);
  r.frame_count = std::min<std::uint32_t>(r.frame_count, std::uint32_t(frames / sizeof(crash_frame)));
  if (bytes < sizeof r) r.module_count = 0;
}

std::string describe_frame(const crash_record& r, std::uint32_t i, const std::string& plugin) {
  const crash_frame f = r.frames[i];
  const std::uint64_t offset = f.offset; // a bit-field binds to no reference
  if (f.module >= r.module_count) return fmt::format("#{} {:#x}", i, offset);
  return fmt::format("#{} {}+{:#x}", i, shown_name(r.modules[f.module], plugin), offset);
}

constexpr std::string_view replaced = " (deleted)";

} // namespace

std::optional<crash_record> read_report(int fd) {
  crash_record r{};
  std::size_t have = 0;
  while (have < sizeof r) {
    const ssize_t n = ::read(fd, reinterpret_cast<char*>(&r) + have, sizeof r - have);
    if (n == 0 || (n < 0 && errno != EINTR)) break;
    if (n > 0) have += std::size_t(n);
  }
  if (have < offsetof(crash_record, frames) || r.magic != crash_record::magic_value) return {};
  cut(r, have);
  make_safe(r);
  return r;
}

bool ask_where(pid_t process) { return ::syscall(SYS_tgkill, process, process, where_signal()) == 0; }

std::string describe_signal(const crash_record& r) {
  if (r.flags & crash_record::has_address) return fmt::format("{} at address {:#x}", signal_name(r.signal), r.address);
  if (r.flags & crash_record::sent_by_process)
    return fmt::format("{}, sent by a process (kill or abort)", signal_name(r.signal));
  return signal_name(r.signal);
}

bool is_plugin(const crash_module& m) { return std::string_view(m.name).starts_with("/proc/"); }

std::string shown_name(const crash_module& m, const std::string& plugin) {
  if (is_plugin(m)) return plugin;
  std::string_view name = m.name;
  if (name.ends_with(replaced)) name.remove_suffix(replaced.size()); // as the kernel calls the program
  return std::string(name.substr(name.rfind('/') + 1));              // npos + 1 is 0
}

std::vector<std::string> describe_frames(const crash_record& r, const std::string& plugin) {
  std::vector<std::string> lines;
  for (std::uint32_t i = 0; i < r.frame_count; ++i) lines.push_back(describe_frame(r, i, plugin));
  return lines;
}

std::string build_id_of_plugin(const crash_record& record) {
  for (std::size_t i = 0; i < record.module_count; ++i) {
    const crash_module& m = record.modules[i];
    if (!is_plugin(m) || m.build_id_size == 0) continue;
    std::string out;
    for (std::size_t b = 0; b < m.build_id_size; ++b) out += fmt::format("{:02x}", m.build_id[b]);
    return out;
  }
  return "unknown";
}

} // namespace epollhost::master
