// Distributed under the Boost Software License, Version 1.0.
// Finds the function at an address of an ELF file that nobody trusts.
#include "master/elf_symbols.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

namespace epollhost::master {
namespace {

using symbol = ElfW(Sym);

constexpr unsigned char our_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned char our_data = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

bool is_ours(const ElfW(Ehdr) & h) {
  return std::memcmp(h.e_ident, ELFMAG, SELFMAG) == 0 && h.e_ident[EI_CLASS] == our_class &&
         h.e_ident[EI_DATA] == our_data;
}

bool is_function(const symbol& s) {
  const unsigned type = s.st_info & 0xf;
  return (type == STT_FUNC || type == STT_GNU_IFUNC) && s.st_shndx != SHN_UNDEF;
}

// Assembly often gives no size: such a symbol goes on until the next one, or the end of its section.
bool covers(const symbol& s, std::uint64_t address, const std::vector<ElfW(Shdr)>& sections) {
  if (address < s.st_value || s.st_shndx >= sections.size()) return false;
  if (s.st_size != 0) return address - s.st_value < s.st_size;
  const auto& section = sections[s.st_shndx];
  return address >= section.sh_addr && address - section.sh_addr < section.sh_size;
}

bool is_better(const symbol& a, const symbol& b) {
  if ((a.st_size == 0) != (b.st_size == 0)) return a.st_size != 0;
  if (a.st_value != b.st_value) return a.st_value > b.st_value;
  // Of two names the public one: in a library's debug file, abort and not __GI_abort.
  return ELF64_ST_BIND(a.st_info) != STB_LOCAL && ELF64_ST_BIND(b.st_info) == STB_LOCAL;
}

} // namespace

elf_symbols::elf_symbols(int fd) : fd_(fd) {
  ElfW(Ehdr) h;
  if (!read(0, &h, sizeof h) || !is_ours(h)) return;
  if (h.e_phentsize == sizeof(ElfW(Phdr)) && h.e_phnum <= headers_max) {
    segments_.resize(h.e_phnum);
    if (!read(h.e_phoff, segments_.data(), h.e_phnum * sizeof(ElfW(Phdr)))) segments_.clear();
  }
  read_sections(h);
}

void elf_symbols::read_sections(const ElfW(Ehdr) & h) {
  if (h.e_shentsize != sizeof(ElfW(Shdr)) || h.e_shnum > headers_max) return;
  sections_.resize(h.e_shnum);
  if (!read(h.e_shoff, sections_.data(), h.e_shnum * sizeof(ElfW(Shdr)))) sections_.clear();
  if (h.e_shstrndx < sections_.size()) section_names_ = h.e_shstrndx;
}

bool elf_symbols::read(std::uint64_t offset, void* to, std::size_t size) const {
  if (offset > INT64_MAX - size) return false;
  for (std::size_t have = 0; have < size;) {
    const ssize_t n = ::pread(fd_, static_cast<char*>(to) + have, size - have, off_t(offset + have));
    if (n == 0 || (n < 0 && errno != EINTR)) return false;
    if (n > 0) have += std::size_t(n);
  }
  return true;
}

std::string elf_symbols::read_name(const ElfW(Shdr) & strings, std::uint64_t offset) const {
  if (strings.sh_type != SHT_STRTAB || offset >= strings.sh_size) return {};
  const std::size_t most = std::min<std::uint64_t>(strings.sh_size - offset, name_bytes_max);
  std::string name(most, '\0');
  if (strings.sh_offset > UINT64_MAX - offset || !read(strings.sh_offset + offset, name.data(), most)) return {};
  return name.c_str(); // up to the zero
}

std::optional<elf_symbols::function> elf_symbols::at(std::uint64_t address) const {
  for (const auto type : {SHT_SYMTAB, SHT_DYNSYM}) // the first has all, but may have been stripped
    for (const auto& section : sections_)
      if (section.sh_type == ElfW(Word)(type))
        if (auto found = at(address, section)) return found;
  return {};
}

std::optional<elf_symbols::function> elf_symbols::at(std::uint64_t address, const ElfW(Shdr) & table) const {
  if (table.sh_link >= sections_.size()) return {};
  std::array<symbol, 1024> part;
  std::optional<symbol> best;
  for (std::uint64_t left = std::min(table.sh_size / sizeof(symbol), symbols_max), from = table.sh_offset; left > 0;) {
    const std::size_t count = std::min<std::uint64_t>(left, part.size());
    if (!read(from, part.data(), count * sizeof(symbol))) break; // the file was cut: what there is may do
    for (std::size_t i = 0; i < count; ++i)
      if (is_function(part[i]) && covers(part[i], address, sections_) && (!best || is_better(part[i], *best)))
        best = part[i];
    left -= count;
    from += count * sizeof(symbol);
  }
  if (!best) return {};
  const std::string name = read_name(sections_[table.sh_link], best->st_name);
  if (name.empty()) return {};
  return function{name, address - best->st_value};
}

bool elf_symbols::has_section(std::string_view name) const {
  return section_names_ != 0 && std::any_of(sections_.begin(), sections_.end(), [&](const auto& s) {
           return read_name(sections_[section_names_], s.sh_name) == name;
         });
}

std::string elf_symbols::build_id() const {
  for (const auto& segment : segments_)
    if (segment.p_type == PT_NOTE)
      if (std::string id = build_id_in(segment); !id.empty()) return id;
  return {};
}

std::string elf_symbols::build_id_in(const ElfW(Phdr) & notes) const {
  std::string bytes(std::min<std::size_t>(notes.p_filesz, 4096), '\0');
  if (!read(notes.p_offset, bytes.data(), bytes.size())) return {};
  const auto padded = [](std::uint64_t n) { return (n + 3) & ~std::uint64_t(3); };
  for (std::string_view left = bytes; left.size() >= sizeof(ElfW(Nhdr));) {
    ElfW(Nhdr) h;
    std::memcpy(&h, left.data(), sizeof h);
    left.remove_prefix(sizeof h);
    const std::uint64_t name = padded(h.n_namesz), value = padded(h.n_descsz);
    if (name + value > left.size()) return {};
    if (h.n_type == NT_GNU_BUILD_ID && left.substr(0, h.n_namesz) == std::string_view("GNU", 4))
      return std::string(left.substr(name, h.n_descsz));
    left.remove_prefix(name + value);
  }
  return {};
}

} // namespace epollhost::master
