// Distributed under the Boost Software License, Version 1.0.
// What the symbolizer's child does: read the modules' files, say what it finds.
#include "master/symbolize.hpp"

#include "master/addr2line.hpp"
#include "master/crash_report.hpp"
#include "master/elf_symbols.hpp"
#include "net/unique_fd.hpp"

#include <cxxabi.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace epollhost::master {
namespace {

constexpr std::size_t function_bytes_max = 500; // a template's name may fill pages

std::string demangle(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> out(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                        &std::free);
  std::string text = status == 0 ? out.get() : name;
  if (text.size() > function_bytes_max) text.replace(function_bytes_max, std::string::npos, "...");
  return text;
}

// A name from the record may be any file: no device is opened, for opening one may do something.
net::unique_fd open_by_name(const crash_module& m) {
  struct stat s {};
  if (m.name[0] != '/' || ::stat(m.name, &s) != 0 || !S_ISREG(s.st_mode)) return {};
  return net::unique_fd(::open(m.name, O_RDONLY | O_NONBLOCK | O_NOCTTY));
}

bool is_same(const elf_symbols& file, const crash_module& m) {
  return file.build_id() == std::string_view(reinterpret_cast<const char*>(m.build_id), m.build_id_size);
}

// The module's own file. Where its name stands for another one by now it may be the program, which was replaced.
net::unique_fd open_module(const crash_module& m, const symbolizer_options& options) {
  net::unique_fd fd =
      is_plugin(m) && options.plugin_fd >= 0 ? net::unique_fd(::dup(options.plugin_fd)) : open_by_name(m);
  if (fd && is_same(elf_symbols(fd.get()), m)) return fd;
  fd.reset(options.program_fd >= 0 ? ::dup(options.program_fd) : ::open("/proc/self/exe", O_RDONLY));
  return fd && is_same(elf_symbols(fd.get()), m) ? std::move(fd) : net::unique_fd();
}

// Where a stripped module has its symbols: beside it, as `b2 install` puts them, or where distributions do.
std::vector<std::string> debug_files(const crash_module& m, const std::string& build_id) {
  std::vector<std::string> files;
  const std::string_view path = m.name;
  if (const auto slash = path.rfind('/'); slash != path.npos && path[0] == '/')
    files.push_back(fmt::format("{}/.debug/{}.debug", path.substr(0, slash), path.substr(slash + 1)));
  std::string hex;
  for (const char c : build_id) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  if (hex.size() > 2) files.push_back(fmt::format("/usr/lib/debug/.build-id/{}/{}.debug", hex.substr(0, 2), hex.substr(2)));
  return files;
}

net::unique_fd open_debug_file(const crash_module& m, const elf_symbols& stripped) {
  for (const std::string& name : debug_files(m, stripped.build_id())) {
    net::unique_fd fd(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
    struct stat s {};
    if (fd && ::fstat(fd.get(), &s) == 0 && S_ISREG(s.st_mode) && is_same(elf_symbols(fd.get()), m)) return fd;
  }
  return {};
}

// The address to look up: a return address points behind the call, which may be the next function already.
std::uint64_t lookup_address(const crash_record& r, std::uint32_t i) {
  const std::uint64_t offset = r.frames[i].offset;
  return i == 0 || offset == 0 ? offset : offset - 1;
}

void say(int to, std::uint32_t i, std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  const std::string line = fmt::format("{} {}\n", i, text);
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t n = ::write(to, line.data() + at, line.size() - at);
    if (n < 0 && errno != EINTR) return; // the master has what it wants
    if (n > 0) at += std::size_t(n);
  }
}

struct named_frame {
  std::uint32_t index;
  std::uint64_t address;
  std::string text;
};

std::vector<named_frame> name_functions(const crash_record& r, std::uint32_t module, const elf_symbols& file,
                                        const std::string& plugin) {
  std::vector<named_frame> frames;
  for (std::uint32_t i = 0; i < r.frame_count; ++i) {
    if (r.frames[i].module != module) continue;
    const std::uint64_t address = lookup_address(r, i), offset = r.frames[i].offset;
    const std::string name = shown_name(r.modules[module], plugin);
    if (const auto f = file.at(address))
      frames.push_back(
          {i, address, fmt::format("#{} {}!{}+{:#x}", i, name, demangle(f->name), f->offset + (offset - address))});
    else
      frames.push_back({i, address, fmt::format("#{} {}+{:#x}", i, name, offset)});
  }
  return frames;
}

void name_lines(const std::vector<named_frame>& frames, int fd, int to) {
  std::vector<std::uint64_t> addresses;
  for (const named_frame& f : frames) addresses.push_back(f.address);
  const std::vector<std::string> lines = addr2line(fd, addresses);
  for (std::size_t i = 0; i < lines.size() && i < frames.size(); ++i)
    if (!lines[i].empty()) say(to, frames[i].index, fmt::format("{} ({})", frames[i].text, lines[i]));
}

} // namespace

void symbolize(const crash_record& r, const symbolizer_options& options, int to) {
  struct found {
    net::unique_fd fd;
    std::vector<named_frame> frames;
  };
  std::vector<found> with_lines;
  for (std::uint32_t m = 0; m < r.module_count; ++m) {
    net::unique_fd fd = open_module(r.modules[m], options);
    if (!fd) continue;
    elf_symbols file(fd.get());
    if (!file.has_section(".symtab"))
      if (net::unique_fd debug = open_debug_file(r.modules[m], file)) {
        fd = std::move(debug);
        file = elf_symbols(fd.get());
      }
    auto frames = name_functions(r, m, file, options.plugin_name);
    for (const named_frame& f : frames) say(to, f.index, f.text);
    if (file.has_section(".debug_line")) with_lines.push_back({std::move(fd), std::move(frames)});
  }
  for (const found& f : with_lines) name_lines(f.frames, f.fd.get(), to);
}

} // namespace epollhost::master
