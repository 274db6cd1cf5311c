// Distributed under the Boost Software License, Version 1.0.
// A file that log channels write to, in the log process.
#include "master/channel_file.hpp"

#include "master/descriptors.hpp"
#include "net/append.hpp"

#include <algorithm>
#include <utility>

namespace epollhost::master {

channel_file::channel_file(std::string path) : path_(std::move(path)) {
  net::error_code ec;
  use(net::open_to_append(path_, ec));
  if (ec) why_ = ec.message();
}

void channel_file::use(net::unique_fd fd) {
  fd_ = std::move(fd);
  socket_ = is_socket(fd_.get());
}

net::result channel_file::put(std::string_view bytes) {
  return socket_ ? net::send_now(fd_.get(), bytes.data(), bytes.size())
                 : net::write(fd_.get(), bytes.data(), bytes.size());
}

void channel_file::write(std::string_view lines) {
  if (rest_.empty() && !waits_) { // usually the file takes all, and nothing is copied
    const net::result n = put(lines);
    if (n == static_cast<net::result>(lines.size())) return;
    if (n > 0) {
      lines.remove_prefix(static_cast<std::size_t>(n));
      torn_ = lines.data()[-1] != '\n';
    }
  }
  rest_.append(lines);
  flush();
}

void channel_file::flush() {
  waits_ = false;
  while (!rest_.empty()) {
    const net::result n = put(rest_);
    if (net::would_block(n)) {
      waits_ = true;
      return;
    }
    if (n < 0) return lose(net::error_code(static_cast<int>(-n), boost::system::system_category()).message());
    torn_ = rest_[static_cast<std::size_t>(n) - 1] != '\n';
    rest_.erase(0, static_cast<std::size_t>(n));
  }
}

// The rest of a line that is half written stays: it ends that line when there is room again.
void channel_file::lose(const std::string& why) {
  const std::size_t kept = torn_ ? rest_.find('\n') + 1 : 0;
  lost_ += static_cast<std::uint64_t>(std::count(rest_.begin() + std::ptrdiff_t(kept), rest_.end(), '\n'));
  rest_.resize(kept);
  if (fd_) why_ = why; // else it is why it could not be opened
}

bool channel_file::reopen(std::string& why) {
  net::error_code ec;
  net::unique_fd fd = net::open_to_append(path_, ec);
  if (ec) return why = ec.message(), false;
  flush();
  if (torn_ && !rest_.empty()) rest_.erase(0, rest_.find('\n') + 1), ++lost_;
  torn_ = false;
  use(std::move(fd));
  flush();
  return true;
}

std::uint64_t channel_file::take_lost(std::string& why) {
  why = why_;
  return std::exchange(lost_, 0);
}

} // namespace epollhost::master
