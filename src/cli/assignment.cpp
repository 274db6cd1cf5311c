// Distributed under the Boost Software License, Version 1.0.
// One option given by the user, on the command line, in the environment or in a file.
#include "cli/assignment.hpp"

#include "cli/text.hpp"

#include <fmt/format.h>

namespace epollhost::cli {
namespace {

// The name without the quotes that in_quotes() adds.
std::string clean(std::string_view name) {
  const std::string with_quotes = in_quotes(name);
  return with_quotes.front() == '"' && with_quotes.back() == '"' ? with_quotes.substr(1, with_quotes.size() - 2)
                                                                 : with_quotes;
}

} // namespace

std::string to_string(const origin& from) {
  switch (from.from) {
  case origin::kind::fallback: return "default";
  case origin::kind::plugin: return "plugin";
  case origin::kind::file: return fmt::format("{}:{}", from.file, from.line);
  case origin::kind::environment: return from.file;
  case origin::kind::command_line: return "command line";
  }
  return {};
}

std::string full_name(const assignment& a) { return a.instance.empty() ? a.option : a.instance + "." + a.option; }

std::string to_string(const assignment& a) {
  if (a.from.from == origin::kind::command_line) return "--" + clean(full_name(a));
  if (a.from.from == origin::kind::environment) return a.from.file;
  if (a.instance.empty()) return fmt::format("{}: {}", to_string(a.from), clean(a.option));
  return fmt::format("{}: [{}] {}", to_string(a.from), clean(a.instance), clean(a.option));
}

failure at(const assignment& a, exit_status status, const std::string& message) {
  return failure(status, fmt::format("{}: {}", to_string(a), message));
}

exit_status status_of(const assignment& a) {
  return a.from.from == origin::kind::command_line ? exit_status::usage : exit_status::configuration;
}

void set_name(assignment& a, std::string_view name) {
  const auto dot = name.find('.');
  const bool has_instance = dot != std::string_view::npos && dot > 0;
  a.instance = has_instance ? name.substr(0, dot) : "";
  a.option = has_instance ? name.substr(dot + 1) : name;
}

} // namespace epollhost::cli
