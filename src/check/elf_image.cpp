// Distributed under the Boost Software License, Version 1.0.
// What the dynamic linker would read of an ELF file that nobody trusts.
#include "check/elf_image.hpp"

#include <algorithm>
#include <cstring>

namespace epollhost::check {

template <class T> std::optional<T> elf_image::at(std::uint64_t offset) const {
  if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return {};
  T out;
  std::memcpy(&out, bytes_.data() + offset, sizeof out);
  return out;
}

elf_image::elf_image(std::string_view bytes) : bytes_(bytes) {
  const auto h = at<ElfW(Ehdr)>(0);
  if (!h || std::memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 || h->e_phentsize != sizeof(ElfW(Phdr))) return;
  for (std::size_t i = 0; i < h->e_phnum; ++i)
    if (const auto segment = at<ElfW(Phdr)>(h->e_phoff + i * sizeof(ElfW(Phdr)))) segments_.push_back(*segment);
  for (const auto& segment : segments_)
    for (std::size_t i = 0; segment.p_type == PT_DYNAMIC && dynamic_.size() < entries_max; ++i) {
      const auto entry = at<ElfW(Dyn)>(segment.p_offset + i * sizeof(ElfW(Dyn)));
      if (!entry || entry->d_tag == DT_NULL) break;
      dynamic_.push_back(*entry);
    }
  read_sections(*h);
  strings_ = table(DT_STRTAB);
  strings_bytes_ = value(DT_STRSZ);
}

void elf_image::read_sections(const ElfW(Ehdr) & h) {
  const auto section = [&](std::size_t i) { return at<ElfW(Shdr)>(h.e_shoff + i * sizeof(ElfW(Shdr))); };
  const auto names = section(h.e_shstrndx);
  if (h.e_shoff == 0 || h.e_shentsize != sizeof(ElfW(Shdr)) || !names) return;
  for (std::size_t i = 0; i < std::min<std::size_t>(h.e_shnum, sections_max); ++i)
    if (const auto s = section(i)) sections_.push_back(text_at(names->sh_offset + s->sh_name));
}

std::optional<std::uint64_t> elf_image::offset_of(std::uint64_t address) const {
  for (const auto& s : segments_)
    if (s.p_type == PT_LOAD && address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz)
      return s.p_offset + (address - s.p_vaddr);
  return {};
}

// Address 0 is a place in the file like any other.
std::optional<std::uint64_t> elf_image::table(std::int64_t tag) const {
  return has(tag) ? offset_of(value(tag)) : std::nullopt;
}

std::string elf_image::text_at(std::uint64_t offset) const {
  if (offset >= bytes_.size()) return {};
  const std::string_view rest = bytes_.substr(offset, name_bytes_max);
  return std::string(rest.substr(0, rest.find('\0')));
}

std::string elf_image::dynamic_text(std::uint64_t index) const {
  return strings_ && index < strings_bytes_ ? text_at(*strings_ + index) : std::string();
}

std::uint64_t elf_image::value(std::int64_t tag) const {
  for (const auto& entry : dynamic_)
    if (entry.d_tag == tag) return entry.d_un.d_val;
  return 0;
}

bool elf_image::has(std::int64_t tag) const {
  return std::any_of(dynamic_.begin(), dynamic_.end(), [&](const auto& entry) { return entry.d_tag == tag; });
}

bool elf_image::has_section(std::string_view name) const {
  return std::find(sections_.begin(), sections_.end(), name) != sections_.end();
}

std::vector<std::string> elf_image::texts(std::int64_t tag) const {
  std::vector<std::string> out;
  for (const auto& entry : dynamic_)
    if (entry.d_tag == tag) out.push_back(dynamic_text(entry.d_un.d_val));
  return out;
}

// A file that does not say what it needs gets an executable one.
bool elf_image::has_executable_stack() const {
  for (const auto& s : segments_)
    if (s.p_type == PT_GNU_STACK) return (s.p_flags & PF_X) != 0;
  return !segments_.empty();
}

// The dynamic section does not say how many there are. The linkers put the strings behind the symbols, and everything
// that reads files without section headers counts on that.
std::size_t elf_image::symbol_count() const {
  const std::uint64_t from = value(DT_SYMTAB), to = value(DT_STRTAB);
  return to > from ? std::min<std::uint64_t>((to - from) / sizeof(ElfW(Sym)), entries_max) : 0;
}

std::vector<elf_image::symbol> elf_image::symbols() const {
  std::vector<symbol> out;
  const auto from = table(DT_SYMTAB);
  for (std::size_t i = 1, count = from ? symbol_count() : 0; i < count; ++i) {
    const auto s = at<ElfW(Sym)>(*from + i * sizeof(ElfW(Sym)));
    if (!s) break;
    const auto binding = static_cast<unsigned char>(s->st_info >> 4);
    if (binding != STB_LOCAL) out.push_back({dynamic_text(s->st_name), binding, s->st_shndx != SHN_UNDEF});
  }
  return out;
}

std::vector<std::string> elf_image::versions() const {
  std::vector<std::string> out;
  auto at_file = table(DT_VERNEED);
  for (std::size_t files = 0; at_file && files < versions_max && out.size() < versions_max; ++files) {
    const auto file = at<ElfW(Verneed)>(*at_file);
    if (!file) break;
    std::uint64_t at_name = *at_file + file->vn_aux;
    for (std::size_t i = 0; i < file->vn_cnt && out.size() < versions_max; ++i) {
      const auto name = at<ElfW(Vernaux)>(at_name);
      if (!name) break;
      out.push_back(dynamic_text(name->vna_name));
      at_name += name->vna_next;
    }
    if (file->vn_next == 0) break;
    *at_file += file->vn_next;
  }
  return out;
}

// In the file the array is empty where relocations fill it: then the addresses are theirs.
std::vector<std::uint64_t> elf_image::constructors() const {
  std::vector<std::uint64_t> out;
  const std::uint64_t from = value(DT_INIT_ARRAY), size = std::min<std::uint64_t>(value(DT_INIT_ARRAYSZ), entries_max);
  if (const auto from_array = offset_of(from))
    for (std::size_t i = 0; i < size / sizeof(ElfW(Addr)); ++i)
      if (const auto address = at<ElfW(Addr)>(*from_array + i * sizeof(ElfW(Addr))))
        if (*address != 0) out.push_back(*address);
  const auto relocations = table(DT_RELA);
  const std::size_t count = std::min<std::uint64_t>(value(DT_RELASZ) / sizeof(ElfW(Rela)), entries_max);
  for (std::size_t i = 0; relocations && i < count; ++i) {
    const auto r = at<ElfW(Rela)>(*relocations + i * sizeof(ElfW(Rela)));
    if (!r) break;
    if (r->r_offset >= from && r->r_offset - from < size) out.push_back(static_cast<std::uint64_t>(r->r_addend));
  }
  return out;
}

} // namespace epollhost::check
