// Distributed under the Boost Software License, Version 1.0.
// What a careful reviewer says of a plugin.
#ifndef EPOLLHOST_CHECK_FINDING_HPP
#define EPOLLHOST_CHECK_FINDING_HPP

#include <string>
#include <string_view>
#include <vector>

namespace epollhost::check {

enum class severity { note, warning, error };

/// One kind of finding. The names are documented and never change.
struct kind {
  const char* name;
  enum severity severity;
  const char* why; ///< it matters
  const char* remedy;
};

/// All kinds, the worst first.
const std::vector<kind>& kinds();

/// The kind of that name; it must exist.
const kind& kind_named(std::string_view name);

/// Something was found: what, where, how often.
struct finding {
  const struct kind* kind;
  std::string what;
};

finding make_finding(std::string_view name, std::string what);

/// Lines for a reader: severity and name, what was found, why it matters, what to do.
std::string to_text(const finding& f);

} // namespace epollhost::check

#endif
