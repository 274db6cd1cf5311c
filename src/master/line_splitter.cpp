// Distributed under the Boost Software License, Version 1.0.
// Makes lines of what a pipe of the log gives.
#include "master/line_splitter.hpp"

#include "base/log_line.hpp"

namespace epollhost::master {

void line_splitter::take(std::string_view bytes) {
  for (std::size_t end; (end = bytes.find('\n')) != std::string_view::npos; bytes.remove_prefix(end + 1)) {
    rest_.append(bytes.substr(0, end + 1));
    to_.write(rest_);
    rest_.clear();
  }
  rest_.append(bytes);
  if (rest_.size() >= log::line_bytes_max) this->end();
}

void line_splitter::end() {
  if (rest_.empty()) return;
  rest_.push_back('\n');
  to_.write(rest_);
  rest_.clear();
}

} // namespace epollhost::master
