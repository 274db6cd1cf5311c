// Distributed under the Boost Software License, Version 1.0.
// Reads addresses to listen on and to connect to: what is taken is printed, and read again as the same.

#include "target.hpp"

#include "cli/address.hpp"
#include "cli/failure.hpp"
#include "cli/text.hpp"
#include "net/connect.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

namespace fuzz {
namespace {

using namespace epollhost;

bool are_equal(const net::endpoint& a, const net::endpoint& b) {
  return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
}

/// A message that ends at "wrong" leaves the user alone.
void check_message(const std::string& message) {
  constexpr std::array remedies{"expected", "write", "did you mean", "lists them", "once for each"};
  if (std::none_of(remedies.begin(), remedies.end(), [&](const char* r) { return message.find(r) != message.npos; }))
    fail(fmt::format("the message says not what to do: {}", cli::printable(message)));
}

std::optional<listen_address> parse(std::string_view text) {
  try {
    return cli::parse_address(text);
  } catch (const cli::bad_value& e) {
    check_message(e.what());
    return {};
  }
}

std::optional<net::target> parse_target(std::string_view text) {
  std::string fault;
  auto out = net::parse_target(text, fault);
  if (!out) check_message(fault);
  return out;
}

std::string printed(const net::target& t) {
  return t.endpoint ? net::to_string(*t.endpoint) : fmt::format("{}:{}", t.name, t.port);
}

/// Where one can listen, one can connect to, by the same words.
void check_as_target(const listen_address& address, const std::string& text) {
  if (address.wildcard || !address.passed.empty()) return;
  if (!address.endpoint.is_unix() && cli::port_of(address) == 0) return;
  const auto target = parse_target(text);
  if (!target || !target->endpoint) fail("no endpoint to connect to where one can listen: " + text);
  if (!are_equal(*target->endpoint, address.endpoint)) fail("another endpoint to connect to: " + text);
}

void check_listening(std::string_view text) {
  const auto address = parse(text);
  if (!address) return;
  if (address->endpoint.size > sizeof address->endpoint.storage) fail("an endpoint larger than its room");
  const std::string once = cli::to_string(*address);
  const auto again = parse(once);
  if (!again) fail("what is printed is not read again: " + once);
  if (cli::to_string(*again) != once) fail("printed otherwise the second time: " + once);
  if (again->wildcard != address->wildcard || again->passed != address->passed) fail("another kind: " + once);
  if (!are_equal(again->endpoint, address->endpoint)) fail("another endpoint: " + once);
  if (cli::same_place(*address, *again) != cli::same_place(*address, *address)) fail("another place: " + once);
  check_as_target(*address, once);
}

void check_connecting(std::string_view text) {
  const auto target = parse_target(text);
  if (!target) return;
  if (target->endpoint.has_value() == !target->name.empty()) fail("not either an endpoint or a name");
  const bool is_unix = target->endpoint && target->endpoint->is_unix();
  if (is_unix == (target->port != 0)) fail("a port of a unix socket, or none of another");
  const std::string once = printed(*target);
  const auto again = parse_target(once);
  if (!again) fail("what is printed is not read again: " + once);
  if (printed(*again) != once || again->port != target->port) fail("printed otherwise the second time: " + once);
}

void check(std::string_view input) {
  check_listening(input);
  check_connecting(input);
}

const target registered("address", check);

} // namespace
} // namespace fuzz
