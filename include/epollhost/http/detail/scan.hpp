// Distributed under the Boost Software License, Version 1.0.
// Skips runs of bytes of one class, a word or a vector at a time. Plugins may include this.
//
// Each scanner offers the same four functions. All take the begin of the buffer too: a run that ends less than a
// vector before the end of the buffer is looked at through the buffer's *last* vector, so nothing behind the end is
// ever read and no byte loop is needed:
//
//      begin                 p            end
//        |....................|============|
//                     |<------ one vector ->|      the bits before p are shifted out

#ifndef EPOLLHOST_HTTP_DETAIL_SCAN_HPP
#define EPOLLHOST_HTTP_DETAIL_SCAN_HPP

#include <epollhost/http/detail/chars.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#define EPOLLHOST_HTTP_X86 1
#endif

namespace epollhost::http::detail {

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
};

#ifdef EPOLLHOST_HTTP_X86

/// Two tables of 16 bytes whose entries for the low and the high half of a byte share a bit exactly if the byte is of
/// the class. A class of ASCII bytes needs a bit for each of its rows of 16, and there are 6 rows of printables.
struct nibble_tables {
  alignas(16) std::array<std::uint8_t, 16> low{};
  alignas(16) std::array<std::uint8_t, 16> high{};
};

constexpr nibble_tables make_nibble_tables(unsigned classes) {
  nibble_tables tables;
  for (unsigned row = 2; row < 8; ++row) {
    tables.high[row] = static_cast<std::uint8_t>(1u << (row - 2));
    for (unsigned column = 0; column < 16; ++column)
      if (is(static_cast<char>(row * 16 + column), classes))
        tables.low[column] |= static_cast<std::uint8_t>(1u << (row - 2));
  }
  return tables;
}

template <unsigned Classes> inline constexpr nibble_tables nibbles = make_nibble_tables(Classes);

#define EPOLLHOST_HTTP_SSE [[gnu::target("sse4.2")]] static inline
#define EPOLLHOST_HTTP_AVX [[gnu::target("avx2")]] static inline

/// SSE4.2: 16 bytes a step.
struct sse_scan {
  /// Stop at a byte that is not of the class.
  template <unsigned Classes> struct other_than {
    static constexpr unsigned classes = Classes;
    EPOLLHOST_HTTP_SSE unsigned mask(const char* p) noexcept {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      const __m128i low = _mm_load_si128(reinterpret_cast<const __m128i*>(nibbles<Classes>.low.data()));
      const __m128i high = _mm_load_si128(reinterpret_cast<const __m128i*>(nibbles<Classes>.high.data()));
      // A byte of 128 and more finds 0 in `low`: the shuffle clears where the top bit is set.
      const __m128i rows = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
      const __m128i hit = _mm_and_si128(_mm_shuffle_epi8(low, bytes), _mm_shuffle_epi8(high, rows));
      return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(hit, _mm_setzero_si128())));
    }
  };
  struct control {
    static constexpr unsigned classes = char_value;
    EPOLLHOST_HTTP_SSE unsigned mask(const char* p) noexcept {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
      const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
      const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
      return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del)));
    }
  };

  template <class Stop>
  EPOLLHOST_HTTP_SSE const char* skip(const char* begin, const char* p, const char* end) noexcept {
    for (; end - p >= 16; p += 16)
      if (const unsigned stops = Stop::mask(p)) return p + __builtin_ctz(stops);
    if (end - begin < 16) return skip_bytes(p, end, Stop::classes);
    const unsigned stops = Stop::mask(end - 16) >> (16 - (end - p));
    return stops ? p + __builtin_ctz(stops) : end;
  }

  EPOLLHOST_HTTP_SSE const char* value_end(const char* begin, const char* p, const char* end) noexcept {
    return skip<control>(begin, p, end);
  }
  EPOLLHOST_HTTP_SSE const char* target_end(const char* begin, const char* p, const char* end) noexcept {
    return skip<other_than<char_target>>(begin, p, end);
  }
  EPOLLHOST_HTTP_SSE const char* token_end(const char* begin, const char* p, const char* end) noexcept {
    return skip<other_than<char_token>>(begin, p, end);
  }
  EPOLLHOST_HTTP_SSE const char* name_end(const char* begin, const char* p, const char* end) noexcept {
    return skip<other_than<char_name>>(begin, p, end);
  }
};

/// AVX2: 32 bytes a step for what may be long, the half of it for names, which rarely are.
struct avx_scan {
  struct control {
    using half = sse_scan::control;
    EPOLLHOST_HTTP_AVX unsigned mask(const char* p) noexcept {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
      const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
      const __m256i tab = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\t'));
      const __m256i del = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
      return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_or_si256(_mm256_andnot_si256(tab, low), del)));
    }
  };
  struct not_target {
    using half = sse_scan::other_than<char_target>;
    EPOLLHOST_HTTP_AVX unsigned mask(const char* p) noexcept {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
      // The comparison is signed, so it finds bytes of 128 and more as well as those up to the space.
      const __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), bytes);
      const __m256i del = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
      const __m256i hash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('#'));
      return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(low, del), hash)));
    }
  };

  template <class Stop>
  EPOLLHOST_HTTP_AVX const char* skip(const char* begin, const char* p, const char* end) noexcept {
    for (; end - p >= 32; p += 32)
      if (const unsigned stops = Stop::mask(p)) return p + __builtin_ctz(stops);
    if (end - begin < 32) return sse_scan::skip<typename Stop::half>(begin, p, end);
    const std::uint64_t stops = std::uint64_t{Stop::mask(end - 32)} >> (32 - (end - p));
    return stops ? p + __builtin_ctzll(stops) : end;
  }

  EPOLLHOST_HTTP_AVX const char* value_end(const char* begin, const char* p, const char* end) noexcept {
    return skip<control>(begin, p, end);
  }
  EPOLLHOST_HTTP_AVX const char* target_end(const char* begin, const char* p, const char* end) noexcept {
    return skip<not_target>(begin, p, end);
  }
  EPOLLHOST_HTTP_AVX const char* token_end(const char* begin, const char* p, const char* end) noexcept {
    return sse_scan::token_end(begin, p, end);
  }
  EPOLLHOST_HTTP_AVX const char* name_end(const char* begin, const char* p, const char* end) noexcept {
    return sse_scan::name_end(begin, p, end);
  }
};

#undef EPOLLHOST_HTTP_SSE
#undef EPOLLHOST_HTTP_AVX
#endif // EPOLLHOST_HTTP_X86

} // namespace epollhost::http::detail

#endif
