// Distributed under the Boost Software License, Version 1.0.
// One connection: its socket, its unread and unsent bytes, and the plugin's state beside it.
#ifndef EPOLLHOST_WORKER_CONNECTION_HPP
#define EPOLLHOST_WORKER_CONNECTION_HPP

#include "net/socket.hpp"
#include "worker/connection_context.hpp"
#include "worker/input_tail.hpp"
#include "worker/output_queue.hpp"
#include "worker/slab.hpp"

#include <string_view>

namespace epollhost {

/// Where in a record the plugin's state begins, at the alignment that it asked for.
std::size_t connection_state_at(const eh_hooks& hooks);

/// What connections of one origin have in common: their hooks, and where their records lie.
struct connection_kind {
  connection_context& shared;
  eh_hooks hooks;    // complete()
  std::uint64_t arg; // of `open`: which listener
  slab& records;     // cells of connection::record_bytes(hooks)
  bool outgoing = false;
  std::size_t state_at = connection_state_at(hooks);
};

/// A connection lives in a slab cell, with the plugin's state behind it. An outgoing one begins in `connecting`,
/// without a descriptor: what is written then waits in its queue; whatever ends it leads straight to `closed`.
///
///     connecting --established()--> open
///     open --close()--> closing --output left--> lingering --peer's end, bound--> closed --next turn--> freed
///       |                  |    \------------- nothing unread --------------------^
///       \--- die() --------+--------------------------------------------------->--/
///
/// In `closing` and later no hook but `close` is called, and host functions answer EH_GONE. The descriptor and the id
/// end with `closed`; the record and the hook `close` follow in the loop's next turn, when no call can be inside of it.
class connection final : public loop::io_object {
public:
  static constexpr std::uint8_t role_number = 1;

  static std::size_t record_bytes(const eh_hooks& hooks);
  static std::size_t record_alignment(const eh_hooks& hooks);

  /// Take over a connected, non-blocking socket, call `open`, read at once what is there already, and wait for more.
  /// The connection owns itself from here on. Throws bad_alloc or length_error, with the descriptor closed.
  static void start(const connection_kind& kind, int fd);

  /// The record of an outgoing connection, in `connecting`. One of established(), fail() and discard() follows, unless
  /// it is closed before: then outgoing::forget() is called. Throws bad_alloc or length_error.
  static connection& prepare(const connection_kind& kind, bool is_recorded);

  /// Take over the socket that it waits for, call `open`, send what was written already.
  void established(int fd, std::uint64_t arg);

  /// It cannot be made: `close` follows.
  void fail(eh_reason why) { die(why, false); }

  /// No plugin has heard of it: free the record, and nothing else.
  void discard();
  void* state() { return reinterpret_cast<char*>(this) + kind_->state_at; }

  // ---- what a plugin asks of any connection; those that are not open answer EH_GONE
  eh_status write(const void* bytes, std::size_t len);
  eh_status write_reference(const void* bytes, std::size_t len, eh_release release, void* context);
  eh_status send_file(int file, std::uint64_t offset, std::uint64_t len);
  eh_status pause();
  eh_status resume();
  eh_status close(eh_next how);
  eh_status relay(connection& other);
  std::int64_t relay_moved_ns() const; ///< or EH_INVALID: it is not relayed
  eh_status set_option(std::uint32_t option, std::int64_t value);
  std::uint64_t queued() const;
  int fd() const { return fd_; }
  bool is_open() const { return phase_ == phase::open; }
  bool is_recorded() const { return has(recorded); }
  bool is_connecting() const { return phase_ == phase::connecting; }

  /// Call a hook from the loop, as a turn of its own: a wake, a timer of the plugin.
  void call(hook which, std::uint64_t arg);

  /// The worker ends: tell the plugin.
  void drain();

  /// The worker's time is nearly up: answer what has arrived; if nothing is under way then, send the FIN and read on.
  void retire();

  /// The same, if the plugin has said that it is idle.
  void retire_if_idle();

