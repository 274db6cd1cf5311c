// Distributed under the Boost Software License, Version 1.0.
// What can be found in a plugin's file without running it.
#include "check/file_findings.hpp"

#include "check/elf_image.hpp"
#include "master/elf_symbols.hpp"
#include "net/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gnu/libc-version.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

namespace epollhost::check {
namespace {

constexpr std::size_t names_shown = 8;

// A damaged file may have names of no length.
std::string listed(std::vector<std::string> names) {
  std::replace(names.begin(), names.end(), std::string(), std::string("(no name)"));
  const auto shown = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), names_shown));
  const std::string more = names.size() > names_shown ? fmt::format(" and {} more", names.size() - names_shown) : "";
  return fmt::format("{}{}", fmt::join(names.begin(), shown, ", "), more);
}

class looker {
public:
  looker(const elf_image& image, const master::elf_symbols& functions) : image_(image), functions_(functions) {}

  std::vector<finding> run() {
    look_at_segments();
    look_at_symbols();
    look_at_libraries();
    look_at_versions();
    look_at_constructors();
    if (!image_.has_section(".debug_line")) add("no-debug-lines", "no section .debug_line");
    return std::move(out_);
  }

private:
  void add(const char* name, std::string what) { out_.push_back(make_finding(name, std::move(what))); }

  void look_at_segments() {
    const std::uint64_t flags = image_.value(DT_FLAGS);
    if (flags & DF_STATIC_TLS) add("static-tls", "the flag DF_STATIC_TLS");
    if (flags & DF_TEXTREL || image_.has(DT_TEXTREL)) add("text-relocations", "the entry DT_TEXTREL");
    if (image_.has_executable_stack()) add("executable-stack", "no PT_GNU_STACK segment that forbids execution");
  }

  // What libstdc++ has inline comes out whatever the visibility; each object that has one has the same.
  static bool is_of_standard_library(std::string_view name) {
    if (!name.starts_with("_Z")) return false;
    name.remove_prefix(2);
    for (const std::string_view prefix : {"TI", "TS", "TV", "TT", "GV", "GR", "Z", "N", "K"})
      if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    return name.starts_with("St") || name.starts_with("Sa") || name.starts_with("Ss");
  }

  void look_at_symbols() {
    std::vector<std::string> exported, unique, handlers;
    bool table = false;
    for (const auto& s : image_.symbols()) {
      if (s.defined && s.name == "epollhost_plugin")
        table = true;
      else if (s.defined && s.binding == STB_GNU_UNIQUE)
        unique.push_back(s.name);
      else if (s.defined && !(s.binding == STB_WEAK && is_of_standard_library(s.name)))
        exported.push_back(s.name);
      else if (s.name == "atexit" || s.name == "on_exit" || s.name == "at_quick_exit" || s.name == "__cxa_atexit")
        handlers.push_back(s.name);
    }
    if (!table) add("no-table", "no exported symbol epollhost_plugin");
    if (!exported.empty())
      add("exported-symbols", fmt::format("{} besides the table: {}", exported.size(), listed(exported)));
    if (!unique.empty()) add("unique-symbols", listed(unique));
    if (!handlers.empty())
      add("exit-handlers", fmt::format("it calls {}{}", listed(handlers),
                                       handlers[0] == "__cxa_atexit" ? ", for the destructors of static objects" : ""));
  }

  void look_at_libraries() {
    std::vector<std::string> others;
    for (const std::string& name : image_.texts(DT_NEEDED)) {
      if (name.starts_with("libc++.so")) add("second-runtime", name);
      if (name.starts_with("libgo.so")) add("second-runtime", name);
      const bool openssl = name.starts_with("libssl.so.") || name.starts_with("libcrypto.so.");
      if (openssl && !name.ends_with(".so.3")) add("old-openssl", name);
      if (!is_usual(name)) others.push_back(name);
    }
    if (image_.has_section(".go.buildinfo")) add("second-runtime", "a Go runtime (section .go.buildinfo)");
    if (!others.empty()) add("libraries", listed(others));
    for (const auto tag : {DT_RPATH, DT_RUNPATH})
      for (const std::string& path : image_.texts(tag))
        add("library-path", fmt::format("{} {}", tag == DT_RPATH ? "RPATH" : "RUNPATH", path));
  }

  static bool is_usual(std::string_view name) {
    constexpr std::array usual{"libc.so.6",  "libm.so.6",  "libstdc++.so.6", "libgcc_s.so.1",
                               "libdl.so.2", "librt.so.1", "libpthread.so.0"};
    return name.starts_with("ld-linux") || std::find(usual.begin(), usual.end(), name) != usual.end();
  }

  // "GLIBC_2.38" as 2038; 0 for another.
  static unsigned number_of(std::string_view version) {
    constexpr std::string_view prefix = "GLIBC_2.";
    if (!version.starts_with(prefix)) return 0;
    return 2000 + static_cast<unsigned>(std::atoi(std::string(version.substr(prefix.size())).c_str()));
  }

  void look_at_versions() {
    const unsigned here = number_of(fmt::format("GLIBC_{}", ::gnu_get_libc_version()));
    std::vector<std::string> newer;
    for (const std::string& v : image_.versions())
      if (number_of(v) > here) newer.push_back(v);
    if (!newer.empty())
      add("new-glibc", fmt::format("it needs {}; here is {}", listed(newer), ::gnu_get_libc_version()));
  }

  // The compiler brings some of its own.
  void look_at_constructors() {
    std::vector<std::string> names;
    for (const std::uint64_t address : image_.constructors()) {
      const auto f = functions_.at(address);
      if (f && f->name != "frame_dummy" && f->name != "__cpu_indicator_init" && f->name != "init_have_lse_atomics")
        names.push_back(f->name);
    }
    if (!names.empty()) add("constructors", listed(names));
  }

  const elf_image& image_;
  const master::elf_symbols& functions_;
  std::vector<finding> out_;
};

} // namespace

std::vector<finding> look_at_file(int fd) {
  struct stat s {};
  if (::fstat(fd, &s) != 0) net::throw_last_error("fstat of a sealed copy");
  const auto size = static_cast<std::size_t>(s.st_size);
  void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) net::throw_last_error("mmap of a sealed copy");
  const elf_image image({static_cast<const char*>(bytes), size});
  std::vector<finding> out = looker(image, master::elf_symbols(fd)).run();
  ::munmap(bytes, size);
  return out;
}

} // namespace epollhost::check
