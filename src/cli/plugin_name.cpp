// Distributed under the Boost Software License, Version 1.0.
// What a plugin may be called.
#include "cli/plugin_name.hpp"

#include "cli/text.hpp"

#include <fmt/format.h>

namespace epollhost::cli {

std::string fault_of_name(const std::string& name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (name.empty()) return "the name is empty; expected a name such as \"web\"";
  if (name.find_first_not_of(letters) != std::string::npos || name[0] == '-')
    return fmt::format("the name {} has other letters than a to z, 0 to 9 and dashes, or begins with a dash; expected "
                       "a name such as \"web\"",
                       in_quotes(name));
  if (name.size() > name_bytes_max)
    return fmt::format("the name {} is longer than {} bytes; take a shorter one", in_quotes(name), name_bytes_max);
  return {};
}

} // namespace epollhost::cli
