// Distributed under the Boost Software License, Version 1.0.
// What the dynamic linker would read of an ELF file that nobody trusts.
#ifndef EPOLLHOST_CHECK_ELF_IMAGE_HPP
#define EPOLLHOST_CHECK_ELF_IMAGE_HPP

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::check {

/// Reads bytes in memory, each read within their bounds and each list within one of its own: any bytes give an answer
/// in bounded time and memory. What is cut off or makes no sense is as if it were not there.
class elf_image {
public:
  static constexpr std::size_t entries_max = 50'000; ///< of the dynamic section, relocations, symbols, versions
  static constexpr std::size_t sections_max = 4096;
  static constexpr std::size_t versions_max = 1000;
  static constexpr std::size_t name_bytes_max = 1024;

  /// `bytes` are a file of this machine's class and byte order, and outlive the image.
  explicit elf_image(std::string_view bytes);

  struct symbol {
    std::string name;
    unsigned char binding; ///< STB_*
    bool defined;
  };
  std::vector<symbol> symbols() const;                    ///< of the dynamic table: imports and exports
  std::vector<std::string> texts(std::int64_t tag) const; ///< of entries such as DT_NEEDED
  std::vector<std::string> versions() const;              ///< it needs of libraries: "GLIBC_2.34"
  std::vector<std::uint64_t> constructors() const;        ///< addresses in DT_INIT_ARRAY
  std::uint64_t value(std::int64_t tag) const;            ///< of the first such entry; 0: none
  bool has(std::int64_t tag) const;
  bool has_executable_stack() const;
  bool has_section(std::string_view name) const;

private:
  template <class T> std::optional<T> at(std::uint64_t offset) const;
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
  std::optional<std::uint64_t> table(std::int64_t tag) const;
  std::string text_at(std::uint64_t offset) const;
  std::string dynamic_text(std::uint64_t index) const;
  std::size_t symbol_count() const;
  void read_sections(const ElfW(Ehdr) & h);

  std::string_view bytes_;
  std::vector<ElfW(Phdr)> segments_;
  std::vector<ElfW(Dyn)> dynamic_;
  std::vector<std::string> sections_;
  std::optional<std::uint64_t> strings_; // where the texts of the dynamic section are, and how many bytes
  std::uint64_t strings_bytes_ = 0;
};

} // namespace epollhost::check

#endif
