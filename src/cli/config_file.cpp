// Distributed under the Boost Software License, Version 1.0.
// The file of options (INI) as assignments.
#include "cli/config_file.hpp"

#include "base/path_trust.hpp"
#include "cli/text.hpp"
#include "net/file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <map>

namespace epollhost::cli {
namespace {

// Messages show no value, since it may be a secret: the options' types are not known yet.
constexpr const char* no_closing_quote =
    "the value has no closing quote; one that begins with a quote stands in quotes";
constexpr std::string_view form = "expected \"option = value\", \"[NAME]\" or \"# comment\"";

// One line without its end, and the section it stands in.
class line_parser {
public:
  line_parser(const std::string& file, const std::string& folder, std::vector<assignment>& out,
              std::vector<std::string>* warnings)
      : file_(file), folder_(folder), out_(out), warnings_(warnings) {}

  void line(std::string_view text, unsigned number) {
    number_ = number;
    try {
      check_text(text, "the line");
      text = trimmed(text);
      if (text.empty() || text[0] == '#' || text[0] == ';') return;
      text[0] == '[' ? section(text) : option(text);
    } catch (const bad_value& e) {
      throw failure(exit_status::configuration, fmt::format("{}:{}: {}", file_, number_, e.what()));
    }
  }

private:
  void section(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
      throw bad_value(fmt::format("the section {} has no closing bracket; expected [NAME]", in_quotes(text)));
    const std::string_view rest = trimmed(text.substr(end + 1));
    if (!rest.empty() && rest[0] != '#' && rest[0] != ';')
      throw bad_value(fmt::format("{} follows the section's bracket; put it on a line of its own", in_quotes(rest)));
    section_ = trimmed(text.substr(1, end - 1));
    if (section_.empty()) throw bad_value("the section has no name; expected [NAME], with the name of a plugin");
    const auto [first, fresh] = sections_.emplace(section_, number_);
    if (!fresh && warnings_)
      warnings_->push_back(fmt::format("{}:{}: the section [{}] is there twice, first in line {}; both count as one",
                                      file_, number_, printable(section_), first->second));
  }

  void option(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
      throw bad_value(fmt::format("{} has no \"=\"; {}", in_quotes(text.substr(0, text.find_first_of(" \t"))), form));
    const std::string_view name = trimmed(text.substr(0, equals));
    if (name.empty()) throw bad_value(fmt::format("no option stands before the \"=\"; {}", form));
    assignment a;
    a.from = {origin::kind::file, file_, number_};
    a.folder = folder_;
    a.instance = section_;
    a.option = name;
    if (section_.empty()) set_name(a, name);
    a.value = value(trimmed(text.substr(equals + 1)));
    out_.push_back(std::move(a));
  }

  static std::string value(std::string_view text) {
    if (text.starts_with('"')) return double_quoted(text);
    if (text.starts_with('\'')) return single_quoted(text);
    if (text.starts_with('#')) return {};
    for (std::size_t i = 1; i < text.size(); ++i)
      if (text[i] == '#' && (text[i - 1] == ' ' || text[i - 1] == '\t')) return std::string(trimmed(text.substr(0, i)));
    return std::string(text);
  }

  static void only_comment(std::string_view rest) {
    rest = trimmed(rest);
    if (!rest.empty() && rest[0] != '#')
      throw bad_value("something follows the closing quote; expected the end of the line, or a comment");
  }

  static std::string single_quoted(std::string_view text) {
    const auto end = text.find('\'', 1);
    if (end == std::string_view::npos) throw bad_value(no_closing_quote);
    only_comment(text.substr(end + 1));
    return std::string(text.substr(1, end - 1));
  }

  static std::string double_quoted(std::string_view text) {
    std::string out;
    std::size_t i = 1;
    for (; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] != '\\')
        out += text[i];
      else
        i += escape(text.substr(i + 1), out);
    }
    if (i >= text.size()) throw bad_value(no_closing_quote);
    only_comment(text.substr(i + 1));
    return out;
  }

  // Appends the byte; answers how many follow the backslash.
  static std::size_t escape(std::string_view rest, std::string& out) {
    constexpr std::string_view names = "\"\\nrt", bytes = "\"\\\n\r\t";
    const auto known = rest.empty() ? std::string_view::npos : names.find(rest[0]);
    if (known != std::string_view::npos) return out += bytes[known], 1;
    unsigned byte = 0;
    if (rest.starts_with('x') && rest.size() >= 3 &&
        std::from_chars(rest.data() + 1, rest.data() + 3, byte, 16).ptr == rest.data() + 3)
      return out += static_cast<char>(byte), 3;
    throw bad_value(fmt::format("unknown escape {}; expected \\\" \\\\ \\n \\r \\t or \\xNN (single quotes need none)",
                                in_quotes("\\" + std::string(rest.substr(0, 1)))));
  }

  const std::string& file_;
  const std::string& folder_;
  std::vector<assignment>& out_;
  std::vector<std::string>* const warnings_;
  std::map<std::string, unsigned> sections_; // and the line in which each is first
  std::string section_;
  unsigned number_ = 0;
};

[[noreturn]] void refuse_file(const std::string& file, const std::string& fault) {
  throw failure(exit_status::configuration, fmt::format("--config: {}: {}", in_quotes(file), fault));
}

std::string folder_of(const std::string& file) {
  std::error_code ignored; // then it is no regular file
  if (!std::filesystem::is_regular_file(file, ignored)) return {};
  return std::filesystem::absolute(file).parent_path().string();
}

bool plain(std::string_view value) {
  if (value.empty()) return false;
  if (value != trimmed(value) || value.starts_with('"') || value.starts_with('\'')) return false;
  if (value.starts_with('#') || value.find(" #") != std::string_view::npos) return false;
  return value.find('"') == std::string_view::npos && printable(value) == value;
}

} // namespace

std::vector<assignment> parse_config(std::string_view text, const std::string& file, const std::string& folder,
                                     std::vector<std::string>* warnings) {
  std::vector<assignment> out;
  line_parser parser(file, folder, out, warnings);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3); // the mark that some editors put first
  for (unsigned number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    parser.line(line, number);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

std::vector<assignment> read_config_file(const std::string& file, bool allow_insecure,
                                         std::vector<std::string>* warnings) {
  if (file.empty()) throw failure(exit_status::configuration, "--config: the name is empty; expected a file");
  if (const std::string why = allow_insecure ? "" : why_not_trusted(file); !why.empty())
    refuse_file(file, fmt::format("{}; if you trust all users, --allow-insecure-config", why));
  const net::file_content read = net::read_named_file(file, config_bytes_max);
  if (!read.fault.empty()) refuse_file(file, read.fault + " (it holds lines \"option = value\")");
  return parse_config(read.text, file, folder_of(file), warnings);
}

std::string config_value(std::string_view value) {
  if (plain(value)) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\')
      out += '\\', out += c;
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return printable(out) + '"';
}

} // namespace epollhost::cli
