// Distributed under the Boost Software License, Version 1.0.
// Reads the three forms of a date in HTTP.

#ifndef EPOLLHOST_PLUGINS_FILES_DATE_HPP
#define EPOLLHOST_PLUGINS_FILES_DATE_HPP

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace files {

/// Reads a text from its front; once something does not fit, `good` stays false.
class date_text {
public:
  constexpr explicit date_text(std::string_view text) noexcept : rest_{text} {}

  constexpr void word(std::string_view expected) noexcept {
    if (!rest_.starts_with(expected)) return fail();
    rest_.remove_prefix(expected.size());
  }
  /// A number of so many digits; the first may be a blank in the asctime form.
  constexpr int number(std::size_t digits, bool blank = false) noexcept {
    int value = 0;
    if (rest_.size() < digits) return fail(), 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = rest_[i];
      if (blank && i == 0 && c == ' ') continue;
      if (c < '0' || c > '9') return fail(), 0;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  /// The place of the next three letters in a list, counted from 1.
  constexpr int one_of(std::string_view list) noexcept {
    for (std::size_t at = 0; at < list.size(); at += 3)
      if (rest_.starts_with(list.substr(at, 3))) return rest_.remove_prefix(3), static_cast<int>(at / 3) + 1;
    return fail(), 0;
  }
  constexpr bool begins(std::string_view text) const noexcept { return rest_.starts_with(text); }
  constexpr bool done() const noexcept { return good_ && rest_.empty(); }

private:
  constexpr void fail() noexcept { good_ = false; }
  std::string_view rest_;
  bool good_ = true;
};

/// Read a date as seconds since 1970 UTC; nothing if it is none: if the form is another, or if there is no such day.
/// @param this_year for the two digits of the RFC 850 form: one that would be more than 50 years ahead is past.
/// Source: RFC 9110 section 5.6.7.
constexpr std::optional<std::int64_t> read_date(std::string_view text, int this_year) noexcept {
  constexpr std::string_view days = "SunMonTueWedThuFriSat";
  constexpr std::array<std::string_view, 7> rests = {"day", "day", "sday", "nesday", "rsday", "day", "urday"};
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  date_text in{text};
  int year = 0, month = 0, day = 0;
  const auto time = [&in] {
    const int hour = in.number(2);
    in.word(":");
    const int minute = in.number(2);
    in.word(":");
    const int second = in.number(2);
    const bool leap = second == 60 && minute == 59 && hour == 23; // the only place where one is put in
    return hour < 24 && minute < 60 && (second < 60 || leap) ? std::int64_t{hour} * 3600 + minute * 60 + second : -1;
  };
  std::int64_t seconds = 0;
  const int weekday = in.one_of(days);
  if (in.begins(", ")) { // Sun, 06 Nov 1994 08:49:37 GMT
    in.word(", "), day = in.number(2);
    in.word(" "), month = in.one_of(months);
    in.word(" "), year = in.number(4);
    in.word(" "), seconds = time();
    in.word(" GMT");
  } else if (in.begins(" ")) { // Sun Nov  6 08:49:37 1994
    in.word(" "), month = in.one_of(months);
    in.word(" "), day = in.number(2, true);
    in.word(" "), seconds = time();
    in.word(" "), year = in.number(4);
  } else { // Sunday, 06-Nov-94 08:49:37 GMT
    in.word(weekday == 0 ? std::string_view{} : rests[static_cast<std::size_t>(weekday - 1)]);
    in.word(", "), day = in.number(2);
    in.word("-"), month = in.one_of(months);
    in.word("-"), year = this_year - this_year % 100 + in.number(2);
    if (year > this_year + 50) year -= 100;
    in.word(" "), seconds = time();
    in.word(" GMT");
  }
  if (!in.done() || seconds < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt; // no 31 February
  const std::chrono::sys_days found{date};
  if (std::chrono::weekday{found}.c_encoding() + 1 != static_cast<unsigned>(weekday)) return std::nullopt;
  return found.time_since_epoch().count() * std::int64_t{86400} + seconds;
}

} // namespace files

#endif
