// Distributed under the Boost Software License, Version 1.0.
// The folder that is served, and the only way to what is in it.

#ifndef EPOLLHOST_PLUGINS_FILES_ROOT_HPP
#define EPOLLHOST_PLUGINS_FILES_ROOT_HPP

#include <epollhost/http/detail/descriptor.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
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
    const int error = open(".").error;
    if (error == ENOSYS || error == EPERM)
      refuse("this kernel, or the filter of system calls of this container, refuses openat2 (" +
             std::generic_category().message(error) + "); it needs Linux 5.6, and a filter that lets it through");
    if (error != 0 && error != EACCES) refuse(std::generic_category().message(error)); // files in it may be readable
  }

  /// Open for reading what has this name below the root; never waits for the writer of a pipe.
  opened open(const char* name) const noexcept {
    open_how how{};
    how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    how.resolve = resolve_;
    for (int tries = 0;; ++tries) {
      const long fd = ::syscall(SYS_openat2, fd_.get(), name, &how, sizeof how);
      if (fd >= 0) return {descriptor{static_cast<int>(fd)}};
      // EAGAIN: something was renamed while a link with ".." was followed.
      if (errno != EINTR && (errno != EAGAIN || tries == tries_max)) return {descriptor{}, errno};
    }
  }

private:
  static constexpr int tries_max = 8;

  descriptor fd_;
  std::uint64_t resolve_;
};

} // namespace files

#endif
