// Distributed under the Boost Software License, Version 1.0.
// Values of options: from text by the option's type and range, and back.
#ifndef EPOLLHOST_CLI_VALUE_HPP
#define EPOLLHOST_CLI_VALUE_HPP

#include "worker/plugin_description.hpp"

#include <string>
#include <string_view>

namespace epollhost::cli {

/// The value that `text` stands for; throws bad_value, which says what the option takes. A path that is not absolute
/// begins at `folder`, or, if that is empty, at the current one.
option_value parse_value(const option_description& option, std::string_view text, const std::string& folder = {});

/// Throws bad_value where the option wants a file (EH_MUST_EXIST) and there is none at the path that is its value.
void check_existence(const option_description& option, const option_value& value);

/// The text that parses to `value`; of a secret only whether there is one.
std::string format_value(const option_description& option, const option_value& value);

/// What the option takes: "a whole number from 1 to 65535".
std::string expected(const option_description& option);

/// Its bounds: "1 to 65535", "0 or more"; empty if it has none.
std::string range(const option_description& option);

/// One word for it: SIZE, on|off, edge|level.
std::string placeholder(const option_description& option);

} // namespace epollhost::cli

#endif
