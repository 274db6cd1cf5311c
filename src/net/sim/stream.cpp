// Distributed under the Boost Software License, Version 1.0.
// One end of a simulated connection.
#include "net/sim/stream.hpp"

#include "net/sim/kernel.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace epollhost::net::sim {
namespace {

// As much of a file is offered at once.
constexpr std::size_t file_piece_bytes = 64 * 1024;

} // namespace

stream::stream(kernel& k, bool is_unix, const path& way, const endpoint& local, const endpoint& remote)
    : kernel_(k), is_unix_(is_unix), way_(way), local_(local), remote_(remote) {}

void stream::connect(stream& a, stream& b) {
  a.peer_ = &b;
  b.peer_ = &a;
}

void stream::established() {
  connecting_ = false;
  wake(0);
}

void stream::fail_connecting(int error) {
  connecting_ = false;
  error_ = error;
  rcv_shut_ = snd_shut_ = dead_ = true;
  wake(EPOLLERR);
  wake(0);
}

// ---- what is ready; tcp_poll and unix_poll of Linux

// TCP is writable while a third of the buffer is free, a unix socket while three quarters are.
bool stream::writable() const {
  if (kernel_.now_ns() < full_until_ns_) return false;
  return is_unix_ ? queued_ * 4 <= way_.send_room : queued_ * 3 <= way_.send_room * 2;
}

std::uint32_t stream::poll() {
  std::uint32_t bits = 0;
  if (connecting_) return bits;
  if (dead_ || (rcv_shut_ && snd_shut_)) bits |= EPOLLHUP;
  if (rcv_shut_) bits |= EPOLLIN | EPOLLRDHUP;
  if (unread() > 0) bits |= EPOLLIN;
  if (writable() || (snd_shut_ && !is_unix_))
    bits |= EPOLLOUT;
  else
    no_space_ = true;
  if (error_ || error_queue_) bits |= EPOLLERR;
  return bits;
}

// ---- receiving

std::int64_t stream::take(void* bytes, std::size_t len) {
  const std::size_t n = std::min(len, unread());
  std::memcpy(bytes, received_.data() + read_, n);
  read_ += n;
  if (read_ == received_.size()) received_.clear(), read_ = 0;
  if (is_unix_) free_unix_pieces(n);
  if (peer_) peer_->deliver(); // what waited for room
  return static_cast<std::int64_t>(n);
}

// What was sent at once belongs to the sender's buffer until its last byte has been read.
void stream::free_unix_pieces(std::size_t n) {
  while (n > 0) {
    unread_piece& first = unread_pieces_.front();
    const std::size_t taken = std::min(n, first.left);
    first.left -= taken;
    n -= taken;
    if (first.left > 0) return;
    const std::size_t size = first.size;
    unread_pieces_.pop_front();
    if (peer_) peer_->acknowledged(size);
  }
}

// Until the FIN is there, bytes may arrive at any moment: also in the midst of the call, or just behind it.
std::int64_t stream::receive(void* bytes, std::size_t len) {
  if (connecting_) return -EAGAIN;
  if (unread() > 0) {
    fault_source& faults = kernel_.faults();
    const bool more_may_come = !rcv_shut_ && !error_ && len > 0;
    if (more_may_come && faults.strikes(fault::late_input)) return wake(EPOLLIN), -EAGAIN;
    const std::size_t n = std::min(len, unread());
    if (!more_may_come || n < 2 || !faults.strikes(fault::short_read)) return take(bytes, len);
    const std::int64_t fewer = take(bytes, faults.choices().between(1, n - 1));
    return wake(EPOLLIN), fewer;
  }
  if (fin_came_ && !is_unix_) return 0; // an error that came behind the FIN is not told here
  if (error_) return -take_error();
  return rcv_shut_ ? 0 : -EAGAIN;
}

int stream::take_error() { return std::exchange(error_, 0); }

bool stream::drain_error_queue() { return std::exchange(error_queue_, 0) > 0; }

void stream::report_error_queue() {
  if (dead_ || closed_ || is_unix_ || connecting_) return;
  ++error_queue_;
  wake(EPOLLERR);
}

