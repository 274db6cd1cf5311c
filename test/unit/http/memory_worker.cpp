// Distributed under the Boost Software License, Version 1.0.
// Runs a plugin's hooks in memory.

#include "memory_worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace http_test {
namespace {

constexpr eh_conn_id only_connection = 7;

} // namespace

memory_worker::memory_worker(const eh_plugin& plugin, const std::vector<std::string>& options,
                             std::uint64_t output_bytes_max)
    : eh_host{}, output_max{output_bytes_max}, plugin_{plugin} {
  fill_table();
  texts_.reserve(plugin.option_count);
  const std::vector<eh_value> values = values_of(options);
  if (plugin_.instance->start(this, values.data(), &instance_) != 0) throw std::runtime_error(log_lines);
}

memory_worker::~memory_worker() {
  if (opened_) plugin_.hooks->close(instance_, state_.data(), EH_REASON_DRAIN);
  plugin_.instance->stop(instance_);
}

void memory_worker::fill_table() {
  size = sizeof(eh_host);
  log = [](const eh_host* h, std::uint32_t, const char* text, std::uint64_t len) {
    self(h).log_lines.append(text, len).append("\n");
  };
  now_ns = [](const eh_host* h) { return self(h).now_ns_; };
  wall_ns = [](const eh_host* h) { return self(h).wall_now_ns; };
  get_extension = [](const eh_host* h, const char* id) -> const void* {
    memory_worker& me = self(h);
    me.limits_ = {.size = sizeof(eh_limits), .flags = 0, .input_max = 0, .output_low = 0, .output_high = high,
                  .output_max = me.output_max};
    return std::string_view{id} == EH_LIMITS ? &me.limits_ : nullptr;
  };
  queued = [](const eh_host* h, eh_conn_id) { return static_cast<std::int64_t>(self(h).queued_bytes()); };
  resume = [](const eh_host* h, eh_conn_id conn) -> eh_status {
    if (conn != only_connection) return EH_GONE;
    self(h).paused_ = false;
    return EH_OK;
  };
  write = [](const eh_host* h, eh_conn_id conn, const void* bytes, std::uint64_t len) -> eh_status {
    memory_worker& me = self(h);
    if (conn != only_connection) return EH_GONE;
    me.commit();
    const bool fits = me.queue_.size() + len <= me.output_max;
    if (fits)
      me.queue_.append(static_cast<const char*>(bytes), len);
    else
      me.above_high_ = true; // who was refused waits for `room`
    me.io_.out_cap = me.window_room();
    return fits ? EH_OK : EH_OVER_LIMIT;
  };
  write_ref = [](const eh_host* h, eh_conn_id conn, const void* bytes, std::uint64_t len, eh_release release,
                 void* context) -> eh_status {
    const eh_status done = h->write(h, conn, bytes, len);
    if (done == EH_OK) release(context);
    return done;
  };
  send_file = [](const eh_host* h, eh_conn_id conn, std::int32_t fd, std::uint64_t offset,
                 std::uint64_t len) -> eh_status {
    memory_worker& me = self(h);
    if (conn != only_connection) return EH_GONE;
    me.commit();
    std::string bytes(len, '\0');
    if (::pread(fd, bytes.data(), len, static_cast<off_t>(offset)) != static_cast<ssize_t>(len)) return EH_INVALID;
    ::close(fd);
    me.queue_ += bytes;
    me.above_high_ = true;
    ++me.files_sent;
    return EH_OK;
  };
  address = [](const eh_host* h, eh_conn_id, std::uint32_t, char* text, std::uint64_t cap) -> std::int64_t {
    const std::string& peer = self(h).peer;
    if (peer.size() >= cap) return EH_OVER_LIMIT;
    peer.copy(text, peer.size());
    return static_cast<std::int64_t>(peer.size());
  };
  channel_open = [](const eh_host*, const char*, std::uint64_t) -> std::int64_t { return 1; };
  channel_write = [](const eh_host* h, std::int64_t, const void* lines, std::uint64_t len) -> eh_status {
    self(h).channel.append(static_cast<const char*>(lines), len);
    return EH_OK;
  };
}

std::vector<eh_value> memory_worker::values_of(const std::vector<std::string>& options) {
  std::vector<eh_value> values;
  for (std::uint32_t i = 0; i < plugin_.option_count; ++i) {
    eh_value value = plugin_.options[i].fallback;
    const std::string prefix = std::string{plugin_.options[i].name} + "=";
    for (const std::string& option : options) {
      if (!option.starts_with(prefix)) continue;
      texts_.push_back(option.substr(prefix.size()));
      if (plugin_.options[i].type == EH_STRING || plugin_.options[i].type == EH_FILE)
        value = {.integer = 0, .real = 0, .text = texts_.back().c_str(), .text_len = texts_.back().size()};
      else
        value.integer = std::stoll(texts_.back());
    }
    values.push_back(value);
  }
  return values;
}

