// Distributed under the Boost Software License, Version 1.0.
// What lies behind a stream: one connection as its coroutines see it. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_CONNECTION_HPP
#define EPOLLHOST_ASYNC_CONNECTION_HPP

#include <epollhost/async/task.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace epollhost::detail {

/// A read in progress. `attempt` answers whether it is over: done, at the end of input, or with an error.
struct read_operation : operation {
  using attempt_function = bool (*)(read_operation&);
  explicit read_operation(attempt_function attempt) : attempt(attempt) {}
  const attempt_function attempt;
  std::size_t want = 0; ///< as eh_io::want, while it waits
};

/// A write in progress: what the host has not taken yet.
struct write_operation : operation {
  explicit write_operation(std::string_view bytes) : left(bytes) {}
  ~write_operation() {
    if (copy) give_frame(copy, copy_bytes);
  }
  void keep_copy() {
    copy_bytes = left.size();
    copy = static_cast<char*>(take_frame(copy_bytes));
    std::memcpy(copy, left.data(), copy_bytes);
    left = {copy, copy_bytes};
  }
  std::string_view left;
  char* copy = nullptr; ///< of bytes that would not live as long as the write
  std::size_t copy_bytes = 0;
};

/// Made when the connection opens; lives until it is closed and no stream is left. "In hand" is the connection whose
/// hook is running: only then can its input be seen, its output window be written and its answer be given. For what
/// needs one of them at another time, call_soon() asks for a hook.
class connection : public scope {
public:
  connection(scheduler& s, const eh_io& io, std::int64_t output_high)
      : scope(s, io.conn), listener(io.arg), output_high_(output_high) {}

  static void* operator new(std::size_t bytes) { return take_frame(bytes); }
  static void operator delete(void* at, std::size_t bytes) noexcept { give_frame(at, bytes); }

  // ---- around each hook

  void enter(eh_io* io) {
    run_by.begin_hook();
    in_hand = io;
    run_by.window = io;
    draining = (io->flags & EH_DRAINING) != 0;
  }

  eh_next leave(bool in_data) {
    eh_io& io = *std::exchange(in_hand, nullptr);
    run_by.window = nullptr;
    io.deadline_ns = deadline_ns_;
    eh_next next = io.flags & EH_IN_END ? EH_HALF_OPEN : EH_KEEP; // the end of the task closes, not that of the input
    if (reader_) {
      io.want = reader_->want;
      if (paused_) resume_reading();
    } else if (in_data) {
      paused_ = true;
      next |= EH_PAUSE;
    }
    if (finishing_ && writers_.empty()) next |= EH_FINISH;
    if (has_failed) return EH_FAIL;
    return served ? next | EH_CLOSE : next;
  }

  // ---- hooks

  void data() {
    slow_ = false;
    if (reader_) attempt_read();
  }

  void room() {
    slow_ = false;
    while (!writers_.empty()) {
      write_operation& first = writers_.front();
      if (!push(first)) return;
      first.unlink();
      run_by.run(first.waiter);
    }
  }

  void deadline() {
    if (deadline_ns_ == 0 || in_hand->now_ns < deadline_ns_) return; // it has moved meanwhile
    deadline_ns_ = 0;
    interrupt(ETIMEDOUT);
    run_by.run_ready();
  }

  void called() {
    resume_due(*this);
    if (reader_) attempt_read();
  }

  void drain() {
    while (!drain_waiters.empty()) run_by.make_ready(drain_waiters.front(), 0);
    run_by.run_ready();
  }

  /// The host has forgotten the connection. Its own tasks end; others that wait for it get an error.
  void closed(eh_reason why) {
    is_open_ = false;
    destroy_roots();
    interrupt(why == EH_REASON_TIMEOUT  ? ETIMEDOUT
              : why == EH_REASON_PLUGIN ? ECANCELED
              : why == EH_REASON_RESET  ? ECONNRESET
                                        : ECONNABORTED);
    run_by.run_ready();
  }

  /// Output beyond the high mark may be queued, which a hook that came for another reason does not tell.
  void look_at_queue() { slow_ = host().queued(&host(), id) > output_high_; }

  // ---- operations