  /// The worker's time is up: reset, whatever is queued.
  void cut_off() { die(EH_REASON_DRAIN, phase_ != phase::lingering); }

  eh_reason reason() const { return reason_; }
  const connection_kind& kind() const { return *kind_; }

private:
  enum class phase : std::uint8_t { connecting, open, closing, lingering, closed };
  enum flag : std::uint32_t {
    readable = 1 << 0,      // the socket may hold bytes that nobody has read
    hung_up = 1 << 1,       // an event said RDHUP, HUP or ERR: a short read proves nothing any more
    peer_gone = 1 << 2,     // an event said HUP: both directions are shut
    at_end = 1 << 3,        // the end of input was read
    end_told = 1 << 4,      // and `data` was called with it
    paused = 1 << 5,        // by the plugin
    above_high = 1 << 6,    // output has passed the high mark and not yet fallen below the low one
    send_blocked = 1 << 7,  // the kernel took less than it was given: wait for OUT
    half_open = 1 << 8,     // the plugin goes on writing after the end of input
    finish_asked = 1 << 9,  // our FIN is to follow the output
    finished = 1 << 10,     // our FIN was sent
    linger_asked = 1 << 11, // read on before closing
    output_dead = 1 << 12,  // the peer takes no more: what is written is dropped
    taken_out = 1 << 13,    // level-triggered: out of epoll, since it only reported what cannot be masked
    drain_due = 1 << 14,    // the hook `drain` is to be called
    room_due = 1 << 15,     // the hook `room` is to be called
    unclean = 1 << 16,      // a send told of the peer's reset, which no read will tell again
    retire_due = 1 << 17,   // retire() was called
    to_cork = 1 << 18,      // from the start: what a turn sends is corked
    ending = 1 << 19,       // phase_ is not `open` any more: so the flags alone tell whether all is calm
    relayed = 1 << 20,      // relay_ is the other side
    relay_waits = 1 << 21,  // and must take what it has before we read on
    recorded = 1 << 22,     // from the start: what the kernel answers is written down. It never has a usual turn
    idle = 1 << 24,         // the plugin has said so while the worker drains
    only_idle = 1 << 25,    // retire_due, unless a hook has said otherwise meanwhile
    holding = 1 << 23       // tail_ or queue_ is not empty, or was not when the last turn that is not usual ended
  };

  /// What a turn may still do before others have theirs.
  struct turn_budget {
    std::size_t bytes;
    std::size_t calls;
  };

  connection(const connection_kind& kind, int fd) : io_object(role_number), fd_(fd), kind_(&kind) {
    if (kind.shared.settings.cork) set(to_cork);
  }
  ~connection() = default;

  static connection& make(const connection_kind& kind, int fd);

  connection_context& shared() const { return kind_->shared; }
  const limits& bounds() const { return shared().settings.limits; }
  bool has(std::uint32_t f) const { return flags_ & f; }
  void set(std::uint32_t f, bool on = true) { flags_ = on ? flags_ | f : flags_ & ~f; }

  // ---- called by the loop
  void on_event(std::uint32_t events) override;
  void on_ready() override;
  void on_timer() override;

  // ---- a turn (connection_turn.cpp)
  inline bool is_calm() const;
  inline void usual_turn();
  inline bool used_all(connection_context& s, eh_next answer, std::size_t size);
  [[gnu::noinline]] void turn_from_read(net::result got);
  [[gnu::noinline]] void turn_from_answer(eh_next answer, std::size_t size);
  [[gnu::noinline]] void turn_from_send(net::result sent);
  [[gnu::noinline]] void unusual_turn(std::uint32_t events);
  template <class Work> void turn(Work work);
  inline void begin_turn(connection_context& s);
  template <class Work> void finish_turn(Work work);
  inline void end_turn(connection_context& s);
  void run_turn();
  void run_last_turn();
  void call_due_hooks();
  void settle();
  bool is_at_rest() const;
  void update_interest();
  void update_level_interest();
  void note_error();
  std::int64_t next_deadline_ns() const;
  void arm();

