// Distributed under the Boost Software License, Version 1.0.
// The plugins of one generation: sealed copies, and what a probe found in them.
#ifndef EPOLLHOST_MASTER_PLUGIN_STORE_HPP
#define EPOLLHOST_MASTER_PLUGIN_STORE_HPP

#include "master/plan.hpp"
#include "master/privileges.hpp"
#include "master/sealed_file.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace epollhost::master {

/// Copies each file once, so that what was probed is what will run. The probe is a short-lived child: a plugin that
/// crashes, hangs or refuses does it there.
class plugin_store {
public:
  /// Whom trials run as: like the workers, with no right left. Before the first describe().
  void run_trials_as(identity rights) { rights_ = std::move(rights); }

  const identity& trial_rights() const { return rights_; }

  /// Copy the file, if that was not done. Nothing of it runs. Throws plugin_refused.
  const sealed_file& seal(const std::string& file, bool allow_insecure);

  /// What the plugin says of itself. Throws plugin_refused.
  plugin_description describe(const std::string& file, bool allow_insecure);

  /// Run `start` with the values, in a child; answers the paths of the log channels that it asks for. Throws
  /// plugin_refused.
  std::vector<std::string> try_start(const planned_instance& instance) const;

  /// The same, and a look at the files of those channels, of which it makes none: for --check.
  void check_start(planned_instance instance) const;

  /// The copy of a file that seal() or describe() has seen.
  const sealed_file& copy_of(const std::string& file) const { return *copies_.at(file).bytes; }

  bool empty() const { return copies_.empty(); }

private:
  struct copy {
    std::unique_ptr<sealed_file> bytes;
    plugin_description description{};
    bool described = false;
  };
  std::map<std::string, copy> copies_;
  identity rights_;
};

} // namespace epollhost::master

#endif
