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
                       std::string_view expected) {
  r.fail("relayed", fmt::format("{} has received {} bytes{}, which begin with {:?}; expected {}", who, heard.size(),
                                ended ? " and a clean end" : "", heard.substr(0, 40), expected));
}

void check_server(referee& r, const backend& b, bool ended, const std::vector<std::string>& from_clients) {
  if (fits(b.received(), ended, from_clients)) return;
  fail(r, "a server", b.received(), ended,
       ended ? "all that a client has sent" : "the beginning of what a client has sent");
}

// Servers send back what they get, so a client hears its own words. Other than a server's, these are known.
void check_client(referee& r, const client& c, bool ended, bool all, const std::vector<std::string>& from_servers) {
  const std::string who = fmt::format("client {}", c.number()), said = c.said();
  if (!std::string_view(said).starts_with(c.received()))
    fail(r, who, c.received(), ended, "the beginning of what it has sent itself, which the servers send back");
  if (ended && all && c.received() != said)
    fail(r, who, c.received(), ended,
         fmt::format("the {} bytes that it has sent itself, since no server has failed", said.size()));
  if (!fits(c.received(), ended, from_servers)) fail(r, who, c.received(), ended, "all that a server has sent");
}

} // namespace

void check_relayed(referee& r, const std::vector<std::unique_ptr<client>>& clients,
                   const std::vector<std::unique_ptr<backend>>& servers, bool complete, bool gentle) {
  std::vector<std::string> from_clients, from_servers;
  for (const auto& c : clients) from_clients.push_back(c->said());
  for (const auto& b : servers) from_servers.push_back(b->received().substr(0, b->sent()));
  for (const auto& b : servers) check_server(r, *b, complete && b->saw_clean_end(), from_clients);
  for (const auto& c : clients) check_client(r, *c, complete && c->saw_clean_end(), gentle, from_servers);
}

} // namespace epollhost::sim
