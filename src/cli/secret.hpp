// Distributed under the Boost Software License, Version 1.0.
// Values that nobody may see, and the files that they stand in.
#ifndef EPOLLHOST_CLI_SECRET_HPP
#define EPOLLHOST_CLI_SECRET_HPP

#include <string>
#include <string_view>

namespace epollhost::cli {

/// What stands for a secret wherever values are shown. It is refused as one, so that a page of --show-config that was
/// saved cannot make it the secret.
inline constexpr std::string_view hidden_secret = "***";

/// A file with more is no secret.
inline constexpr std::size_t secret_bytes_max = 64 * 1024;

/// The secret that an option's value stands for: itself, without the first @ if it begins with two, or the content of
/// the FILE in `@FILE`, without one line end at its end. Throws bad_value, which never has a part of it.
std::string read_secret(std::string_view value, const std::string& folder);

/// What may be shown of the value: `@FILE`, with its whole path, or hidden_secret.
std::string show_secret(std::string_view value, const std::string& folder);

/// The path as it is from everywhere: one that is not absolute begins at `folder`, or, if that is empty, at the current
/// one.
std::string absolute_path(std::string_view path, const std::string& folder);

} // namespace epollhost::cli

#endif
