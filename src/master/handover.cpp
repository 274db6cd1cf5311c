// Distributed under the Boost Software License, Version 1.0.
// What one image of the program leaves to the next one in the same process.
#include "master/handover.hpp"

#include "master/archive.hpp"
#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace epollhost::master {
namespace {

constexpr const char* variable = "_EPOLLHOST_HANDOVER";
int open_handover = -1;                                 // the descriptor, while there is one
const std::string format_name = "epollhost handover 6"; // a changed layout, also of worker_page, gets another number

template <class T, class Put> void put_all(archive_writer& to, const std::vector<T>& all, Put put_one) {
  to.put(static_cast<std::uint64_t>(all.size()));
  for (const T& one : all) put_one(one);
}

template <class Get> auto get_all(archive_reader& from, Get get_one) {
  std::vector<decltype(get_one())> out;
  for (auto n = from.get<std::uint64_t>(); n > 0; --n) out.push_back(get_one());
  return out;
}

void put(archive_writer& to, const attempts& a) {
  to.put(a.good).put(a.failed).put(a.last_s).put(a.last_was_good).put(a.reason);
}

attempts get_attempts(archive_reader& from) {
  attempts a;
  for (auto* number : {&a.good, &a.failed}) *number = from.get<std::uint64_t>();
  a.last_s = from.get<std::int64_t>();
  a.last_was_good = from.get<bool>();
  a.reason = from.text();
  return a;
}

void put(archive_writer& to, const handover::address& a) {
  to.put(a.name).put(a.wildcard).put(a.passed).put(a.leaving).put(a.listening);
  put_all(to, a.slots, [&](int fd) { to.put(fd); });
}

handover::address get_address(archive_reader& from) {
  handover::address a;
  a.name = from.text();
  a.wildcard = from.get<bool>();
  a.passed = from.get<bool>();
  a.leaving = from.get<bool>();
  a.listening = from.get<std::uint64_t>();
  a.slots = get_all(from, [&] { return from.get<int>(); });
  return a;
}

void put(archive_writer& to, const handover::instance& i) {
  put(to, i.plugin);
  to.put(i.name).put(i.plugin_file).put(i.workers);
  to.put(i.drain_timeout.count()).put(i.stall_warn.count()).put(i.stall_kill.count());
  put_all(to, i.addresses, [&](const std::string& name) { to.put(name); });
  put_all(to, i.channels, [&](const std::string& path) { to.put(path); });
}

handover::instance get_instance(archive_reader& from) {
  handover::instance i;
  i.plugin = get_description(from);
  i.name = from.text();
  i.plugin_file = from.text();
  i.workers = from.get<std::uint64_t>();
  for (auto* duration : {&i.drain_timeout, &i.stall_warn, &i.stall_kill})
    *duration = std::chrono::nanoseconds(from.get<std::chrono::nanoseconds::rep>());
  i.addresses = get_all(from, [&] { return from.text(); });
  i.channels = get_all(from, [&] { return from.text(); });
  return i;
}

void put(archive_writer& to, const handover::worker& w) {
  to.put(w.pid).put(w.channel).put(w.report).put(w.page).put(w.instance).put(w.slot).put(w.draining).put(w.started_ns);
  to.put(w.ends_by_ns);
}

handover::worker get_worker(archive_reader& from) {
  handover::worker w;
  w.pid = from.get<pid_t>();
  w.channel = from.get<int>();
  w.report = from.get<int>();
  w.page = from.get<int>();
  for (auto* number : {&w.instance, &w.slot}) *number = from.get<std::uint64_t>();
  w.draining = from.get<bool>();
  w.started_ns = from.get<std::int64_t>();
  w.ends_by_ns = from.get<std::int64_t>();
  return w;
}

void put(archive_writer& to, const handover::log& l) {
  to.put(l.pid);
  put_all(to, l.pipes, [&](const auto& p) { to.put(p.path).put(p.content).put(p.reader); });
}

handover::log get_log(archive_reader& from) {
  handover::log l;
  l.pid = from.get<pid_t>();
  l.pipes = get_all(from, [&] {
    handover::log::pipe p;
    p.path = from.text();
    p.content = from.get<std::uint64_t>();
    p.reader = from.get<int>();
    return p;
  });
  return l;
}

void put(archive_writer& to, const handover::generation& g) {
  to.put(g.number).put(g.current).put(g.program);
  put_all(to, g.instances, [&](const auto& i) { put(to, i); });
  put_all(to, g.workers, [&](const auto& w) { put(to, w); });
}

handover::generation get_generation(archive_reader& from) {
  handover::generation g;
  g.number = from.get<std::uint64_t>();
  g.current = from.get<bool>();
  g.program = from.get<int>();
  g.instances = get_all(from, [&] { return get_instance(from); });
  g.workers = get_all(from, [&] { return get_worker(from); });
  return g;
}

void keep_over_exec(int fd, bool keep) {
  if (::fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC) != 0) net::throw_last_error("fcntl of a descriptor to hand over");
}

} // namespace

