// Distributed under the Boost Software License, Version 1.0.
// Options of the host whose values are of no common type: addresses, a mode, a number or a word.
#include "cli/special_options.hpp"

#include "cli/address.hpp"
#include "cli/failure.hpp"
#include "cli/option_makers.hpp"
#include "cli/secret.hpp"
#include "cli/text.hpp"
#include "master/channel.hpp"
#include "net/peer_range.hpp"

#include <fmt/format.h>

#include <grp.h>
#include <pwd.h>

#include <charconv>
#include <cstdint>

namespace epollhost::cli {
namespace {

void add_listen(worker_settings& settings, const option_description&, std::string_view text) {
  settings.listen.push_back(parse_address(text));
}

std::vector<std::string> show_listen(const worker_settings& settings, const option_description&) {
  std::vector<std::string> out;
  for (const listen_address& address : settings.listen) out.push_back(to_string(address));
  return out;
}

void set_mode(worker_settings& settings, const option_description&, std::string_view text) {
  constexpr std::string_view what = "an octal mode from 0 to 0777, such as 0660";
  check_text(text);
  if (text.empty()) throw bad_value(fmt::format("the value is empty; expected {}", what));
  unsigned mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') throw bad_value(fmt::format("{} is no octal number; expected {}", in_quotes(text), what));
    mode = mode * 8 + static_cast<unsigned>(c - '0');
    if (mode > 0777) throw bad_value(fmt::format("{} is above 0777; expected {}", in_quotes(text), what));
  }
  settings.unix_mode = mode;
}

std::vector<std::string> show_mode(const worker_settings& settings, const option_description&) {
  return {fmt::format("{:04o}", settings.unix_mode)};
}

// A name, or a number that need not have one. `find` answers whether the name is known, and its number.
named_id parse_id(std::string_view text, const char* what, const char* where, bool (*find)(const char*, std::uint32_t&)) {
  check_text(text);
  named_id out{std::string(text), 0};
  if (text.empty() || find(out.name.c_str(), out.number)) return out;
  const char* const end = text.data() + text.size();
  const auto [read_to, error] = std::from_chars(text.data(), end, out.number);
  if (read_to != end)
    throw bad_value(fmt::format("there is no {} {} in {}; expected a name that is there, or a number", what,
                                in_quotes(text), where));
  // The largest one means "unchanged" to the kernel.
  if (error != std::errc() || out.number == UINT32_MAX)
    throw bad_value(fmt::format("{} is too large; expected a number below {}", text, UINT32_MAX));
  return out;
}

void set_unix_user(worker_settings& settings, const option_description&, std::string_view text) {
  settings.unix_user = parse_id(text, "user", "/etc/passwd", [](const char* name, std::uint32_t& number) {
    const passwd* const found = ::getpwnam(name);
    if (found) number = found->pw_uid;
    return found != nullptr;
  });
}

void set_unix_group(worker_settings& settings, const option_description&, std::string_view text) {
  settings.unix_group = parse_id(text, "group", "/etc/group", [](const char* name, std::uint32_t& number) {
    const group* const found = ::getgrnam(name);
    if (found) number = found->gr_gid;
    return found != nullptr;
  });
}

std::vector<std::string> show_unix_user(const worker_settings& settings, const option_description&) {
  return {settings.unix_user.name};
}

std::vector<std::string> show_unix_group(const worker_settings& settings, const option_description&) {
  return {settings.unix_group.name};
}

void set_workers(worker_settings& settings, const option_description&, std::string_view text) {
  check_text(text);
  if (text == "auto") {
    settings.workers = worker_settings::auto_workers;
    return;
  }
  option_description number = describe(EH_INTEGER, "workers", "");
  number.max.integer = master::slots_max;
  try {
    settings.workers = static_cast<std::size_t>(parse_value(number, text).integer);
  } catch (const bad_value& e) {
    throw bad_value(fmt::format("{}, or \"auto\"", e.what()));
  }
}

std::vector<std::string> show_workers(const worker_settings& settings, const option_description&) {
  if (settings.workers == worker_settings::auto_workers) return {"auto"};
  return {std::to_string(settings.workers)};
}

void set_record(worker_settings& settings, const option_description&, std::string_view text) {
  check_text(text);
  settings.record = text.empty() ? "" : absolute_path(text, {});
}

std::vector<std::string> show_record(const worker_settings& settings, const option_description&) {
  return {settings.record};
}

void set_record_peer(worker_settings& settings, const option_description&, std::string_view text) {
  check_text(text);
  if (!text.empty() && !net::peer_range::parse(text))
    throw bad_value(fmt::format("{} is no range of peers; expected an address or a network, such as 192.0.2.7, "
                                "192.0.2.0/24 or 2001:db8::/32",
                                in_quotes(text)));
  settings.record_peer = text;
}

std::vector<std::string> show_record_peer(const worker_settings& settings, const option_description&) {
  return {settings.record_peer};
}

// One whose value no member of the settings holds as it is written.
host_option special(const char* name, const char* value, const char* help, decltype(host_option::set) set,
                    decltype(host_option::get) get) {
  host_option out;
  out.about = describe(EH_STRING, name, help);
  out.value = value;
  out.set = set;
  out.get = get;
  return out;
}

} // namespace

host_option listen_option() {
  host_option out = special("listen", "ADDRESS",
                            "where to listen: 8080, 127.0.0.1:8080, [::1]:8080, unix:/path, unix:@name, fd:NAME of a "
                            "socket unit; port 0 is any free one; give it again for more addresses",
                            add_listen, show_listen);
  out.repeatable = true;
  out.what = holds::address;
  return out;
}

host_option unix_mode_option() {
  return special("unix-mode", "MODE", "access to the file of a unix socket, in octal", set_mode, show_mode);
}

host_option unix_user_option() {
  return special("unix-user", "NAME", "owner of the file of a unix socket, by name or number; default: the program's",
                 set_unix_user, show_unix_user);
}

host_option unix_group_option() {
  return special("unix-group", "NAME", "group of the file of a unix socket, by name or number; default: the program's",
                 set_unix_group, show_unix_group);
}

host_option workers_option() {
  return special("workers", "N|auto",
                 "processes that serve the plugin; auto: one for each usable processor; 0: none, the plugin runs in "
                 "the program itself, for a debugger",
                 set_workers, show_workers);
}

host_option record_option() {
  return holding(holds::path,
                 special("record", "FILE",
                         "write all that connections bring to FILE.1, FILE.2, ... (one for each start of a worker), for "
                         "epollhost-sim --replay; they hold what users sent",
                         set_record, show_record));
}

host_option record_peer_option() {
  return special("record-peer", "ADDRESS[/BITS]", "record only connections of this peer, or of this network",
                 set_record_peer, show_record_peer);
}

} // namespace epollhost::cli
