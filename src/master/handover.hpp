// Distributed under the Boost Software License, Version 1.0.
// What one image of the program leaves to the next one in the same process.
#ifndef EPOLLHOST_MASTER_HANDOVER_HPP
#define EPOLLHOST_MASTER_HANDOVER_HPP

#include "master/attempts.hpp"
#include "net/endpoint.hpp"
#include "worker/plugin_description.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace epollhost::master {

/// Descriptors go by their number, since exec(2) keeps them; workers by theirs, since they stay children of the
/// process.
struct handover {
  struct address {
    std::string name; ///< socket_table::name_of
    bool wildcard = false, passed = false, leaving = false;
    std::uint64_t listening = 0; ///< slots that listen
    std::vector<int> slots;
  };
  struct instance {
    plugin_description plugin;
    std::string name, plugin_file;
    std::uint64_t workers = 0;
    std::chrono::nanoseconds drain_timeout{0}, stall_warn{0}, stall_kill{0};
    std::vector<std::string> addresses; ///< by name
    std::vector<std::string> channels;  ///< by path
  };
  struct worker {
    pid_t pid = 0;
    int channel = -1, report = -1, page = -1;
    std::uint64_t instance = 0, slot = 0;
    bool draining = false;
    std::int64_t started_ns = 0;
    std::int64_t ends_by_ns = 0; ///< when it is killed, on CLOCK_MONOTONIC; 0: not yet asked to end, or never
  };
  struct generation {
    std::uint64_t number = 0;
    bool current = false;
    int program = -1; ///< the executable file of its workers; -1: that of the image before
    std::vector<instance> instances;
    std::vector<worker> workers;
  };

  /// A log process, of which nothing but the workers' ends is left; this process keeps the reading ends until it ends.
  struct log {
    struct pipe {
      std::string path; ///< of a log channel or recording; empty: the lines of the log
      std::uint64_t content = 0;
      int reader = -1;
    };
    pid_t pid = -1;
    std::vector<pipe> pipes;
  };

  std::uint64_t generation_count = 0;
  int pid_file = -1; ///< -1: none
  int program = -1;  ///< the executable file that this comes from
  std::vector<int> waiting; ///< clients of the control socket that wait for the outcome of the upgrade
  attempts reloads, upgrades;
  std::vector<address> addresses;
  std::vector<generation> generations;
  std::vector<log> logs;

  /// All descriptors in it.
  std::vector<int> descriptors() const;
};

/// All of it as bytes.
std::string write_down(const handover& h);

/// The same that was written down. Throws runtime_error if the bytes are anything else.
handover read_back(const std::string& bytes);

/// Write it where the next image finds it: a descriptor, named by an environment variable. All descriptors in it will
/// survive exec(2). Throws system_error.
void leave(const handover& h);

/// The form of the handover that read_back() takes: "epollhost handover 6".
std::string handover_format();

/// Whether this image was executed by an earlier one.
bool is_handed_over();

/// What the image before has left, if it has left anything. It stays, for an image that this one may go back to. Throws
/// runtime_error if it is not understood.
std::optional<handover> find_handover();

/// This image has taken over: it has copies of its own of the earlier programs and the logs' pipes.
void close_inherited(const handover& h);

/// This image has taken over: nobody goes back any more, and no descriptor survives the next exec(2) unless left again.
void settle(const handover& h);

} // namespace epollhost::master

#endif
