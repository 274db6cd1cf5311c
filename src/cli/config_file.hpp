// Distributed under the Boost Software License, Version 1.0.
// The file of options (INI) as assignments.
//
//     # a comment                          a line of its own, or after a value and a blank
//     plugin = http.so                     before the first section: for the program and for all plugins
//     [http]                               from here on for the plugin of that name
//     listen = 127.0.0.1:8080              may stand several times
//     body = "Hello, \"world\" # 1\n"      quotes keep blanks and #; \" \\ \n \r \t \xNN stand for one byte each
//     type = 'text/plain; x="\n"'          single quotes keep everything
#ifndef EPOLLHOST_CLI_CONFIG_FILE_HPP
#define EPOLLHOST_CLI_CONFIG_FILE_HPP

#include "cli/assignment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace epollhost::cli {

inline constexpr std::size_t config_bytes_max = 1024 * 1024;

/// All assignments of the text, in order. `file` is for the messages; a relative path in a value begins at `folder`, or,
/// if that is empty, at the current one. A section that is there twice is one; that is a warning. Throws failure
/// (configuration), with the line. Whether the names exist is not looked at.
std::vector<assignment> parse_config(std::string_view text, const std::string& file, const std::string& folder = {},
                                     std::vector<std::string>* warnings = nullptr);

/// Reads and parses the file; throws failure (configuration), also where other users could have written it, unless that
/// is allowed. Relative paths in it begin at its folder; those of a pipe or a device, which has none, at the current one.
std::vector<assignment> read_config_file(const std::string& file, bool allow_insecure = false,
                                         std::vector<std::string>* warnings = nullptr);

/// The value as it has to stand in a file to be read back unchanged: in quotes where it needs them.
std::string config_value(std::string_view value);

} // namespace epollhost::cli

#endif
