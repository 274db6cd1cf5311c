// Distributed under the Boost Software License, Version 1.0.
// The options that are given once for the program.
#include "cli/program_settings.hpp"

#include "cli/host_options.hpp"
#include "cli/plugin_name.hpp"
#include "cli/plugin_search.hpp"
#include "cli/resolved.hpp"
#include "cli/text.hpp"
#include "cli/value.hpp"
#include "master/privileges.hpp"

#include <epollhost/plugin.h>
#include <epollhost/version.h>
#include <fmt/format.h>

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace epollhost::cli {
namespace {

void check_name(const std::string& name, const assignment& a) {
  if (name.empty()) throw at(a, exit_status::configuration, "no name stands before the \"=\"; expected [NAME=]FILE");
  if (const std::string fault = fault_of_name(name); !fault.empty())
    throw at(a, exit_status::configuration, fault + " (a FILE with \"=\" needs a slash: \"./a=b.so\")");
}

program_settings::plugin parse_plugin(const assignment& a, const std::string& text) {
  program_settings::plugin out{"", text, a};
  if (const std::size_t at = file_position(text); at > 0) {
    out.name = text.substr(0, at - 1);
    out.file = text.substr(at);
    check_name(out.name, a);
  }
  if (out.file.empty())
    throw at(a, exit_status::configuration, "the name of the file is empty; expected [NAME=]FILE, such as http.so");
  return out;
}

std::string parse_folder(const assignment& a, const std::string& text) {
  std::error_code error; // counts as no folder
  if (!std::filesystem::is_directory(text, error))
    throw at(a, exit_status::configuration, fmt::format("{} is no folder; expected one with plugins", in_quotes(text)));
  return text;
}

// The assignments of one option that count: those of the command line, if there are any, else those of the file.
class reader {
public:
  reader(std::span<const assignment> all, program_settings& out) : all_(all), out_(out) {}

  template <class Function> void each(const char* name, const char* standard, Function use) {
    const host_option& option = *find_host_option(name);
    setting shown{name, {}, {}};
    if (standard) shown.values.push_back(standard);
    for (const assignment& a : all_) {
      if (!a.instance.empty() || a.option != name) continue;
      const std::string text = text_of(a, option);
      const option_value value = parsed(a, option.about, text);
      if (a.from.from != shown.from.from) shown.values.clear();
      shown.from = a.from;
      shown.values.push_back(text);
      use(a, text, value);
    }
    if (option.file) out_.shown.push_back(std::move(shown)); // what cannot stand in a file is no setting
  }

private:
  static option_value parsed(const assignment& a, const option_description& about, const std::string& text) {
    try {
      return parse_value(about, text);
    } catch (const bad_value& e) {
      throw at(a, exit_status::configuration, e.what());
    }
  }

  std::span<const assignment> all_;
  program_settings& out_;
};

void add_folders(program_settings& out, std::span<const assignment> all, const std::string& program_folder) {
  origin::kind last = origin::kind::fallback;
  reader(all, out).each("plugin-dir", nullptr, [&](const assignment& a, const std::string& text, const option_value&) {
    if (a.from.from != last) out.folders.clear();
    last = a.from.from;
    out.folders.push_back(parse_folder(a, text));
  });
  for (std::string& folder : default_plugin_folders(program_folder)) out.folders.push_back(std::move(folder));
}

void read_log(reader& read, master::log_options& out) {
  read.each("log-file", "", [&](const assignment&, const std::string& text, const option_value&) { out.file = text; });
  read.each("log-format", "text", [&](const assignment&, const std::string&, const option_value& v) {
    out.format = v.integer == 0 ? log::format::text : log::format::json;
  });
  read.each("log-stderr", "off",
            [&](const assignment&, const std::string&, const option_value& v) { out.standard_error = v.integer != 0; });
  read.each("syslog", "off",
            [&](const assignment&, const std::string&, const option_value& v) { out.syslog = v.integer != 0; });
}

void read_master(reader& read, master::master_settings& out) {
  read.each("generations-max", "4", [&](const assignment&, const std::string&, const option_value& v) {
    out.generations_max = static_cast<std::size_t>(v.integer);
  });
  read.each("ready-timeout", "10s", [&](const assignment&, const std::string&, const option_value& v) {
    out.ready_timeout = std::chrono::nanoseconds(v.integer);
  });
  read.each("reload-timeout", "60s", [&](const assignment&, const std::string&, const option_value& v) {
    out.reload_timeout = std::chrono::nanoseconds(v.integer);
  });
  const auto text_into = [&](const char* name, std::string& to) {
    read.each(name, "", [&](const assignment&, const std::string& text, const option_value&) { to = text; });
  };
  text_into("pid-file", out.pid_file);
  text_into("control", out.control);
  text_into("user", out.user);
  text_into("group", out.group);
  try {
    master::find_identity(out.user, out.group); // the master looks again when it starts workers
  } catch (const std::invalid_argument& e) {
    throw failure(exit_status::configuration, e.what());
  }
  // A control socket beside the pid file, so that one name finds both.
  if (out.control.empty() && !out.pid_file.empty()) out.control = out.pid_file + ".control";
}

} // namespace

std::string text_of(const assignment& a, const option_description& about, const std::string& value_name) {
  if (a.value) return *a.value;
  if (about.type == EH_FLAG) return "on";
  const std::string word = value_name.empty() ? placeholder(about) : value_name;
  throw at(a, status_of(a), fmt::format("the value is missing; write {}={}", to_string(a), word));
}

std::string text_of(const assignment& a, const host_option& option) {
  return resolved(a, option.what, text_of(a, option.about, option.value));
}

program_settings read_program_settings(std::span<const assignment> all, const std::string& program_folder) {
  program_settings out;
  for (const assignment& a : all)
    if (a.instance.empty() && a.option == "config") out.config = a.value.value_or("");
  reader read(all, out);
  read.each("log-level", "info", [&](const assignment&, const std::string&, const option_value& v) {
    out.log_level = static_cast<log::level>(v.integer + 1);
  });
  read.each("allow-insecure-plugin", "off", [&](const assignment&, const std::string&, const option_value& v) {
    out.allow_insecure_plugin = v.integer != 0;
  });
  read_log(read, out.log);
  read_master(read, out.master);
  read.each("json", "off",
            [&](const assignment&, const std::string&, const option_value& v) { out.json = v.integer != 0; });
  read.each("signal", nullptr,
            [&](const assignment&, const std::string& text, const option_value&) { out.signal = text; });
  read.each("wait", "off",
            [&](const assignment&, const std::string&, const option_value& v) { out.wait = v.integer != 0; });
  read.each("check-plugin", nullptr, [&](const assignment& a, const std::string& text, const option_value&) {
    out.check_plugin = true;
    out.plugins.push_back(parse_plugin(a, text));
  });
  read.each("new-plugin", nullptr,
            [&](const assignment&, const std::string& text, const option_value&) { out.new_plugin = text; });
  read.each("style", "class",
            [&](const assignment&, const std::string& text, const option_value&) { out.style = text; });
  add_folders(out, all, program_folder);
  read.each("plugin", nullptr, [&](const assignment& a, const std::string& text, const option_value&) {
    out.plugins.push_back(parse_plugin(a, text));
  });
  out.shown.pop_back();
  return out;
}

void say_start(const program_settings& program) {
  log::info("", "epollhost {} starts as process {}, {}", EPOLLHOST_VERSION, ::getpid(),
            program.config.empty() ? "without a configuration file" : "with the configuration " + program.config);
}

} // namespace epollhost::cli
