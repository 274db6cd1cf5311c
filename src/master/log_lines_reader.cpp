// Distributed under the Boost Software License, Version 1.0.
// The pipes of earlier log processes in the log process: their lines go where the log's own go.
#include "master/log_lines_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace epollhost::master {

void log_lines_reader::add(std::uint64_t id, net::unique_fd pipe) {
  sources_.push_back({.id = id, .pipe = std::move(pipe), .lines = line_splitter(log_)});
}

void log_lines_reader::wait_for(std::vector<pollfd>& waits) {
  for (source& s : sources_) {
    s.waits_at = s.pipe ? waits.size() : 0;
    if (s.pipe) waits.push_back({s.pipe.get(), POLLIN, 0});
  }
}

void log_lines_reader::look(const std::vector<pollfd>& waits) {
  for (source& s : sources_)
    if (s.waits_at != 0 && waits[s.waits_at].revents) read_some(s);
}

void log_lines_reader::finish() {
  for (source& s : sources_) {
    while (s.pipe && read_some(s)) {
    }
    s.lines.end();
  }
}

// Whether there was anything; else there is none for now, or for ever.
bool log_lines_reader::read_some(source& from) {
  std::array<char, 65536> buffer;
  const ssize_t n = ::read(from.pipe.get(), buffer.data(), buffer.size());
  if (n > 0) return from.lines.take({buffer.data(), std::size_t(n)}), true;
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) from.lines.end(), from.pipe.reset();
  return false;
}

bool log_lines_reader::has_ended() const {
  return std::any_of(sources_.begin(), sources_.end(), [](const source& s) { return !s.pipe; });
}

void log_lines_reader::forget_ended(const std::function<bool(std::uint64_t id)>& told) {
  sources_.remove_if([&](const source& s) { return !s.pipe && told(s.id); });
}

} // namespace epollhost::master
