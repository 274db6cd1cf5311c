// Distributed under the Boost Software License, Version 1.0.
// Skips runs of bytes of one class, 16 or 32 at a time, on x86-64. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_SCAN_X86_HPP
#define EPOLLHOST_HTTP_DETAIL_SCAN_X86_HPP

#if defined(__x86_64__)
#define EPOLLHOST_HTTP_X86 1

#include <epollhost/http/detail/scan.hpp>

#include <immintrin.h>

namespace epollhost::http::detail {

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
  EPOLLHOST_HTTP_SSE line_ends line(const char* begin, const char* p, const char* end) noexcept {
    const char* name = token_end(begin, p, end);
    return {name, value_end(begin, name, end)};
  }
};

/// 32 times one byte. Never written, yet not const: the compiler would know the value and make it anew for each use, by
/// three instructions instead of one operand in memory.
template <char Byte> struct repeated {
  alignas(32) static inline std::array<char, 32> bytes = [] {
    std::array<char, 32> all{};
    all.fill(Byte);
    return all;
  }();
};

/// The same of a pair of tables, each twice.
template <unsigned Classes> struct repeated_nibbles {
  static constexpr std::array<std::uint8_t, 32> twice(const std::array<std::uint8_t, 16>& table) {
    std::array<std::uint8_t, 32> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = table[i % 16];
    return all;
  }
  alignas(32) static inline std::array<std::uint8_t, 32> low = twice(nibbles<Classes>.low);
  alignas(32) static inline std::array<std::uint8_t, 32> high = twice(nibbles<Classes>.high);
};

/// AVX2: 32 bytes a step for what may be long, the half of it for names, which rarely are.
struct avx_scan {
  template <char Byte> EPOLLHOST_HTTP_AVX __m256i all() noexcept {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(repeated<Byte>::bytes.data()));
  }
  EPOLLHOST_HTTP_AVX __m256i table(const std::array<std::uint8_t, 32>& entries) noexcept {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(entries.data()));
  }
  EPOLLHOST_HTTP_AVX __m256i load(const char* p) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }

  EPOLLHOST_HTTP_AVX unsigned control_mask(__m256i bytes) noexcept {
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, all<0x1f>()), bytes);
    const __m256i tab = _mm256_cmpeq_epi8(bytes, all<'\t'>());
    const __m256i del = _mm256_cmpeq_epi8(bytes, all<0x7f>());
    return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_or_si256(_mm256_andnot_si256(tab, low), del)));
  }
  EPOLLHOST_HTTP_AVX unsigned not_token_mask(__m256i bytes) noexcept {
    const __m256i rows = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), all<0x0f>());
    const __m256i hit = _mm256_and_si256(_mm256_shuffle_epi8(table(repeated_nibbles<char_token>::low), bytes),
                                         _mm256_shuffle_epi8(table(repeated_nibbles<char_token>::high), rows));
    return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(hit, _mm256_setzero_si256())));
  }

  struct control {
    using half = sse_scan::control;
    EPOLLHOST_HTTP_AVX unsigned mask(const char* p) noexcept { return control_mask(load(p)); }
  };
  struct not_target {
    using half = sse_scan::other_than<char_target>;
    EPOLLHOST_HTTP_AVX unsigned mask(const char* p) noexcept {
      const __m256i bytes = load(p);
      // The comparison is signed, so it finds bytes of 128 and more as well as those up to the space.
      const __m256i low = _mm256_cmpgt_epi8(all<0x21>(), bytes);
      const __m256i del = _mm256_cmpeq_epi8(bytes, all<0x7f>());
      const __m256i hash = _mm256_cmpeq_epi8(bytes, all<'#'>());
      return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(low, del), hash)));
    }
  };

  /// Look at the first vector here, and leave the rest, which is rarer, to a function that is not inlined.
  template <class Stop>
  EPOLLHOST_HTTP_AVX const char* skip(const char* begin, const char* p, const char* end) noexcept {
    if (end - p < 32) [[unlikely]]
      return skip_last<Stop>(begin, p, end);
    const unsigned stops = Stop::mask(p);
    if (stops == 0) [[unlikely]]
      return skip_on<Stop>(begin, p + 32, end);
    return p + first(stops);
  }
  template <class Stop>
  [[gnu::noinline]] EPOLLHOST_HTTP_AVX const char* skip_on(const char* begin, const char* p, const char* end) noexcept {
    for (; end - p >= 32; p += 32)
      if (const unsigned stops = Stop::mask(p)) return p + first(stops);
    return skip_last<Stop>(begin, p, end);
  }
  template <class Stop>
  EPOLLHOST_HTTP_AVX const char* skip_last(const char* begin, const char* p, const char* end) noexcept {
    if (end - begin < 32 || p == end) return sse_scan::skip<typename Stop::half>(begin, p, end);
    const unsigned stops = Stop::mask(end - 32) >> (32 - (end - p));
    return stops ? p + first(stops) : end;
  }
  static unsigned first(unsigned stops) noexcept { return static_cast<unsigned>(__builtin_ctz(stops)); }

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
  /// Mark, among the first 64 bytes, those that no target holds. There are at least 32; the second vector ends with the
  /// bytes if these are fewer than 64, and then overlaps the first.
  EPOLLHOST_HTTP_AVX std::uint64_t target_stops(const char* p, std::size_t left) noexcept {
    const std::size_t second = left >= 64 ? 32 : left - 32;
    return not_target::mask(p) | static_cast<std::uint64_t>(not_target::mask(p + second)) << second;
  }
  /// Most lines are short enough that one vector shows both ends.
  EPOLLHOST_HTTP_AVX line_ends line(const char* begin, const char* p, const char* end) noexcept {
    const std::ptrdiff_t left = end - p;
    unsigned before = 0;
    const char* at = p;
    if (left < 32) {
      if (end - begin < 32) [[unlikely]]
        return long_line(begin, p, end);
      at = end - 32;
      before = 32 - static_cast<unsigned>(left);
    }
    const __m256i bytes = load(at);
    const unsigned name_stops = not_token_mask(bytes) >> before;
    const unsigned value_stops = control_mask(bytes) >> before;
    if (name_stops == 0) [[unlikely]]
      return long_line(begin, p, end);
    const char* name = p + first(name_stops);
    if (value_stops == 0) return {name, left < 32 ? end : skip_on<control>(begin, p + 32, end)};
    return {name, p + first(value_stops)};
  }
  [[gnu::noinline]] EPOLLHOST_HTTP_AVX line_ends long_line(const char* begin, const char* p, const char* end) noexcept {
    return sse_scan::line(begin, p, end);
  }
};

#undef EPOLLHOST_HTTP_SSE
#undef EPOLLHOST_HTTP_AVX
} // namespace epollhost::http::detail

#endif // x86-64

#endif