  bool at_end() const { return (in_hand->flags & EH_IN_END) != 0; }
  std::string_view unread() const {
    return {in_hand->in + in_hand->in_used, std::size_t(in_hand->in_len - in_hand->in_used)};
  }
  void consume(std::size_t n) { in_hand->in_used += n; }

  /// Nobody else may read meanwhile.
  bool has_reader() const { return reader_ != nullptr; }
  void wait_for_input(read_operation& op, bool attempted) {
    reader_ = &op;
    if (attempted && in_hand) return;
    op.want = in_hand ? unread().size() + 1 : 0;
    call_soon();
  }
  void forget(read_operation& op) {
    if (reader_ == &op) reader_ = nullptr;
  }

  /// Hand over what can be handed over; answers whether the write is over. In order: not while others wait.
  bool write(write_operation& op) {
    if (!writers_.empty()) return false;
    return push(op);
  }
  void wait_for_room(write_operation& op) {
    if (run_by.is_view(op.left)) op.keep_copy();
    writers_.push(op);
  }

  /// Everything that waits here gets this error, and all that comes.
  void interrupt(int why) {
    trouble_ = why;
    if (reader_) run_by.make_ready(*std::exchange(reader_, nullptr), why);
    while (!writers_.empty()) run_by.make_ready(writers_.front(), why);
    while (!drain_waiters.empty()) run_by.make_ready(drain_waiters.front(), why);
    while (!later.empty()) run_by.make_ready(later.front(), why);
  }
  void cancel() {
    const int before = trouble_;
    interrupt(ECANCELED);
    trouble_ = before;
  }
  int trouble() const { return trouble_; }
  int write_trouble() const { return finishing_ ? EPIPE : trouble_; }

  void set_deadline(std::int64_t at_ns) {
    if (trouble_ == ETIMEDOUT && is_open_) trouble_ = 0;
    deadline_ns_ = at_ns;
    if (!in_hand && is_open_) call_soon();
  }
  std::int64_t now_ns() const { return in_hand ? in_hand->now_ns : host().now_ns(&host()); }

  void finish() {
    finishing_ = true;
    if (!in_hand && is_open_) call_soon();
  }
  void close(eh_next how) {
    if (is_open_) host().close(&host(), id, how);
    trouble_ = ECANCELED;
  }
  bool is_open() const { return is_open_; }

  const eh_host& host() const { return *run_by.host; }

  list<operation> drain_waiters;
  const std::uint64_t listener;
  std::uint32_t references = 1;
  bool draining = false;

private:
  void attempt_read() {
    read_operation& op = *reader_;
    reader_ = nullptr;
    if (op.attempt(op))
      run_by.run(op.waiter);
    else
      reader_ = &op;
  }

  void resume_reading() {
    paused_ = false;
    host().resume(&host(), id);
  }

  bool push(write_operation& op) {
    if (in_hand && !slow_ && op.left.size() <= in_hand->out_cap - in_hand->out_used) [[likely]] {
      std::memcpy(in_hand->out + in_hand->out_used, op.left.data(), op.left.size());
      in_hand->out_used += op.left.size();
      return true;
    }
    return push_in_pieces(op);
  }

  // The host says `room` if a write has left more than the high mark behind, or was refused; so it is written first,
  // and looked at afterwards.
  [[gnu::noinline]] bool push_in_pieces(write_operation& op) {
    slow_ = true; // where the window did not do, there is much: look at each that follows in this hook
    do {
      const std::size_t piece = std::min<std::size_t>(op.left.size(), EH_OUT_MIN);
      const eh_status done = host().write(&host(), id, op.left.data(), piece);
      if (done == EH_OVER_LIMIT) return false;
      if (done != EH_OK) return op.error = done == EH_NO_MEMORY ? ENOMEM : EPIPE, true;
      op.left.remove_prefix(piece);
      if (host().queued(&host(), id) > output_high_) return false;
    } while (!op.left.empty());
    return true;
  }

  read_operation* reader_ = nullptr;
  list<write_operation> writers_;
  std::int64_t deadline_ns_ = 0;
  const std::int64_t output_high_;
  int trouble_ = 0;
  bool slow_ = false; // output may be above its high mark: ask the host
  bool paused_ = false;
  bool finishing_ = false;
  bool is_open_ = true;
};

} // namespace epollhost::detail

#endif
