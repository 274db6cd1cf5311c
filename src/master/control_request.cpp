// Distributed under the Boost Software License, Version 1.0.
// The line that a client of the control socket sends.
#include "master/control_request.hpp"

namespace epollhost::master {

control_request::state control_request::add(std::string_view piece) {
  line_ += piece.substr(0, bytes_max - line_.size());
  const auto end = line_.find('\n');
  if (end == std::string::npos) return line_.size() < bytes_max ? state::more : state::refused;
  line_.resize(end);
  return state::whole;
}

} // namespace epollhost::master