// ---- sending

std::size_t stream::send_room() const {
  if (kernel_.now_ns() < full_until_ns_) return 0;
  return way_.send_room - std::min(way_.send_room, queued_);
}

// As if others' bytes had filled the buffer: of `n` that fit only some are taken, and there is room again later.
std::size_t stream::squeeze(std::size_t n) {
  fault_source& faults = kernel_.faults();
  std::size_t fewer = n;
  if (n > 1 && faults.strikes(fault::short_write))
    fewer = faults.choices().between(1, n - 1);
  else if (n > 0 && faults.strikes(fault::full_buffer))
    fewer = 0;
  if (fewer == n) return n;
  full_until_ns_ = kernel_.now_ns() + static_cast<std::int64_t>(faults.choices().between(1, 5'000'000));
  kernel_.at(full_until_ns_, [this] { acknowledged(0); });
  return fewer;
}

std::int64_t stream::send_nothing_more(bool& over) {
  over = true;
  if (is_unix_) {
    if (snd_shut_ || peer_->closed_) return -EPIPE;
    if (kernel_.faults().strikes(fault::send_no_buffers)) return -ENOBUFS;
  } else {
    if (error_) return -take_error();
    if (snd_shut_) return -EPIPE;
  }
  over = false;
  return 0;
}

std::int64_t stream::send(std::span<const iovec> parts) {
  if (connecting_) return -EAGAIN;
  bool over = false;
  if (const std::int64_t error = send_nothing_more(over); over) return error;
  std::size_t total = 0;
  for (const iovec& p : parts) total += p.iov_len;
  const std::size_t n = squeeze(std::min(total, send_room()));
  if (n < total) no_space_ = true;
  if (n == 0) return total == 0 ? 0 : -EAGAIN;
  std::string bytes;
  for (const iovec& p : parts) {
    const std::size_t room = n - bytes.size();
    bytes.append(static_cast<const char*>(p.iov_base), std::min(p.iov_len, room));
  }
  queued_ += n;
  cut_and_put(std::move(bytes));
  return static_cast<std::int64_t>(n);
}

// The file is a real one; what a disk or another program does to it is not.
std::int64_t stream::send_file(int file, std::uint64_t offset, std::size_t len) {
  fault_source& faults = kernel_.faults();
  if (faults.strikes(fault::file_error)) return -EIO;
  if (faults.strikes(fault::file_shrunk)) return 0;
  if (len > 1 && faults.strikes(fault::short_file)) len = faults.choices().between(1, len - 1);
  std::string bytes(std::min(len, file_piece_bytes), '\0');
  const auto n = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (n <= 0) return n == 0 ? 0 : -errno;
  const iovec part{bytes.data(), static_cast<std::size_t>(n)};
  return send({&part, 1});
}

void stream::cut_and_put(std::string bytes) {
  random_source& chance = kernel_.chance();
  std::size_t pieces = is_unix_ ? 1 : chance.between(1, way_.pieces_max);
  for (; pieces > 1 && bytes.size() > 1; --pieces) {
    const std::size_t n = chance.between(1, bytes.size() - 1);
    put_on_wire(bytes.substr(0, n), false);
    bytes.erase(0, n);
  }
  put_on_wire(std::move(bytes), false);
}

void stream::put_on_wire(std::string bytes, bool fin) {
  const std::int64_t now = kernel_.now_ns();
  const bool at_once = is_unix_ || way_.most_ns == 0;
  const auto travel = at_once ? 0 : kernel_.chance().between(std::uint64_t(way_.least_ns), std::uint64_t(way_.most_ns));
  last_arrival_ns_ = std::max(last_arrival_ns_, now + static_cast<std::int64_t>(travel)); // pieces keep their order
  wire_.push_back({last_arrival_ns_, std::move(bytes), fin});
  if (last_arrival_ns_ <= now)
    deliver();
  else
    kernel_.at(last_arrival_ns_, [this] { deliver(); });
}

// ---- the wire

