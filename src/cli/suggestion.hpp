// Distributed under the Boost Software License, Version 1.0.
// Guesses which known word was meant by an unknown one.
#ifndef EPOLLHOST_CLI_SUGGESTION_HPP
#define EPOLLHOST_CLI_SUGGESTION_HPP

#include <string>
#include <string_view>
#include <vector>

namespace epollhost::cli {

/// The known word nearest to `word`, or nothing where none is near: a few letters wrong, missing, added or swapped,
/// another case, `_` for `-`, its beginning, or one part of a word with dashes.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// `; did you mean "WORD"?` with `prefix` before the word, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view prefix = "");

} // namespace epollhost::cli

#endif
