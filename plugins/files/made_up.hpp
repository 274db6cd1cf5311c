// Distributed under the Boost Software License, Version 1.0.
// Files whose content the kernel makes up when they are read, as those of /proc and /sys: their size is no promise.

#ifndef EPOLLHOST_PLUGINS_FILES_MADE_UP_HPP
#define EPOLLHOST_PLUGINS_FILES_MADE_UP_HPP

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

namespace files {

/// Say whether a file of no blocks has another size than it says: one of /proc says 0, one of /sys says 4096. A file on
/// a disk has blocks, or is a hole or nothing, and then it has the last byte of its size and none behind it.
inline bool lies(int fd, std::int64_t size) noexcept {
  char byte;
  return size > 0 ? ::pread(fd, &byte, 1, size - 1) != 1 : ::pread(fd, &byte, 1, 0) == 1;
}

/// The most that such a file may have, since it is held in memory.
inline constexpr std::size_t made_up_bytes_max = 1024 * 1024;

/// Read all of it. Answers 0 or errno: EFBIG above the bound.
inline int read_whole(int fd, std::string& content) {
  constexpr std::size_t piece = 64 * 1024;
  for (std::size_t size = 0;;) {
    content.resize(size + piece);
    const ssize_t got = ::read(fd, content.data() + size, piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    size += static_cast<std::size_t>(got);
    content.resize(size);
    if (got == 0) return 0;
    if (size > made_up_bytes_max) return EFBIG;
  }
}

} // namespace files

#endif
