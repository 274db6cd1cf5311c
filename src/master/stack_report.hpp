// Distributed under the Boost Software License, Version 1.0.
// Says in the log where a worker was, once names are made of the addresses.
#ifndef EPOLLHOST_MASTER_STACK_REPORT_HPP
#define EPOLLHOST_MASTER_STACK_REPORT_HPP

#include "loop/io_context.hpp"
#include "master/symbolizer.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>

namespace epollhost::master {

/// The reports that are being made. Their children are not waited for: the loop watches their pipes.
class stack_reports {
public:
  explicit stack_reports(loop::io_context& loop);
  ~stack_reports();

  /// Log a line for each frame of the record, for the instance `who`. Throws nothing: without a child, the frames stay
  /// module and offset.
  void begin(const std::string& who, const crash_record& record, const symbolizer_options& options);

private:
  class report;
  loop::io_context& loop_;
  std::list<std::unique_ptr<report>> reports_;
};

/// The same at once, for a process that has nothing else to do: the lines. Blocks for at most symbolizer_seconds_max.
std::vector<std::string> stack_lines(const crash_record& record, const symbolizer_options& options);

} // namespace epollhost::master

#endif
