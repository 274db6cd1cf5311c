// Distributed under the Boost Software License, Version 1.0.
// Finds the file of a plugin.
#include "cli/plugin_search.hpp"

#include "cli/failure.hpp"
#include "cli/suggestion.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <sys/auxv.h>

#include <filesystem>
#include <set>

namespace epollhost::cli {
namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
  std::error_code ignored; // unreadable is not there
  return fs::is_regular_file(path, ignored);
}

failure not_found(const std::string& file, const std::vector<std::string>& folders) {
  const std::vector<std::string> there = plugins_in(folders);
  std::string message = fmt::format("--plugin: there is no {} in {}", in_quotes(file), listed(folders, "or"));
  if (is_file(fs::current_path() / file))
    message += fmt::format("; the current folder, which has one, is not searched: write \"./{}\"", file);
  else if (const std::string near = nearest(file, there); !near.empty())
    message += fmt::format("; did you mean \"{}\"?", near);
  else if (there.empty())
    message += "; name the file with its path, or the folder with --plugin-dir";
  else
    message += fmt::format("; there are {}", listed(there));
  return failure(exit_status::plugin_refused, message);
}

} // namespace

std::vector<std::string> default_plugin_folders(const std::string& program_folder) {
  const fs::path folder = program_folder;
  return {(folder / "plugins").string(), (folder / "../lib/epollhost/plugins").lexically_normal().string()};
}

std::string running_program_prefix() { return fs::path(running_program_folder()).parent_path().string(); }

// Where /proc is not mounted, or belongs to other processes, by the name that the kernel was given.
std::string running_program_folder() {
  std::error_code error;
  fs::path program = fs::read_symlink("/proc/self/exe", error);
  const auto* const executed = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (error && executed) program = fs::weakly_canonical(executed, error);
  return program.parent_path().string();
}

std::string find_plugin(const std::string& file, const std::vector<std::string>& folders) {
  if (file.find('/') != std::string::npos) return file;
  for (const std::string& folder : folders)
    if (const fs::path path = fs::path(folder) / file; is_file(path)) return path.string();
  throw not_found(file, folders);
}

std::vector<std::string> plugins_in(const std::vector<std::string>& folders) {
  std::set<std::string> names;
  for (const std::string& folder : folders) {
    std::error_code error; // a folder that is not there has none
    for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error))
      if (i->path().extension() == ".so" && is_file(i->path())) names.insert(i->path().filename().string());
  }
  return {names.begin(), names.end()};
}

} // namespace epollhost::cli
