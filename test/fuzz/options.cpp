// Distributed under the Boost Software License, Version 1.0.
// Configures with words, a file and an environment: what is taken is shown as a file that says the same, and a secret
// is shown nowhere.
//
// An input is text: its first line says where a secret stands ("l" word, "f" file, "e" environment) and how it begins;
// then there are words, each on a line, and behind lines of "%%" the file and the variables:
//
//     f"quoted
//     --plugin=./http.so
//     %%
//     [http]
//     level = 5
//     %%
//     EPOLLHOST_HTTP_PRINT=on

#include "round_trip.hpp"
#include "target.hpp"

#include "cli/show_config.hpp"
#include "cli/text.hpp"
#include "unit/cli/support.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace fuzz {
namespace {

using namespace epollhost;

constexpr std::string_view marker = "S3CRET";
constexpr std::size_t input_bytes_max = 4096;

// Up to the delimiter, which is taken off with it; all of it where there is none.
std::string_view take_until(std::string_view& from, std::string_view delimiter) {
  const std::size_t at = from.find(delimiter);
  const std::string_view out = from.substr(0, at);
  from.remove_prefix(at == from.npos ? from.size() : at + delimiter.size());
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) out.emplace_back(take_until(text, "\n"));
  return out;
}

struct recipe {
  char where = ' ';
  std::string secret;
  std::vector<std::string> words, variables;
  std::string file;
};

recipe read_recipe(std::string_view input) {
  recipe out;
  std::string_view first = take_until(input, "\n");
  if (!first.empty()) out.where = first[0], first.remove_prefix(1);
  out.secret = std::string(first) + std::string(marker);
  out.words = lines_of(take_until(input, "%%\n"));
  out.file = take_until(input, "%%\n");
  out.variables = lines_of(input);
  return out;
}

void add_secret(recipe& to) {
  if (to.where == 'l') to.words.push_back("--keeper.token=" + to.secret);
  if (to.where == 'f') to.file += "\n[keeper]\ntoken = " + to.secret + "\n";
  if (to.where == 'e') to.variables.push_back("EPOLLHOST_KEEPER_TOKEN=" + to.secret);
}

// The name of a file that a secret stands in is none itself.
void check_hidden(const recipe& r, std::string_view text) {
  if (r.secret.find('@') != r.secret.npos || text.find(marker) == text.npos) return;
  fail(fmt::format("a secret is shown: {}", cli::printable(text)));
}

void check(std::string_view input) {
  if (input.size() > input_bytes_max || input.find(marker) != input.npos) return;
  recipe r = read_recipe(input);
  add_secret(r);
  if (!r.file.empty()) r.words.push_back("--config=" + config_file(r.file));
  const cli::surroundings around{cli::test::load_fake, "/nonexistent", 128, {}, r.variables};
  std::string refusal;
  const auto c = configure(r.words, around, refusal);
  check_hidden(r, refusal);
  if (!c) return;
  for (const std::string& warning : c->warnings) {
    check_message(warning);
    check_hidden(r, warning);
  }
  if (c->instances.empty() || c->action == cli::action::help) return;
  check_hidden(r, cli::show_config(*c));
  check_round_trip(*c, around);
}

const target registered("options", check);

} // namespace
} // namespace fuzz
