// Distributed under the Boost Software License, Version 1.0.
// One client that asks over HTTP/1.1, again and again, and says what became of each request.
#include "http_client.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace load {
namespace {

constexpr std::int64_t ms = 1'000'000, us = 1000;
std::array<char, 65536> buffer; // one thread

} // namespace

// ---- the connection

void http_client::begin() {
  if (!all_.may_ask()) return finish();
  state_ = state::connecting;
  told_close_ = false;
  const int error = socket_.connect(all_.opt);
  if (error == EINPROGRESS) {
    interest_ = EPOLLOUT;
    all_.loop.watch(*this, socket_.fd(), interest_);
    deadline_ns_ = now_ns() + static_cast<std::int64_t>(all_.opt.timeout_ms) * ms;
    return set_time();
  }
  if (error == EAGAIN) return next_connection(ms); // a unix socket whose queue is full makes others wait, too
  if (error == 0) all_.loop.watch(*this, socket_.fd(), interest_ = EPOLLIN);
  on_connected(error);
}

void http_client::on_connected(int error) {
  if (error != 0) {
    fail(error == ECONNREFUSED || error == ENOENT ? outcome::refused : outcome::reset,
         std::string("connect: ") + std::strerror(error));
    return next_connection(10 * ms);
  }
  all_.result.count(outcome::connected);
  ask();
}

void http_client::end_connection() {
  if (socket_.fd() < 0) return;
  all_.loop.unwatch(*this, socket_.fd());
  socket_.close();
  all_.loop.sleep(*this);
  interest_ = 0;
  out_.clear();
  in_flight_ = 0;
  deadline_ns_ = piece_ns_ = read_ns_ = think_ns_ = 0;
}

void http_client::next_connection(std::int64_t pause_ns) {
  end_connection();
  state_ = state::thinking;
  think_ns_ = now_ns() + pause_ns; // by way of the loop: never deeper and deeper
  set_time();
}

void http_client::finish() {
  end_connection();
  if (state_ != state::done) --all_.live;
  state_ = state::done;
}

void http_client::fail(outcome what, const std::string& why) { all_.result.fail(what, why); }

// ---- asking

std::string http_client::request() const {
  const options& o = all_.opt;
  const std::string close = o.keep ? "" : "Connection: close\r\n";
  if (o.body == 0) return "GET /bytes/" + std::to_string(o.answer) + " HTTP/1.1\r\nHost: test\r\n" + close + "\r\n";
  std::string out =
      "POST /echo HTTP/1.1\r\nHost: test\r\n" + close + "Content-Length: " + std::to_string(o.body) + "\r\n\r\n";
  for (std::uint64_t i = 0; i < o.body; ++i) out += pattern(i);
  return out;
}

void http_client::ask() {
  if (!all_.may_ask()) return finish();
  char byte = 0;
  const long n = socket_.receive(&byte, 1); // whoever has seen the close does not ask
  if (n == 0) return on_end();
  if (n != -EAGAIN) {
    n > 0 ? fail(outcome::wrong, "bytes that nobody asked for") : fail(outcome::reset, "while idle");
    return next_connection(0);
  }
  state_ = state::asking;
  const std::uint64_t expected = all_.opt.body != 0 ? all_.opt.body : all_.opt.answer;
  current_ = answer(expected);
  for (std::uint64_t i = 0; i < all_.opt.pipeline && all_.may_ask(); ++i) {
    out_ += request();
    ++in_flight_;
    ++all_.started;
  }
  deadline_ns_ = now_ns() + static_cast<std::int64_t>(all_.opt.timeout_ms) * ms;
  send_some();
}

void http_client::send_some() {
  while (!out_.empty()) {
    std::size_t len = out_.size();
    if (in_pieces()) len = std::min<std::size_t>(len, all_.opt.piece);
    const long n = socket_.send(out_.data(), len);
    if (n == -EAGAIN) break;
    if (n < 0) return receive_some(); // an answer, or the reason, may have come
    out_.erase(0, static_cast<std::size_t>(n));
    if (in_pieces() && !out_.empty()) {
      piece_ns_ = now_ns() + static_cast<std::int64_t>(all_.opt.pause_us) * us;
      break;
    }
  }
  interest();
  set_time();
}

// ---- answers

