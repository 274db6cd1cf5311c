// Distributed under the Boost Software License, Version 1.0.
// Says in the log where a worker was, once names are made of the addresses.
#include "master/stack_report.hpp"

#include "base/log.hpp"
#include "master/crash_report.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/wait.h>

namespace epollhost::master {
namespace {

// What called the plugin is the same host each time: two frames of it tell that the plugin was called, and by what.
constexpr std::size_t frames_around = 2, frames_without_plugin = 12;

std::vector<std::string> shortened(std::vector<std::string> lines, const crash_record& record) {
  std::size_t keep = frames_without_plugin;
  for (std::size_t i = 0; i < record.frame_count && i < lines.size(); ++i)
    if (record.frames[i].module < record.module_count && is_plugin(record.modules[record.frames[i].module]))
      keep = i + 1 + frames_around;
  if (lines.size() <= keep + 1) return lines;
  const std::size_t left_out = lines.size() - keep;
  lines.resize(keep);
  lines.push_back(fmt::format("and {} more, of what called these", left_out));
  return lines;
}

void say(const std::string& who, const std::vector<std::string>& lines) {
  for (const auto& line : lines) log::error(who, "  {}", line);
}

} // namespace

class stack_reports::report final : loop::io_object {
public:
  report(stack_reports& owner, std::string who, const crash_record& record, const symbolizer_options& options)
      : owner_(owner), who_(std::move(who)), record_(record), names_(record, options) {
    owner_.loop_.remember(*this);
    if (const auto ec = owner_.loop_.watch_level(*this, names_.fd()))
      throw net::system_error(ec, "epoll_ctl of a symbolizer");
  }
  ~report() {
    owner_.loop_.unwatch(*this, names_.fd());
    owner_.loop_.forget(*this);
  }

private:
  void on_event(std::uint32_t) override {
    if (!names_.read()) return;
    say(who_, shortened(names_.lines(), record_));
    owner_.reports_.remove_if([this](const auto& r) { return r.get() == this; }); // ends this object
  }

  stack_reports& owner_;
  const std::string who_;
  const crash_record record_;
  symbolizer names_;
};

stack_reports::stack_reports(loop::io_context& loop) : loop_(loop) {}
stack_reports::~stack_reports() = default;

void stack_reports::begin(const std::string& who, const crash_record& record, const symbolizer_options& options) {
  try {
    reports_.push_back(std::make_unique<report>(*this, who, record, options));
  } catch (const std::exception&) { // no process, no descriptor
    say(who, shortened(describe_frames(record, options.plugin_name), record));
  }
}

std::vector<std::string> stack_lines(const crash_record& record, const symbolizer_options& options) {
  try {
    symbolizer names(record, options);
    pollfd p{names.fd(), POLLIN, 0};
    while (::poll(&p, 1, -1) < 0 || !names.read()) { // its child ends by itself
    }
    ::waitpid(names.pid(), nullptr, 0);
    return shortened(names.lines(), record);
  } catch (const std::exception&) {
    return shortened(describe_frames(record, options.plugin_name), record);
  }
}

} // namespace epollhost::master
