// Distributed under the Boost Software License, Version 1.0.
// The page of one worker, in memory that it shares with the master and with no other process.
#ifndef EPOLLHOST_MASTER_SHARED_PAGE_HPP
#define EPOLLHOST_MASTER_SHARED_PAGE_HPP

#include "net/unique_fd.hpp"
#include "worker/worker_page.hpp"

namespace epollhost::master {

/// The master's mapping of a page. Owned by the worker's worker_process. The memory is a file without a name, so that
/// the next image of the program finds it again; its size is sealed. No child inherits the mapping: a worker maps its
/// own page by its descriptor, and has no other.
class shared_page {
public:
  shared_page();                                  ///< a clean one; throws system_error
  explicit shared_page(net::unique_fd inherited); ///< of a worker that an earlier image started; throws system_error
  ~shared_page();
  shared_page(const shared_page&) = delete;
  shared_page& operator=(const shared_page&) = delete;

  int fd() const { return fd_.get(); }
  const worker_page& operator*() const { return *page_; }
  const worker_page* operator->() const { return page_; }

  /// The page behind a descriptor, for the worker that writes it; until the process ends. Throws system_error.
  static worker_page& map_for_worker(int fd);

private:
  net::unique_fd fd_;
  worker_page* page_ = nullptr;
};

} // namespace epollhost::master

#endif
