// Distributed under the Boost Software License, Version 1.0.
// Where the log process writes: sinks in spdlog's words that fail instead of blocking, and count instead of failing.
#ifndef EPOLLHOST_MASTER_LOG_SINKS_HPP
#define EPOLLHOST_MASTER_LOG_SINKS_HPP

#include "base/log.hpp"
#include "master/log_process.hpp"
#include "net/unique_fd.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog::sinks {
class sink;
}

namespace epollhost::master {

/// One place that lines go to. A line that it doesn't take is lost, counted, and said in a line as soon as it takes one
/// again.
class log_sink {
public:
  log_sink(std::string name, log::format as, std::shared_ptr<spdlog::sinks::sink> sink, bool is_journal = false)
      : name_(std::move(name)), as_(as), is_journal_(is_journal), sink_(std::move(sink)) {}

  /// Write a line with its '\n'. Never throws.
  void write(std::string_view line);

  /// Lines were lost and nothing has said so: call retry() now and then.
  bool behind() const { return lost_ != 0; }

  /// Try to say how many lines were lost.
  void retry();

private:
  bool try_write(log::level l, std::string_view line);

  std::string name_;
  log::format as_;
  bool is_journal_;
  std::shared_ptr<spdlog::sinks::sink> sink_;
  std::uint64_t lost_ = 0;
  std::string why_;
};

/// Open the file that the options name; empty if they name none. Throws net::system_error.
net::unique_fd open_log_file(const log_options& options);

/// What the log process writes to.
class log_sinks {
public:
  /// Opens all of them but the file, which comes open if the options name one.
  log_sinks(const log_options& options, net::unique_fd file);

  void write(std::string_view line);
  void say(log::level l, const std::string& text); ///< a line of the log process's own
  bool behind() const;
  void retry();

  /// Close and open the file again, for it may have been renamed. If that fails the old one stays in use, and a line
  /// says so.
  void reopen();

private:
  log_options options_;
  std::shared_ptr<class fd_sink> file_;
  std::vector<log_sink> all_;
};

} // namespace epollhost::master

#endif
