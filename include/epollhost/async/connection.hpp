// Distributed under the Boost Software License, Version 1.0.
// What lies behind a stream: one connection as its coroutines see it. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_CONNECTION_HPP
#define EPOLLHOST_ASYNC_CONNECTION_HPP

#include <epollhost/async/task.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace epollhost::detail {

/// A read in progress. `attempt` answers whether it is over: done, at the end of input, or with an error.
struct read_operation : operation {
  using attempt_function = bool (*)(read_operation&);
  explicit read_operation(attempt_function attempt) : attempt(attempt) {}
  const attempt_function attempt;
  std::size_t want = 0; ///< as eh_io::want, while it waits; above 0 once it was tried
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
  std::size_t copy_bytes;
};

/// Made when the connection opens; lives until it is closed and no stream is left. "In hand" is the connection whose
/// hook is running: only then can its input be seen, its output window be written and its answer be given. For what
/// needs one of them at another time, call_soon() asks for a hook.
class connection : public scope {
public:
  connection(scheduler& s, const eh_io& io)
      : scope(s, io.conn), listener(io.arg), draining((io.flags & EH_DRAINING) != 0) {}

  /// One that a task makes: it is closed when its last stream goes.
  connection(scheduler& s, eh_conn_id id, operation& connecting)
      : scope(s, id), listener(0), draining(false), connecting(&connecting), is_outgoing_(true) {}

  static void* operator new(std::size_t bytes) { return take_frame(bytes); }
  static void operator delete(void* at, std::size_t bytes) noexcept { give_frame(at, bytes); }

  // ---- around each hook

  void enter(eh_io* io) {
    run_by.begin_hook(io);
    in_hand = io;
  }

  eh_next leave(bool in_data) {
    eh_io& io = *std::exchange(in_hand, nullptr);
    if (reader_) {
      io.want = reader_->want;
    } else if (in_data) {
      notices |= pause | paused;
    }
    if (io.flags & EH_IN_END) [[unlikely]]
      return answer(io) | EH_HALF_OPEN; // the end of the task closes, not that of the input
    return notices == 0 ? eh_next(EH_KEEP) : answer(io);
  }

  // ---- hooks

  void data() {
    obstacles_ &= ~queue_unknown; // above the high mark there is no `data`
    if (reader_) attempt_read();
  }

  void room() {
    obstacles_ &= ~queue_unknown;
    while (!writers_.empty()) {
      write_operation& first = writers_.front();
      if (!push_in_pieces(first)) return;
      first.unlink();
      run_by.run(first);
    }
  }

  void deadline() {
    if (deadline_ns_ == 0 || in_hand->now_ns < deadline_ns_) { // it has moved, and the host does not know yet
      notices |= moved;
      return;
    }
    deadline_ns_ = 0;
    interrupt(ETIMEDOUT);
    run_by.run_ready();
  }

  void called() {
    resume_due(*this);
    if (reader_) attempt_read();
  }

  void drain() {
    draining = true;
    if (idle_between_messages_) notices |= rests;
    while (!drain_waiters.empty()) run_by.make_ready(drain_waiters.front(), 0);
    run_by.run_ready();
  }

  void open() {
    if (connecting) run_by.run(*std::exchange(connecting, nullptr));
  }

  /// The host has forgotten the connection. Its own tasks end; others that wait for it get an error.
  void closed(eh_reason why) {
    is_open_ = false;
    destroy_roots();
    interrupt(why == EH_REASON_TIMEOUT  ? ETIMEDOUT
              : why == EH_REASON_PLUGIN ? ECANCELED
              : why == EH_REASON_RESET  ? ECONNRESET
                                        : ECONNABORTED);
    if (connecting) run_by.run(*std::exchange(connecting, nullptr));
    run_by.run_ready();
  }

  /// One holder less: a stream, or the host.
  void release() {
    if (--references == 0)
      delete this;
    else if (references == 1 && is_outgoing_ && is_open_)
      close(EH_CLOSE);
  }

  /// Output beyond the high mark may be queued, which a hook that came for another reason does not tell.
  void look_at_queue() {
    obstacles_ &= ~queue_unknown;
    if (host().queued(&host(), id) > run_by.output_high) obstacles_ |= queue_unknown;
  }

  // ---- operations

  bool at_end() const { return (in_hand->flags & EH_IN_END) != 0; }
  std::string_view unread() const {
    return {in_hand->in + in_hand->in_used, std::size_t(in_hand->in_len - in_hand->in_used)};
  }
  void consume(std::size_t n) { in_hand->in_used += n; }

  /// Nobody else may read meanwhile.
  bool has_reader() const { return reader_ != nullptr; }
  void wait_for_input(read_operation& op) {
    reader_ = &op;
    if (op.want > 0 && in_hand) return; // it was looked at
    op.want = in_hand ? unread().size() + 1 : 0;
    call_soon();
  }
  void forget(read_operation& op) {
    if (reader_ == &op) reader_ = nullptr;
  }

