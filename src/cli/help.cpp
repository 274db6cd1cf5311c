// Distributed under the Boost Software License, Version 1.0.
// The page of --help.
#include "cli/help.hpp"

#include "cli/address.hpp"
#include "cli/host_options.hpp"
#include "cli/program_settings.hpp"
#include "cli/text.hpp"
#include "cli/value.hpp"

#include <epollhost/plugin.h>
#include <epollhost/version.h>
#include <fmt/format.h>

namespace epollhost::cli {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t indent = 30; // of the explanations

// `text` in lines of at most `columns`, the second and further ones indented.
std::string wrapped(std::string_view text) {
  std::string out;
  std::size_t used = indent;
  while (!text.empty()) {
    const auto end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    if (used > indent && used + 1 + word.size() > columns) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (used > indent) {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out + "\n";
}

std::string entry(const std::string& option, const std::string& text) {
  const std::string head = "  " + option;
  if (head.size() + 2 > indent) return head + "\n" + std::string(indent, ' ') + wrapped(text);
  return fmt::format("{:<{}}", head, indent) + wrapped(text);
}

// What it is for, then default and range.
std::string explained(const option_description& o, const std::string& standard) {
  std::string notes = standard;
  if (const std::string limits = range(o); !limits.empty()) notes += (notes.empty() ? "" : "; ") + limits;
  return notes.empty() ? o.help : fmt::format("{} [{}]", o.help, notes);
}

std::string host_entry(const host_option& o, const std::string& standard) {
  std::string value = o.value.empty() ? placeholder(o.about) : o.value;
  if (o.scope == scope::command) value.clear();
  return entry("--" + o.about.name + (value.empty() ? "" : " " + value), explained(o.about, standard));
}

// What comes out where nothing was said.
std::string default_of(const host_option& o) {
  if (o.about.name == "listen") return "as the plugin says";
  if (o.get) return listed(o.get(worker_settings(), o.about));
  static const std::vector<setting> unsaid = read_program_settings({}, {}).shown;
  for (const setting& s : unsaid)
    if (s.name == o.about.name && o.scope == scope::program && !s.values.empty()) return s.values.front();
  return {};
}

std::string host_section(enum scope from, enum scope to) {
  std::string out;
  for (const host_option& o : host_options())
    if (o.scope >= from && o.scope <= to) out += host_entry(o, default_of(o));
  return out;
}

std::string plugin_section(const instance& i) {
  const plugin_description& p = i.plugin;
  std::string out =
      fmt::format("\n{}: {} {}, {} ({})\n", i.settings.name, p.name, p.version, p.summary, printable(p.file));
  for (const listen_address& address : i.settings.listen)
    out += entry(fmt::format("--{}.listen ADDRESS", i.settings.name),
                 fmt::format("where to listen [{}]", to_string(address)));
  for (const option_description& o : p.options) {
    const std::string standard = format_value(o, o.fallback);
    const bool quoted = o.type == EH_STRING || (o.type == EH_FILE && !standard.empty());
    out += entry(fmt::format("--{}.{} {}", i.settings.name, o.name, placeholder(o)),
                 explained(o, quoted ? in_quotes(standard) : standard));
  }
  return out;
}

constexpr std::string_view head = R"(Usage: epollhost --plugin [NAME=]FILE [--option value ...]
Hosts protocol plugins over epoll. For example:
  epollhost --plugin http.so
  epollhost --plugin http.so --listen 127.0.0.1:9000 --http.body 'Hi'
  epollhost --config /etc/epollhost.conf --check

)";

constexpr std::string_view tail = R"(
In square brackets: the default; the range. SIZE: 512, 64KiB, 2MB. DURATION:
50us, 250ms, 10s, 2m, 1h. A bare option means on; --option=value is the same as
--option value.

The command line wins over the environment, that over the file, the file over
the plugin, the plugin over the host. EPOLLHOST_HTTP_BODY in the environment is
--http.body, EPOLLHOST_WORKERS is --workers. In a file, options of the program
and of all plugins come first, then [NAME] and the options of that plugin, each
as "option = value"; --show-config prints such a file.

Exit status: 0 good, 2 the command line is not understood, 3 the configuration
is refused, 4 cannot listen, 5 a plugin is refused, 6 failed while running.
)";

} // namespace

std::string help(const configuration& c) {
  std::string out(head);
  out += "Options of the program:\n" + host_section(scope::command, scope::program);
  out += "\nOptions of every plugin, or as --NAME.option of one:\n" + host_section(scope::instance, scope::instance);
  for (const instance& i : c.instances) out += plugin_section(i);
  if (c.instances.empty()) out += "\nOptions of a plugin: epollhost --help --plugin FILE\n";
  return out.append(tail);
}

} // namespace epollhost::cli
