// Distributed under the Boost Software License, Version 1.0.
// One end of a simulated connection.
#ifndef EPOLLHOST_NET_SIM_STREAM_HPP
#define EPOLLHOST_NET_SIM_STREAM_HPP

#include "net/endpoint.hpp"
#include "net/sim/file.hpp"
#include "net/sim/network.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

namespace epollhost::net::sim {

class kernel;

/// A TCP or unix socket that is connected. What is sent lies on the wire, in pieces, until it arrives; a piece counts
/// against our buffer until the peer's has taken it.
///
///     send -> [wire: piece, piece, FIN] -- the time has come, and there is room --> [received] -> receive
///
/// Both ends belong to the kernel until that dies, since what was sent before a close must still arrive.
class stream : public file {
public:
  /// `is_unix`: what is sent is there at once, and ends and errors are those of unix(7).
  stream(kernel& k, bool is_unix, const path& way, const endpoint& local, const endpoint& remote);

  static void connect(stream& a, stream& b);

  // ---- made by the program: until it is decided, nothing is ready, as in SYN_SENT
  void begin_connecting() { connecting_ = true; }
  void established();
  void fail_connecting(int error); ///< what SO_ERROR tells
  bool is_connecting() const { return connecting_; }

  // ---- calls, answering as those of net/socket.hpp
  virtual std::int64_t receive(void* bytes, std::size_t len);
  virtual std::int64_t send(std::span<const iovec> parts);
  virtual std::int64_t send_file(int file, std::uint64_t offset, std::size_t len); ///< of a file that is real
  virtual void shutdown_send();
  virtual int take_error(); ///< an errno, or 0
  virtual bool drain_error_queue();
  void set_send_room(std::size_t bytes) { way_.send_room = bytes; }

  // ---- what comes from outside
  void vanish() { vanished_ = true; } ///< from now on this end's machine is not on the net
  void reset_arrives();
  void cut();                                         ///< something on the way resets both ends
  void lose_input_at_reset() { loses_input_ = true; } ///< as some systems do; Linux lets it be read
  void report_error_queue();

  bool is_unix() const { return is_unix_; }
  bool is_closed() const { return closed_; }                   ///< by its owner
  bool peer_closed() const { return peer_ && peer_->closed_; } ///< it, not only its direction
  bool is_dead() const { return dead_; }                       ///< a reset has come
  bool peer_finished() const { return rcv_shut_; }
  std::size_t unread() const { return received_.size() - read_; }
  std::size_t queued() const { return queued_; }
  const endpoint& local() const { return local_; }
  const endpoint& remote() const { return remote_; }

  std::uint32_t poll() override;
  bool may_mislead() const override { return !connecting_; }
  void released(bool reset) override;
  void released_unaccepted(); ///< its listener has ended

private:
  struct piece {
    std::int64_t arrives_ns;
    std::string bytes;
    bool fin;
  };
  struct unread_piece {
    std::size_t left, size;
  };

  bool writable() const;
  std::size_t send_room() const;
  std::int64_t take(void* bytes, std::size_t len);
  void free_unix_pieces(std::size_t n);
  std::int64_t send_nothing_more(bool& over);
  std::size_t squeeze(std::size_t n);
  void put_on_wire(std::string bytes, bool fin);
  void cut_and_put(std::string bytes);
  void expect(std::int64_t when_ns);
  void deliver();               // from our wire to the peer, what has arrived
  bool deliver_piece(piece& p); // false: no room
  void acknowledged(std::size_t bytes);
  void send_reset();
  void end_by_unix_peer(bool had_unread);
  void close_tcp(bool reset);

  kernel& kernel_;
  const bool is_unix_;
  path way_;
  const endpoint local_, remote_;
  stream* peer_ = nullptr;

  std::string received_;
  std::size_t read_ = 0;                   // of received_
  std::deque<unread_piece> unread_pieces_; // of a unix socket
  std::deque<piece> wire_;
  std::size_t queued_ = 0; // bytes on the wire; of a unix socket also those that the peer has not read
  std::int64_t last_arrival_ns_ = 0;
  std::int64_t full_until_ns_ = 0; // a fault: the buffer is full until then

  int error_ = 0;
  unsigned error_queue_ = 0;
  bool rcv_shut_ = false, snd_shut_ = false;
  bool fin_came_ = false; // rather than a reset
  bool no_space_ = false; // somebody found it full: tell when there is room
  bool connecting_ = false;
  bool closed_ = false, dead_ = false, vanished_ = false, loses_input_ = false;
};

} // namespace epollhost::net::sim

#endif
