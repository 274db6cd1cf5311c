// Distributed under the Boost Software License, Version 1.0.
// Values that nobody may see, and the files that they stand in.
#include "cli/secret.hpp"

#include "cli/failure.hpp"
#include "cli/text.hpp"
#include "net/file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace epollhost::cli {
namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& path, std::string_view fault) {
  throw bad_value(fmt::format("the file {} of the secret {}", in_quotes(path), fault));
}

bool names_file(std::string_view value) { return value.starts_with('@') && !value.starts_with("@@"); }

std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string content_of(const std::string& path) {
  net::file_content read = net::read_named_file(path, secret_bytes_max);
  if (!read.fault.empty()) refuse(path, read.fault);
  std::string out = without_line_end(std::move(read.text));
  if (out.empty()) refuse(path, "is empty");
  return out;
}

} // namespace

std::string absolute_path(std::string_view path, const std::string& folder) {
  const fs::path given = path;
  if (given.is_absolute()) return given.lexically_normal().string(); // the current folder may be gone
  const fs::path start = folder.empty() ? fs::current_path() : fs::absolute(folder);
  return (start / given).lexically_normal().string();
}

std::string read_secret(std::string_view value, const std::string& folder) {
  if (value == hidden_secret)
    throw bad_value(fmt::format("\"{}\" is what --show-config shows in place of a secret; write the secret itself, or "
                                "@FILE with the file that it stands in",
                                hidden_secret));
  if (value == "@") throw bad_value("no file follows the @; write @FILE, or @@ for a secret that begins with @");
  if (!names_file(value)) return std::string(value.substr(value.starts_with("@@") ? 1 : 0));
  return content_of(absolute_path(value.substr(1), folder));
}

std::string show_secret(std::string_view value, const std::string& folder) {
  if (value.empty()) return {};
  return names_file(value) ? "@" + absolute_path(value.substr(1), folder) : std::string(hidden_secret);
}

} // namespace epollhost::cli
