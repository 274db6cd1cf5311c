// Distributed under the Boost Software License, Version 1.0.
// Dates as HTTP writes them, and a clock that makes one a second. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DATE_HPP
#define EPOLLHOST_HTTP_DATE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace epollhost::http {

/// The size of an IMF-fixdate in bytes: "Sun, 06 Nov 1994 08:49:37 GMT".
inline constexpr std::size_t date_bytes = 29;

/// Write a time as IMF-fixdate into `date_bytes` bytes at `out`.
/// @param seconds since 1970 UTC, from the year 0 to 9999; outside it is taken as the nearest bound.
/// Source: RFC 9110 section 5.6.7. The days are counted as Howard Hinnant's `civil_from_days` does.
constexpr void write_date(char* out, std::int64_t seconds) noexcept {
  constexpr std::string_view days = "ThuFriSatSunMonTueWed";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::int64_t first = -62167219200, last = 253402300799;
  seconds = seconds < first ? first : seconds > last ? last : seconds;
  const std::int64_t shifted = seconds - first; // days and seconds since 0000-01-01, not negative
  const auto second = static_cast<unsigned>(shifted % 86400);
  const std::int64_t day = seconds >= 0 ? seconds / 86400 : -((86399 - seconds) / 86400);

  const std::int64_t z = day + 719468; // since 0000-03-01
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(z - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 2 : month_from_march - 10; // January is 0
  const auto year = static_cast<unsigned>(static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 1));
  const auto weekday = static_cast<unsigned>((day % 7 + 7) % 7);

  const auto text = [&out](std::string_view word) {
    for (const char c : word) *out++ = c;
  };
  const auto two = [&out](unsigned number) {
    *out++ = static_cast<char>('0' + number / 10 % 10);
    *out++ = static_cast<char>('0' + number % 10);
  };
  text(days.substr(3 * weekday, 3));
  text(", ");
  two(day_of_month);
  text(" ");
  text(months.substr(3 * month, 3));
  text(" ");
  two(year / 100);
  two(year % 100);
  text(" ");
  two(second / 3600);
  text(":");
  two(second / 60 % 60);
  text(":");
  two(second % 60);
  text(" GMT");
}

/// Keep the text of the present second.
/// Owned by the one who answers, one for a worker; asked once for each answer, which costs a comparison. [worker]
class date_clock {
public:
  /// Look whether a new second has begun. `wall_ns` is called only then: nanoseconds since 1970 UTC.
  template <class Wall> void refresh(std::int64_t now_ns, Wall wall_ns) {
    if (now_ns < next_ns_) [[likely]]
      return;
    const std::int64_t wall = wall_ns();
    const std::int64_t into_second = wall >= 0 ? wall % second_ns : 0;
    seconds_ = wall / second_ns;
    write_date(text_.data(), seconds_);
    next_ns_ = now_ns + second_ns - into_second;
    ++stamp_;
  }

  /// Return this second, as `text` has it, since 1970 UTC.
  std::int64_t seconds() const noexcept { return seconds_; }

  std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

  /// Return how many milliseconds of this second have passed.
  unsigned milliseconds(std::int64_t now_ns) const noexcept {
    const std::int64_t into_second = second_ns - (next_ns_ - now_ns);
    return static_cast<unsigned>(into_second < 0 ? 0 : into_second >= second_ns ? 999 : into_second / 1'000'000);
  }

  /// Return a number that changes with the text; never 0 once the clock was refreshed.
  std::uint64_t stamp() const noexcept { return stamp_; }

private:
  static constexpr std::int64_t second_ns = 1'000'000'000;

  std::int64_t next_ns_ = std::numeric_limits<std::int64_t>::min(); ///< of the monotonic clock
  std::uint64_t stamp_ = 0;
  std::int64_t seconds_ = 0;
  std::array<char, date_bytes> text_{};
};

} // namespace epollhost::http

#endif
