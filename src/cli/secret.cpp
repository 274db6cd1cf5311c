// Distributed under the Boost Software License, Version 1.0.
// Values that nobody may see, and the files that they stand in.
#include "cli/secret.hpp"

#include "cli/failure.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace epollhost::cli {
namespace fs = std::filesystem;

namespace {

using file_owner = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

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
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) refuse(path, "is not there");
  if (error) refuse(path, "cannot be reached: " + error.message());
  // A pipe would keep a reload waiting for a writer.
  if (!fs::is_regular_file(status)) refuse(path, "is no regular file");
  const file_owner from(std::fopen(path.c_str(), "re"), std::fclose);
  if (!from) refuse(path, fmt::format("cannot be opened: {}", std::strerror(errno)));
  std::string out(secret_bytes_max + 1, '\0');
  out.resize(std::fread(out.data(), 1, out.size(), from.get()));
  if (std::ferror(from.get())) refuse(path, "cannot be read");
  if (out.size() > secret_bytes_max)
    refuse(path, fmt::format("has more than {} bytes; expected a short one", secret_bytes_max));
  out = without_line_end(std::move(out));
  if (out.empty()) refuse(path, "is empty");
  return out;
}

} // namespace

std::string absolute_path(std::string_view path, const std::string& folder) {
  const fs::path start = folder.empty() ? fs::current_path() : fs::absolute(folder);
  return (start / path).lexically_normal().string();
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
