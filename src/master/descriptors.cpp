// Distributed under the Boost Software License, Version 1.0.
// What the master's processes ask of descriptors, whatever they are.
#include "master/descriptors.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstring>

namespace epollhost::master {
namespace {

// Where neither close_range(2) nor /proc tells: limits above this are common, descriptors above it are not.
constexpr rlim_t looked_at_max = 65536;

// What /proc says is open; empty if it does not say.
std::vector<int> listed_descriptors() {
  std::vector<int> out;
  DIR* const folder = ::opendir("/proc/self/fd");
  if (!folder) return out;
  while (const dirent* const entry = ::readdir(folder)) {
    int fd = -1;
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, fd).ptr == end && fd != ::dirfd(folder)) out.push_back(fd);
  }
  ::closedir(folder);
  return out;
}

// An old kernel, or a sandbox that doesn't know close_range(2).
void close_one_by_one(const std::vector<int>& kept) {
  const auto close_unless_kept = [&](int fd) {
    if (!std::binary_search(kept.begin(), kept.end(), fd)) ::close(fd); // may be closed: EBADF
  };
  const std::vector<int> open = listed_descriptors();
  for (const int fd : open) close_unless_kept(fd);
  if (!open.empty()) return;
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) != 0) most.rlim_cur = looked_at_max;
  for (rlim_t fd = 0; fd < std::min(most.rlim_cur, looked_at_max); ++fd) close_unless_kept(int(fd));
}

} // namespace

void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned first = 0;
  const auto close_below = [&](unsigned end) { return first >= end || ::close_range(first, end - 1, 0) == 0; };
  for (const int fd : kept) {
    if (fd < 0 || unsigned(fd) < first) continue;
    if (!close_below(unsigned(fd))) return close_one_by_one(kept);
    first = unsigned(fd) + 1;
  }
  if (::close_range(first, UINT_MAX, 0) != 0) close_one_by_one(kept);
}

bool is_socket(int fd) {
  struct stat s {};
  return ::fstat(fd, &s) == 0 && S_ISSOCK(s.st_mode);
}

} // namespace epollhost::master
