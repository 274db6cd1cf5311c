// Distributed under the Boost Software License, Version 1.0.
// The listening sockets, which the master holds while any generation uses them.
#ifndef EPOLLHOST_MASTER_SOCKET_TABLE_HPP
#define EPOLLHOST_MASTER_SOCKET_TABLE_HPP

#include "master/passed_sockets.hpp"
#include "master/plan.hpp"
#include "worker/listening.hpp"
#include "worker/worker.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace epollhost::master {

/// Finds the sockets of an address by what the user wrote, so that the next generation takes over what the last one
/// had. Generations own the sockets together; an address that none of them has any more is closed.
class socket_table {
public:
  /// `passed`: what the service manager has opened, for addresses `fd:NAME`.
  explicit socket_table(passed_sockets passed = {});

  /// Bound sockets for each instance of a plan: those that are there, and new ones, which do not listen yet. Throws
  /// cannot_listen; nothing has changed then that anybody could notice.
  std::vector<worker::addresses> bind(const plan& what);

  /// All of them listen, with the options of the plan. To be called once its workers are ready. Throws cannot_listen.
  static void listen(const plan& what, const std::vector<worker::addresses>& sockets);

  /// Sockets of an earlier image of the program, under the name that the user gave.
  void adopt(const std::string& name, std::shared_ptr<listening_address> address);

  /// Those that some generation has, by name.
  std::map<std::string, std::shared_ptr<listening_address>> all() const;

private:
  static std::string name_of(const worker_settings& of, std::size_t number);
  bool is_beside_ours(const listen_address& wanted) const;

  // Held for the whole life, whether a generation uses them or not: the service manager passes them once.
  std::map<std::string, std::shared_ptr<listening_address>> passed_;
  std::map<std::string, std::weak_ptr<listening_address>> known_;
};

} // namespace epollhost::master

#endif
