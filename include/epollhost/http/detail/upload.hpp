// Distributed under the Boost Software License, Version 1.0.
// What a connection holds while a request or an answer is under way for longer than one call. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_UPLOAD_HPP
#define EPOLLHOST_HTTP_DETAIL_UPLOAD_HPP

#include <epollhost/http/body.hpp>
#include <epollhost/http/detail/reply_progress.hpp>
#include <epollhost/plugin.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace epollhost::http::detail {

/// One exchange that did not fit into one call. Owned by a session, lent by the pool.
struct upload {
  std::string head;    ///< a copy of the request's head, since its input is consumed
  std::string content; ///< what has come of its body, if the handler takes it; later, what is left of the answer
  body_reader reader;
  std::uint64_t content_seen = 0; ///< when the rate was last looked at
  std::size_t sent = 0;           ///< of the rest of the answer
  bool close_after = false;
  bool engaged = false; ///< the handler has part of this exchange and is to be told of its end
  bool logged = false;  ///< the access log has a line for this exchange
  bool paused = false;  ///< by the handler, which takes no more pieces for now
  reply_progress progress;
  eh_conn_id connection = 0;

  /// Be as new, but keep the memory.
  void clear() noexcept {
    head.clear();
    content.clear();
    content_seen = 0;
    sent = 0;
    close_after = engaged = logged = paused = false;
    progress = {};
  }
};

/// Keep uploads for the next ones, so that they cost no allocation in the steady state. One for a worker. [worker]
class upload_pool {
public:
  std::unique_ptr<upload> take() {
    if (free_.empty()) return std::make_unique<upload>();
    std::unique_ptr<upload> found = std::move(free_.back());
    free_.pop_back();
    return found;
  }

  /// Take an upload back. Large ones, and more than a few, are freed, so that one busy hour does not hold memory
  /// forever.
  void give(std::unique_ptr<upload> done) noexcept {
    if (free_.size() == kept_max || done->content.capacity() > kept_bytes_max || free_.capacity() == 0) return;
    done->clear();
    free_.push_back(std::move(done)); // room was reserved
  }

  upload_pool() { free_.reserve(kept_max); }

private:
  static constexpr std::size_t kept_max = 64;
  static constexpr std::size_t kept_bytes_max = 64 * 1024;

  std::vector<std::unique_ptr<upload>> free_;
};

} // namespace epollhost::http::detail

#endif
