// Distributed under the Boost Software License, Version 1.0.
// One connection for the whole load: numbers go out, and must come back in their order.
#include "stream_client.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace load {
namespace {

constexpr std::int64_t us = 1000, ms = 1000 * us;
constexpr std::uint64_t unseen_max = 4096; // numbers on their way

std::array<char, 65536> buffer; // one thread

char byte_of(std::uint64_t at) { return static_cast<char>(at / 8 >> (56 - 8 * (at % 8))); }

} // namespace

void stream_client::begin() {
  const int error = socket_.connect(all_.opt);
  if (error != 0 && error != EINPROGRESS) return end(outcome::refused, std::strerror(error));
  all_.loop.watch(*this, socket_.fd(), interest_ = EPOLLIN | EPOLLOUT);
  progress_ns_ = now_ns();
}

void stream_client::on_ready(std::uint32_t events) {
  if (!connected_) {
    if (const int error = socket_.take_error())
      return end(error == ECONNREFUSED ? outcome::refused : outcome::reset, std::strerror(error));
    connected_ = true;
    all_.result.count(outcome::connected);
    return on_time();
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive_some();
  if (socket_.fd() >= 0 && (events & EPOLLOUT)) send_some();
}

void stream_client::on_time() {
  const std::int64_t now = now_ns();
  if (next_out_ * 8 != seen_ && now - progress_ns_ > static_cast<std::int64_t>(all_.opt.timeout_ms) * ms)
    return end(outcome::timeout, "nothing came back in time");
  if (all_.may_ask()) {
    const std::uint64_t n = std::max<std::uint64_t>(all_.opt.piece, 1);
    for (std::uint64_t i = 0; i < n && next_out_ * 8 - seen_ < unseen_max * 8; ++i, ++next_out_, ++all_.started)
      for (std::uint64_t b = 0; b < 8; ++b) out_ += byte_of(next_out_ * 8 + b);
  }
  all_.loop.wake(*this, now + static_cast<std::int64_t>(std::max<std::uint64_t>(all_.opt.pause_us, 1)) * us);
  send_some();
}

void stream_client::send_some() {
  while (!out_.empty()) {
    const long n = socket_.send(out_.data(), out_.size());
    if (n == -EAGAIN) break;
    if (n < 0) return receive_some();
    out_.erase(0, static_cast<std::size_t>(n));
  }
  if (out_.empty() && !all_.may_ask() && !finished_) {
    socket_.finish();
    finished_ = true;
  }
  const std::uint32_t wanted = EPOLLIN | (out_.empty() ? 0u : EPOLLOUT);
  if (wanted != interest_) all_.loop.change(*this, socket_.fd(), interest_ = wanted);
}

void stream_client::receive_some() {
  const long n = socket_.receive(buffer.data(), buffer.size());
  if (n == -EAGAIN) return;
  if (n < 0) return end(outcome::reset, std::strerror(static_cast<int>(-n)));
  if (n > 0 && !check({buffer.data(), static_cast<std::size_t>(n)}))
    return end(outcome::wrong, "a gap at number " + std::to_string(seen_ / 8));
  if (n > 0) return;
  if (finished_ && seen_ == next_out_ * 8) return finish();
  end(outcome::cut, "the stream ended after number " + std::to_string(seen_ / 8));
}

bool stream_client::check(std::string_view bytes) {
  const std::uint64_t before = seen_ / 8;
  for (const char c : bytes) {
    if (seen_ == next_out_ * 8 || c != byte_of(seen_)) return false;
    ++seen_;
  }
  if (before == 0 && seen_ >= 8) ++all_.served;
  all_.result.count(outcome::answered, seen_ / 8 - before);
  progress_ns_ = now_ns();
  return true;
}

void stream_client::end(outcome what, const std::string& why) {
  all_.result.fail(what, why);
  finish();
}

void stream_client::finish() {
  if (socket_.fd() >= 0 && interest_ != 0) all_.loop.unwatch(*this, socket_.fd());
  all_.loop.sleep(*this);
  socket_.close();
  --all_.live;
}

} // namespace load
