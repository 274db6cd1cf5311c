// Distributed under the Boost Software License, Version 1.0.
// Values of options: from text by the option's type and range, and back.
#ifndef EPOLLHOST_CLI_VALUE_HPP
#define EPOLLHOST_CLI_VALUE_HPP

#include "worker/plugin_description.hpp"

#include <string>
#include <string_view>

namespace epollhost::cli {

/// The value that `text` stands for; throws bad_value, which says what the option takes.
option_value parse_value(const option_description& option, std::string_view text);

/// The text that parses to `value`.
std::string format_value(const option_description& option, const option_value& value);

/// What the option takes: "a whole number from 1 to 65535".
std::string expected(const option_description& option);

/// Its bounds: "1 to 65535", "0 or more"; empty if it has none.
std::string range(const option_description& option);

/// One word for it: SIZE, on|off, edge|level.
std::string placeholder(const option_description& option);

} // namespace epollhost::cli

#endif
