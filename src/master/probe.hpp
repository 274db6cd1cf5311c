// Distributed under the Boost Software License, Version 1.0.
// Runs plugin code in a short-lived child.
#ifndef EPOLLHOST_MASTER_PROBE_HPP
#define EPOLLHOST_MASTER_PROBE_HPP

#include "master/archive.hpp"
#include "master/privileges.hpp"
#include "master/sealed_file.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace epollhost::master {

/// How long a plugin may take to load, and again to start.
inline constexpr std::chrono::seconds probe_timeout{10};

/// Run `body` in a child that has given up all but these rights, and answer what it answered. `doing` is the word for
/// messages ("loading"). Throws plugin_refused: with the message of the child's exception, or with how the child died.
std::string probe(const std::string& file, const sealed_file& bytes, const identity& rights, const char* doing,
                  const std::function<std::string()>& body);

} // namespace epollhost::master

#endif
