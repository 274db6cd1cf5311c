// Distributed under the Boost Software License, Version 1.0.
// A child process that a plugin has made with fork(2) and let return into the host.
#include "worker/copied_process.hpp"

#include "base/log.hpp"
#include "worker/settings.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <string>

namespace epollhost {
namespace {

constexpr int exit_failed = 6;
constexpr unsigned patience_s = 2; // another thread may have held the log's lock when the copy was made

} // namespace

void end_copied_process(const connection_context& context, hook in, std::uint64_t conn) {
  ::alarm(patience_s);
  const std::string of_conn = conn ? fmt::format(" of connection {:#x}", conn) : "";
  log::error(context.settings.name,
             "process {}, which the plugin made with fork() in process {}, has returned from the hook '{}'{} into the "
             "host, where it would be a second worker: it is ended. A plugin's child process ends inside of the hook, "
             "by execve() or _exit()",
             ::getpid(), ::getppid(), to_string(in), of_conn);
  ::_exit(exit_failed);
}

} // namespace epollhost
