// Distributed under the Boost Software License, Version 1.0.
// One connection of the host in memory: the state machine of src/worker/connection.hpp, over a wire.
#ifndef EPOLLHOST_TESTING_DETAIL_CONNECTION_HPP
#define EPOLLHOST_TESTING_DETAIL_CONNECTION_HPP

#include <epollhost/testing/detail/context.hpp>
#include <epollhost/testing/detail/output_queue.hpp>
#include <epollhost/testing/detail/wire.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace epollhost::testing::detail {

/// What the peer's handle and the connection both know; it lives as long as either.
struct link {
  wire bytes;
  std::uint64_t id = 0; ///< 0: not accepted yet
  bool freed = false;   ///< `close` has run
  eh_reason reason = 0; ///< if it has
  std::string peer_address, local_address;
  std::size_t peer_has_taken = 0; ///< of what it received, by a test that takes it bit by bit
  connection* host = nullptr;     ///< until it is freed
};

/// A test compares what a plugin sees of it with what it sees of the real one; whoever changes one changes both.
///
///     open --close()--> closing --output left--> lingering --peer's end, bound--> closed --next turn--> freed
class connection final : public loop_object {
public:
  connection(context& shared, const eh_hooks& hooks, std::shared_ptr<link> peer)
      : loop_object(role::connection), shared_(shared), hooks_(hooks), peer_(std::move(peer)),
        state_(hooks.state_size, hooks.state_align) {}

  /// An accepted one: call `open`, read at once what is there already.
  void start(std::uint64_t arg);

  /// An outgoing one: established() or fail() follows.
  void prepare();
  void established(std::uint64_t arg);
  void fail(eh_reason why) { die(why, false); }
  void* state() const { return state_.data(); }

  // ---- what a plugin asks of any connection
  eh_status write(std::string_view bytes);
  eh_status write_reference(std::string_view bytes, eh_release release, void* context);
  eh_status send_file(int file, std::uint64_t offset, std::uint64_t len);
  eh_status relay(connection& other);
  std::int64_t relay_moved_ns() const;
  eh_status pause();
  eh_status resume();
  eh_status close(eh_next how);
  std::uint64_t queued() const;
  bool is_open() const { return phase_ == phase::open; }
  bool is_connecting() const { return phase_ == phase::connecting; }
  const link& peer() const { return *peer_; }

  void call(hook which, std::uint64_t arg);
  void drain();
  void retire();
  void cut_off() { die(EH_REASON_DRAIN, phase_ != phase::lingering); }

  /// The peer did something: an event comes if epoll would report one.
  void wire_changed() { shared_.loop.add_event(*this); }

private:
  enum class phase { connecting, open, closing, lingering, closed };
  enum flag : std::uint32_t { // as in src/worker/connection.hpp
    readable = 1 << 0,
    hung_up = 1 << 1,
    peer_gone = 1 << 2,
    at_end = 1 << 3,
    end_told = 1 << 4,
    paused = 1 << 5,
    above_high = 1 << 6,
    send_blocked = 1 << 7,
    half_open = 1 << 8,
    finish_asked = 1 << 9,
    finished = 1 << 10,
    linger_asked = 1 << 11,
    output_dead = 1 << 12,
    drain_due = 1 << 14,
    room_due = 1 << 15,
    unclean = 1 << 16,
    retire_due = 1 << 17,
    relayed = 1 << 20,
    relay_waits = 1 << 21
  };

  bool has(std::uint32_t f) const { return (flags_ & f) != 0; }
  void set(std::uint32_t f, bool on = true) { flags_ = on ? flags_ | f : flags_ & ~f; }
  const limits& bounds() const { return shared_.chosen.limits; }
  wire& socket() { return peer_->bytes; }

  // ---- called by the loop, and turns (connection_turn.hpp)
  void on_event() override;
  void on_ready() override;
  void on_timer() override;
  void note_error();
  template <class First> void turn(First first);
  void run_turn();
  void run_last_turn();
  void call_due_hooks();
  void settle();
  std::int64_t next_deadline_ns() const;
  void arm();

  // ---- input (connection_input.hpp)
  bool may_call() const;
  bool may_read() const { return has(relayed) ? may_relay() : may_call() && !has(at_end); }
  void take_input();
  void read_until_short(std::size_t& calls);
  std::size_t read_some(std::size_t& calls);
  bool took(std::int64_t n, std::size_t asked);
  std::size_t deliver(std::string_view in, std::size_t& calls);
  bool wants_call(std::size_t left) const;
  void check_progress(std::size_t left, bool progress);

  // ---- hooks (connection_hooks.hpp)
  std::size_t call_hook(hook which, std::uint64_t arg, std::string_view in);
  eh_next enter(hook which);
  void open_windows(hook which, std::uint64_t arg, std::string_view in, guarded_block& input);
  void open_output();
  void close_windows(guarded_block&& input);
  void call_with_tail(hook which, std::uint64_t arg);
  bool check_answer(eh_next answer);
  void check_state();
  void apply(eh_next answer);
  std::size_t window_room() const;
  void breach(const char* rule, std::string what);
  eh_hook function_of(hook which) const;

  // ---- output (connection_output.hpp)
  bool output_empty() const;
  void flush();
  void flush_queue();
  bool send_bytes(std::size_t& left);
  bool send_part(std::size_t& left);
  bool sent(std::int64_t n, std::size_t offered, std::size_t& left);
  std::size_t held() const;
  void spill_window();
  void send_failed(std::int64_t error);
  bool commit_window();
  template <class Append> eh_status add_output(std::size_t len, Append append);
  bool note_high();
  void note_marks();
  bool wants_too_much();

  // ---- as one side of a relay (connection_relay.hpp)
  bool takes_relayed() const;
  bool may_relay() const;
  void relay_input();
  void pass_end();
  std::size_t copy_some();
  void send_relayed(std::string_view bytes);
  void leave_relay(eh_reason why, bool reset);

  // ---- the end (connection_end.hpp)
  void begin_close(eh_reason why);
  void finish_close();
  bool should_linger() const;
  void linger();
  void die(eh_reason why, bool reset = true);
  void free_record();

  context& shared_;
  const eh_hooks& hooks_;
  const std::shared_ptr<link> peer_;
  guarded_block state_;
  phase phase_ = phase::open;
  eh_reason reason_ = EH_REASON_PLUGIN;
  std::uint32_t flags_ = readable;
  std::string tail_;
  output_queue queue_;
  std::size_t want_ = 0;
  std::int64_t deadline_ns_ = 0;
  connection* relay_ = nullptr; // the other side
  std::int64_t moved_ns_ = 0;   // while relayed: when its relay has last read something
  bool outgoing_ = false;
};

} // namespace epollhost::testing::detail

#include <epollhost/testing/detail/connection_end.hpp>
#include <epollhost/testing/detail/connection_hooks.hpp>
#include <epollhost/testing/detail/connection_input.hpp>
#include <epollhost/testing/detail/connection_output.hpp>
#include <epollhost/testing/detail/connection_relay.hpp>
#include <epollhost/testing/detail/connection_turn.hpp>

#endif
