// Distributed under the Boost Software License, Version 1.0.
// The listening sockets, which the master holds while any generation uses them.
#include "master/socket_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace epollhost::master {

socket_table::socket_table(passed_sockets passed) {
  for (auto& [name, sockets] : passed) {
    const std::size_t count = sockets.size();
    adopt("fd:" + name, std::make_shared<listening_address>(false, true, std::move(sockets), count));
  }
}

void socket_table::adopt(const std::string& name, std::shared_ptr<listening_address> address) {
  known_[name] = address;
  if (address->is_passed()) passed_[name] = std::move(address);
}

// Port 0 is another port each time, so it is known by who asked for it.
std::string socket_table::name_of(const worker_settings& of, std::size_t number) {
  const listen_address& a = of.listen[number];
  if (!a.passed.empty()) return "fd:" + a.passed;
  const std::string address = (a.wildcard ? "*" : "") + net::place_of(a.endpoint);
  const bool any_port = !a.endpoint.is_unix() && address.ends_with(":0");
  return any_port ? fmt::format("{} of {}, {}", address, of.name, number) : address;
}

std::map<std::string, std::shared_ptr<listening_address>> socket_table::all() const {
  std::map<std::string, std::shared_ptr<listening_address>> out;
  for (const auto& [name, address] : known_)
    if (auto a = address.lock()) out.emplace(name, std::move(a));
  return out;
}

bool socket_table::is_beside_ours(const listen_address& wanted) const {
  return std::any_of(known_.begin(), known_.end(), [&](const auto& entry) {
    const auto address = entry.second.lock();
    return address && address->listening() > 0 && !address->is_shared() &&
           net::overlap(address->bound(), address->wildcard(), wanted.endpoint, wanted.wildcard);
  });
}

std::vector<worker::addresses> socket_table::bind(const plan& what) {
  std::vector<worker::addresses> out;
  std::set<std::string> names;
  for (const auto& instance : what.instances) {
    worker::addresses& addresses = out.emplace_back();
    for (std::size_t i = 0; i < instance.settings.listen.size(); ++i) {
      const std::string name = name_of(instance.settings, i);
      std::shared_ptr<listening_address> known = known_[name].lock();
      if (!names.insert(name).second) known = nullptr; // twice in one plan: the kernel says what it thinks of that
      if (known && !known->can_listen_again()) known = nullptr;
      const listen_address& wanted = instance.settings.listen[i];
      if (!known) known = std::make_shared<listening_address>(wanted, instance.settings, is_beside_ours(wanted));
      known->grow(std::max<std::size_t>(instance.settings.workers, 1), instance.settings);
      known_[name] = known;
      addresses.push_back(std::move(known));
    }
  }
  std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
  return out;
}

void socket_table::listen(const plan& what, const std::vector<worker::addresses>& sockets) {
  for (std::size_t i = 0; i < sockets.size(); ++i)
    for (const auto& address : sockets[i]) address->listen(what.instances[i].settings);
}

} // namespace epollhost::master
