// Distributed under the Boost Software License, Version 1.0.
// The words of the command line as assignments.
#include "cli/arguments.hpp"

#include "cli/host_options.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

namespace epollhost::cli {
namespace {

bool takes_no_value(const assignment& a) {
  const host_option* option = a.instance.empty() ? find_host_option(a.option) : nullptr;
  return option && option->scope == scope::command;
}

[[noreturn]] void refuse_stray(const std::string& word) {
  std::string remedy = "options begin with two dashes; see epollhost --help";
  if (word.starts_with("\u2014") || word.starts_with("\u2013"))
    remedy = "it begins with a long dash, as word processors write it; type two dashes";
  else if (word.size() > 1 && word[0] == '-' && word[1] != '-')
    remedy = "there are no options with one dash but -h; see epollhost --help";
  else if (word.ends_with(".so"))
    remedy = fmt::format("a plugin is given as --plugin {}", in_quotes(word));
  else if (word.ends_with(".conf") || word.ends_with(".ini"))
    remedy = fmt::format("a file of options is given as --config {}", in_quotes(word));
  throw failure(exit_status::usage, fmt::format("unexpected argument {}: {}", in_quotes(word), remedy));
}

// The message shows no value, since it may be a secret.
void check_word(const std::string& word, std::size_t number) {
  try {
    check_text(word, fmt::format("argument {}", number));
  } catch (const bad_value& e) {
    throw failure(exit_status::usage, e.what());
  }
}

assignment parse_option(const std::string& word) {
  assignment out;
  out.from.from = origin::kind::command_line;
  const auto equals = word.find('=');
  set_name(out, std::string_view(word).substr(2, equals == std::string::npos ? equals : equals - 2));
  if (equals != std::string::npos) out.value = word.substr(equals + 1);
  if (out.value && takes_no_value(out))
    throw at(out, exit_status::usage, "takes no value; leave out the \"=\" and what follows");
  return out;
}

} // namespace

std::vector<assignment> parse_arguments(const std::vector<std::string>& words) {
  std::vector<assignment> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] == "-h" ? "--help" : words[i];
    check_word(word, i + 1);
    if (!word.starts_with("--") || word == "--" || word.starts_with("--=")) refuse_stray(word);
    assignment a = parse_option(word);
    const bool value_follows = i + 1 < words.size() && !words[i + 1].starts_with("--");
    if (!a.value && !takes_no_value(a) && value_follows) {
      ++i;
      check_word(words[i], i + 1);
      a.value = words[i];
    }
    out.push_back(std::move(a));
  }
  return out;
}

} // namespace epollhost::cli
