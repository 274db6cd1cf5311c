// Distributed under the Boost Software License, Version 1.0.
// Text from outside: checks it, and shows it in messages.
#ifndef EPOLLHOST_CLI_TEXT_HPP
#define EPOLLHOST_CLI_TEXT_HPP

#include <string>
#include <string_view>
#include <vector>

namespace epollhost::cli {

/// The text in double quotes for a message: what is not visible becomes \xNN, a quote \", and a
/// long text is cut.
std::string in_quotes(std::string_view text);

/// Bytes of the text that in_quotes() shows at most.
inline constexpr std::size_t in_quotes_bytes_max = 120;

/// Throws bad_value where the text has a zero byte or is not UTF-8. The message calls it `name`, or, if that is empty,
/// shows it.
void check_text(std::string_view text, std::string_view name = {});

/// The same with small letters for A to Z.
std::string lower(std::string_view text);

/// A message for the terminal: what is not visible (<epollhost/text.hpp>), which may have come in with a name, becomes
/// \xNN.
std::string printable(std::string_view message);

/// The same for a page, whose line feeds stay.
std::string printable_lines(std::string_view text);

/// Blanks and tabs taken off both ends.
std::string_view trimmed(std::string_view text);

/// "a, b and c", with `last` in place of "and".
std::string listed(const std::vector<std::string>& words, std::string_view last = "and");

} // namespace epollhost::cli

#endif
