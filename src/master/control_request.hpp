// Distributed under the Boost Software License, Version 1.0.
// The line that a client of the control socket sends.
#ifndef EPOLLHOST_MASTER_CONTROL_REQUEST_HPP
#define EPOLLHOST_MASTER_CONTROL_REQUEST_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace epollhost::master {

/// Puts it together of the pieces in which it comes: what comes of it does not depend on them.
class control_request {
public:
  static constexpr std::size_t bytes_max = 256; ///< with the end of the line

  enum class state {
    more,   ///< the line has not ended yet
    whole,  ///< it has; what follows is not looked at
    refused ///< it is too long
  };

  /// Take the next piece. Not after one of the last two states.
  state add(std::string_view piece);

  /// The line without its end, once it is whole.
  const std::string& line() const { return line_; }

private:
  std::string line_;
};

} // namespace epollhost::master

#endif
