// Distributed under the Boost Software License, Version 1.0.
// The pages of all workers, in memory that they share with the master.
#ifndef EPOLLHOST_MASTER_SCOREBOARD_HPP
#define EPOLLHOST_MASTER_SCOREBOARD_HPP

#include "net/unique_fd.hpp"
#include "worker/worker_page.hpp"

#include <cstddef>
#include <vector>

namespace epollhost::master {

/// Gives pages to workers. The memory is a file without a name, so that the next image of the program finds it again.
class scoreboard {
public:
  static constexpr std::size_t pages_max = 16384;

  /// `inherited`: the descriptor of an earlier image, or empty. Throws system_error.
  explicit scoreboard(net::unique_fd inherited = {});
  ~scoreboard();
  scoreboard(const scoreboard&) = delete;
  scoreboard& operator=(const scoreboard&) = delete;

  int fd() const { return fd_.get(); }
  worker_page& take(); ///< a clean page; throws length_error if none is left
  void give(worker_page& page);

  std::size_t index_of(const worker_page& page) const { return static_cast<std::size_t>(&page - pages_); }
  worker_page& adopt(std::size_t index); ///< the page of a worker that an earlier image started

private:
  void map();

  net::unique_fd fd_;
  worker_page* pages_ = nullptr;
  std::vector<bool> taken_;
};

} // namespace epollhost::master

#endif
