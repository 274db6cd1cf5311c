// Distributed under the Boost Software License, Version 1.0.
// Output that the kernel has not taken yet.
#include "worker/output_queue.hpp"

#include "net/unique_fd.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace epollhost {
namespace {

constexpr std::size_t least_block = 4096;

} // namespace

output_queue::head& output_queue::need_head(buffer_pool& pool, std::int64_t now_ns) {
  if (!head_) head_ = new (pool.take(sizeof(head))) head{nullptr, nullptr, 0, now_ns, 0, 0};
  return *head_;
}

output_queue::segment* output_queue::new_segment(buffer_pool& pool, std::size_t room) {
  const std::size_t block = buffer_pool::rounded(sizeof(segment) + room);
  auto* const s = new (pool.take(block)) segment{};
  s->data = reinterpret_cast<char*>(s + 1);
  s->room = block - sizeof(segment);
  s->block = block;
  return s;
}

void output_queue::link(head& h, segment* s) {
  if (h.last)
    h.last->next = s;
  else
    h.first = s;
  h.last = s;
}

void output_queue::append(buffer_pool& pool, const void* bytes, std::size_t len, std::int64_t now_ns) {
  if (len == 0) return;
  segment* const last = head_ ? head_->last : nullptr;
  const std::size_t fits = last ? std::min(last->room, len) : 0;
  segment* fresh = nullptr;
  if (fits < len) fresh = new_segment(pool, std::max(len - fits, least_block - sizeof(segment))); // before any change
  const auto fill = [](segment* s, const void* from, std::size_t n) {
    std::memcpy(const_cast<char*>(s->data) + s->size, from, n);
    s->size += n;
    s->room -= n;
  };
  if (fits) fill(last, bytes, fits), head_->bytes += fits;
  if (!fresh) return;
  fill(fresh, static_cast<const char*>(bytes) + fits, len - fits);
  try {
    link(need_head(pool, now_ns), fresh);
  } catch (...) {
    pool.give(fresh, fresh->block); // no head: then nothing went into a last segment either
    throw;
  }
  head_->bytes += len - fits;
}

// A segment without memory of its own for bytes.
output_queue::segment* output_queue::append_bare(buffer_pool& pool, std::int64_t now_ns) {
  head& h = need_head(pool, now_ns);
  try {
    segment* const s = new_segment(pool, 0);
    s->room = 0;
    link(h, s);
    return s;
  } catch (...) {
    if (!h.first) pool.give(std::exchange(head_, nullptr), sizeof(head));
    throw;
  }
}

void output_queue::append_reference(buffer_pool& pool, const void* bytes, std::size_t len, eh_release release,
                                    void* context, std::int64_t now_ns) {
  segment* const s = append_bare(pool, now_ns);
  s->data = static_cast<const char*>(bytes);
  s->size = len;
  s->release = release;
  s->context = context;
  head_->bytes += len;
}

void output_queue::append_file(buffer_pool& pool, int fd, std::uint64_t offset, std::uint64_t len,
                               std::int64_t now_ns) {
  segment* const s = append_bare(pool, now_ns);
  s->data = nullptr;
  s->size = len;
  s->offset = offset;
  s->fd = fd;
  head_->file_bytes += len;
  ++head_->files;
}

output_queue::gathered output_queue::gather(std::span<iovec> parts) const {
  std::size_t n = 0;
  segment* s = head_ ? head_->first : nullptr;
  for (; s && s->data && n < parts.size(); s = s->next) parts[n++] = {const_cast<char*>(s->data), s->size};
  return {n, s && !s->data};
}

output_queue::file_part output_queue::first_file() const {
  const segment& s = *head_->first;
  return {s.fd, s.offset, s.size};
}

// The first segment is done with.
void output_queue::pop(buffer_pool& pool) {
  segment* const s = head_->first;
  took(s->size);
  head_->first = s->next;
  if (!head_->first) head_->last = nullptr;
  if (!s->data) {
    --head_->files;
    net::close(s->fd);
  }
  const auto release = s->release;
  void* const context = s->context;
  pool.give(s, s->block);
  if (release) release(context);
}

// The next `len` bytes of the first segment are done with.
void output_queue::took(std::uint64_t len) {
  segment& s = *head_->first;
  s.size -= len;
  if (s.data) {
    s.data += len;
    head_->bytes -= len;
  } else {
    s.offset += len;
    head_->file_bytes -= len;
  }
}

void output_queue::consume(buffer_pool& pool, std::size_t len, std::int64_t now_ns) {
  head_->progress_ns = now_ns;
  while (head_->first && len >= head_->first->size) {
    len -= head_->first->size;
    pop(pool);
  }
  if (head_->first)
    took(len);
  else
    pool.give(std::exchange(head_, nullptr), sizeof(head));
}

void output_queue::clear(buffer_pool& pool) {
  if (!head_) return;
  while (head_->first) pop(pool);
  pool.give(std::exchange(head_, nullptr), sizeof(head));
}

} // namespace epollhost
