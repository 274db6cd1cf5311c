// Distributed under the Boost Software License, Version 1.0.
// How a recording is written down: frames, and the numbers and texts in them. doc/record.adoc describes it.
#ifndef EPOLLHOST_WORKER_RECORD_FORMAT_HPP
#define EPOLLHOST_WORKER_RECORD_FORMAT_HPP

#include "net/endpoint.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace epollhost::record {

/// The first bytes of a file. The first is no text; the line ends show a file that was transferred as text.
inline constexpr std::string_view magic{"\x89"
                                        "EHREC\r\n",
                                        8};
inline constexpr std::uint64_t version = 1;

/// What a frame is about: its first byte. A number that was once given keeps its meaning.
enum class kind : std::uint8_t {
  header = 1,   ///< version, the two clocks, then name and value of each fact
  listening,    ///< an address; their order gives them numbers
  turn,         ///< the loop has waited until then: nanoseconds after the turn before
  accepted,     ///< connection, address it came to, peer, our side
  event,        ///< connection, what epoll said of it
  received,     ///< connection, what recv answered, the bytes
  sent,         ///< connection, what was offered, what the kernel answered, the bytes that it took
  sent_file,    ///< the same of a file, without its bytes
  socket_error, ///< connection, its errno
  error_queue,  ///< connection, whether it held anything
  closed,       ///< connection, its reason: `close` is called
  random,       ///< bytes that the plugin was given
  draining,     ///< the worker accepts no more; for the second time: idle connections are closed
  relayed,      ///< connection: from here its bytes go past the plugin; of it only the end is recorded
  end,          ///< why the recording ends
  attempted,    ///< connection, what connect answered, where to, our side: the plugin makes one by itself
  resolved      ///< look-up, its error, then addresses; look-ups are numbered as they are asked
};
inline constexpr kind last_kind = kind::resolved;

/// Whether connect() goes on after this answer, so that the attempt is followed.
inline bool goes_on(std::int64_t answer) { return answer == 0 || answer == -EINPROGRESS; }

enum class ending : std::uint8_t {
  worker, ///< the worker has ended
  limit   ///< --record-limit was reached
};

/// Puts the frames of a recording behind each other.
///
///     length of the content | content: kind, fields | CRC-32 of the content
///
/// Lengths and numbers have seven bits a byte, the lowest first; those that may be negative are zigzag-coded.
class writer {
public:
  explicit writer(std::string& to) : to_(to) {}
  writer(const writer&) = delete;

  writer& begin(kind k);
  writer& number(std::uint64_t n);
  writer& signed_number(std::int64_t n);
  writer& text(std::string_view t); ///< with its length
  writer& rest(std::string_view t); ///< the last field: without
  writer& address(const net::endpoint& e);
  void end();

private:
  std::string& to_;
  std::string content_;
};

/// Takes the fields of one frame. What is not there, or is too large, is empty.
class fields {
public:
  explicit fields(std::string_view content) : left_(content) {}

  std::optional<std::uint64_t> number();
  std::optional<std::int64_t> signed_number();
  std::optional<std::string_view> text();
  std::optional<net::endpoint> address();
  std::string_view rest();
  bool at_end() const { return left_.empty(); }

private:
  std::string_view left_;
};

std::uint32_t checksum(std::string_view content);

/// The four bytes of a checksum, the lowest first.
inline constexpr std::size_t checksum_bytes = 4;

} // namespace epollhost::record

#endif