void stream::deliver() {
  while (!wire_.empty() && wire_.front().arrives_ns <= kernel_.now_ns() && !peer_->vanished_ && !vanished_) {
    if (!deliver_piece(wire_.front())) return;
    if (wire_.empty()) return; // a reset has ended it
    wire_.pop_front();
  }
}

bool stream::deliver_piece(piece& p) {
  stream& to = *peer_;
  if (to.dead_ || (to.closed_ && p.fin)) return queued_ -= p.bytes.size(), true;
  if (to.closed_) return to.send_reset(), true;
  if (p.fin) {
    to.rcv_shut_ = to.fin_came_ = true;
    to.wake(0);
    if (!is_unix_ && !closed_) wake(0); // the FIN was acknowledged
    return true;
  }
  const std::size_t room = is_unix_ ? p.bytes.size() : way_.receive_room - std::min(way_.receive_room, to.unread());
  const std::size_t n = std::min(room, p.bytes.size());
  if (n == 0) return false;
  to.received_.append(p.bytes, 0, n);
  p.bytes.erase(0, n);
  if (is_unix_)
    to.unread_pieces_.push_back({n, n});
  else
    acknowledged(n);
  to.wake(EPOLLIN);
  return p.bytes.empty();
}

// TCP tells of room only if somebody found none; a unix socket at each byte that the peer has read.
void stream::acknowledged(std::size_t bytes) {
  queued_ -= std::min(queued_, bytes);
  if (closed_ || dead_ || !(is_unix_ || no_space_) || !writable()) return;
  no_space_ = false;
  wake(EPOLLOUT);
}

// ---- ends

// Linux wakes whoever waits at each shutdown(), the first or not; a unix socket's wakes the peer's too.
void stream::shutdown_send() {
  const bool first = !std::exchange(snd_shut_, true);
  if (first || (is_unix_ && !peer_->closed_)) put_on_wire({}, true);
  wake(0);
}

void stream::send_reset() {
  wire_.clear();
  queued_ = 0;
  const auto travel = is_unix_ || way_.most_ns == 0 ? 0 : way_.least_ns;
  if (vanished_ || peer_->vanished_) return;
  if (travel == 0) return peer_->reset_arrives();
  kernel_.at(kernel_.now_ns() + travel, [this] {
    if (!peer_->vanished_) peer_->reset_arrives();
  });
}

void stream::reset_arrives() {
  const bool over = rcv_shut_ && snd_shut_ && wire_.empty(); // it is in TIME_WAIT, where a reset changes nothing
  if (dead_ || over) return;
  if (closed_) {
    dead_ = true;
    wire_.clear();
    return;
  }
  error_ = rcv_shut_ ? EPIPE : ECONNRESET;
  rcv_shut_ = snd_shut_ = dead_ = true;
  wire_.clear();
  queued_ = 0;
  if (loses_input_ && unread() > 0) { // such a system tells so, also behind the FIN
    received_.clear();
    read_ = 0;
    fin_came_ = false;
    error_ = ECONNRESET;
  }
  wake(EPOLLERR);
  wake(0);
}

void stream::cut() {
  if (!peer_) return; // it is not connected
  reset_arrives();
  peer_->reset_arrives();
}

void stream::end_by_unix_peer(bool had_unread) {
  if (had_unread) error_ = ECONNRESET;
  rcv_shut_ = snd_shut_ = true;
  wire_.clear();
  queued_ = 0;
  wake(0);
}

void stream::released(bool reset) {
  const bool had_unread = unread() > 0;
  closed_ = true;
  if (!peer_ || dead_) return;
  if (is_unix_) {
    deliver();
    if (!peer_->closed_) peer_->end_by_unix_peer(had_unread);
  } else if (reset || had_unread) {
    send_reset();
  } else if (!snd_shut_) {
    snd_shut_ = true;
    put_on_wire({}, true);
  }
  received_.clear();
  read_ = 0;
}

// The only reset that a unix socket knows beside the one for unread input.
void stream::released_unaccepted() {
  if (is_unix_ && !peer_->closed_) peer_->error_ = ECONNRESET;
  released(true);
}

} // namespace epollhost::net::sim
