// Distributed under the Boost Software License, Version 1.0.
// What the tests of src/master share: a folder of their own, a child process, a pipe.
#include "support.hpp"

#include "net/error.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace epollhost::test {

temporary_folder::temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "epollhost-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) net::throw_last_error("mkdtemp");
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored; // a file left in /tmp fails no test
  std::filesystem::remove_all(path_, ignored);
}

void temporary_folder::write(const std::string& name, std::string_view text) const {
  const std::filesystem::path file = *this / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

pipe_ends make_pipe(int flags) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | flags) != 0) net::throw_last_error("pipe2");
  return {net::unique_fd(ends[0]), net::unique_fd(ends[1])};
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string read_to_end(int fd) {
  std::string text;
  char part[4096];
  for (ssize_t n; (n = ::read(fd, part, sizeof part)) > 0;) text.append(part, std::size_t(n));
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

pid_t fork_child(const std::function<int()>& run) {
  const pid_t pid = ::fork();
  if (pid < 0) net::throw_last_error("fork");
  if (pid == 0) {
    ::alarm(50);
    int status = 99;
    try {
      status = run();
    } catch (const std::exception& e) {
      ::dprintf(STDERR_FILENO, "in the child: %s\n", e.what());
    }
    ::_exit(status);
  }
  return pid;
}

int wait_for_end(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) net::throw_last_error("waitpid");
  return status;
}

std::string output_of_child(const std::function<void(int out)>& run) {
  pipe_ends out = make_pipe();
  const pid_t pid = fork_child([&] {
    out.reader.reset();
    run(out.writer.get());
    return 0;
  });
  out.writer.reset();
  const std::string text = read_to_end(out.reader.get());
  if (const int status = wait_for_end(pid); status != 0) throw std::runtime_error("child: " + std::to_string(status));
  return text;
}

} // namespace epollhost::test
