// Distributed under the Boost Software License, Version 1.0.
// Writes down what the kernel tells a worker of chosen connections, so that the simulator can tell it again.
#ifndef EPOLLHOST_WORKER_RECORDER_HPP
#define EPOLLHOST_WORKER_RECORDER_HPP

#include "loop/io_context.hpp"
#include "net/peer_range.hpp"
#include "net/resolver.hpp"
#include "net/socket.hpp"
#include "worker/plugin_description.hpp"
#include "worker/record_file.hpp"
#include "worker/record_format.hpp"
#include "worker/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace epollhost {

/// Owned by the worker. Every answer of the kernel that the plugin's hooks follow from goes in here: what epoll said,
/// what was received, how much was sent, when the loop had waited. All before a hook is called has left the process by
/// then, so that a crash in it loses nothing.
///
/// A file that takes no more, or not fast enough, ends the recording and nothing else.
class recorder {
public:
  /// The most that waits for who writes the file.
  static constexpr std::size_t waiting_max = 1024 * 1024;

  recorder(loop::io_context& loop, const worker_settings& settings, const plugin_description& plugin, record_file to);
  ~recorder();
  recorder(const recorder&) = delete;

  void listening(const std::vector<net::endpoint>& at);

  /// True if the connection is chosen; what follows is for such alone. `address`: the number of the one it came to.
  bool accepted(loop::object_id id, std::uint64_t address, const net::endpoint& peer, const net::endpoint& local);

  /// A connection that the plugin makes by itself: an address was tried. Followed as `id`, if the kernel goes on with
  /// it.
  void attempted(loop::object_id id, const net::endpoint& to, const net::endpoint& local, net::result answer);
  void becomes(loop::object_id attempt, loop::object_id connection); ///< it is there
  void let_go(loop::object_id attempt) { numbers_.erase(attempt); }

  /// A number for a look-up that is asked for now, and what it has answered.
  std::uint64_t look_up() { return ++looked_up_; }
  void resolved(std::uint64_t look_up, const net::resolver::answer& found);

  void event(loop::object_id id, std::uint32_t events);
  void received(loop::object_id id, net::result answer, const char* bytes);
  void sent(loop::object_id id, std::span<const iovec> offered, net::result answer);
  void sent_file(loop::object_id id, std::size_t offered, net::result answer);
  void socket_error(loop::object_id id, int error);
  void error_queue(loop::object_id id, bool held);
  void relayed(loop::object_id id);
  void closed(loop::object_id id, std::uint8_t reason); ///< its hook `close` is to be called

  void random(std::string_view bytes);
  void draining();

  /// A hook is to be called in this turn.
  void calling();

  /// The worker has ended.
  void finish();

private:
  template <class F> void unless_ended(F f);
  template <class F> void in_this_turn(F f);
  template <class Fill> void note(record::kind k, Fill fill);
  template <class Fill> void note_of(record::kind k, loop::object_id id, Fill fill);
  void write_header(const worker_settings& settings, const plugin_description& plugin);
  void note_turn();
  void add();
  void flush();
  void end(record::ending why);
  void give_up(std::string_view why);

  loop::io_context& loop_;
  const std::string who_, path_;
  net::unique_fd fd_; // empty: it has ended
  const std::uint64_t bytes_max_, every_;
  std::optional<net::peer_range> peers_;
  std::uint64_t bytes_ = 0;    // of the file, with those that wait
  std::string waiting_, next_; // for the file; the frame in hand
  record::writer frame_{next_};
  std::int64_t turn_ns_ = 0; // the one that was written last
  std::uint64_t seen_ = 0;   // connections that might have been chosen
  std::uint64_t chosen_ = 0, looked_up_ = 0;
  std::unordered_map<loop::object_id, std::uint64_t> numbers_; // of chosen connections that are open
};

} // namespace epollhost

#endif
