// Distributed under the Boost Software License, Version 1.0.
// Files to append to, of the simulated kernel: they take everything and keep nothing but its hash.
#include "net/append.hpp"

#include "net/sim/kernel.hpp"

namespace epollhost::net {
namespace {

struct appended final : sim::file {
  std::uint32_t poll() override { return EPOLLOUT; }
  void released(bool) override {}
};

unique_fd open_one(error_code& ec) {
  unique_fd fd(sim::kernel::current().install(std::make_shared<appended>()));
  ec = {fd ? 0 : EMFILE, boost::system::system_category()};
  return fd;
}

} // namespace

unique_fd open_to_append(const std::string&, error_code& ec) { return open_one(ec); }

error_code may_append(const std::string&) { return {}; }

unique_fd make_new_file(const std::string&, error_code& ec) { return open_one(ec); }

error_code may_make_file(const std::string&) { return {}; }

unique_fd open_standard_error() {
  error_code ec;
  return open_one(ec);
}

result write(int fd, const void* bytes, std::size_t len) {
  sim::kernel& k = sim::kernel::current();
  k.notes().note_bytes({static_cast<const char*>(bytes), len});
  return k.answered("write", fd, static_cast<result>(len));
}

} // namespace epollhost::net
