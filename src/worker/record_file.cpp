// Distributed under the Boost Software License, Version 1.0.
// The file that a worker's recording goes to.
#include "worker/record_file.hpp"

#include "net/append.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace epollhost {

record_file make_record_file(const std::string& name, net::error_code& ec) {
  for (unsigned i = 1; i <= record_files_max; ++i) {
    record_file out{fmt::format("{}.{}", name, i), {}};
    out.fd = net::make_new_file(out.path, ec);
    if (ec.value() != EEXIST) return out;
  }
  return {};
}

net::error_code may_make_record_file(const std::string& name) { return net::may_make_file(name + ".1"); }

std::string cannot_record(const std::string& name, const net::error_code& why) {
  if (why.value() == EEXIST)
    return fmt::format("not recorded: {0}.1 to {0}.{1} are there already; move them away, or change --record", name,
                       record_files_max);
  return fmt::format("not recorded: cannot make a file {}.N: {}", name, why.message());
}

} // namespace epollhost
