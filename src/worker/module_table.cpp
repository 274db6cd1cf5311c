// Distributed under the Boost Software License, Version 1.0.
// The mapped objects of this process, noted while it is well so that a signal handler may look at them.
#include "worker/module_table.hpp"

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string_view>

namespace epollhost {
namespace {

constexpr std::size_t modules_max = 256;

struct table {
  std::size_t count = 0;
  std::uint64_t first[modules_max]; // lowest mapped address of each
  crash_module modules[modules_max];
};

table tables[2];
std::atomic<const table*> current{nullptr};
std::atomic<bool> changing{false};

void set_name(crash_module& m, std::string_view name) {
  name.remove_prefix(name.size() - std::min(name.size(), sizeof m.name - 1)); // the end tells more than the beginning
  std::memcpy(m.name, name.data(), name.size());
  m.name[name.size()] = '\0';
}

void set_program_name(crash_module& m) {
  char path[4096];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  set_name(m, n > 0 ? std::string_view(path, std::size_t(n)) : "the program");
}

// The notes of one segment; each is a header, a name and a value, both padded to 4 bytes.
void set_build_id(crash_module& m, const char* at, std::size_t size) {
  const auto padded = [](std::size_t n) { return (n + 3) & ~std::size_t(3); };
  for (ElfW(Nhdr) h; size >= sizeof h;) {
    std::memcpy(&h, at, sizeof h);
    const std::size_t whole = sizeof h + padded(h.n_namesz) + padded(h.n_descsz);
    if (whole > size) return;
    if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 && std::memcmp(at + sizeof h, "GNU", 4) == 0) {
      m.build_id_size = std::uint8_t(std::min<std::size_t>(h.n_descsz, build_id_max));
      std::memcpy(m.build_id, at + sizeof h + 4, m.build_id_size);
      return;
    }
    at += whole;
    size -= whole;
  }
}

int add(dl_phdr_info* info, std::size_t, void* to) {
  table& t = *static_cast<table*>(to);
  if (t.count == modules_max) return 1;
  crash_module& m = t.modules[t.count] = {};
  std::uint64_t& first = t.first[t.count] = UINT64_MAX;
  m.base = info->dlpi_addr;
  for (const auto& p : std::basic_string_view(info->dlpi_phdr, info->dlpi_phnum)) {
    if (p.p_type == PT_LOAD) {
      first = std::min<std::uint64_t>(first, m.base + p.p_vaddr);
      m.end = std::max<std::uint64_t>(m.end, m.base + p.p_vaddr + p.p_memsz);
    } else if (p.p_type == PT_NOTE && !m.build_id_size) {
      set_build_id(m, reinterpret_cast<const char*>(m.base + p.p_vaddr), p.p_memsz);
    }
  }
  if (*info->dlpi_name)
    set_name(m, info->dlpi_name);
  else if (t.count == 0)
    set_program_name(m); // the first is the program, and it has no name here
  ++t.count;
  return 0;
}

} // namespace

void refresh_module_table() {
  const table* const old = current.load(std::memory_order_relaxed);
  table& t = old == &tables[0] ? tables[1] : tables[0];
  t.count = 0;
  ::dl_iterate_phdr(add, &t);
  current.store(&t, std::memory_order_release);
}

void set_modules_changing(bool on) { changing.store(on, std::memory_order_relaxed); }
bool modules_are_changing() { return changing.load(std::memory_order_relaxed); }

const crash_module* find_module(std::uint64_t address) {
  const table* const t = current.load(std::memory_order_acquire);
  for (std::size_t i = 0; t && i < t->count; ++i)
    if (address >= t->first[i] && address < t->modules[i].end) return &t->modules[i];
  return nullptr;
}

} // namespace epollhost