  // ---- input (connection_input.cpp)
  bool may_call() const;
  bool may_read() const { return has(relayed) ? may_relay() : may_call() && !has(at_end); }
  void take_input(turn_budget& left);
  void go_on_reading(net::result got, turn_budget& left);
  void go_on_delivering(eh_next answer, std::string_view in, turn_budget& left);
  void read_until_short(turn_budget& left);
  void read_shared(turn_budget& left);
  void use_shared(net::result n, std::size_t old, std::size_t asked, turn_budget& left);
  void read_tail(turn_budget& left);
  bool took(net::result n, std::size_t asked);
  void keep_rest(std::string_view in, std::size_t used);
  std::size_t deliver(std::string_view in, turn_budget& left);
  std::size_t after_data(eh_next answer, std::string_view in, std::uint64_t written);
  bool wants_call(std::size_t left) const;
  bool input_waits() const;
  void check_progress(std::size_t left, bool progress);
  bool wants_too_much();

  // ---- the kernel's answers, which may be recorded (connection_kernel.cpp)
  net::result receive(char* at, std::size_t len);
  net::result send(char* at, std::size_t len);
  net::result send(std::span<const iovec> parts, bool more);
  net::result send_file(const output_queue::file_part& file, std::size_t len);
  bool error_queue_held();
  bool take_error();

  // ---- hooks (connection_hooks.cpp)
  inline eh_next enter(connection_context& s, hook which, std::uint64_t arg, std::string_view in, bool is_end,
                       std::size_t room);
  std::size_t take_answer(eh_next answer, std::size_t given);
  void call_with_tail(hook which, std::uint64_t arg);
  bool check_answer(eh_next answer);
  void apply(eh_next answer);
  std::size_t window_room() const;
  void breach(std::string_view what);

  // ---- output (connection_output.cpp)
  bool output_empty() const;
  void flush();
  void note_sent(net::result n);
  void flush_queue();
  bool send_bytes(std::size_t& left);
  void sent(std::size_t taken, std::size_t& left);
  void spill_window();
  void send_failed(net::result error);
  bool commit_window();
  void renew_window();
  std::size_t held() const;
  template <class Append> eh_status add_output(std::size_t len, Append append);
  bool note_high();
  void note_marks();
  void cork();
  void uncork();

  // ---- files in the output (connection_files.cpp)
  bool send_part(std::size_t& left);
  void part_failed(net::result answer);
  void file_failed(std::string_view why);

  // ---- a relay (connection_relay.cpp)
  bool takes_relayed() const;
  bool may_relay() const;
  void relay_input(turn_budget& left);
  void pass_end();
  void copy_some(turn_budget& left);
  void splice_some(turn_budget& left);
  bool send_relayed(std::string_view bytes);
  bool splice_relayed(std::size_t len);
  void note_moved();
  void leave_relay(eh_reason why, bool reset);

  // ---- the end (connection_end.cpp)
  void begin_close(eh_reason why);
  void finish_close();
  bool should_linger();
  bool has_unread();
  void linger();
  void die(eh_reason why, bool reset = true);
  void free_record();

  phase phase_ = phase::open;
  union {
    std::uint8_t reason_ = EH_REASON_PLUGIN; // from `closing` on
    std::uint8_t relay_bits_;                // while relayed: of the number of bytes that move at once
  };
  int fd_;
  std::uint32_t flags_ = readable;
  const connection_kind* kind_;
  input_tail tail_;
  output_queue queue_;
  union {
    std::size_t want_ = 0;       // of `data`; while lingering: bytes that may still be dropped
    std::int64_t moved_ns_;      // while relayed: when its relay has last read something
  };
  std::int64_t deadline_ns_ = 0; // the plugin's; while lingering: its end
  connection* relay_ = nullptr;
};

} // namespace epollhost

#endif
