// Distributed under the Boost Software License, Version 1.0.
// Media types by the ends of names.

#ifndef EPOLLHOST_PLUGINS_FILES_MEDIA_TYPES_HPP
#define EPOLLHOST_PLUGINS_FILES_MEDIA_TYPES_HPP

#include <algorithm>
#include <functional>
#include <istream>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>

namespace files {

/// What a browser has to know to show a page, whatever the system's table says or lacks.
inline constexpr std::string_view usual_types = R"(
text/html html htm
text/css css
text/javascript js mjs
text/plain txt log conf
text/markdown md
text/csv csv
text/xml xml
application/json json map
application/manifest+json webmanifest
application/pdf pdf
application/wasm wasm
application/zip zip
application/gzip gz tgz
application/x-tar tar
application/vnd.debian.binary-package deb
image/png png
image/jpeg jpg jpeg
image/gif gif
image/webp webp
image/avif avif
image/svg+xml svg
image/x-icon ico
font/woff woff
font/woff2 woff2
font/ttf ttf
audio/mpeg mp3
audio/ogg ogg
video/mp4 mp4
video/webm webm
)";

/// Say whether a text can stand in a header field: it has no control characters.
constexpr bool is_field_text(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

/// The table of one worker; filled at the start. The first line that names an end wins.
class media_types {
public:
  /// @param charset put behind types of text; empty for none.
  media_types(std::string_view otherwise, std::string_view charset)
      : charset_{charset}, otherwise_{with_charset(otherwise)} {}

  /// Read a table as /etc/mime.types is written: a type and the ends that have it on each line, '#' before remarks.
  void read(std::istream& table) {
    for (std::string line; std::getline(table, line);) read_line(line);
  }
  void read(std::string_view table) {
    std::istringstream lines{std::string{table}};
    read(lines);
  }

  /// Return the type of a name, ending in a zero; lives as the table does.
  const char* of(std::string_view name) const {
    name = name.substr(name.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    const std::size_t length = dot == name.npos ? 0 : name.size() - dot - 1;
    if (length == 0 || length > end_bytes_max) return otherwise_.c_str();
    char small[end_bytes_max];
    for (std::size_t i = 0; i < length; ++i) small[i] = lower(name[dot + 1 + i]);
    const auto found = types_.find(std::string_view{small, length});
    return found == types_.end() ? otherwise_.c_str() : found->second.c_str();
  }

private:
  static constexpr std::size_t end_bytes_max = 32; ///< no end that is registered has more
  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  static constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

  static std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t\r")));
    const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    return word;
  }

  void read_line(std::string_view line) {
    line = line.substr(0, line.find('#'));
    const std::string_view type = take_word(line);
    if (!is_field_text(type)) return;
    for (std::string_view end; !(end = take_word(line)).empty();) {
      if (end.size() > end_bytes_max) continue;
      std::string small{end};
      for (char& c : small) c = lower(c);
      types_.try_emplace(std::move(small), with_charset(type));
    }
  }

  /// A type that names its charset keeps it.
  std::string with_charset(std::string_view type) const {
    constexpr std::string_view name = "charset=";
    const bool named = std::search(type.begin(), type.end(), name.begin(), name.end(),
                                   [](char a, char b) { return lower(a) == b; }) != type.end();
    std::string out{type};
    if (type.starts_with("text/") && !charset_.empty() && !named) out.append("; charset=").append(charset_);
    return out;
  }

  std::string charset_;
  std::string otherwise_;
  std::unordered_map<std::string, std::string, hash, std::equal_to<>> types_;
};

} // namespace files

#endif
