// Distributed under the Boost Software License, Version 1.0.
// Reads files that could be a plugin, in both ways that the program has: what is found stands in the file, and there is
// no more of it than the bounds allow.

#include "target.hpp"

#include "check/elf_image.hpp"
#include "check/file_findings.hpp"
#include "master/elf_symbols.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace fuzz {
namespace {

using namespace epollhost;
using check::elf_image;
using master::elf_symbols;

void check_name(std::string_view name, std::size_t most, std::string_view file) {
  if (name.size() > most) fail("a name longer than its bound");
  if (file.find(name) == file.npos) fail("a name that the file has not");
}

// Returns addresses in it.
std::vector<std::uint64_t> check_image(std::string_view file) {
  const elf_image image(file);
  const auto symbols = image.symbols();
  if (symbols.size() > elf_image::entries_max) fail("more symbols than their bound");
  for (const auto& s : symbols) check_name(s.name, elf_image::name_bytes_max, file);
  const auto versions = image.versions();
  if (versions.size() > elf_image::versions_max) fail("more versions than their bound");
  for (const auto& v : versions) check_name(v, elf_image::name_bytes_max, file);
  for (const auto tag : {DT_NEEDED, DT_RPATH, DT_RUNPATH}) {
    const auto texts = image.texts(tag);
    if (texts.empty() == image.has(tag)) fail("an entry without a text, or a text without an entry");
    for (const auto& text : texts) check_name(text, elf_image::name_bytes_max, file);
  }
  return image.constructors();
}

void check_symbols(int fd, std::string_view file, std::vector<std::uint64_t> addresses) {
  const elf_symbols functions(fd);
  addresses.resize(std::min<std::size_t>(addresses.size(), 16));
  addresses.insert(addresses.end(), {0, 0x1000, 0x1100, ~std::uint64_t(0)});
  for (const std::uint64_t address : addresses) {
    const auto f = functions.at(address);
    if (!f) continue;
    check_name(f->name, elf_symbols::name_bytes_max, file);
    if (f->offset > address) fail("a function that begins behind the address");
  }
  check_name(functions.build_id(), 4096, file);
  functions.has_section(".debug_line");
}

void check_findings(int fd) {
  for (const auto& f : check::look_at_file(fd))
    if (f.what.empty() || to_text(f).empty()) fail("a finding that says nothing");
}

int file_of(std::string_view bytes) {
  static const int fd = ::memfd_create("fuzzed plugin", MFD_CLOEXEC);
  const auto size = static_cast<ssize_t>(bytes.size());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, bytes.data(), bytes.size(), 0) != size) fail("no file could be written");
  return fd;
}

void check(std::string_view input) {
  if (input.empty()) return;
  const auto exact = std::make_unique<char[]>(input.size()); // the sanitizer sees a read past its end
  input.copy(exact.get(), input.size());
  const std::string_view file(exact.get(), input.size());
  const int fd = file_of(file);
  check_symbols(fd, file, check_image(file));
  check_findings(fd);
}

const target registered("plugin_file", check);

} // namespace
} // namespace fuzz
