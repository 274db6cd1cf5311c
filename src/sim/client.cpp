// Distributed under the Boost Software License, Version 1.0.
// One simulated client.
#include "sim/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace epollhost::sim {
namespace {

constexpr std::int64_t retry_ns = 1'000'000; // of a send that found no room
// Where clocks jump, a long time passes at once, and the program has to see it first.
constexpr int looks_most = 6;
constexpr std::int64_t look_again_ns = 2'000'000'000;

} // namespace

client::client(referee& r, unsigned number, const conversation& talk, const manner& how, std::uint64_t seed,
               std::function<void()> when_over)
    : referee_(r), number_(number), talk_(talk), how_(how), random_(seed, 100 + number),
      when_over_(std::move(when_over)), cuts_left_(how.cuts) {}

void client::later(std::int64_t ns, void (client::*f)()) {
  net::sim::kernel& k = referee_.kernel();
  k.at(k.now_ns() + ns, [this, f] { (this->*f)(); });
}

void client::start(const net::endpoint& to) {
  net::sim::kernel& k = referee_.kernel();
  k.at(k.now_ns() + how_.start_ns,
       [this, to] { referee_.kernel().connect(to, how_.way, [this](net::sim::stream* s) { connected(s); }); });
}

void client::connected(net::sim::stream* s) {
  if (!s) return over(); // nobody listens any more
  socket_ = s;
  ++referee_.count().connections;
  s->lose_input_at_reset();
  s->watcher = [this] { came(); };
  progress_ns_ = referee_.kernel().now_ns();
  later(0, &client::act);
  came();
  if (how_.patience_ns > 0) look_whether_stuck();
}

// ---- sending

void client::act() {
  acting_ = false;
  while (!over_ && !lost_ && at_ < talk_.size()) {
    if (leave_now() || !play(talk_[at_])) return;
    ++at_;
    sent_ = piece_ = 0;
  }
}

// Answers whether the step is done; if not, something will call act() again.
bool client::play(const step& s) {
  switch (s.what) {
  case step::kind::send: return send(s);
  case step::kind::expect: {
    const std::size_t found = received_.find(s.bytes, expected_from_);
    if (found != received_.npos) expected_from_ = found + s.bytes.size();
    return found != received_.npos;
  }
  case step::kind::pause:
    ++at_;
    acting_ = true;
    return later(s.ns, &client::act), false;
  case step::kind::finish: return referee_.note("client finish", number_, 0), socket_->shutdown_send(), true;
  case step::kind::close: return end("client close", false), false;
  default: return end("client reset", true), false;
  }
}

bool client::send(const step& s) {
  if (piece_ == sent_) {
    piece_ = s.bytes.size();
    if (cuts_left_ > 0 && piece_ > sent_ + 1) piece_ = random_.between(sent_ + 1, piece_ - 1), --cuts_left_;
  }
  const iovec part{const_cast<char*>(s.bytes.data()) + sent_, piece_ - sent_};
  const std::int64_t n = socket_->send({&part, 1});
  referee_.note("client send", number_, n);
  acting_ = n != 0;
  if (n == -EAGAIN) return later(retry_ns, &client::act), false;
  if (n < 0) return was_reset(n), false;
  finish_piece(static_cast<std::size_t>(n));
  if (sent_ == s.bytes.size()) return acting_ = false, true;
  later(how_.pause_most_ns > 0 ? std::int64_t(random_.below(std::uint64_t(how_.pause_most_ns))) : 0, &client::act);
  return false;
}

void client::finish_piece(std::size_t sent) {
  sent_ += sent;
  referee_.count().bytes_sent += sent;
  progress_ns_ = referee_.kernel().now_ns();
  if (sent_ == piece_) ++pieces_;
}

// ---- leaving

bool client::leave_now() {
  using leaving = manner::leaving;
  if (how_.leaves == leaving::never || pieces_ < how_.leaves_after) return false;
  switch (how_.leaves) {
  case leaving::reset: return end("client reset", true), true;
  case leaving::close: return end("client close", false), true;
  case leaving::vanish:
    socket_->vanish();
    lost_ = true;
    referee_.note("client vanishes", number_, 0);
    return over(), true;
  default:
    deaf_ = lost_ = true;
    referee_.note("client stops reading", number_, 0);
    return over(), true;
  }
}

void client::end(const char* how, bool reset) {
  referee_.note(how, number_, 0);
  socket_->watcher = nullptr;
  socket_->released(reset);
  over();
}

void client::over() {
  if (!std::exchange(over_, true)) when_over_();
}

// ---- receiving

void client::came() {
  if (over_ || deaf_ || std::exchange(reading_, true)) return;
  later(how_.rest_ns, &client::read);
}

void client::read() {
  reading_ = false;
  if (over_ || deaf_) return;
  std::vector<char> room(std::min<std::size_t>(how_.reads_most, std::max<std::size_t>(1, socket_->unread())));
  const std::int64_t n = socket_->receive(room.data(), room.size());
  if (n == -EAGAIN) return;
  referee_.note("client receive", number_, n);
  if (n > 0) {
    received_.append(room.data(), static_cast<std::size_t>(n));
    referee_.count().bytes_received += static_cast<std::uint64_t>(n);
    progress_ns_ = referee_.kernel().now_ns();
    came();
    if (!acting_) act(); // it may have waited for that
    return;
  }
  if (n < 0) return was_reset(n);
  saw_end_ = true;
  end("client end", false);
}

void client::was_reset(std::int64_t error) {
  if (!how_.may_be_reset)
    referee_.fail("reset",
                  fmt::format("client {} was reset (error {}) when it had received {} bytes; an answer and an end are "
                              "expected, since no peer and no fault has reset anything",
                              number_, -error, received_.size()));
  end("client was reset", false);
}

void client::look_whether_stuck() {
  if (over_) return;
  const std::int64_t silent_ns = referee_.kernel().now_ns() - progress_ns_;
  if (silent_ns < how_.patience_ns) {
    looks_ = 0;
    return later(how_.patience_ns - silent_ns, &client::look_whether_stuck);
  }
  if (how_.may_be_reset && ++looks_ < looks_most) return later(look_again_ns, &client::look_whether_stuck);
  if (!excused || !excused()) is_stuck(silent_ns);
  looks_ = 0;
  later(how_.patience_ns, &client::look_whether_stuck);
}

void client::is_stuck(std::int64_t silent_ns) {
  referee_.fail("stuck",
                fmt::format("client {} has waited {} s after it had sent {} bytes of step {} of {} and received "
                            "{}; the answer and the end of the connection are expected sooner",
                            number_, silent_ns / 1'000'000'000, sent_, at_, talk_.size(), received_.size()));
}

std::string client::said() const {
  std::string out;
  for (std::size_t i = 0; i < at_; ++i)
    if (talk_[i].what == step::kind::send) out += talk_[i].bytes;
  if (at_ < talk_.size() && talk_[at_].what == step::kind::send) out.append(talk_[at_].bytes, 0, sent_);
  return out;
}

} // namespace epollhost::sim
