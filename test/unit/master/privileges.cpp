// Distributed under the Boost Software License, Version 1.0.
// Tests master/privileges: what the kernel says of a child that gave up its rights.
#include "master/privileges.hpp"

#include "master/sealed_file.hpp"
#include "support.hpp"
#include "support/watch.hpp"

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <dlfcn.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstring>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

boost::test_tools::assertion_result as_root(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result is(::geteuid() == 0);
  is.message() << "only root can become somebody else";
  return is;
}

// /proc/self/status of a child after the drop.
std::string status_after(const identity& who) {
  return output_of_child([&](int out) {
    drop_privileges(who);
    const std::string status = read_file("/proc/self/status");
    if (::write(out, status.data(), status.size()) != ssize_t(status.size())) throw std::runtime_error("write");
  });
}

bool has(const std::string& status, const std::string& line) {
  return ("\n" + status).find("\n" + line + "\n") != std::string::npos;
}

void check_powerless(const std::string& status) {
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    BOOST_TEST(has(status, set + std::string(":\t0000000000000000")), set);
  BOOST_TEST(has(status, "NoNewPrivs:\t1"));
}

bool says(const std::exception& e, const std::string& what) {
  BOOST_TEST(e.what() == what);
  return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(privileges)

BOOST_AUTO_TEST_CASE(leaves_a_root_without_any_capability, *boost::unit_test::precondition(as_root)) {
  const std::string status = status_after({});
  check_powerless(status);
  BOOST_TEST(has(status, "Uid:\t0\t0\t0\t0"));
}

BOOST_AUTO_TEST_CASE(becomes_another_user_with_its_groups, *boost::unit_test::precondition(as_root)) {
  const passwd* const nobody = ::getpwnam("nobody");
  BOOST_REQUIRE(nobody);
  const auto user = std::to_string(nobody->pw_uid), group = std::to_string(nobody->pw_gid);
  const std::string status = status_after(find_identity("nobody", ""));
  check_powerless(status);
  BOOST_TEST(has(status, "Uid:\t" + user + "\t" + user + "\t" + user + "\t" + user));
  BOOST_TEST(has(status, "Gid:\t" + group + "\t" + group + "\t" + group + "\t" + group));
  BOOST_TEST(has(status, "Groups:\t" + group + " "));
}

BOOST_AUTO_TEST_CASE(becomes_numbers_that_nobody_has, *boost::unit_test::precondition(as_root)) {
  const std::string status = status_after(find_identity("54321", "54322"));
  check_powerless(status);
  BOOST_TEST(has(status, "Uid:\t54321\t54321\t54321\t54321"));
  BOOST_TEST(has(status, "Gid:\t54322\t54322\t54322\t54322"));
  BOOST_TEST(has(status, "Groups:\t54322 "));
}

BOOST_AUTO_TEST_CASE(changes_only_the_group_when_only_that_is_said, *boost::unit_test::precondition(as_root)) {
  const std::string status = status_after(find_identity("", "54322"));
  check_powerless(status);
  BOOST_TEST(has(status, "Uid:\t0\t0\t0\t0"));
  BOOST_TEST(has(status, "Gid:\t54322\t54322\t54322\t54322"));
}

BOOST_AUTO_TEST_CASE(cannot_come_back, *boost::unit_test::precondition(as_root)) {
  const std::string said = output_of_child([](int out) {
    drop_privileges(find_identity("54321", "54322"));
    const bool back = ::setuid(0) == 0 || ::seteuid(0) == 0 || ::setgid(0) == 0 || ::setgroups(0, nullptr) == 0 ||
                      ::prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
    if (::write(out, back ? "back" : "no way", back ? 4 : 6) < 0) throw std::runtime_error("write");
  });
  BOOST_TEST(said == "no way");
}

BOOST_AUTO_TEST_CASE(may_still_be_dumped, *boost::unit_test::precondition(as_root)) {
  const std::string said = output_of_child([](int out) {
    drop_privileges(find_identity("54321", "54322"));
    if (::write(out, ::prctl(PR_GET_DUMPABLE) == 1 ? "1" : "0", 1) < 0) throw std::runtime_error("write");
  });
  BOOST_TEST(said == "1");
}

BOOST_AUTO_TEST_CASE(can_still_load_the_sealed_copy_of_a_plugin, *boost::unit_test::precondition(as_root)) {
  const sealed_file plugin(argument("crasher.so"));
  const std::string said = output_of_child([&](int out) {
    drop_privileges(find_identity("54321", "54322"));
    const char* const text = ::dlopen(plugin.path().c_str(), RTLD_NOW | RTLD_LOCAL) ? "loaded" : ::dlerror();
    if (::write(out, text, std::strlen(text)) < 0) throw std::runtime_error("write");
  });
  BOOST_TEST(said == "loaded");
}

BOOST_AUTO_TEST_CASE(keeps_its_promise_without_root) {
  const std::string status = output_of_child([](int out) {
    if (::geteuid() == 0 && ::setuid(54321) != 0) throw std::runtime_error("setuid");
    drop_privileges({});
    const std::string s = read_file("/proc/self/status");
    if (::write(out, s.data(), s.size()) < 0) throw std::runtime_error("write");
  });
  BOOST_TEST(has(status, "CapEff:\t0000000000000000"));
  BOOST_TEST(has(status, "CapPrm:\t0000000000000000"));
  BOOST_TEST(has(status, "NoNewPrivs:\t1"));
}

BOOST_AUTO_TEST_CASE(fails_without_the_right_to_become_another) {
  const int status = wait_for_end(fork_child([] {
    if (::geteuid() == 0 && ::setuid(54321) != 0) return 1;
    try {
      drop_privileges(find_identity("54323", "54323"));
    } catch (const boost::system::system_error& e) {
      return e.code().value() == EPERM ? 0 : 2;
    }
    return 3;
  }));
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_name) {
  const struct {
    const char *user, *group, *error;
  } cases[] = {
      {"no-such-user", "",
       "--user no-such-user: there is no user with that name in /etc/passwd; give another one, or a number"},
      {"root", "no-such-group",
       "--group no-such-group: there is no group with that name in /etc/group; give another one, or a number"},
      {"54321", "", "--user 54321: that number is not in /etc/passwd, so its group is not known; add --group"},
      {"4294967295", "1", "--user 4294967295: the number must be below 4294967295"},
      {"1", "99999999999", "--group 99999999999: the number must be below 4294967295"},
  };
  for (const auto& c : cases)
    BOOST_CHECK_EXCEPTION(find_identity(c.user, c.group), std::invalid_argument,
                          [&](const auto& e) { return says(e, c.error); });
}

BOOST_AUTO_TEST_CASE(finds_nothing_where_nothing_is_asked) {
  const identity who = find_identity("", "");
  BOOST_TEST(!who.user.has_value());
  BOOST_TEST(!who.group.has_value());
  BOOST_TEST(who.groups.empty());
}

BOOST_AUTO_TEST_SUITE_END()
