// Distributed under the Boost Software License, Version 1.0.
// Files that a user names: opened without waiting, and looked at before they are read.
#ifndef EPOLLHOST_NET_FILE_HPP
#define EPOLLHOST_NET_FILE_HPP

#include "net/unique_fd.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace epollhost::net {

/// The size of a regular file in bytes; or -errno, and -EINVAL for what is no regular file: a pipe or a device has no
/// offsets, and reading it may block for ever. Source: fstat(2).
std::int64_t regular_file_bytes(int fd);

/// What a file is, for a message: "a regular file", "a folder", "a pipe", "a socket", "a device".
const char* kind_of(mode_t mode);

/// The same of what lies at a path; empty if nothing does.
std::string kind_of(const std::string& path);

/// Open what a user has named, to read it. Only a regular file and /dev/null are opened: another's pipe would be waited
/// for, or lose what its writer says. By /dev/stdin and /dev/fd/N the user names what the shell has opened for this
/// process; that is read whatever it is, which may wait for its writer, until refuse_streams().
/// If it is not opened `fault` says why: "is a pipe; expected a regular file", "cannot be opened: Permission denied".
unique_fd open_named_file(const std::string& path, std::string& fault);

struct file_content {
  std::string text;
  std::string fault; ///< empty: all has been read
};

/// All of it, if that is at most `bytes_max`.
file_content read_named_file(const std::string& path, std::size_t bytes_max);

/// From now on nothing is read that may wait: the program serves.
void refuse_streams();

} // namespace epollhost::net

#endif
