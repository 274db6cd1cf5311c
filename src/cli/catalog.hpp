// Distributed under the Boost Software License, Version 1.0.
// Which option is meant by a name, now that the plugins are known.
#ifndef EPOLLHOST_CLI_CATALOG_HPP
#define EPOLLHOST_CLI_CATALOG_HPP

#include "cli/host_options.hpp"
#include "cli/instance.hpp"

#include <span>
#include <vector>

namespace epollhost::cli {

/// Exactly one of the two is set.
struct known_option {
  const host_option* host = nullptr;
  const option_description* own = nullptr; ///< of the plugin
  const option_description& about() const { return host ? host->about : *own; }
};

/// Refers to the instances, which outlive it.
class catalog {
public:
  explicit catalog(std::span<const instance> instances) : instances_(instances) {}

  /// The option that the assignment names. Throws failure, with what was probably meant.
  known_option find(const assignment& a) const;

private:
  known_option find_global(const assignment& a) const;
  const instance& find_instance(const assignment& a) const;
  [[noreturn]] void refuse_global(const assignment& a) const;
  [[noreturn]] void refuse_own(const assignment& a, const instance& of) const;

  std::span<const instance> instances_;
};

} // namespace epollhost::cli

#endif
