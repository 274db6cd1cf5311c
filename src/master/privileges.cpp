// Distributed under the Boost Software License, Version 1.0.
// Gives up what a worker does not need.
#include "master/privileges.hpp"

#include "net/error.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace epollhost::master {
namespace {

constexpr int groups_max = 65536; // NGROUPS_MAX

// All digits: a number. The largest one means "unchanged" to the kernel.
std::optional<std::uint32_t> number(const char* option, const std::string& text) {
  if (text.find_first_not_of("0123456789") != std::string::npos) return {};
  std::uint32_t n = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  if (r.ec != std::errc() || n == UINT32_MAX)
    throw std::invalid_argument(fmt::format("{} {}: the number must be below {}", option, text, UINT32_MAX));
  return n;
}

[[noreturn]] void not_found(const char* option, const std::string& name, const char* what, const char* where) {
  if (errno == 0 || errno == ENOENT || errno == ESRCH)
    throw std::invalid_argument(fmt::format(
        "{0} {1}: there is no {2} with that name in {3}; give another one, or a number", option, name, what, where));
  throw std::invalid_argument(
      fmt::format("{} {}: cannot look the {} up: {}", option, name, what, net::last_error().message()));
}

const passwd* find_user(const std::string& name, identity& who) {
  who.user = number("--user", name);
  errno = 0;
  const passwd* const p = who.user ? ::getpwuid(*who.user) : ::getpwnam(name.c_str());
  if (!p && !who.user) not_found("--user", name, "user", "/etc/passwd");
  if (p) who.user = p->pw_uid;
  return p;
}

gid_t find_group(const std::string& name) {
  if (const auto n = number("--group", name)) return *n;
  errno = 0;
  const group* const g = ::getgrnam(name.c_str());
  if (!g) not_found("--group", name, "group", "/etc/group");
  return g->gr_gid;
}

std::vector<gid_t> groups_of(const char* user, gid_t group) {
  int count = 64;
  std::vector<gid_t> out(64);
  if (::getgrouplist(user, group, out.data(), &count) < 0) {
    out.resize(std::size_t(std::min(count, groups_max)));
    if (::getgrouplist(user, group, out.data(), &count) < 0)
      throw std::invalid_argument(fmt::format("--user {}: the user is in more than {} groups", user, groups_max));
  }
  out.resize(std::size_t(count));
  return out;
}

void set_identity(const identity& who) {
  if (who.group && ::setgroups(who.groups.size(), who.groups.data()) != 0) net::throw_last_error("setgroups");
  if (who.group && ::setresgid(*who.group, *who.group, *who.group) != 0) net::throw_last_error("setresgid");
  if (who.user && ::setresuid(*who.user, *who.user, *who.user) != 0) net::throw_last_error("setresuid");
}

// A process that cannot drop from this set has no right to; then it also cannot use what is in it.
void clear_bounding_set() {
  for (unsigned long capability = 0; capability < 64; ++capability)
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
      if (errno == EINVAL || errno == EPERM) return; // EINVAL: the last one was the kernel's last
      net::throw_last_error("prctl(PR_CAPBSET_DROP)");
    }
}

void clear_capabilities() {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) // before Linux 4.3: none
    net::throw_last_error("prctl(PR_CAP_AMBIENT)");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capset, &header, none) != 0) net::throw_last_error("capset");
}

// Trust no return value here: look at what is, and try to come back.
void verify(const identity& who) {
  uid_t real = 0, effective = 0, saved = 0;
  if (::getresuid(&real, &effective, &saved) != 0) net::throw_last_error("getresuid");
  const bool changed = !who.user || (real == *who.user && effective == real && saved == real);
  if (!changed || (effective != 0 && ::setresuid(uid_t(-1), 0, uid_t(-1)) == 0))
    throw net::system_error(net::error_code(EPERM, boost::system::system_category()),
                            "this process could become root again");
}

} // namespace

identity find_identity(const std::string& user, const std::string& group) {
  identity who;
  const passwd* const p = user.empty() ? nullptr : find_user(user, who);
  if (!group.empty())
    who.group = find_group(group);
  else if (p)
    who.group = p->pw_gid;
  else if (!user.empty())
    throw std::invalid_argument(
        fmt::format("--user {}: that number is not in /etc/passwd, so its group is not known; add --group", user));
  if (p)
    who.groups = groups_of(std::string(p->pw_name).c_str(), *who.group);
  else if (who.group)
    who.groups = {*who.group};
  return who;
}

void drop_privileges(const identity& who) {
  clear_bounding_set(); // first: it takes a capability
  set_identity(who);
  clear_capabilities();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) net::throw_last_error("prctl(PR_SET_NO_NEW_PRIVS)");
  verify(who);
  // The change of the user forbade core dumps and debuggers; those of the new user may have them.
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) net::throw_last_error("prctl(PR_SET_DUMPABLE)");
}

} // namespace epollhost::master
