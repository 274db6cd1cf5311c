// Distributed under the Boost Software License, Version 1.0.
// One log channel of a worker: whole lines, gathered for a moment, dropped rather than waited for.
#include "worker/log_channel.hpp"

#include "base/log.hpp"
#include "net/append.hpp"

#include <cstring>
#include <utility>

namespace epollhost {
namespace {

constexpr std::int64_t say_every_ns = 1'000'000'000;

// Nearly always one that ends the text, which a search finds a vector at a time.
std::uint64_t count_lines(std::string_view text) {
  std::uint64_t lines = 0;
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) ++lines;
  return lines;
}

} // namespace

log_channel::log_channel(loop::io_context& loop, std::string who, std::string path, net::unique_fd fd,
                         channel_counters& counted)
    : loop_(loop), who_(std::move(who)), path_(std::move(path)), fd_(std::move(fd)), counted_(counted),
      said_ns_(loop.now_ns() - say_every_ns) {
  loop_.remember(*this);
}

log_channel::~log_channel() {
  send();
  drop_all("the worker has ended");
  if (unsaid_ != 0) say(unsaid_);
  loop_.forget(*this);
}

bool log_channel::write(std::string_view lines) {
  if (lines.size() > buffer_bytes - used_ && !loop_.watched(*this)) send(); // a turn with more than the buffer holds
  if (lines.size() > buffer_bytes - used_) return drop(count_lines(lines), "the log does not take them"), false;
  std::memcpy(buffer_.get() + used_, lines.data(), lines.size());
  used_ += lines.size();
  counted_.lines += count_lines(lines);
  counted_.bytes += lines.size();
  return true;
}

void log_channel::end_turn() {
  if (used_ >= batch_bytes || unsaid_ != 0) return flush();
  if (used_ != 0 && !std::exchange(held_, true)) loop_.arm(*this, loop_.now_ns() + hold_ns);
}

void log_channel::on_timer() {
  held_ = false;
  flush();
}

void log_channel::flush() {
  if (used_ != 0 && !loop_.watched(*this)) send();
  if (unsaid_ != 0) say_dropped();
}

void log_channel::on_event(std::uint32_t) {
  send();
  if (used_ == 0) stop_waiting();
  if (unsaid_ != 0) say_dropped();
}

void log_channel::send() {
  if (used_ == 0) return;
  const net::result n = net::write(fd_.get(), buffer_.get(), used_);
  if (n < 0 && !net::would_block(n))
    return drop_all(net::error_code(static_cast<int>(-n), boost::system::system_category()).message());
  if (n > 0) take_out(static_cast<std::size_t>(n));
  if (used_ != 0) wait_for_room();
}

void log_channel::take_out(std::size_t bytes) {
  torn_ = buffer_[bytes - 1] != '\n';
  used_ -= bytes;
  std::memmove(buffer_.get(), buffer_.get() + bytes, used_);
}

// A full disk, or nobody who reads. The rest of a line that is half written stays: it ends that line one day.
void log_channel::drop_all(const std::string& why) {
  stop_waiting();
  const std::string_view all(buffer_.get(), used_);
  const std::size_t kept = torn_ ? all.find('\n') + 1 : 0;
  drop(count_lines(all.substr(kept)), why);
  used_ = kept;
}

void log_channel::drop(std::uint64_t lines, const std::string& why) {
  counted_.dropped += lines;
  unsaid_ += lines;
  if (why_ != why) why_ = why;
}

void log_channel::say_dropped() {
  if (loop_.now_ns() - said_ns_ < say_every_ns) return;
  said_ns_ = loop_.now_ns();
  say(std::exchange(unsaid_, 0));
}

void log_channel::say(std::uint64_t lines) const {
  log::warning(who_, "{} lines for {} were dropped: {}", lines, path_, why_);
}

// A regular file is always ready and cannot be watched: it is tried again in the next turn.
void log_channel::wait_for_room() {
  if (!loop_.watched(*this)) loop_.watch(*this, fd_.get(), false, true);
}

void log_channel::stop_waiting() { loop_.unwatch(*this, fd_.get()); }

void log_channel::exchange(net::unique_fd fd) {
  send();
  stop_waiting();
  fd_ = std::move(fd);
  if (!torn_) return;
  drop(1, "the old file took half of a line");
  take_out(std::string_view(buffer_.get(), used_).find('\n') + 1);
}

} // namespace epollhost
