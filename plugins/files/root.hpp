// Distributed under the Boost Software License, Version 1.0.
// The folder that is served, and the only way to what is in it.

#ifndef EPOLLHOST_PLUGINS_FILES_ROOT_HPP
#define EPOLLHOST_PLUGINS_FILES_ROOT_HPP

#include <epollhost/http/detail/descriptor.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <system_error>

namespace files {

using epollhost::http::detail::descriptor;

/// What opening gave: a descriptor, or errno.
struct opened {
  descriptor fd;
  int error = 0;
};

/// What a name leads to: a descriptor that can only be asked what it is, and that; or errno.
struct found {
  descriptor place;
  struct stat about {};
  int error = 0;

  bool is_file() const noexcept { return place && S_ISREG(about.st_mode); }
  bool is_folder() const noexcept { return place && S_ISDIR(about.st_mode); }
};

/// The descriptor of the root, held from `start` to `stop`: a folder that is put in its place later is another one, and
/// comes with a reload. The kernel resolves names below it and lets none of them out, whatever links are in there and
/// whoever moves folders meanwhile. Source: openat2(2).
class root {
public:
  /// Throws std::runtime_error with the path and the reason.
  root(const std::string& path, bool symlinks)
      : resolve_{RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
                 (symlinks ? std::uint64_t{0} : std::uint64_t{RESOLVE_NO_SYMLINKS})} {
    const auto refuse = [&path](const std::string& why) { throw std::runtime_error("root \"" + path + "\": " + why); };
    fd_ = descriptor{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!fd_) refuse(std::generic_category().message(errno));
    const int error = open(".", O_PATH).error;
    if (error == ENOSYS || error == EPERM)
      refuse("this kernel, or the filter of system calls of this container, refuses openat2 (" +
             std::generic_category().message(error) + "); it needs Linux 5.6, and a filter that lets it through");
    if (error != 0) refuse(std::generic_category().message(error));
  }

  /// Look what has this name below the root. It is not opened yet: to open a pipe would let its writer go on, whose data
  /// is lost then, and to open a device may do anything.
  found look(const char* name) const noexcept {
    opened place = open(name, O_PATH);
    found out{std::move(place.fd), {}, place.error};
    if (out.place && ::fstat(out.place.get(), &out.about) != 0) out = {descriptor{}, {}, errno};
    return out;
  }

  /// Open for reading the file or folder that was found.
  opened open(const found& what, const char* name) const noexcept {
    constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    std::array<char, 32> path;
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", what.place.get());
    opened out{descriptor{::open(path.data(), flags)}};
    if (out.fd) return out;
    out.error = errno;
    if (out.error != ENOENT) return out;
    // There is no /proc here: by its name once more, and then it has to be the same.
    out = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat about;
    if (out.fd && (::fstat(out.fd.get(), &about) != 0 || about.st_ino != what.about.st_ino ||
                   about.st_dev != what.about.st_dev))
      out = {descriptor{}, ENOENT};
    return out;
  }

private:
  opened open(const char* name, int flags) const noexcept {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = resolve_;
    for (int tries = 0;; ++tries) {
      const long fd = ::syscall(SYS_openat2, fd_.get(), name, &how, sizeof how);
      if (fd >= 0) return {descriptor{static_cast<int>(fd)}};
      // EAGAIN: something was renamed while a link with ".." was followed.
      if (errno != EINTR && (errno != EAGAIN || tries == tries_max)) return {descriptor{}, errno};
    }
  }

  static constexpr int tries_max = 8;

  descriptor fd_;
  std::uint64_t resolve_;
};

} // namespace files

#endif
