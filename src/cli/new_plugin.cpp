// Distributed under the Boost Software License, Version 1.0.
// Writes a folder in which a plugin begins: source, test, fuzzer, three ways to build it.
#include "cli/new_plugin.hpp"

#include "cli/failure.hpp"
#include "cli/plugin_name.hpp"
#include "cli/text.hpp"
#include "net/file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace epollhost::cli {
namespace fs = std::filesystem;

namespace {

// What stands in the templates for the name, in texts and in names of files. It is a good name itself, so the templates
// compile as they are.
constexpr std::string_view name_mark = "new-plugin", prefix_mark = "@PREFIX@";

failure broken(const std::string& what, const std::string& why) {
  return failure(exit_status::failed, fmt::format("--new-plugin: {}: {}", what, why));
}

std::string replaced(std::string text, std::string_view mark, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != text.npos; at += by.size()) text.replace(at, mark.size(), by);
  return text;
}

std::string read_file(const fs::path& path) {
  constexpr std::size_t bytes_max = 1024 * 1024;
  net::file_content read = net::read_named_file(path.string(), bytes_max);
  if (!read.fault.empty()) throw broken(path.string(), read.fault);
  return std::move(read.text);
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream to(path, std::ios::binary);
  to << text;
  if (!to.flush()) throw broken(path.string(), "cannot be written");
}

void check_name(const std::string& name) {
  if (const std::string fault = fault_of_name(name); !fault.empty())
    throw failure(exit_status::usage, fmt::format("--new-plugin: {}", fault));
  for (const char* word : {"all", "clean", "help", "install", "test"})
    if (name == word)
      throw failure(
          exit_status::usage,
          fmt::format("--new-plugin: the build tools mean something else by {}; take another name", in_quotes(name)));
}

// The templates of the style and, for what it has not, those of all styles, by the name that the file will have.
std::map<std::string, fs::path> templates_of(const std::string& style, const std::string& name, const fs::path& from) {
  std::map<std::string, fs::path> out;
  for (const char* folder : {style.c_str(), "common"}) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(from / folder, error)) {
      const std::string file = replaced(entry.path().filename().string(), name_mark, name);
      out.emplace(file == "gitignore" ? ".gitignore" : file, entry.path());
    }
    if (error && error != std::errc::no_such_file_or_directory) throw broken((from / folder).string(), error.message());
  }
  if (out.empty())
    throw broken((from / style).string(), "there are no templates; they are installed with the program (b2 install)");
  return out;
}

std::string next_steps(const std::string& name, const std::string& style) {
  const char* talk = style == "http" ? "curl http://127.0.0.1:8080/world" : "printf 'world\\n' | nc -N 127.0.0.1 7000";
  return fmt::format("cd {}\n"
                     "make && make run     then, elsewhere: {}\n"
                     "make test            and, with clang: make fuzz\n"
                     "README.md            says the rest; CMake and b2 build it too\n",
                     name, talk);
}

} // namespace

std::string make_new_plugin(const std::string& name, const std::string& style, const std::string& prefix) {
  check_name(name);
  const auto templates = templates_of(style, name, fs::path(prefix) / "share/epollhost/templates");
  std::error_code error;
  if (fs::exists(fs::symlink_status(name, error)))
    throw failure(exit_status::configuration,
                  fmt::format("--new-plugin: there is {} in this folder already; take another name, or go elsewhere",
                              in_quotes(name)));
  if (!fs::create_directory(name, error)) throw broken(name, "cannot be made: " + error.message());
  for (const auto& [file, from] : templates)
    write_file(fs::path(name) / file, replaced(replaced(read_file(from), name_mark, name), prefix_mark, prefix));
  return next_steps(name, style);
}

} // namespace epollhost::cli
