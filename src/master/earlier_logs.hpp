// Distributed under the Boost Software License, Version 1.0.
// The log processes of earlier images of the program, to which workers from before an upgrade still write.
#ifndef EPOLLHOST_MASTER_EARLIER_LOGS_HPP
#define EPOLLHOST_MASTER_EARLIER_LOGS_HPP

#include "master/channel_pipes.hpp"
#include "master/handover.hpp"

#include <list>
#include <vector>

namespace epollhost::master {

/// Keeps a reading end of each of their pipes, so that no line is lost where one of them dies before its workers. Two
/// processes that read one pipe would tear lines: the pipes are given away only when their log process has ended.
class earlier_logs {
public:
  /// The descriptors in `inherited` stay its own; these are copies. Throws system_error.
  explicit earlier_logs(const std::vector<handover::log>& inherited);

  /// Give the pipes of those to the present log process that are no children of this process any more.
  void pass_ended(channel_pipes& to);

  /// The same of this process, which has ended. Answers whether it was one of them.
  bool pass_ended(pid_t pid, channel_pipes& to);

  /// Ask all of them to open their files again.
  void reopen() const;

  /// For the next image.
  std::vector<handover::log> to_handover() const;

private:
  struct log {
    pid_t pid;
    std::vector<channel_pipes::pipe> pipes;
  };
  static void pass(log& from, channel_pipes& to);

  std::list<log> all_;
};

} // namespace epollhost::master

#endif
