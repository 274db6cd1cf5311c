// Distributed under the Boost Software License, Version 1.0.
// The workers' recordings in the log process: from their pipes to files.
#include "master/recording_reader.hpp"

#include "net/append.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace epollhost::master {

void recording_reader::add(std::uint64_t id, const std::string& path, net::unique_fd pipe) {
  sources_.push_back({.id = id, .path = path, .pipe = std::move(pipe), .file = {}});
  net::error_code ec;
  sources_.back().file = net::open_to_append(path, ec);
  if (ec) give_up(sources_.back(), ec.message());
}

void recording_reader::give_up(source& of, const std::string& why) {
  of.file.reset();
  log_.say(log::level::error, fmt::format("the recording {} ends early: {}", of.path, why));
}

void recording_reader::wait_for(std::vector<pollfd>& waits) {
  for (source& s : sources_) {
    s.waits_at = s.pipe ? waits.size() : 0;
    if (s.pipe) waits.push_back({s.pipe.get(), POLLIN, 0});
  }
}

void recording_reader::look(const std::vector<pollfd>& waits) {
  for (source& s : sources_)
    if (s.waits_at != 0 && waits[s.waits_at].revents) copy_some(s);
}

void recording_reader::finish() {
  for (source& s : sources_)
    while (s.pipe && copy_some(s)) {
    }
}

// Whether there was anything; else there is none for now, or for ever.
bool recording_reader::copy_some(source& from) {
  std::array<char, 65536> buffer;
  const ssize_t n = ::read(from.pipe.get(), buffer.data(), buffer.size());
  if (n > 0) return write(from, buffer.data(), std::size_t(n)), true;
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) from.pipe.reset();
  return false;
}

void recording_reader::write(source& to, const char* bytes, std::size_t len) {
  while (to.file && len > 0) {
    const net::result n = net::write(to.file.get(), bytes, len);
    if (n < 0) return give_up(to, net::error_code(static_cast<int>(-n), boost::system::system_category()).message());
    bytes += n;
    len -= static_cast<std::size_t>(n);
  }
}

bool recording_reader::has_ended() const {
  return std::any_of(sources_.begin(), sources_.end(), [](const source& s) { return !s.pipe; });
}

void recording_reader::forget_ended(const std::function<bool(std::uint64_t id)>& told) {
  sources_.remove_if([&](const source& s) { return !s.pipe && told(s.id); });
}

} // namespace epollhost::master
