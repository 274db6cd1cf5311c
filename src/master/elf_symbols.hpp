// Distributed under the Boost Software License, Version 1.0.
// Finds the function at an address of an ELF file that nobody trusts.
#ifndef EPOLLHOST_MASTER_ELF_SYMBOLS_HPP
#define EPOLLHOST_MASTER_ELF_SYMBOLS_HPP

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::master {

/// Reads with pread() only, each read within a bound: a file of any bytes gives an answer or none, in bounded time and
/// memory. Borrows the descriptor.
class elf_symbols {
public:
  static constexpr std::size_t headers_max = 4096;        ///< of sections and of segments
  static constexpr std::uint64_t symbols_max = 2'000'000; ///< looked at in one table
  static constexpr std::size_t name_bytes_max = 4096;

  /// `fd` is a file of this machine's class and byte order; else there is nothing in it.
  explicit elf_symbols(int fd);

  struct function {
    std::string name; ///< as the linker sees it
    std::uint64_t offset;
  };

  /// The function that this address of the file lies in.
  std::optional<function> at(std::uint64_t address) const;

  bool has_section(std::string_view name) const;

  /// The bytes of the build-id; empty if there is none.
  std::string build_id() const;

private:
  void read_sections(const ElfW(Ehdr) & header);
  std::string build_id_in(const ElfW(Phdr) & notes) const;
  std::optional<function> at(std::uint64_t address, const ElfW(Shdr) & table) const;

  bool read(std::uint64_t offset, void* to, std::size_t size) const;
  std::string read_name(const ElfW(Shdr) & strings, std::uint64_t offset) const;

  int fd_;
  std::vector<ElfW(Phdr)> segments_;
  std::vector<ElfW(Shdr)> sections_;
  std::size_t section_names_ = 0; ///< the section that has them; 0: none
};

} // namespace epollhost::master

#endif
