// Distributed under the Boost Software License, Version 1.0.
// Whether a relay has passed on what it received.
#include "sim/relayed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace epollhost::sim {
namespace {

// Who has received nothing was perhaps served by nobody: a check of the server, or a client that came too late.
bool fits(std::string_view heard, bool ended, const std::vector<std::string>& said) {
  if (heard.empty()) return true;
  return std::any_of(said.begin(), said.end(),
                     [&](const std::string& s) { return ended ? s == heard : std::string_view(s).starts_with(heard); });
}

[[noreturn]] void fail(referee& r, std::string_view who, std::string_view heard, bool ended,
                       std::string_view from_whom) {
  r.fail("relayed", fmt::format("{} has received {} bytes{}, which begin with {:?}; expected {} a {} has sent", who,
                                heard.size(), ended ? " and a clean end" : "", heard.substr(0, 40),
                                ended ? "all that" : "the beginning of what", from_whom));
}

} // namespace

void check_relayed(referee& r, const std::vector<std::unique_ptr<client>>& clients,
                   const std::vector<std::unique_ptr<backend>>& servers, bool complete) {
  std::vector<std::string> from_clients, from_servers;
  for (const auto& c : clients) from_clients.push_back(c->said());
  for (const auto& b : servers) from_servers.push_back(b->received().substr(0, b->sent()));
  for (const auto& b : servers) {
    const bool ended = complete && b->saw_clean_end();
    if (!fits(b->received(), ended, from_clients)) fail(r, "a server", b->received(), ended, "client");
  }
  for (const auto& c : clients) {
    const bool ended = complete && c->saw_clean_end();
    if (!fits(c->received(), ended, from_servers))
      fail(r, fmt::format("client {}", c->number()), c->received(), ended, "server");
  }
}

} // namespace epollhost::sim
