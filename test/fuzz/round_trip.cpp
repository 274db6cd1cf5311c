// Distributed under the Boost Software License, Version 1.0.
// What must be true of every configuration, however it came about.

#include "round_trip.hpp"

#include "target.hpp"

#include "cli/failure.hpp"
#include "cli/show_config.hpp"
#include "cli/text.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace fuzz {
namespace {

using namespace epollhost;

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// Instead of a secret, which --show-config does not tell.
std::string with_secrets(std::string text, const cli::configuration& c) {
  for (const cli::instance& i : c.instances)
    for (const option_description& o : i.plugin.options) {
      const std::string hidden = fmt::format("\n{} = ***", o.name);
      for (std::size_t at = 0; o.type == EH_SECRET && (at = text.find(hidden, at)) != text.npos; at += hidden.size())
        text.replace(at, hidden.size(), fmt::format("\n{} = any", o.name));
    }
  return text;
}

bool are_equal(const cli::setting& a, const cli::setting& b) { return a.name == b.name && a.values == b.values; }

void compare(const std::vector<cli::setting>& before, const std::vector<cli::setting>& after) {
  if (before.size() != after.size()) fail("another number of settings");
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!are_equal(before[i], after[i]))
      fail(fmt::format("{} was {:?} and is {:?}", before[i].name, cli::listed(before[i].values),
                       cli::listed(after[i].values)));
}

bool are_equal(const option_description& o, const option_value& a, const option_value& b) {
  if (o.type == EH_SECRET) return a.text.empty() == b.text.empty();
  return a.integer == b.integer && a.real == b.real && a.text == b.text;
}

// The page names a plugin's file from the root on: its own folder may be another one.
bool is_same_file(const std::string& before, const std::string& after) {
  const auto from_root = [](const std::string& file) { return std::filesystem::absolute(file).lexically_normal(); };
  return from_root(before) == from_root(after);
}

void compare(const cli::instance& before, const cli::instance& after) {
  if (before.settings.name != after.settings.name || !is_same_file(before.plugin.file, after.plugin.file))
    fail("another plugin: " + after.settings.name);
  compare(before.shown, after.shown);
  for (std::size_t i = 0; i < before.settings.values.size(); ++i)
    if (!are_equal(before.plugin.options[i], before.settings.values[i], after.settings.values[i]))
      fail("another value of " + before.plugin.options[i].name);
}

} // namespace

const std::string& config_file(std::string_view text) {
  static const int fd = ::memfd_create("fuzzed configuration", MFD_CLOEXEC);
  static const std::string path = fmt::format("/proc/self/fd/{}", fd);
  const auto size = static_cast<ssize_t>(text.size());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), text.size(), 0) != size) fail("no file could be written");
  return path;
}

std::optional<cli::configuration> configure(const std::vector<std::string>& words, const cli::surroundings& around,
                                            std::string& refusal) {
  try {
    return cli::configure(words, around);
  } catch (const cli::failure& e) {
    if (e.status() != cli::exit_status::usage && e.status() != cli::exit_status::configuration &&
        e.status() != cli::exit_status::plugin_refused)
      fail("refused with another status than that of the command line, the configuration or a plugin");
    check_message(refusal = e.what());
  } catch (const std::exception& e) {
    fail(fmt::format("no failure, but something else was thrown: {}", e.what()));
  }
  return {};
}

void check_message(std::string_view message) {
  if (message.empty()) fail("a message is empty");
  if (has_controls(cli::printable(message))) fail("a message has control characters");
}

void check_page(std::string page) {
  std::erase(page, '\n');
  if (has_controls(page)) fail(fmt::format("a page has control characters: {}", cli::printable(page)));
}

void check_round_trip(const cli::configuration& c, const cli::surroundings& around) {
  cli::surroundings bare = around;
  bare.variables.clear();
  const std::string page = with_secrets(cli::show_config(c), c);
  check_page(page);
  std::string refusal;
  const auto again = configure({"--config=" + config_file(page)}, bare, refusal);
  if (!again) fail(fmt::format("what --show-config prints is refused: {}\n{}", cli::printable(refusal), page));
  compare(c.program.shown, again->program.shown);
  if (c.instances.size() != again->instances.size()) fail("another number of plugins");
  for (std::size_t i = 0; i < c.instances.size(); ++i) compare(c.instances[i], again->instances[i]);
}

} // namespace fuzz