void memory_worker::open() {
  state_.assign((plugin_.hooks->state_size + 7) / 8, 0);
  window_.resize(window_bytes);
  call(plugin_.hooks->open, 0, {});
  opened_ = true;
  settle();
}

void memory_worker::feed(std::string_view bytes) {
  if (ended) return;
  tail_ += bytes;
  deliver();
  settle();
}

void memory_worker::end_input() {
  if (ended) return;
  at_end_ = true;
  deliver();
  settle();
}

void memory_worker::drain() { draining_ = true; }

void memory_worker::advance_ns(std::int64_t by) {
  now_ns_ += by;
  wall_now_ns += by;
  if (ended || deadline_ns_ == 0 || now_ns_ < deadline_ns_) return;
  deadline_ns_ = 0;
  turn(plugin_.hooks->timer, 0);
}

void memory_worker::turn(eh_hook hook, std::uint64_t arg) {
  if (ended) return;
  tail_.erase(0, call(hook, arg, tail_));
  deliver();
  settle();
}

void memory_worker::start_reading() {
  reading_ = true;
  settle();
}

void memory_worker::reset() { close(EH_REASON_RESET); }

void memory_worker::close(eh_reason why) {
  plugin_.hooks->close(instance_, state_.data(), why);
  opened_ = false;
  ended = true;
}

void memory_worker::deliver() {
  while (may_call() && (at_end_ ? !end_told_ : !tail_.empty() && tail_.size() >= want_)) {
    const std::size_t written = queue_.size() + output.size();
    const std::size_t used = call(plugin_.hooks->data, 0, tail_);
    ++data_calls;
    tail_.erase(0, used);
    const bool progress = used > 0 || queue_.size() + output.size() != written;
    flush();
    if (at_end_ && !paused_ && (tail_.empty() || !progress)) end_told_ = true;
    if (!progress && want_ <= tail_.size()) want_ = tail_.size() + 1;
  }
}

std::size_t memory_worker::call(eh_hook hook, std::uint64_t arg, std::string_view in) {
  const std::unique_ptr<char[]> exact{new char[in.size()]}; // of its size, for the sanitizer
  in.copy(exact.get(), in.size());
  io_ = {};
  io_.size = sizeof io_;
  io_.flags = (at_end_ ? std::uint32_t{EH_IN_END} : 0) | (draining_ ? std::uint32_t{EH_DRAINING} : 0);
  io_.conn = only_connection;
  io_.arg = arg;
  io_.in = exact.get();
  io_.in_len = in.size();
  io_.out = window_.data();
  io_.out_cap = window_room();
  io_.now_ns = now_ns_;
  io_.want = want_;
  io_.deadline_ns = deadline_ns_;
  const eh_next answer = hook(instance_, state_.data(), &io_);
  if (io_.in_used > io_.in_len || io_.out_used > io_.out_cap) throw std::logic_error("the plugin broke its contract");
  commit();
  want_ = io_.want;
  deadline_ns_ = io_.deadline_ns;
  if (answer & EH_PAUSE) paused_ = true;
  if (answer & EH_HALF_OPEN) half_open_ = true;
  if (answer & EH_LINGER) lingered = true;
  if ((answer & EH_ACTION_MASK) != EH_KEEP) ended = true;
  if ((answer & EH_ACTION_MASK) == EH_FAIL) failed = true;
  if ((answer & EH_ACTION_MASK) == EH_ABORT) aborted = true;
  return io_.in_used;
}

// What is queued never passes its limit.
std::uint64_t memory_worker::window_room() const {
  if (queue_.empty()) return window_.size();
  return std::min<std::uint64_t>(window_.size(), output_max - std::min<std::uint64_t>(output_max, queue_.size()));
}

// What the hook in hand has written goes before what it queues.
void memory_worker::commit() {
  queue_.append(io_.out, io_.out_used);
  io_.out_used = 0;
}

void memory_worker::flush() {
  if (queue_.size() > high) above_high_ = true;
  if (!reading_) return;
  output += queue_;
  queue_.clear();
}

// The peer has read all: tell the plugin of the room, as often as it fills it.
void memory_worker::settle() {
  flush();
  while (reading_ && above_high_ && !ended) {
    above_high_ = false;
    tail_.erase(0, call(plugin_.hooks->room, 0, tail_));
    deliver();
    flush();
  }
  if (end_told_ && !half_open_) ended = true;
}

} // namespace http_test