void http_client::receive_some() {
  std::size_t room = buffer.size();
  if (all_.opt.read != 0) room = std::min<std::size_t>(room, all_.opt.read);
  const long n = socket_.receive(buffer.data(), room);
  if (n == -EAGAIN) return;
  if (n == 0) return on_end();
  if (n < 0) {
    fail(outcome::reset, std::string(in_flight_ != 0 ? "while an answer was due: " : "while idle: ") +
                             std::strerror(static_cast<int>(-n)));
    return next_connection(0);
  }
  if (all_.opt.read != 0) read_ns_ = now_ns() + static_cast<std::int64_t>(all_.opt.pause_us) * us;
  take({buffer.data(), static_cast<std::size_t>(n)});
}

void http_client::take(std::string_view bytes) {
  while (!bytes.empty() && in_flight_ != 0) {
    bytes.remove_prefix(current_.take(bytes));
    if (!current_.wrong().empty()) {
      fail(outcome::wrong, current_.wrong());
      return next_connection(0);
    }
    if (current_.complete()) on_answer();
  }
  if (!bytes.empty()) {
    fail(outcome::wrong, "bytes behind the last answer");
    return next_connection(0);
  }
  if (in_flight_ == 0 && !told_close_ && all_.opt.keep) return think();
  interest();
  set_time();
}

void http_client::on_answer() {
  all_.result.count(outcome::answered);
  if (!current_.version().empty()) all_.result.saw_version(current_.version());
  if (!served_) ++all_.served;
  served_ = true;
  if (current_.closes() && !told_close_) all_.result.count(outcome::told_close);
  told_close_ = told_close_ || current_.closes();
  --in_flight_;
  deadline_ns_ = now_ns() + static_cast<std::int64_t>(all_.opt.timeout_ms) * ms;
  current_ = answer(all_.opt.body != 0 ? all_.opt.body : all_.opt.answer);
  if (told_close_ && in_flight_ != 0) {
    all_.result.count(outcome::unasked, in_flight_);
    in_flight_ = 0;
  }
}

// The server has closed. Without a request on its way that is its right.
void http_client::on_end() {
  if (in_flight_ != 0 && current_.begun()) {
    fail(outcome::cut, "closed within an answer");
  } else if (in_flight_ != 0) {
    fail(outcome::lost, "closed before any byte of the answer");
  } else if (!told_close_ && all_.opt.keep) {
    all_.result.count(outcome::closed_idle);
  }
  next_connection(0);
}

void http_client::think() {
  deadline_ns_ = read_ns_ = 0;
  state_ = state::thinking;
  const std::uint64_t most = all_.opt.think_us;
  think_ns_ = now_ns() + (most == 0 ? 0 : static_cast<std::int64_t>(all_.random() % most) * us);
  interest();
  set_time();
}

// ---- the loop

void http_client::on_ready(std::uint32_t events) {
  if (state_ == state::connecting) {
    const int error = socket_.take_error();
    return on_connected(error);
  }
  if (events & EPOLLOUT) send_some();
  if (socket_.fd() >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && read_ns_ == 0) receive_some();
}

void http_client::on_time() {
  const std::int64_t now = now_ns();
  const auto due = [now](std::int64_t& at) { return at != 0 && at <= now ? (at = 0, true) : false; };
  if (due(deadline_ns_)) {
    fail(outcome::timeout, state_ == state::connecting ? "no connection in time" : "no whole answer in time");
    return next_connection(0);
  }
  if (due(think_ns_)) return socket_.fd() < 0 ? begin() : ask();
  if (due(piece_ns_)) return send_some();
  if (due(read_ns_)) return interest(), receive_some();
  set_time();
}

void http_client::interest() {
  if (socket_.fd() < 0) return;
  std::uint32_t wanted = read_ns_ == 0 ? EPOLLIN : 0u;
  if (!out_.empty() && piece_ns_ == 0) wanted |= EPOLLOUT;
  if (wanted != interest_) all_.loop.change(*this, socket_.fd(), wanted);
  interest_ = wanted;
}

void http_client::set_time() {
  std::int64_t next = 0;
  for (const std::int64_t at : {deadline_ns_, piece_ns_, read_ns_, think_ns_})
    if (at != 0 && (next == 0 || at < next)) next = at;
  next == 0 ? all_.loop.sleep(*this) : all_.loop.wake(*this, next);
}

} // namespace load
