// Distributed under the Boost Software License, Version 1.0.
// One connection to a simulated server that the plugin connects to.
#include "sim/backend.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace epollhost::sim {
namespace {

constexpr std::int64_t retry_ns = 1'000'000; // of a send that found no room

} // namespace

backend::backend(referee& r, unsigned number, const backend_manner& how, bool at_end, net::sim::stream& socket)
    : referee_(r), number_(number), how_(how), at_end_(at_end), socket_(socket) {
  ++referee_.count().backends;
  socket_.watcher = [this] { came(); };
  came();
}

void backend::later(std::int64_t ns, void (backend::*f)()) {
  net::sim::kernel& k = referee_.kernel();
  k.at(k.now_ns() + ns, [this, f] { (this->*f)(); });
}

bool backend::is_lost() const {
  return left_ && !over_ && how_.leaves >= backend_manner::leaving::finish && !socket_.peer_closed();
}

// ---- receiving

void backend::came() {
  const bool deaf = left_ && how_.leaves >= backend_manner::leaving::stop_reading;
  if (over_ || deaf || std::exchange(reading_, true)) return;
  later(how_.rest_ns, &backend::read);
}

void backend::read() {
  reading_ = false;
  if (over_ || saw_end_ || (!at_end_ && !left_ && received_.size() - sent_ > ahead_most)) return;
  std::vector<char> room(std::min<std::size_t>(how_.reads_most, std::max<std::size_t>(1, socket_.unread())));
  const std::int64_t n = socket_.receive(room.data(), room.size());
  if (n == -EAGAIN) return;
  referee_.note("backend receive", number_, n);
  if (n < 0) return end("backend was reset", false);
  if (n == 0) {
    saw_end_ = true;
  } else {
    received_.append(room.data(), static_cast<std::size_t>(n));
    referee_.count().backend_bytes += static_cast<std::uint64_t>(n);
    if (how_.leaves != backend_manner::leaving::never && !left_ && received_.size() > how_.leaves_after) leave();
    came();
  }
  if (!answering_) answer();
}

// ---- sending

void backend::answer() {
  answering_ = false;
  if (over_) return;
  if (left_) { // it says nothing more
    if (saw_end_) end("backend end", false);
    return;
  }
  if (at_end_ && !saw_end_) return;
  while (sent_ < received_.size()) {
    const iovec part{received_.data() + sent_, received_.size() - sent_};
    const std::int64_t n = socket_.send({&part, 1});
    if (n == -EAGAIN) return answering_ = true, later(retry_ns, &backend::answer);
    referee_.note("backend send", number_, n);
    if (n < 0) return end("backend was reset", false);
    sent_ += static_cast<std::size_t>(n);
  }
  came(); // it may have waited for that
  if (saw_end_) end("backend end", false);
}

// ---- leaving

void backend::leave() {
  using leaving = backend_manner::leaving;
  left_ = true;
  switch (how_.leaves) {
  case leaving::reset: return end("backend reset", true);
  case leaving::close: return end("backend close", false);
  case leaving::finish: return referee_.note("backend finish", number_, 0), socket_.shutdown_send();
  case leaving::vanish: socket_.vanish(); [[fallthrough]];
  default: referee_.note("backend falls silent", number_, 0);
  }
}

void backend::end(const char* how, bool reset) {
  referee_.note(how, number_, 0);
  socket_.watcher = nullptr;
  over_ = true;
  socket_.released(reset);
}

} // namespace epollhost::sim
