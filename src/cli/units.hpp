// Distributed under the Boost Software License, Version 1.0.
// Sizes and durations as the user writes them: 64KiB, 2MB, 250ms, 10s.
#ifndef EPOLLHOST_CLI_UNITS_HPP
#define EPOLLHOST_CLI_UNITS_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace epollhost::cli {

/// Bytes; throws bad_value. Units B, kB MB GB TB (of 1000), KiB MiB GiB TiB (of 1024), in any case; none means bytes.
std::int64_t parse_size(std::string_view text);

/// Nanoseconds; throws bad_value. Units ns, us, ms, s, m, h, d; only 0 needs none.
std::int64_t parse_duration(std::string_view text);

/// The shortest text that parses to the same number.
std::string format_size(std::int64_t bytes);
std::string format_duration(std::int64_t nanoseconds);

/// A whole number in decimal; throws bad_value.
std::int64_t parse_integer(std::string_view text);

} // namespace epollhost::cli

#endif
