// Distributed under the Boost Software License, Version 1.0.
// The connections that a plugin makes by itself, until they are connected.
#include "worker/outgoing.hpp"

#include "base/log.hpp"
#include "epollhost/deadline.hpp"
#include "worker/hook_table.hpp"
#include "worker/plugin_table.hpp"
#include "worker/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

namespace epollhost {
namespace {

// The size of eh_connect in the first release of this major.
constexpr std::uint32_t least_connect = offsetof(eh_connect, timeout_ns) + sizeof(eh_connect::timeout_ns);

std::string_view address_of(const eh_connect& how) {
  return how.address_len ? std::string_view(how.address, how.address_len) : std::string_view(how.address);
}

} // namespace

outgoing::kind::kind(connection_context& shared, const eh_hooks& table)
    : given(&table), records(connection::record_bytes(complete(table)), connection::record_alignment(complete(table))),
      connections{.shared = shared, .hooks = complete(table), .arg = 0, .records = records, .outgoing = true} {}

outgoing::outgoing(connection_context& shared) : shared_(shared) { shared_.outgoing = this; }

// Never trust what comes: addresses are what a user has written, and the table is as good as the plugin's own.
bool outgoing::check(const eh_connect& how, net::target& to) const {
  std::string fault;
  if (how.size < least_connect)
    fault = fmt::format("eh_connect::size is {}, expected at least {}; set it to sizeof(eh_connect)", how.size,
                        least_connect);
  else if (how.flags & ~std::uint32_t(EH_CONNECT_CHECK))
    fault = fmt::format("eh_connect::flags is {:#x}, expected only {:#x} (EH_CONNECT_CHECK)", how.flags,
                        unsigned(EH_CONNECT_CHECK));
  else if (how.timeout_ns < 0)
    fault = fmt::format("eh_connect::timeout_ns is {}, expected 0 for the default, or more", how.timeout_ns);
  else if (!how.address)
    fault = "eh_connect::address is null; expected the text of an address";
  else if (const std::string bad = fault_of(how.hooks); !bad.empty())
    fault = "eh_connect::hooks" + bad;
  else if (const auto target = net::parse_target(address_of(how), fault))
    to = *target;
  else
    fault = fmt::format("the address \"{}\" {}", address_of(how), fault);
  if (!fault.empty()) log::error(shared_.settings.name, "cannot connect: {}", fault);
  return fault.empty();
}

const connection_kind* outgoing::kind_of(const eh_hooks* given) {
  const auto at = std::find_if(kinds_.begin(), kinds_.end(), [&](const kind& k) { return k.given == given; });
  if (at != kinds_.end()) return &at->connections;
  if (kinds_.size() == kinds_max) return nullptr;
  return &kinds_.emplace_back(shared_, *given).connections;
}

eh_status outgoing::connect(const eh_connect& how, eh_conn_id* conn, void** state) {
  net::target to;
  if (!check(how, to)) return EH_INVALID;
  if (how.flags & EH_CONNECT_CHECK) return EH_OK;
  if (shared_.outgoing_open >= shared_.settings.limits.max_connections) return EH_OVER_LIMIT;
  if (!to.endpoint && resolver_.is_full()) return EH_OVER_LIMIT;
  const connection_kind* const kind = kind_of(how.hooks);
  if (!kind) return EH_OVER_LIMIT;

  class recorder* const recorder = shared_.recorder_of_now();
  connection& c = connection::prepare(*kind, recorder != nullptr);
  try {
    const std::int64_t until_ns =
        deadline_after(shared_.loop.refresh_now_ns(), how.timeout_ns ? how.timeout_ns : default_timeout_ns);
    pending& p = pending_[c.id()];
    p.arg = how.arg;
    p.maker = std::make_unique<connector>(
        shared_.loop, shared_.settings.nodelay, until_ns,
        [this, id = c.id()](connector::outcome outcome) { decided(id, std::move(outcome)); },
        connector::witness{recorder, c.id()});
    if (to.endpoint)
      p.maker->start(*to.endpoint);
    else
      look_up(c.id(), to, until_ns, recorder);
  } catch (...) {
    pending_.erase(c.id());
    c.discard();
    throw;
  }
  if (conn) *conn = c.id();
  if (state) *state = c.state();
  return EH_OK;
}

void outgoing::look_up(loop::object_id conn, const net::target& to, std::int64_t until_ns, recorder* recorder) {
  const std::uint64_t number = recorder ? recorder->look_up() : 0;
  resolver_.look_up(to.name, to.port, until_ns, [=, this, name = to.name](net::resolver::answer found) {
    try {
      shared_.loop.post([=, this, found = std::move(found)]() mutable {
        if (recorder) recorder->resolved(number, found);
        const auto at = pending_.find(conn);
        if (at != pending_.end()) at->second.maker->start(name, std::move(found));
      });
    } catch (const std::bad_alloc&) { // then its deadline ends it
    }
  });
}

void outgoing::decided(loop::object_id conn, connector::outcome outcome) {
  auto node = pending_.extract(conn); // the connector ends with this call
  auto* const c = static_cast<connection*>(shared_.loop.find(conn));
  if (outcome.fd) {
    c->established(outcome.fd.release(), node.mapped().arg);
  } else {
    ++shared_.counters.connect_failures;
    log::debug(shared_.settings.name, "cannot connect: {}", outcome.error);
    errors_.emplace(conn, std::move(outcome.error));
    c->fail(outcome.reason);
  }
  let_go(node.mapped());
}

void outgoing::let_go(pending& p) {
  for (loop::task& f : p.waiting) shared_.loop.post(std::move(f));
}

void outgoing::when_decided(loop::object_id conn, loop::task f) {
  const auto at = pending_.find(conn);
  if (at != pending_.end())
    at->second.waiting.push_back(std::move(f));
  else
    shared_.loop.post(std::move(f));
}

void outgoing::forget(loop::object_id conn) {
  auto node = pending_.extract(conn);
  if (!node.empty()) let_go(node.mapped());
}

std::string_view outgoing::error_of(loop::object_id conn) const {
  const auto at = errors_.find(conn);
  return at == errors_.end() ? std::string_view() : at->second;
}

} // namespace epollhost
