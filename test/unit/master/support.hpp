// Distributed under the Boost Software License, Version 1.0.
// What the tests of src/master share: a folder of their own, a child process, a pipe.
#ifndef EPOLLHOST_TEST_UNIT_MASTER_SUPPORT_HPP
#define EPOLLHOST_TEST_UNIT_MASTER_SUPPORT_HPP

#include "net/unique_fd.hpp"

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::test {

/// A new folder, removed with all that is in it.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, std::string_view text) const; ///< makes folders as needed

private:
  std::string path_;
};

struct pipe_ends {
  net::unique_fd reader, writer;
};
pipe_ends make_pipe(int flags = 0);

std::string read_file(const std::string& path);
std::string read_to_end(int fd);
std::vector<std::string> lines_of(const std::string& text);

/// Run a function in a forked child; answers its process.
pid_t fork_child(const std::function<int()>& run);

/// Wait for a process to end; its status as waitpid() gives it.
int wait_for_end(pid_t pid);

/// Run in a forked child and answer what it wrote to the descriptor it was given.
std::string output_of_child(const std::function<void(int out)>& run);

} // namespace epollhost::test

#endif
