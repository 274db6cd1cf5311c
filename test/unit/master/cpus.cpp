// Distributed under the Boost Software License, Version 1.0.
// Tests master/cpus with cgroup trees made of files.
#include "master/cpus.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <sched.h>

namespace {

using namespace epollhost::test;
using epollhost::master::count_cpus;

const std::string v2_mount = "29 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

// A fake root with version 2.
struct v2 {
  v2(const std::string& group, const std::string& mounts = v2_mount) {
    folder.write("proc/self/cgroup", "0::" + group + "\n");
    folder.write("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + mounts);
  }
  void quota(const std::string& group, const std::string& text) {
    folder.write("sys/fs/cgroup" + group + "/cpu.max", text);
  }
  std::string why(unsigned affinity) const { return count_cpus(affinity, folder / "").why; }

  temporary_folder folder;
};

} // namespace

BOOST_AUTO_TEST_SUITE(cpus)

BOOST_AUTO_TEST_CASE(counts_the_affinity_when_there_is_no_cgroup) {
  const temporary_folder empty;
  BOOST_TEST(count_cpus(2, empty / "").why == "2: affinity 2, cgroup quota none");
  BOOST_TEST(count_cpus(2, empty / "").count == 2);
  BOOST_TEST(count_cpus(0, empty / "").count == 1);
}

BOOST_AUTO_TEST_CASE(rounds_a_quota_up) {
  const struct {
    const char *text, *why;
  } cases[] = {
      {"max 100000\n", "8: affinity 8, cgroup quota none"},
      {"200000 100000\n", "2: affinity 8, cgroup quota 2"},
      {"200001 100000\n", "3: affinity 8, cgroup quota 2"},
      {"150000 100000\n", "2: affinity 8, cgroup quota 1.5"},
      {"1000 100000\n", "1: affinity 8, cgroup quota 0.01"},
      {"1600000 100000\n", "8: affinity 8, cgroup quota 16"},
      {"100000 0\n", "8: affinity 8, cgroup quota none"},
      {"-1 -1\n", "8: affinity 8, cgroup quota none"},
      {"", "8: affinity 8, cgroup quota none"},
      {"nonsense", "8: affinity 8, cgroup quota none"},
  };
  for (const auto& c : cases) {
    v2 root("/a");
    root.quota("/a", c.text);
    BOOST_TEST(root.why(8) == c.why, c.text);
  }
}

BOOST_AUTO_TEST_CASE(takes_the_smallest_quota_on_the_way_up) {
  v2 root("/a/b/c");
  root.quota("/a/b/c", "max 100000");
  root.quota("/a/b", "500000 100000");
  root.quota("/a", "300000 100000");
  root.quota("/a/other", "100000 100000");
  BOOST_TEST(root.why(8) == "3: affinity 8, cgroup quota 3");
}

BOOST_AUTO_TEST_CASE(sees_the_quota_of_a_container) {
  v2 own_namespace("/");
  own_namespace.quota("", "200000 100000");
  BOOST_TEST(own_namespace.why(8) == "2: affinity 8, cgroup quota 2");

  v2 of_the_host("/docker/1234/app", "29 24 0:26 /docker/1234 /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  of_the_host.quota("/app", "400000 100000");
  of_the_host.quota("", "300000 100000");
  BOOST_TEST(of_the_host.why(8) == "3: affinity 8, cgroup quota 3");
}

BOOST_AUTO_TEST_CASE(reads_version_1_beside_version_2) {
  const temporary_folder root;
  root.write("proc/self/cgroup", "5:cpuset:/x\n4:cpu,cpuacct:/a/b\n0::/\n");
  root.write("proc/self/mountinfo",
             "30 24 0:27 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
             "31 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
             "32 24 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  BOOST_TEST(count_cpus(8, root / "").why == "3: affinity 8, cgroup quota 2.5");
}

BOOST_AUTO_TEST_CASE(counts_this_process_too) {
  cpu_set_t mask;
  BOOST_REQUIRE(::sched_getaffinity(0, sizeof mask, &mask) == 0);
  const auto now = count_cpus();
  BOOST_TEST(now.count >= 1);
  BOOST_TEST(now.why.find("affinity " + std::to_string(CPU_COUNT(&mask)) + ",") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
