// Distributed under the Boost Software License, Version 1.0.
// The log processes of earlier images of the program, to which workers from before an upgrade still write.
#include "master/earlier_logs.hpp"

#include "master/child.hpp"
#include "net/error.hpp"

#include <fcntl.h>
#include <signal.h>

#include <utility>

namespace epollhost::master {

earlier_logs::earlier_logs(const std::vector<handover::log>& inherited) {
  for (const handover::log& l : inherited) {
    log& to = all_.emplace_back(log{l.pid, {}});
    for (const auto& p : l.pipes) {
      net::unique_fd copy(::fcntl(p.reader, F_DUPFD_CLOEXEC, 3));
      if (!copy) net::throw_last_error("fcntl of a log's pipe");
      to.pipes.push_back({p.path, std::move(copy), static_cast<channel_content>(p.content)});
    }
  }
}

void earlier_logs::pass(log& from, channel_pipes& to) {
  for (auto& p : from.pipes) to.adopt(std::move(p));
}

void earlier_logs::pass_ended(channel_pipes& to) {
  for (log& l : all_)
    if (!is_child(l.pid)) pass(l, to);
  all_.remove_if([](const log& l) { return !is_child(l.pid); });
}

bool earlier_logs::pass_ended(pid_t pid, channel_pipes& to) {
  for (auto at = all_.begin(); at != all_.end(); ++at) {
    if (at->pid != pid) continue;
    pass(*at, to);
    all_.erase(at);
    return true;
  }
  return false;
}

void earlier_logs::reopen() const {
  for (const log& l : all_) ::kill(l.pid, SIGUSR1);
}

std::vector<handover::log> earlier_logs::to_handover() const {
  std::vector<handover::log> out;
  for (const log& l : all_) {
    auto& to = out.emplace_back(handover::log{l.pid, {}});
    for (const auto& p : l.pipes) to.pipes.push_back({p.path, static_cast<std::uint64_t>(p.content), p.reader.get()});
  }
  return out;
}

} // namespace epollhost::master