std::string write_down(const handover& h) {
  archive_writer to;
  to.put(format_name).put(h.generation_count).put(h.pid_file).put(h.program);
  put_all(to, h.waiting, [&](int fd) { to.put(fd); });
  put(to, h.reloads);
  put(to, h.upgrades);
  put_all(to, h.addresses, [&](const auto& a) { put(to, a); });
  put_all(to, h.generations, [&](const auto& g) { put(to, g); });
  put_all(to, h.logs, [&](const auto& l) { put(to, l); });
  return to.bytes();
}

handover read_back(const std::string& bytes) {
  archive_reader from(bytes);
  if (from.text() != format_name) throw std::runtime_error("the program before this one left something else");
  handover h;
  h.generation_count = from.get<std::uint64_t>();
  h.pid_file = from.get<int>();
  h.program = from.get<int>();
  h.waiting = get_all(from, [&] { return from.get<int>(); });
  h.reloads = get_attempts(from);
  h.upgrades = get_attempts(from);
  h.addresses = get_all(from, [&] { return get_address(from); });
  h.generations = get_all(from, [&] { return get_generation(from); });
  h.logs = get_all(from, [&] { return get_log(from); });
  if (!from.empty()) throw std::runtime_error("the program before this one left more than is known of");
  return h;
}

std::vector<int> handover::descriptors() const {
  std::vector<int> out{program};
  if (pid_file >= 0) out.push_back(pid_file);
  out.insert(out.end(), waiting.begin(), waiting.end());
  for (const auto& a : addresses) out.insert(out.end(), a.slots.begin(), a.slots.end());
  for (const auto& g : generations) {
    if (g.program >= 0) out.push_back(g.program);
    for (const auto& w : g.workers) out.insert(out.end(), {w.channel, w.report, w.page});
  }
  for (const auto& l : logs)
    for (const auto& p : l.pipes) out.push_back(p.reader);
  return out;
}

void leave(const handover& h) {
  const std::string bytes = write_down(h);
  net::unique_fd file(::memfd_create("epollhost handover", 0));
  if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    net::throw_last_error("memfd_create of the handover");
  for (const int fd : h.descriptors()) keep_over_exec(fd, true);
  if (::setenv(variable, std::to_string(file.get()).c_str(), 1) != 0) net::throw_last_error("setenv");
  open_handover = file.release(); // the next image closes it
}

bool is_handed_over() { return std::getenv(variable); }

std::string handover_format() { return format_name; }

std::optional<handover> find_handover() {
  const char* const number = std::getenv(variable);
  if (!number) return {};
  const int fd = std::atoi(number);
  struct stat s {};
  if (fd < 3 || ::fstat(fd, &s) != 0)
    throw std::runtime_error(fmt::format("{} is '{}', which names no descriptor; unset it", variable, number));
  std::string bytes(static_cast<std::size_t>(s.st_size), '\0');
  if (::pread(fd, bytes.data(), bytes.size(), 0) != s.st_size) net::throw_last_error("reading the handover");
  open_handover = fd;
  ::unsetenv(variable); // our children are no images
  return read_back(bytes);
}

void close_inherited(const handover& h) {
  net::close(h.program);
  for (const auto& g : h.generations)
    if (g.program >= 0) net::close(g.program);
  for (const auto& l : h.logs)
    for (const auto& p : l.pipes) net::close(p.reader);
}

void settle(const handover& h) {
  for (const int fd : h.descriptors())
    if (::fcntl(fd, F_GETFD) >= 0) keep_over_exec(fd, false); // a worker's may be closed by now
  if (open_handover >= 0) net::close(std::exchange(open_handover, -1));
  ::unsetenv(variable);
}

} // namespace epollhost::master
