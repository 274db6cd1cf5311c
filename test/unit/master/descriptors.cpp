// Distributed under the Boost Software License, Version 1.0.
// Tests master/descriptors, also on a kernel without close_range(2).
#include "master/descriptors.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using namespace epollhost;
using namespace epollhost::test;

// From now on this process has no close_range().
void forget_close_range() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{4, program};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    throw std::runtime_error("seccomp");
}

// Which of the descriptors 50 to 59 are left when these are kept.
std::string left_of(const std::vector<int>& kept, bool old_kernel) {
  return output_of_child([&](int out) {
    for (int fd = 50; fd < 60; ++fd)
      if (::dup2(out, fd) != fd) throw std::runtime_error("dup2");
    if (old_kernel) forget_close_range();
    std::vector<int> all = kept;
    all.push_back(out);
    master::close_all_but(all);
    std::string text;
    for (int fd = 50; fd < 60; ++fd)
      if (::fcntl(fd, F_GETFD) >= 0) text += std::to_string(fd) + " ";
    if (::write(out, text.data(), text.size()) < 0) throw std::runtime_error("write");
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(descriptors)

BOOST_AUTO_TEST_CASE(are_closed_but_for_those_that_are_named) {
  for (const bool old_kernel : {false, true}) {
    BOOST_TEST(left_of({}, old_kernel) == "");
    BOOST_TEST(left_of({-1}, old_kernel) == "");
    BOOST_TEST(left_of({59, 50, 54, 50}, old_kernel) == "50 54 59 ");
    BOOST_TEST(left_of({51, 52, 53}, old_kernel) == "51 52 53 ");
    BOOST_TEST(left_of({0, 1, 2, 55}, old_kernel) == "55 ");
  }
}

BOOST_AUTO_TEST_SUITE_END()
