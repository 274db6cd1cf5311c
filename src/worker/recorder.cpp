// Distributed under the Boost Software License, Version 1.0.
// Writes down what the kernel tells a worker of chosen connections, so that the simulator can tell it again.
#include "worker/recorder.hpp"

#include "base/log.hpp"
#include "epollhost/plugin.h"
#include "epollhost/version.h"
#include "net/append.hpp"
#include "net/clock.hpp"
#include "worker/record_settings.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <new>
#include <utility>

namespace epollhost {

using record::kind;

namespace {

constexpr const char* too_slow = "who writes the file is not fast enough";
constexpr std::size_t end_bytes = 7; // of the last frame: length, kind, why, checksum

std::string absolute(const std::string& file) {
  std::error_code none;
  return std::filesystem::absolute(file, none).string();
}

std::size_t size_of(net::result answer) { return answer > 0 ? static_cast<std::size_t>(answer) : 0; }

} // namespace

recorder::recorder(loop::io_context& loop, const worker_settings& settings, const plugin_description& plugin,
                   record_file to)
    : loop_(loop), who_(settings.name), path_(std::move(to.path)), fd_(std::move(to.fd)),
      bytes_max_(settings.record_limit), every_(settings.record_every),
      peers_(net::peer_range::parse(settings.record_peer)) {
  waiting_ = record::magic;
  bytes_ = waiting_.size();
  write_header(settings, plugin);
  flush();
}

recorder::~recorder() { finish(); }

void recorder::write_header(const worker_settings& settings, const plugin_description& plugin) {
  turn_ns_ = net::monotonic_ns();
  frame_.begin(kind::header).number(record::version).signed_number(turn_ns_).signed_number(net::wall_ns());
  const auto fact = [this](std::string_view name, std::string_view value) { frame_.text(name).text(value); };
  fact("host", EPOLLHOST_VERSION);
  fact("plugin", plugin.name);
  fact("plugin-version", plugin.version);
  fact("plugin-file", absolute(settings.plugin_file));
  for (const record::setting& s : record::settings()) fact(s.name, fmt::to_string(s.get(settings)));
  for (std::size_t i = 0; i < plugin.options.size() && i < settings.values.size(); ++i) {
    const option_description& o = plugin.options[i];
    const bool secret = o.type == EH_SECRET;
    if (secret && settings.values[i].text.empty()) continue;
    fact((secret ? "secret." : "option.") + o.name, secret ? "" : record::to_text(o, settings.values[i]));
  }
  add();
}

// ---- frames

// Do `f`, unless the recording has ended. It comes from anywhere in the loop, and from a destructor: it may throw
// nothing.
template <class F> void recorder::unless_ended(F f) {
  if (!fd_) return;
  try {
    f();
  } catch (const std::bad_alloc&) {
    give_up("there is no memory");
  }
}

// Write what `f` does into this turn.
template <class F> void recorder::in_this_turn(F f) {
  unless_ended([&] {
    note_turn();
    if (fd_) f();
  });
}

// Write a frame.
template <class Fill> void recorder::note(kind k, Fill fill) {
  in_this_turn([&] {
    fill(frame_.begin(k));
    add();
  });
}

// The same for a connection, if that is followed.
template <class Fill> void recorder::note_of(kind k, loop::object_id id, Fill fill) {
  const auto at = numbers_.find(id);
  if (at == numbers_.end()) return;
  note(k, [&](record::writer& to) { fill(to.number(at->second)); });
}

// The frame in hand is complete.
void recorder::add() {
  next_.clear();
  frame_.end();
  if (bytes_ + next_.size() + end_bytes > bytes_max_) return end(record::ending::limit);
  bytes_ += next_.size();
  waiting_ += next_;
  if (waiting_.size() > waiting_max) flush();
}

// When the loop's wait has ended is when this turn has begun; before its first there is none.
void recorder::note_turn() {
  const std::int64_t now = loop_.counters().busy_since_ns.load(std::memory_order_relaxed);
  if (now == turn_ns_ || now == 0) return;
  frame_.begin(kind::turn).signed_number(now - std::exchange(turn_ns_, now));
  add();
}

void recorder::flush() {
  if (!fd_ || waiting_.empty()) return;
  const net::result n = net::write(fd_.get(), waiting_.data(), waiting_.size());
  std::array<char, 128> why;
  if (n < 0 && !net::would_block(n))
    return give_up(
        net::error_code(static_cast<int>(-n), boost::system::system_category()).message(why.data(), why.size()));
  waiting_.erase(0, size_of(n));
  if (waiting_.size() > waiting_max) give_up(too_slow);
}

// Whoever reads the file finds it cut. It needs no memory, or what it is called for would not end here.
void recorder::give_up(std::string_view why) {
  fd_.reset();
  waiting_.clear();
  numbers_.clear();
  log::error(who_, "the recording {} ends early: {}", path_, why);
}

void recorder::end(record::ending why) {
  next_.clear();
  frame_.begin(kind::end).number(static_cast<std::uint64_t>(why)).end();
  waiting_ += next_;
  flush();
  if (!fd_) return;
  if (!waiting_.empty()) return give_up(too_slow);
  fd_.reset();
  numbers_.clear();
  if (why == record::ending::limit)
    log::info(who_, "the recording {} is complete: it has reached --record-limit, {} bytes", path_, bytes_max_);
}

// ---- what is recorded

void recorder::listening(const std::vector<net::endpoint>& at) {
  for (const net::endpoint& e : at) note(kind::listening, [&](record::writer& to) { to.address(e); });
}

bool recorder::accepted(loop::object_id id, std::uint64_t address, const net::endpoint& peer,
                        const net::endpoint& local) {
  if (!fd_ || (peers_ && !peers_->has(peer)) || seen_++ % every_ != 0) return false;
  note(kind::accepted, [&](record::writer& to) {
    numbers_[id] = ++chosen_;
    to.number(chosen_).number(address).address(peer).address(local);
  });
  return bool(fd_);
}

void recorder::attempted(loop::object_id id, const net::endpoint& to, const net::endpoint& local, net::result answer) {
  note(kind::attempted, [&](record::writer& w) {
    ++chosen_;
    if (record::goes_on(answer)) numbers_[id] = chosen_;
    w.number(chosen_).signed_number(answer).address(to).address(local);
  });
}

void recorder::becomes(loop::object_id attempt, loop::object_id connection) {
  auto node = numbers_.extract(attempt);
  if (node.empty()) return;
  node.key() = connection;
  numbers_.insert(std::move(node));
}

void recorder::resolved(std::uint64_t look_up, const net::resolver::answer& found) {
  note(kind::resolved, [&](record::writer& to) {
    to.number(look_up).text(found.error);
    for (const net::endpoint& e : found.endpoints) to.address(e);
  });
}

void recorder::event(loop::object_id id, std::uint32_t events) {
  note_of(kind::event, id, [&](record::writer& to) { to.number(events); });
}

void recorder::received(loop::object_id id, net::result answer, const char* bytes) {
  note_of(kind::received, id, [&](record::writer& to) { to.signed_number(answer).rest({bytes, size_of(answer)}); });
  flush();
}

void recorder::sent(loop::object_id id, std::span<const iovec> offered, net::result answer) {
  note_of(kind::sent, id, [&](record::writer& to) {
    std::size_t total = 0, left = size_of(answer);
    for (const iovec& part : offered) total += part.iov_len;
    to.number(total).signed_number(answer);
    for (const iovec& part : offered) {
      const std::size_t n = std::min(part.iov_len, left);
      to.rest({static_cast<const char*>(part.iov_base), n});
      left -= n;
    }
  });
}

void recorder::sent_file(loop::object_id id, std::size_t offered, net::result answer) {
  note_of(kind::sent_file, id, [&](record::writer& to) { to.number(offered).signed_number(answer); });
}

void recorder::socket_error(loop::object_id id, int error) {
  note_of(kind::socket_error, id, [&](record::writer& to) { to.number(static_cast<std::uint64_t>(error)); });
}

void recorder::error_queue(loop::object_id id, bool held) {
  note_of(kind::error_queue, id, [&](record::writer& to) { to.number(held); });
}

void recorder::relayed(loop::object_id id) {
  note_of(kind::relayed, id, [](record::writer&) {});
}

void recorder::closed(loop::object_id id, std::uint8_t reason) {
  note_of(kind::closed, id, [&](record::writer& to) { to.number(reason); });
  numbers_.erase(id);
  flush();
}

void recorder::random(std::string_view bytes) {
  note(kind::random, [&](record::writer& to) { to.rest(bytes); });
}

void recorder::draining() {
  note(kind::draining, [](record::writer&) {});
}

void recorder::calling() {
  in_this_turn([this] { flush(); });
}

void recorder::finish() {
  unless_ended([this] { end(record::ending::worker); });
}

} // namespace epollhost
