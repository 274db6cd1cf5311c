// Distributed under the Boost Software License, Version 1.0.
// Tests master/symbolizer: with fewer rights, without addr2line, and with a child that fails or hangs.
#include "master/symbolizer.hpp"

#include "master/elf_symbols.hpp"
#include "master/privileges.hpp"
#include "master/sealed_file.hpp"
#include "support.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <dlfcn.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
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

// A record as a process leaves it that stands in crash_by() of the plugin.
struct in_the_plugin {
  in_the_plugin() : plugin(argument("crasher.so")) {
    void* const handle = ::dlopen(argument("crasher.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    link_map* map = nullptr;
    BOOST_REQUIRE((handle && ::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0));
    const auto offset = reinterpret_cast<std::uint64_t>(::dlsym(handle, "crash_by")) - map->l_addr + 4;
    const std::string id = elf_symbols(plugin.fd()).build_id();
    BOOST_REQUIRE(id.size() == build_id_max);
    record.frame_count = record.module_count = 1;
    record.frames[0] = {0, offset};
    std::strcpy(record.modules[0].name, "/proc/1/fd/3");
    std::memcpy(record.modules[0].build_id, id.data(), id.size());
    record.modules[0].build_id_size = build_id_max;
  }

  // The line for the frame, and how the child ended.
  std::string line(std::function<void()> before_files = {}) {
    symbolizer s(record, {"crasher.so", plugin.fd(), -1, std::move(before_files)});
    pollfd p{s.fd(), POLLIN, 0};
    do BOOST_REQUIRE(::poll(&p, 1, -1) == 1);
    while (!s.read());
    status = wait_for_end(s.pid());
    return s.lines().at(0);
  }

  sealed_file plugin;
  crash_record record{};
  int status = -1;
};

const std::string function = "#0 crasher.so!crash_by+0x4";

} // namespace

BOOST_AUTO_TEST_SUITE(symbolizer_)

BOOST_FIXTURE_TEST_CASE(names_function_and_line, in_the_plugin) {
  const std::string said = line();
  BOOST_TEST(said.starts_with(function + " (crasher.cpp:20"));
  BOOST_TEST(status == 0);
}

BOOST_FIXTURE_TEST_CASE(needs_no_rights_for_that, in_the_plugin, *boost::unit_test::precondition(as_root)) {
  BOOST_TEST(line([] { drop_privileges(find_identity("54321", "54321")); }).starts_with(function + " (crasher.cpp:20"));
}

BOOST_FIXTURE_TEST_CASE(names_the_function_where_addr2line_is_missing, in_the_plugin) {
  BOOST_TEST(line([] { ::setenv("PATH", "/nonexistent", 1); }) == function);
  BOOST_TEST(status == 0);
}

BOOST_FIXTURE_TEST_CASE(leaves_module_and_offset_when_the_child_fails, in_the_plugin) {
  BOOST_TEST(line([] { ::raise(SIGKILL); }).starts_with("#0 crasher.so+0x"));
  BOOST_TEST(WTERMSIG(status) == SIGKILL);
}

BOOST_FIXTURE_TEST_CASE(ends_a_child_that_hangs, in_the_plugin) {
  pid_t pid = 0;
  {
    const symbolizer s(record, {"crasher.so", plugin.fd(), -1, [] { ::pause(); }});
    pid = s.pid();
  }
  BOOST_TEST(WTERMSIG(wait_for_end(pid)) == SIGKILL);
  BOOST_TEST(line([] {
               ::alarm(1); // instead of the deadline of the symbolizer, which is longer
               ::pause();
             }).starts_with("#0 crasher.so+0x"));
  BOOST_TEST(WTERMSIG(status) == SIGALRM);
}

BOOST_FIXTURE_TEST_CASE(opens_no_device_that_a_record_names, in_the_plugin) {
  const temporary_folder folder;
  BOOST_REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0); // opening it would wait for a writer
  std::strcpy(record.modules[0].name, (folder / "fifo").c_str());
  BOOST_TEST(line().starts_with("#0 fifo+0x"));
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
