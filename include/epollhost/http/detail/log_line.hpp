// Distributed under the Boost Software License, Version 1.0.
// A line of bounded length in which a peer's bytes can do no harm. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_LOG_LINE_HPP
#define EPOLLHOST_HTTP_DETAIL_LOG_LINE_HPP

#include <epollhost/http/detail/scan.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace epollhost::http::detail {

/// How a byte that can't stand in a quoted text is written: `\xHH`, or as JSON has it.
enum class escaping : std::uint8_t { hex, json };

/// Whether a byte stands for itself between quotes, in either form: printable ASCII without `"` and `\`.
constexpr std::array<bool, 256> make_plain_table() {
  std::array<bool, 256> table{};
  for (unsigned c = 0x20; c < 0x7f; ++c) table[c] = c != '"' && c != '\\';
  return table;
}
inline constexpr std::array<bool, 256> plain_table = make_plain_table();

/// Build one line in place. What is our own is appended whole, what is a peer's is escaped, and cut where its share of
/// the line ends; the cut is marked by "...". Never allocates.
class log_line {
public:
  /// The most bytes of a line with its '\n': what is our own, and all shares.
  static constexpr std::size_t bytes_max = 10 * 1024;
  static constexpr std::size_t target_bytes_max = 4096; ///< of a target as it stands in the line
  static constexpr std::size_t field_bytes_max = 1024;  ///< of any other text of the peer

  std::string_view text() const noexcept { return {bytes_.data(), size_}; }
  void clear() noexcept { size_ = 0; }

  log_line& operator<<(std::string_view own) noexcept {
    std::memcpy(bytes_.data() + size_, own.data(), own.size());
    size_ += own.size();
    return *this;
  }
  log_line& operator<<(std::integral auto number) noexcept {
    size_ = static_cast<std::size_t>(std::to_chars(end(), bytes_.data() + bytes_max, number).ptr - bytes_.data());
    return *this;
  }
  log_line& hex(std::uint64_t number) noexcept {
    *this << "0x";
    size_ = static_cast<std::size_t>(std::to_chars(end(), bytes_.data() + bytes_max, number, 16).ptr - bytes_.data());
    return *this;
  }

  /// Append a peer's text: at most `most` bytes of the line.
  log_line& quoted(std::string_view text, escaping as, std::size_t most = field_bytes_max) noexcept {
    const std::size_t room = most - cut.size() - longest; // behind it, one piece and the mark still fit
    const std::size_t plain = copy_plain(text.substr(0, room));
    size_ += plain;
    if (plain != text.size()) [[unlikely]]
      quote_rest(text.substr(plain), as, most - plain);
    return *this;
  }

  /// Append a peer's text as a field between blanks, which it must not hold itself: at most `most` bytes of the line.
  log_line& unquoted(std::string_view text, std::size_t most) noexcept {
    char* out = end();
    char* const stop = out + most - cut.size() - longest;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::string_view rest = text.substr(i);
      if (out > stop && !(rest.find(' ') == rest.npos && fits(rest, static_cast<std::size_t>(end() + most - out)))) {
        out = mark_cut(out);
        break;
      }
      const char c = text[i];
      if (c != ' ' && plain_table[static_cast<unsigned char>(c)])
        *out++ = c;
      else
        out = escape(out, static_cast<unsigned char>(c), escaping::hex);
    }
    size_ = static_cast<std::size_t>(out - bytes_.data());
    return *this;
  }

private:
  static constexpr std::string_view cut = "...";
  static constexpr std::size_t longest = 6; // of an escaped byte
  static constexpr std::size_t word = sizeof(std::uint64_t);

  /// Say whether a word's bytes stand for themselves, all of them; sometimes no where they do.
  static bool is_plain(const char* p) noexcept {
    const auto w = load<std::uint64_t>(p);
    return ((w & word_scan::highs) | word_scan::below(w, 0x20) | word_scan::equal(w, 0x7f) | word_scan::equal(w, '"') |
            word_scan::equal(w, '\\')) == 0;
  }

  /// Copy bytes that stand for themselves behind the end, up to the first word with another; return how many. The last
  /// word of the text may overlap the one before it.
  std::size_t copy_plain(std::string_view text) noexcept {
    const auto copy = [&](std::size_t at) {
      if (!is_plain(text.data() + at)) return false;
      std::memcpy(end() + at, text.data() + at, word);
      return true;
    };
    if (text.size() < word) return copy_plain_bytes(text);
    std::size_t i = 0;
    for (; i + word <= text.size(); i += word)
      if (!copy(i)) return i;
    return copy(text.size() - word) ? text.size() : i;
  }

  std::size_t copy_plain_bytes(std::string_view text) noexcept {
    std::size_t i = 0;
    for (; i < text.size() && plain_table[static_cast<unsigned char>(text[i])]; ++i) end()[i] = text[i];
    return i;
  }

  void quote_rest(std::string_view text, escaping as, std::size_t most) noexcept {
    char* out = end();
    char* const stop = out + most - cut.size() - longest;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (out > stop && !fits(text.substr(i), static_cast<std::size_t>(end() + most - out))) {
        out = mark_cut(out);
        break;
      }
      if (plain_table[static_cast<unsigned char>(text[i])])
        *out++ = text[i];
      else
        out = escape(out, static_cast<unsigned char>(text[i]), as);
    }
    size_ = static_cast<std::size_t>(out - bytes_.data());
  }

  char* end() noexcept { return bytes_.data() + size_; }

  /// Say whether the rest fits for sure: as long as it stays plain.
  static bool fits(std::string_view rest, std::size_t room) noexcept {
    if (rest.size() > room) return false;
    for (const char c : rest)
      if (!plain_table[static_cast<unsigned char>(c)]) return false;
    return true;
  }

  static char* mark_cut(char* out) noexcept {
    std::memcpy(out, cut.data(), cut.size());
    return out + cut.size();
  }

  static char* escape(char* out, unsigned char c, escaping as) noexcept {
    constexpr std::string_view digits = "0123456789ABCDEF";
    *out++ = '\\';
    if (as == escaping::json && (c == '"' || c == '\\')) {
      *out++ = static_cast<char>(c);
      return out;
    }
    const std::string_view before = as == escaping::json ? "u00" : "x";
    std::memcpy(out, before.data(), before.size());
    out += before.size();
    *out++ = digits[c >> 4];
    *out++ = digits[c & 15];
    return out;
  }

  std::array<char, bytes_max> bytes_;
  std::size_t size_ = 0;
};

} // namespace epollhost::http::detail

#endif
