// Distributed under the Boost Software License, Version 1.0.
// Looks at the files of log channels, and where recordings go, before any worker writes to them.
#include "master/channel_files.hpp"

#include "net/append.hpp"
#include "worker/plugin_refused.hpp"
#include "worker/record_file.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace epollhost::master {
namespace {

// The option whose value the user has made this path; null if there is none.
const option_description* option_with(const planned_instance& p, const std::string& path) {
  for (std::size_t i = 0; i < p.plugin.options.size(); ++i) {
    const option_description& o = p.plugin.options[i];
    if ((o.type == EH_STRING || o.type == EH_FILE) && p.settings.values[i].text == path && o.fallback.text != path)
      return &o;
  }
  return nullptr;
}

template <class Try> void for_each_file(const planned_instance& p, Try try_file) {
  for (const std::string& path : p.channels) {
    const option_description* const o = option_with(p, path);
    if (!o)
      throw plugin_refused(
          fmt::format("plugin {} refused: its `start` opened a log channel to \"{}\", expected the "
                      "value of an option of its own that the user has given: the host may write where "
                      "a plugin may not",
                      p.settings.plugin_file, path));
    if (const net::error_code ec = try_file(path))
      throw std::runtime_error(fmt::format("--{}.{} {}: cannot open the file to append to it: {}", p.settings.name,
                                           o->name, path, ec.message()));
  }
}

void check_recording(const planned_instance& p) {
  if (p.settings.record.empty()) return;
  if (const net::error_code ec = may_make_record_file(p.settings.record))
    throw std::runtime_error(
        fmt::format("--{}.record {}: cannot make files there: {}", p.settings.name, p.settings.record, ec.message()));
}

} // namespace

void make_channel_files(const planned_instance& instance) {
  check_recording(instance);
  for_each_file(instance, [](const std::string& path) {
    net::error_code ec;
    net::open_to_append(path, ec);
    return ec;
  });
}

void check_channel_files(const planned_instance& instance) {
  check_recording(instance);
  for_each_file(instance, net::may_append);
}

} // namespace epollhost::master
