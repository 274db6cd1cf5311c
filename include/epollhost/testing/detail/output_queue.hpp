// Distributed under the Boost Software License, Version 1.0.
// Output that the wire has not taken yet.
#ifndef EPOLLHOST_TESTING_DETAIL_OUTPUT_QUEUE_HPP
#define EPOLLHOST_TESTING_DETAIL_OUTPUT_QUEUE_HPP

#include <epollhost/plugin.h>

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace epollhost::testing::detail {

/// Copies, references whose owner is told when they have left, and parts of files, whose descriptors it owns. Of a
/// reference a copy is kept too, to see whether the plugin left the bytes alone.
class output_queue {
public:
  output_queue() = default;
  output_queue(const output_queue&) = delete;
  output_queue& operator=(const output_queue&) = delete;
  ~output_queue() { clear(); }

  bool empty() const { return parts_.empty(); }
  std::size_t bytes() const { return bytes_; } ///< in memory
  std::uint64_t file_bytes() const { return file_bytes_; }
  std::size_t files() const { return files_; }
  std::int64_t progress_ns() const { return progress_ns_; }

  void append(std::string_view bytes, std::int64_t now_ns) {
    if (bytes.empty()) return;
    if (empty()) progress_ns_ = now_ns;
    parts_.push_back({.bytes = std::string(bytes)});
    bytes_ += bytes.size();
  }

  void append_reference(std::string_view bytes, eh_release release, void* context, std::int64_t now_ns) {
    if (empty()) progress_ns_ = now_ns;
    parts_.push_back({.bytes = std::string(bytes), .reference = bytes.data(), .release = release, .context = context});
    bytes_ += bytes.size();
  }

  /// `len` bytes, at least one, of a file. The descriptor is the queue's from here on.
  void append_file(int fd, std::uint64_t offset, std::uint64_t len, std::int64_t now_ns) {
    if (empty()) progress_ns_ = now_ns;
    parts_.push_back({.fd = fd, .offset = offset, .len = len});
    file_bytes_ += len;
    ++files_;
  }

  bool file_first() const { return !empty() && parts_.front().fd >= 0; }

  /// Of a file that stands first: read its next bytes. False if it does not have them any more.
  bool read_file(std::string& to, std::size_t most) const {
    const part& p = parts_.front();
    to.resize(std::min<std::uint64_t>(p.len, most));
    const ssize_t n = ::pread(p.fd, to.data(), to.size(), static_cast<off_t>(p.offset));
    if (n > 0) to.resize(static_cast<std::size_t>(n));
    return n > 0;
  }
  void consume_file(std::size_t len, std::int64_t now_ns) {
    progress_ns_ = now_ns;
    part& p = parts_.front();
    p.offset += len;
    p.len -= len;
    file_bytes_ -= len;
    if (p.len == 0) pop();
  }

  /// The first bytes, in one piece.
  std::string_view front() const { return std::string_view(parts_.front().bytes).substr(parts_.front().gone); }

  /// Whether the bytes at front() are what they were when the plugin gave them. Reads the plugin's memory.
  bool front_is_unchanged() const {
    const part& p = parts_.front();
    return !p.reference || std::string_view(p.reference, p.bytes.size()) == p.bytes;
  }

  /// Drop the first `len` bytes of front().
  void consume(std::size_t len, std::int64_t now_ns) {
    progress_ns_ = now_ns;
    bytes_ -= len;
    parts_.front().gone += len;
    if (parts_.front().gone == parts_.front().bytes.size()) pop();
  }

  void clear() {
    while (!empty()) {
      bytes_ -= front().size();
      file_bytes_ -= parts_.front().len;
      pop();
    }
  }

private:
  struct part {
    std::string bytes{};
    std::size_t gone = 0;
    const char* reference = nullptr;
    eh_release release = nullptr;
    void* context = nullptr;
    int fd = -1; // of a file: then the others count for nothing
    std::uint64_t offset = 0, len = 0;
  };

  void pop() {
    const part p = std::move(parts_.front());
    parts_.pop_front();
    if (p.fd >= 0) {
      --files_;
      ::close(p.fd);
    }
    if (p.release) p.release(p.context); // may call us
  }

  std::deque<part> parts_;
  std::size_t bytes_ = 0, files_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::int64_t progress_ns_ = 0;
};

} // namespace epollhost::testing::detail

#endif
