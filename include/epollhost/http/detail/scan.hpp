// Distributed under the Boost Software License, Version 1.0.
// Skips runs of bytes of one class, a word or a vector at a time. Plugins may include this.
//
// Each scanner offers the same five functions. All take the begin of the buffer too: a run that ends less than a
// vector before the end of the buffer is looked at through the buffer's *last* vector, so nothing behind the end is
// ever read and no byte loop is needed:
//
//      begin                 p            end
//        |....................|============|
//                     |<------ one vector ->|      the bits before p are shifted out
//
// This one needs no vectors; those that do are in scan_x86.hpp.

#ifndef EPOLLHOST_HTTP_DETAIL_SCAN_HPP
#define EPOLLHOST_HTTP_DETAIL_SCAN_HPP

#include <epollhost/http/detail/chars.hpp>

namespace epollhost::http::detail {

/// Where the name of a field line ends, and, if a colon is there, where its value does: each a byte that can't go on
/// with it, or the end of the buffer.
struct line_ends {
  const char* name;
  const char* value;
};

/// Plain words: for every machine. A word with a suspect byte is looked at byte by byte.
struct word_scan {
  static constexpr std::uint64_t ones = 0x0101010101010101u;
  static constexpr std::uint64_t highs = 0x8080808080808080u;

  /// Mark bytes below `bound` (at most 128); a byte above a marked one may be marked wrongly, none is missed.
  static constexpr std::uint64_t below(std::uint64_t word, std::uint64_t bound) noexcept {
    return (word - ones * bound) & ~word & highs;
  }
  static constexpr std::uint64_t equal(std::uint64_t word, std::uint64_t byte) noexcept {
    return below(word ^ (ones * byte), 1);
  }

  template <class Suspect>
  static const char* skip(const char* p, const char* end, unsigned classes, Suspect suspect) noexcept {
    while (end - p >= 8) {
      if (!suspect(load<std::uint64_t>(p))) {
        p += 8;
        continue;
      }
      const char* stop = skip_bytes(p, p + 8, classes);
      if (stop != p + 8) return stop; // otherwise it was a tab, or a byte marked wrongly
      p = stop;
    }
    return skip_bytes(p, end, classes);
  }

  static const char* value_end(const char*, const char* p, const char* end) noexcept {
    return skip(p, end, char_value, [](std::uint64_t w) { return (below(w, 0x20) | equal(w, 0x7f)) != 0; });
  }
  static const char* target_end(const char*, const char* p, const char* end) noexcept {
    return skip(p, end, char_target,
                [](std::uint64_t w) { return (below(w, 0x21) | equal(w, 0x7f) | equal(w, '#') | (w & highs)) != 0; });
  }
  static const char* token_end(const char*, const char* p, const char* end) noexcept {
    return skip_bytes(p, end, char_token);
  }
  static const char* name_end(const char*, const char* p, const char* end) noexcept {
    return skip_bytes(p, end, char_name);
  }
  static line_ends line(const char* begin, const char* p, const char* end) noexcept {
    const char* name = token_end(begin, p, end);
    return {name, value_end(begin, name, end)};
  }
};

} // namespace epollhost::http::detail

#endif
