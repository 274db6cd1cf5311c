// Distributed under the Boost Software License, Version 1.0.
// The file that a worker's recording goes to.
#ifndef EPOLLHOST_WORKER_RECORD_FILE_HPP
#define EPOLLHOST_WORKER_RECORD_FILE_HPP

#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <string>

namespace epollhost {

/// Recordings of one name. A program that crashes again and again fills no disk, and the first crash stays.
inline constexpr unsigned record_files_max = 64;

struct record_file {
  std::string path;
  net::unique_fd fd; ///< what takes the bytes: the file, or under a master a pipe to who writes it; empty: none
};

/// Make the first of `name`.1, `name`.2, ... that is not there, with mode 0600, since it will hold what peers have
/// sent. The answer has no descriptor if that fails, and `ec` says why: EEXIST where all are there.
record_file make_record_file(const std::string& name, net::error_code& ec);

/// Look whether the folder of `name` takes files.
net::error_code may_make_record_file(const std::string& name);

/// The sentence for the user.
std::string cannot_record(const std::string& name, const net::error_code& why);

} // namespace epollhost

#endif
