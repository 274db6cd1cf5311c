// Distributed under the Boost Software License, Version 1.0.
// Asks addr2line, where it is installed, for files and lines.
#ifndef EPOLLHOST_MASTER_ADDR2LINE_HPP
#define EPOLLHOST_MASTER_ADDR2LINE_HPP

#include <cstdint>
#include <string>
#include <vector>

namespace epollhost::master {

/// "parser.cpp:120" for each address of an ELF file with DWARF; empty where it doesn't know, and nothing at all
/// without the program. Waits for it. For a child process only: it must inherit `fd`, so that is not closed on exec any
/// more.
std::vector<std::string> addr2line(int fd, const std::vector<std::uint64_t>& addresses);

} // namespace epollhost::master

#endif
