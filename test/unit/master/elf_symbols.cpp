// Distributed under the Boost Software License, Version 1.0.
// Tests master/elf_symbols with a good file, with a file cut anywhere, and with wrong bytes in it.
#include "master/elf_symbols.hpp"

#include "net/unique_fd.hpp"
#include "support.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

namespace {

using namespace epollhost;
using namespace epollhost::test;
using master::elf_symbols;

net::unique_fd holding(const std::string& bytes) {
  net::unique_fd fd(::memfd_create("elf", MFD_CLOEXEC));
  BOOST_REQUIRE(::write(fd.get(), bytes.data(), bytes.size()) == ssize_t(bytes.size()));
  return fd;
}

// Where crash_by() is in the file, as the linker says it.
std::uint64_t address_of_crash_by() {
  void* const handle = ::dlopen(argument("crasher.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  BOOST_REQUIRE(handle);
  link_map* map = nullptr;
  BOOST_REQUIRE(::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0);
  return reinterpret_cast<std::uint64_t>(::dlsym(handle, "crash_by")) - map->l_addr;
}

void ask_everything(int fd) {
  const elf_symbols elf(fd);
  for (const std::uint64_t address : {std::uint64_t(0), std::uint64_t(0x1200), UINT64_MAX}) elf.at(address);
  elf.has_section(".debug_line");
  elf.build_id();
}

} // namespace

BOOST_AUTO_TEST_SUITE(elf_symbols_)

BOOST_AUTO_TEST_CASE(finds_the_function_that_an_address_lies_in) {
  const net::unique_fd fd(::open(argument("crasher.so").c_str(), O_RDONLY | O_CLOEXEC));
  const elf_symbols elf(fd.get());
  const std::uint64_t address = address_of_crash_by();
  for (const unsigned offset : {0, 1, 20}) {
    const auto found = elf.at(address + offset);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->name == "crash_by");
    BOOST_TEST(found->offset == offset);
  }
  const auto before = elf.at(address - 1);
  BOOST_TEST((!before || before->name != "crash_by"));
  BOOST_TEST(!elf.at(UINT64_MAX).has_value());
  BOOST_TEST(elf.has_section(".debug_line"));
  BOOST_TEST(!elf.has_section(".debug_lin"));
}

BOOST_AUTO_TEST_CASE(takes_any_beginning_of_a_file) {
  const std::string whole = read_file(argument("crasher.so"));
  for (std::size_t size = 0; size < whole.size(); size += size < 1024 ? 1 : 509)
    ask_everything(holding(whole.substr(0, size)).get());
  const net::unique_fd cut = holding(whole.substr(0, whole.size() / 2));
  BOOST_TEST(!elf_symbols(cut.get()).at(address_of_crash_by()).has_value()); // its sections lay at the end
}

BOOST_AUTO_TEST_CASE(takes_any_bytes) {
  const std::string whole = read_file(argument("crasher.so"));
  std::mt19937 random(1);
  const auto below = [&](std::size_t n) { return std::size_t(random() % n); };
  const std::size_t sections = 4096; // the section headers: the last part of the file
  for (int i = 0; i < 500; ++i) {
    std::string bytes = whole;
    for (int j = 0; j < 4; ++j) bytes[below(64)] = char(random());
    for (int j = 0; j < 16; ++j) bytes[bytes.size() - 1 - below(sections)] = char(random());
    bytes.replace(0, 5, whole, 0, 5); // else it is no ELF file and nothing is read
    ask_everything(holding(bytes).get());
  }
}

BOOST_AUTO_TEST_CASE(finds_nothing_in_what_is_no_elf_file) {
  const net::unique_fd text = holding("#!/bin/sh\n");
  BOOST_TEST(!elf_symbols(text.get()).at(0).has_value());
  BOOST_TEST(elf_symbols(text.get()).build_id().empty());
  BOOST_TEST(!elf_symbols(-1).at(0).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
