// Distributed under the Boost Software License, Version 1.0.
// One connection: from a file to the socket.
#include "base/log.hpp"
#include "worker/connection.hpp"

#include <algorithm>

namespace epollhost {
namespace {

// A failed sendfile does not say which of the two descriptors it was. These are what a socket has to say.
bool is_of_socket(net::result error) {
  switch (-error) {
  case EPIPE:
  case ECONNRESET:
  case ECONNABORTED:
  case ETIMEDOUT:
  case ENOTCONN:
  case EHOSTUNREACH:
  case ENETUNREACH:
  case ENETDOWN:
  case ENOBUFS: return true;
  default: return false;
  }
}

} // namespace

// One sendfile of the file that stands first. Answers whether the next may follow at once. A short count comes from a
// full socket as from a file that has ended there; only the next call tells which, and waiting for OUT after the second
// would be for ever.
bool connection::send_part(std::size_t& left) {
  const output_queue::file_part file = queue_.first_file();
  const net::result n = send_file(file, std::min<std::uint64_t>(file.len, left));
  if (n <= 0) return part_failed(n), false;
  sent(static_cast<std::size_t>(n), left);
  return true;
}

void connection::part_failed(net::result answer) {
  if (net::would_block(answer)) return set(send_blocked);
  if (answer == 0) return file_failed("it is shorter than when it was given");
  if (answer == -ENOMEM) return die(EH_REASON_SYSTEM);
  if (is_of_socket(answer)) return send_failed(answer);
  file_failed(net::error_code(static_cast<int>(-answer), boost::system::system_category()).message());
}

// The peer was promised more bytes than there are: a reset tells it that what it has is not the whole.
void connection::file_failed(std::string_view why) {
  ++shared().counters.file_failures;
  const output_queue::file_part file = queue_.first_file();
  log::warning(shared().settings.name,
               "a file could not be sent on connection {:#x}: {} ({} bytes left at offset {}). The connection is reset",
               id(), why, file.len, file.offset);
  die(EH_REASON_FILE);
}

} // namespace epollhost
