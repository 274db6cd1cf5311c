// Distributed under the Boost Software License, Version 1.0.
// Addresses to listen on, from text and back.
#ifndef EPOLLHOST_CLI_ADDRESS_HPP
#define EPOLLHOST_CLI_ADDRESS_HPP

#include "worker/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace epollhost::cli {

/// `8080`, `:8080`, `*:8080`, `127.0.0.1:8080`, `[::1]:8080`, `[fe80::1%eth0]:8080`, `unix:/path`, `unix:@name`,
/// `fd:NAME`; port 0 lets the kernel choose. Throws bad_value, which says what to write. Names are not looked up.
listen_address parse_address(std::string_view text);

/// The path of a unix socket, made absolute: it begins at `folder`, or, if that is empty, at the current one. There it stays
/// relative if it would become too long for the kernel.
std::string absolute_socket_path(std::string_view path, const std::string& folder);

/// The same for the path in `unix:PATH`; any other text as it is.
std::string absolute_address(std::string_view text, const std::string& folder);

/// The address as parse_address takes it: `:8080` where it stands for all addresses.
std::string to_string(const listen_address& address);

/// All of them, with the `real` endpoints in place of those that were asked for.
std::string to_string(const std::vector<listen_address>& asked, const std::vector<net::endpoint>& real);

/// What binding two of them would collide over: the same text, unless it is port 0.
bool same_place(const listen_address& a, const listen_address& b);

/// The port; 0 for a unix address.
unsigned port_of(const listen_address& address);

} // namespace epollhost::cli

#endif
