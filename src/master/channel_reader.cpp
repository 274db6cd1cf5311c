// Distributed under the Boost Software License, Version 1.0.
// The log channels in the log process: from the workers' pipes to files.
#include "master/channel_reader.hpp"

#include "epollhost/plugin.h"
#include "master/channel_passing.hpp"
#include "net/clock.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace epollhost::master {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

constexpr std::int64_t say_every_ns = 1'000'000'000;
constexpr int finish_ms = 1000; // for the slow reader of a file, once all workers have ended

// Wait for the file's reader, if it has one.
bool has_room(channel_file& file) {
  pollfd p{file.fd(), POLLOUT, 0};
  if (file.waits() && ::poll(&p, 1, finish_ms) == 1) file.flush();
  return !file.waits();
}

} // namespace

channel_reader::channel_reader(net::unique_fd socket, log_sinks& log)
    : socket_(std::move(socket)), log_(log), recordings_(log), log_lines_(log),
      said_ns_(net::monotonic_ns() - say_every_ns) {}

// ---- waiting

int channel_reader::wait_for(std::vector<pollfd>& waits) {
  first_wait_ = waits.size();
  waits.push_back({socket_.get(), POLLIN, 0});
  for (source& s : sources_) {
    s.waits_at = 0;
    if (!s.file->waits() && s.ended) continue;
    s.waits_at = waits.size();
    waits.push_back(s.file->waits() ? pollfd{s.file->fd(), POLLOUT, 0} : pollfd{s.fd.get(), POLLIN, 0});
  }
  recordings_.wait_for(waits);
  log_lines_.wait_for(waits);
  const auto behind = [](const auto& f) { return f.second.has_lost(); };
  const auto untold = [](const source& s) { return s.ended; };
  if (std::any_of(files_.begin(), files_.end(), behind) || std::any_of(sources_.begin(), sources_.end(), untold) ||
      recordings_.has_ended() || log_lines_.has_ended())
    return static_cast<int>(say_every_ns / 1'000'000);
  return -1;
}

void channel_reader::look(const std::vector<pollfd>& waits) {
  for (source& s : sources_) {
    if (s.waits_at == 0 || !waits[s.waits_at].revents) continue;
    if (s.file->waits()) s.file->flush();
    if (s.file->waits() || waits[s.waits_at].events != POLLIN) continue;
    read(s);
  }
  recordings_.look(waits);
  log_lines_.look(waits);
  if (waits[first_wait_].revents) take_channels();
  forget_ended();
  say_lost();
}

void channel_reader::take_channels() {
  bool ended = false;
  while (auto c = take_channel(socket_.get(), ended)) {
    if (!c->reader) log_.say(log::level::error, fmt::format("no descriptor is left for the lines of {}", c->path));
    if (c->content == channel_content::recording) {
      recordings_.add(c->id, c->path, std::move(c->reader));
      continue;
    }
    if (c->content == channel_content::log) {
      log_lines_.add(c->id, std::move(c->reader));
      continue;
    }
    sources_.push_back({.id = c->id, .fd = std::move(c->reader), .file = &file_of(c->path), .rest = {}});
  }
  if (ended) socket_.reset(); // the master has ended, or executes a new program, which has a log process of its own
}

channel_file& channel_reader::file_of(const std::string& path) {
  const auto [at, added] = files_.try_emplace(path, path);
  return at->second;
}

// ---- lines

// Whether there was anything; else there is none for now, or for ever.
bool channel_reader::read(source& from) {
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes);
  const ssize_t n = ::read(from.fd.get(), buffer_.get(), buffer_bytes);
  if (n > 0) return write_lines(from, {buffer_.get(), std::size_t(n)}), true;
  if (n == 0 || (errno != EAGAIN && errno != EINTR)) end(from);
  return false;
}

void channel_reader::write_lines(source& from, std::string_view bytes) {
  const std::size_t whole = bytes.rfind('\n') + 1;
  if (whole != 0 && from.rest.empty()) {
    from.file->write(bytes.substr(0, whole));
  } else if (whole != 0) {
    from.rest.append(bytes.substr(0, whole));
    from.file->write(from.rest);
    from.rest.clear();
  }
  from.rest.append(bytes.substr(whole));
  if (from.rest.size() <= EH_CHANNEL_WRITE_MAX) return;
  from.rest.push_back('\n'); // it is none of ours
  from.file->write(from.rest);
  from.rest.clear();
}

void channel_reader::end(source& from) {
  if (!from.rest.empty()) from.file->write(from.rest + '\n');
  from.rest.clear();
  from.fd.reset();
  from.ended = true;
}

// The master is told when the last line is in the file, not before: else a new log process would have to write it.
void channel_reader::forget_ended() {
  const auto told = [&](std::uint64_t id) { return !socket_ || tell_channel_ended(socket_.get(), id); };
  sources_.remove_if([&](const source& s) { return s.ended && !s.file->waits() && told(s.id); });
  recordings_.forget_ended(told);
  log_lines_.forget_ended(told);
  std::erase_if(files_, [&](const auto& f) {
    return !f.second.has_lost() &&
           std::none_of(sources_.begin(), sources_.end(), [&](const source& s) { return s.file == &f.second; });
  });
}

// ---- files

void channel_reader::say_lost() {
  const std::int64_t now = net::monotonic_ns();
  if (now - said_ns_ < say_every_ns) return;
  for (auto& [path, file] : files_) {
    if (!file.has_lost()) continue;
    std::string why;
    const std::uint64_t lines = file.take_lost(why);
    log_.say(log::level::warning, fmt::format("{} lines could not be written to {}: {}", lines, path, why));
    said_ns_ = now;
  }
}

void channel_reader::reopen() {
  for (auto& [path, file] : files_)
    if (std::string why; !file.reopen(why))
      log_.say(log::level::error, fmt::format("cannot open {} again: {}; going on with the old file", path, why));
}

void channel_reader::finish() {
  take_channels();
  for (source& s : sources_) {
    while (!s.ended && has_room(*s.file) && read(s)) {
    }
    if (!s.ended) end(s);
    has_room(*s.file);
  }
  recordings_.finish();
  log_lines_.finish();
  said_ns_ = 0;
  say_lost();
}

} // namespace epollhost::master
