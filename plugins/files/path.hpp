// Distributed under the Boost Software License, Version 1.0.
// The path of a request as a name below the root, and back.

#ifndef EPOLLHOST_PLUGINS_FILES_PATH_HPP
#define EPOLLHOST_PLUGINS_FILES_PATH_HPP

#include <string>
#include <string_view>

namespace files {

/// What a path asks for. `status` is 0, or that of the refusal.
struct asked {
  unsigned status = 0;
  bool folder = false; ///< it ends in a slash
  std::string name;    ///< without slashes at its ends; empty for the root
};

/// Return the value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Decode one segment and append it. Answers 0 or a status: 400 for an escape without its two digits and for an escaped
/// NUL, which no name has; 404 for an escaped slash, which can't be part of a name and does not part names either.
inline unsigned append_decoded(std::string& name, std::string_view segment) {
  for (std::size_t i = 0; i < segment.size(); ++i) {
    char c = segment[i];
    if (c == '%') {
      const int high = i + 2 < segment.size() ? hex_value(segment[i + 1]) : -1;
      const int low = high < 0 ? -1 : hex_value(segment[i + 2]);
      if (low < 0) return 400;
      c = static_cast<char>(high << 4 | low);
      if (c == '/') return 404;
      i += 2;
    }
    if (c == '\0') return 400;
    name += c;
  }
  return 0;
}

/// Say whether a name is hidden: it begins with a dot, "." and ".." included. The one that is public by its purpose is
/// the first segment ".well-known" (RFC 8615).
constexpr bool is_hidden(std::string_view segment, bool first) noexcept {
  return segment.starts_with('.') && !(first && segment == ".well-known");
}

/// Decode a path segment by segment, so that nothing that was escaped can part or climb. Slashes that follow each other
/// count as one. Source: RFC 3986 section 2.1 and 3.3.
inline asked decode_path(std::string_view path) {
  asked out;
  if (!path.starts_with('/')) out.status = 400;
  out.name.reserve(path.size());
  while (path.starts_with('/')) {
    path.remove_prefix(1); // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    out.folder = segment.empty();
    if (segment.empty()) continue;
    const bool first = out.name.empty();
    if (!first) out.name += '/';
    const std::size_t begin = out.name.size();
    if (const unsigned status = append_decoded(out.name, segment)) out.status = out.status == 400 ? 400 : status;
    if (out.status == 0 && is_hidden(std::string_view{out.name}.substr(begin), first)) out.status = 404;
  }
  return out;
}

/// Append a name with all bytes escaped that are not unreserved; slashes stay. What comes out can stand in a header
/// field and in an HTML attribute.
inline void append_encoded(std::string& out, std::string_view name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || std::string_view{"-._~/"}.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

} // namespace files

#endif
