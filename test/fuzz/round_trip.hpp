// Distributed under the Boost Software License, Version 1.0.
// What must be true of every configuration, however it came about.

#ifndef EPOLLHOST_TEST_FUZZ_ROUND_TRIP_HPP
#define EPOLLHOST_TEST_FUZZ_ROUND_TRIP_HPP

#include "cli/configuration.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// A file of options without a name; it is there as long as the program.
const std::string& config_file(std::string_view text);

/// What the program would do with these. Nothing, where they are refused as they should be: `refusal` has the message.
std::optional<epollhost::cli::configuration>
configure(const std::vector<std::string>& words, const epollhost::cli::surroundings& around, std::string& refusal);

/// A message is there, and no byte of it does anything to a terminal.
void check_message(std::string_view message);

/// The text of a page has no control characters but the ends of its lines.
void check_page(std::string page);

/// What --show-config prints of it is a file that gives the same configuration.
void check_round_trip(const epollhost::cli::configuration& c, const epollhost::cli::surroundings& around);

} // namespace fuzz

#endif