  /// Into the window, if nothing stands in the way.
  bool write_at_once(std::string_view bytes) {
    if (!in_hand || obstacles_ != 0 || bytes.size() > in_hand->out_cap - in_hand->out_used) return false;
    std::memcpy(in_hand->out + in_hand->out_used, bytes.data(), bytes.size());
    in_hand->out_used += bytes.size();
    return true;
  }

  /// Hand over what can be handed over; answers whether the write is over, done or with an error. In order: not while
  /// others wait.
  bool write(write_operation& op) {
    if (obstacles_ & (in_trouble | no_more)) return op.error = trouble_ ? trouble_ : EPIPE, true;
    if (!writers_.empty()) return false;
    obstacles_ &= ~others_wait;
    return push_in_pieces(op);
  }

  void wait_for_room(write_operation& op) {
    if (run_by.is_view(op.left)) op.keep_copy();
    writers_.push(op);
    obstacles_ |= others_wait;
  }

  /// Everything that waits here gets this error, and all that comes. What has completed keeps its result.
  void interrupt(int why) {
    set_trouble(why);
    if (reader_) run_by.make_ready(*std::exchange(reader_, nullptr), why);
    while (!writers_.empty()) run_by.make_ready(writers_.front(), why);
    while (!drain_waiters.empty()) run_by.make_ready(drain_waiters.front(), why);
    while (!later.empty()) run_by.make_ready(later.front());
  }
  void cancel() {
    const int before = trouble_;
    interrupt(ECANCELED);
    set_trouble(before);
  }
  int trouble() const { return trouble_; }

  void set_deadline(std::int64_t at_ns) {
    if (trouble_ == ETIMEDOUT && is_open_) set_trouble(0);
    deadline_ns_ = at_ns;
    if (in_hand) {
      in_hand->deadline_ns = at_ns;
    } else if (is_open_) {
      notices |= moved;
      call_soon();
    }
  }
  std::int64_t now_ns() const { return in_hand ? in_hand->now_ns : host().now_ns(&host()); }

  /// Hosts that are older take the answer for a broken contract.
  void idle_between_messages() {
    idle_between_messages_ = host().size > offsetof(eh_host, relay_moved_ns);
    if (draining && idle_between_messages_) notices |= rests;
  }

  void finish() {
    notices |= finishing;
    obstacles_ |= no_more;
    if (!in_hand && is_open_) call_soon();
  }
  void close(eh_next how) {
    if (is_open_) host().close(&host(), id, how);
    set_trouble(ECANCELED);
  }
  bool is_open() const { return is_open_; }

  const eh_host& host() const { return *run_by.host; }

  list<operation> drain_waiters;
  const std::uint64_t listener;
  bool draining;
  operation* connecting = nullptr; ///< who waits until it is there
  std::uint32_t references = 1;

private:
  /// Why a write may not just fill the window.
  enum obstacle : std::uint8_t {
    queue_unknown = 1, // output may be above its high mark: ask the host
    others_wait = 2,   // or did a moment ago
    no_more = 4,       // finish() was called
    in_trouble = 8
  };

  void attempt_read() {
    read_operation& op = *reader_;
    reader_ = nullptr;
    if (op.attempt(op))
      run_by.run(op);
    else
      reader_ = &op;
  }

  [[gnu::noinline]] eh_next answer(eh_io& io) {
    if (notices & moved) io.deadline_ns = deadline_ns_;
    if (reader_ && (notices & paused)) {
      notices &= ~paused;
      host().resume(&host(), id);
    }
    eh_next next = notices & pause ? EH_PAUSE : EH_KEEP;
    notices &= ~(moved | pause);
    if ((notices & finishing) && writers_.empty()) next |= EH_FINISH;
    if (notices & failed) return EH_FAIL;
    const bool waits = reader_ && io.in_used == io.in_len && writers_.empty();
    if ((notices & rests) && waits) next |= EH_IDLE;
    return notices & served ? next | EH_CLOSE : next;
  }

  void set_trouble(int why) {
    trouble_ = why;
    obstacles_ = why != 0 ? obstacles_ | in_trouble : obstacles_ & ~in_trouble;
  }

  // The host says `room` if a write has left more than the high mark behind, or was refused; so it is written first,
  // and looked at afterwards.
  bool push_in_pieces(write_operation& op) {
    obstacles_ |= queue_unknown; // where the window did not do, there is much: look at each that follows in this hook
    do {
      const std::size_t piece = std::min<std::size_t>(op.left.size(), EH_OUT_MIN);
      const eh_status done = host().write(&host(), id, op.left.data(), piece);
      if (done == EH_OVER_LIMIT) return false;
      if (done != EH_OK) return op.error = done == EH_NO_MEMORY ? ENOMEM : EPIPE, true;
      op.left.remove_prefix(piece);
      if (host().queued(&host(), id) > run_by.output_high) return false;
    } while (!op.left.empty());
    return true;
  }

  read_operation* reader_ = nullptr;
  list<write_operation> writers_;
  std::int64_t deadline_ns_ = 0;
  int trouble_ = 0;
  std::uint8_t obstacles_ = 0;
  bool is_open_ = true;
  const bool is_outgoing_ = false;
  bool idle_between_messages_ = false;
};

} // namespace epollhost::detail

#endif
