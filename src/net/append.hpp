// Distributed under the Boost Software License, Version 1.0.
// Files, pipes and terminals that are only written to, at their end.
#ifndef EPOLLHOST_NET_APPEND_HPP
#define EPOLLHOST_NET_APPEND_HPP

#include "net/error.hpp"
#include "net/socket.hpp"
#include "net/unique_fd.hpp"

#include <cstddef>
#include <string>

namespace epollhost::net {

/// Open a file to write at its end, made with mode 0640 if there is none: whole lines of several writers never mix.
/// "-" is the standard error. A pipe or terminal does not block. Errors: the kernel's, in `ec`; the answer is empty
/// then.
unique_fd open_to_append(const std::string& path, error_code& ec);

/// Look whether open_to_append() would do it, and make no file.
error_code may_append(const std::string& path);

/// Make a file that only its owner may read, to write at its end. It is an error (EEXIST) if anything has the name.
unique_fd make_new_file(const std::string& path, error_code& ec);

/// Look whether the folder of `path` takes new files.
error_code may_make_file(const std::string& path);

/// A descriptor for the standard error that can be written to without blocking, and without the flag being seen by the
/// other programs that share it.
unique_fd open_standard_error();

/// Write to what is no socket. Source: write(2). [hot]
result write(int fd, const void* bytes, std::size_t len);

} // namespace epollhost::net

#endif
