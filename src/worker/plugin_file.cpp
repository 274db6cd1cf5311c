// Distributed under the Boost Software License, Version 1.0.
// Looks at a plugin's file before the dynamic linker does.
#include "worker/plugin_file.hpp"

#include "base/path_trust.hpp"
#include "net/file.hpp"
#include "net/unique_fd.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace epollhost {
namespace {

#if defined(__x86_64__)
constexpr unsigned our_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned our_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr unsigned our_machine = EM_RISCV;
#else
#error "name this machine's ELF number here"
#endif
constexpr unsigned our_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned our_data = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

template <class... A> [[noreturn]] void refuse(const std::string& file, fmt::format_string<A...> why, A&&... args) {
  throw plugin_refused(fmt::format("plugin {} refused: {}", file, fmt::format(why, std::forward<A>(args)...)));
}

std::string machine_name(unsigned machine) {
  switch (machine) {
  case EM_X86_64: return "x86-64";
  case EM_386: return "i386";
  case EM_AARCH64: return "aarch64";
  case EM_ARM: return "arm";
  case EM_RISCV: return "riscv";
  default: return fmt::format("number {}", machine);
  }
}

void refuse_if_others_write(const std::string& file) {
  if (const std::string why = why_not_trusted(file); !why.empty())
    refuse(file, "{}. It would let them run code in this server; if you trust all users, --allow-insecure-plugin", why);
}

[[noreturn]] void refuse_cut_off(const std::string& file, std::uint64_t bytes) {
  refuse(file, "it is cut off after {} bytes, expected all of its segments. Build or copy it again", bytes);
}

void check_header(const std::string& file, const Elf64_Ehdr& h, bool whole, std::uint64_t bytes) {
  if (std::memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
    refuse(file,
           "it begins with the bytes {:02x} {:02x} {:02x} {:02x}, expected 7f 45 4c 46: it is not an ELF shared "
           "object. Give "
           "the built .so, not its source or an archive",
           h.e_ident[0], h.e_ident[1], h.e_ident[2], h.e_ident[3]);
  if (!whole) refuse_cut_off(file, bytes);
  if (h.e_ident[EI_CLASS] != our_class || h.e_ident[EI_DATA] != our_data || h.e_machine != our_machine)
    refuse(file, "it was built for another machine: {} ({} bit), expected {} ({} bit). Build it for this one",
           machine_name(h.e_machine), h.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32, machine_name(our_machine),
           8 * sizeof(void*));
  if (h.e_type != ET_DYN)
    refuse(file, "its ELF type is {}, expected {} (shared object). Link it with -shared", unsigned(h.e_type),
           unsigned(ET_DYN));
}

// The dynamic linker maps what a segment says, and the first touch of what the file does not have is a SIGBUS.
void check_segments(const std::string& file, int fd, const Elf64_Ehdr& h, std::uint64_t bytes) {
  const auto within = [bytes](std::uint64_t offset, std::uint64_t len) {
    return offset <= bytes && len <= bytes - offset;
  };
  if (h.e_phentsize != sizeof(Elf64_Phdr))
    refuse(file, "its e_phentsize is {}, expected {}. Build or copy it again", h.e_phentsize, sizeof(Elf64_Phdr));
  if (!within(h.e_phoff, h.e_phnum * sizeof(Elf64_Phdr))) refuse_cut_off(file, bytes);
  for (std::size_t i = 0; i < h.e_phnum; ++i) {
    Elf64_Phdr segment{};
    if (::pread(fd, &segment, sizeof segment, static_cast<off_t>(h.e_phoff + i * sizeof segment)) != sizeof segment)
      refuse_cut_off(file, bytes);
    if (segment.p_type == PT_LOAD && !within(segment.p_offset, segment.p_filesz)) refuse_cut_off(file, bytes);
  }
}

} // namespace

std::string check_plugin_file(const std::string& file, bool allow_insecure) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(file.c_str(), nullptr), &std::free);
  if (!real) refuse(file, "{}. Check the path and the rights on it", std::strerror(errno));
  const std::string path = real.get();
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) refuse(file, "{}", std::strerror(errno));
  if (!S_ISREG(s.st_mode))
    refuse(file, "it is {}, expected a regular file", net::kind_of(s.st_mode));
  if (!allow_insecure) refuse_if_others_write(file);
  std::string fault;
  const net::unique_fd fd = net::open_named_file(path, fault);
  if (!fd) refuse(file, "it {}", fault);
  Elf64_Ehdr header{};
  const ssize_t n = ::pread(fd.get(), &header, sizeof header, 0);
  if (n < SELFMAG) refuse(file, "it has {} bytes: it is not an ELF shared object. Give the built .so", s.st_size);
  const auto bytes = static_cast<std::uint64_t>(s.st_size);
  check_header(file, header, n == ssize_t(sizeof header), bytes);
  check_segments(file, fd.get(), header, bytes);
  return path;
}

} // namespace epollhost
