// Distributed under the Boost Software License, Version 1.0.
// The request parser: a pure function from bytes to a request, "need more" or an error. Plugins may include this.

#ifndef EPOLLHOST_HTTP_PARSER_HPP
#define EPOLLHOST_HTTP_PARSER_HPP

#include <epollhost/http/detail/head_parser.hpp>
#include <epollhost/http/detail/scan.hpp>
#include <epollhost/http/detail/scan_x86.hpp>
#include <epollhost/http/detail/trailer_parser.hpp>
#include <epollhost/http/detail/usual_head.hpp>
#include <epollhost/http/error.hpp>
#include <epollhost/http/limits.hpp>
#include <epollhost/http/request.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http {

/// Where the reading of a partial head goes on. A value-initialised one begins a new head. 8 bytes, copied freely.
using head_position = detail::resume_point;

/// Say how a call of `parse_head` or `parse_trailers` ended.
struct parse_result {
  error why = error::none; ///< `none`: read; `need_more`; otherwise the fault
  std::uint32_t size = 0;  ///< of what was read, in bytes, if `why` is `none`

  bool done() const noexcept { return why == error::none; }
  bool need_more() const noexcept { return why == error::need_more; }
  bool bad() const noexcept { return !done() && !need_more(); }
};

/// Name the kinds of machine code that a parser exists for.
enum class machine : std::uint8_t { plain, sse42, avx2 };

namespace detail {

/// The parsers for one machine.
struct engine {
  parse_result (*head)(std::string_view, const limits&, resume_point&, request&) noexcept;
  parse_result (*trailers)(std::string_view, const limits&, resume_point&, fields&) noexcept;
};

template <class Scan>
[[gnu::always_inline]] inline parse_result run_rest(std::string_view bytes, const limits& bounds, resume_point& rest,
                                                    request& out, std::uint32_t begun) noexcept {
  parse_result result;
  result.why = head_parser<Scan>{bytes, bounds, out}.run(rest, result.size, begun);
  return result;
}

/// Read a head: what is usual here, and what is not by `Rest`, which is `run_rest` as a function of its own.
template <class Scan, auto Rest>
[[gnu::always_inline]] inline parse_result run_head(std::string_view bytes, const limits& bounds, resume_point& rest,
                                                    request& out) noexcept {
  std::uint32_t begun = 0;
  if constexpr (usual_head<Scan>::possible) {
    const char* end = bytes.data() + std::min<std::size_t>(bytes.size(), bounds.head_bytes_max);
    if (rest.at == phase::start) begun = usual_head<Scan>::begin(bytes.data(), end, bounds, out);
    if (begun != 0 && usual_head<Scan>::end(bytes.data(), end, begun, out)) return {error::none, begun + 2};
  }
  return Rest(bytes, bounds, rest, out, begun);
}

template <class Scan>
[[gnu::always_inline]] inline parse_result run_trailers(std::string_view bytes, const limits& bounds,
                                                        resume_point& rest, fields& out) noexcept {
  parse_result result;
  result.why = trailer_parser<Scan>{bytes, bounds, out}.run(rest, result.size);
  return result;
}

// `flatten` draws the whole parser into a function that may use the machine's instructions.
#define EPOLLHOST_HTTP_ENGINE(name, scan, attributes)                                                                  \
  attributes [[gnu::noinline]] inline parse_result rest_##name(                                                        \
      std::string_view bytes, const limits& bounds, resume_point& rest, request& out, std::uint32_t begun) noexcept {  \
    return run_rest<scan>(bytes, bounds, rest, out, begun);                                                            \
  }                                                                                                                    \
  attributes inline parse_result head_##name(std::string_view bytes, const limits& bounds, resume_point& rest,         \
                                             request& out) noexcept {                                                  \
    return run_head<scan, &rest_##name>(bytes, bounds, rest, out);                                                     \
  }                                                                                                                    \
  attributes inline parse_result trailers_##name(std::string_view bytes, const limits& bounds, resume_point& rest,     \
                                                 fields& out) noexcept {                                               \
    return run_trailers<scan>(bytes, bounds, rest, out);                                                               \
  }                                                                                                                    \
  inline constexpr engine engine_##name{&head_##name, &trailers_##name};

EPOLLHOST_HTTP_ENGINE(plain, word_scan, [[gnu::flatten]])
#ifdef EPOLLHOST_HTTP_X86
EPOLLHOST_HTTP_ENGINE(sse42, sse_scan, [[gnu::flatten]] [[gnu::target("sse4.2")]])
EPOLLHOST_HTTP_ENGINE(avx2, avx_scan, [[gnu::flatten]] [[gnu::target("avx2")]])
#endif
#undef EPOLLHOST_HTTP_ENGINE

inline const engine& engine_of(machine kind) noexcept {
#ifdef EPOLLHOST_HTTP_X86
  if (kind == machine::avx2) return engine_avx2;
  if (kind == machine::sse42) return engine_sse42;
#endif
  (void)kind;
  return engine_plain;
}

inline std::atomic<const engine*> chosen_engine{nullptr};

} // namespace detail

/// Return the best kind of machine code that this processor runs. Thread: any.
inline machine best_machine() noexcept {
#ifdef EPOLLHOST_HTTP_X86
  if (__builtin_cpu_supports("avx2")) return machine::avx2;
  if (__builtin_cpu_supports("sse4.2")) return machine::sse42;
#endif
  return machine::plain;
}

namespace detail {
[[gnu::noinline, gnu::cold]] inline const engine* choose_engine() noexcept {
  const engine* best = &engine_of(best_machine());
  chosen_engine.store(best, std::memory_order_relaxed); // two threads would store the same
  return best;
}

inline const engine& best_engine() noexcept {
  const engine* known = chosen_engine.load(std::memory_order_relaxed);
  return known ? *known : *choose_engine();
}
} // namespace detail

/// Read one request head from the begin of `bytes`.
/// @param bytes   all unread input of the connection, from where the last message ended; what stands behind the head is
///                not looked at. Not kept; `out` views them.
/// @param bounds  what is refused; see there.
/// @param position where the last call stopped, for the same bytes with more behind them; `{}` for a new head. Set
/// again
///                if more is needed.
/// @param out     filled if the result is done, else of no meaning.
/// Errors: in the result. The answer depends on the bytes alone, never on the pieces they came in.
/// Thread: any; nothing is shared. Source: RFC 9112 sections 2, 3, 5 and 6.
inline parse_result parse_head(std::string_view bytes, const limits& bounds, head_position& position,
                               request& out) noexcept {
  return detail::best_engine().head(bytes, bounds, position, out);
}

/// Read the trailer section of a chunked body, to the empty line that ends it. As `parse_head`, except that lines end
/// in CRLF always and errors are those of trailers. Source: RFC 9112 section 7.1.2.
inline parse_result parse_trailers(std::string_view bytes, const limits& bounds, head_position& position,
                                   fields& out) noexcept {
  return detail::best_engine().trailers(bytes, bounds, position, out);
}

} // namespace epollhost::http

#endif
