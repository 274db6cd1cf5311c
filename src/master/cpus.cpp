// Distributed under the Boost Software License, Version 1.0.
// How many processors this process may use.
#include "master/cpus.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace epollhost::master {
namespace {

using quota = std::optional<double>; // in processors

quota smaller(quota a, quota b) { return a && b ? std::min(*a, *b) : a ? a : b; }

quota ratio(double time, double period) {
  if (!(time > 0) || !(period > 0)) return {}; // no quota is "max" in one version, -1 in the other
  return time / period;
}

quota read_v2(const std::string& group) {
  double time = 0, period = 0;
  std::ifstream(group + "/cpu.max") >> time >> period; // "150000 100000"; "max" is no number
  return ratio(time, period);
}

quota read_v1(const std::string& group) {
  double time = 0, period = 0;
  std::ifstream(group + "/cpu.cfs_quota_us") >> time;
  std::ifstream(group + "/cpu.cfs_period_us") >> period;
  return ratio(time, period);
}

// Whether a list "cpu,cpuacct" has a word.
bool has_word(const std::string& list, std::string_view word) {
  std::istringstream in(list);
  for (std::string w; std::getline(in, w, ',');)
    if (w == word) return true;
  return false;
}

// A line of /proc/self/mountinfo: "36 35 0:30 ROOT MOUNTED_AT rw - TYPE source OPTIONS".
struct mount {
  std::string root, at, type, options;
};

std::optional<mount> parse_mount(const std::string& line) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string::npos) return {};
  std::istringstream left(line.substr(0, dash)), right(line.substr(dash + 3));
  mount m;
  std::string skip;
  left >> skip >> skip >> skip >> m.root >> m.at;
  right >> m.type >> skip >> m.options;
  if (!left || !right) return {};
  return m;
}

// The group's folder, and all above it as far as they are mounted: each may have a quota. The path of the group is that
// of the host; a container sees it below the root of its mount.
template <class Read> quota smallest_up(const std::string& root, const mount& m, std::string group, Read read) {
  if (m.root != "/" && group.starts_with(m.root)) group.erase(0, m.root.size());
  quota least;
  for (;;) {
    least = smaller(least, read(root + m.at + group));
    const std::size_t slash = group.rfind('/');
    if (slash == std::string::npos) return least;
    group.erase(slash);
  }
}

// The lines of /proc/self/cgroup: "0::/path" is version 2, "4:cpu,cpuacct:/path" is version 1.
struct groups {
  std::optional<std::string> v2, v1_cpu;
};

groups read_groups(const std::string& root) {
  groups g;
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t one = line.find(':'), two = line.find(':', one + 1);
    if (one == std::string::npos || two == std::string::npos) continue;
    const std::string controllers = line.substr(one + 1, two - one - 1), path = line.substr(two + 1);
    if (controllers.empty()) g.v2 = path;
    if (has_word(controllers, "cpu")) g.v1_cpu = path;
  }
  return g;
}

quota read_quota(const std::string& root) {
  const groups own = read_groups(root);
  quota least;
  std::ifstream in(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    const auto m = parse_mount(line);
    if (!m) continue;
    if (own.v2 && m->type == "cgroup2") least = smaller(least, smallest_up(root, *m, *own.v2, read_v2));
    if (own.v1_cpu && m->type == "cgroup" && has_word(m->options, "cpu"))
      least = smaller(least, smallest_up(root, *m, *own.v1_cpu, read_v1));
  }
  return least;
}

unsigned count_affinity() {
  // The mask has as many bits as the kernel was built for: EINVAL says that ours was too short.
  for (int bits = 1024; bits <= 1024 * 1024; bits *= 2) {
    std::vector<cpu_set_t> mask(CPU_ALLOC_SIZE(bits) / sizeof(cpu_set_t));
    const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, mask.data()) == 0) return unsigned(CPU_COUNT_S(bytes, mask.data()));
    if (errno != EINVAL) break;
  }
  return 1;
}

} // namespace

usable_cpus count_cpus(unsigned affinity, const std::string& root) {
  const quota q = read_quota(root);
  const double most = q ? std::min<double>(affinity, std::ceil(*q)) : affinity;
  const unsigned count = std::max(1u, unsigned(most));
  return {count,
          fmt::format("{}: affinity {}, cgroup quota {}", count, affinity, q ? fmt::format("{:.4g}", *q) : "none")};
}

usable_cpus count_cpus() { return count_cpus(count_affinity(), ""); }

} // namespace epollhost::master
