// Distributed under the Boost Software License, Version 1.0.
// What an answer says of a file.

#ifndef EPOLLHOST_PLUGINS_FILES_ENTITY_HPP
#define EPOLLHOST_PLUGINS_FILES_ENTITY_HPP

#include <epollhost/http/date.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace files {

/// The validators of one file, as text. A file that is written anew has another time, one that is put in its place
/// another number, and what sets its time back another time of change of its record: so each version has its own tag.
class entity {
public:
  /// `now_s` is the time of the answer, as its Date has it. No answer says that its file is younger than that (RFC 9110
  /// section 8.8.2.1).
  entity(const struct stat& about, std::int64_t now_s) noexcept
      : bytes_{static_cast<std::uint64_t>(about.st_size)},
        modified_s_{std::min<std::int64_t>(about.st_mtim.tv_sec, now_s)} {
    char* at = etag_.data();
    *at++ = '"';
    const auto number = [&](std::uint64_t part) {
      at = std::to_chars(at, etag_.data() + etag_.size(), part, 16).ptr;
      *at++ = '-';
    };
    number(time_of(about.st_mtim));
    number(bytes_);
    number(time_of(about.st_ctim) ^ mixed(static_cast<std::uint64_t>(about.st_ino)));
    at[-1] = '"';
    etag_size_ = static_cast<std::size_t>(at - etag_.data());
    epollhost::http::write_date(modified_.data(), modified_s_);
  }

  std::uint64_t bytes() const noexcept { return bytes_; }
  std::int64_t modified_s() const noexcept { return modified_s_; }
  std::string_view etag() const noexcept { return {etag_.data(), etag_size_}; }
  std::string_view modified() const noexcept { return {modified_.data(), modified_.size()}; }

private:
  static std::uint64_t time_of(const timespec& at) noexcept {
    return static_cast<std::uint64_t>(at.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(at.tv_nsec);
  }

  /// So that a time and a number that change together do not cancel out. Source: the finaliser of splitmix64.
  static std::uint64_t mixed(std::uint64_t n) noexcept {
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 27) * 0x94d049bb133111ebu;
    return n ^ n >> 31;
  }

  std::uint64_t bytes_;
  std::int64_t modified_s_;
  std::size_t etag_size_;
  std::array<char, 3 * 17 + 1> etag_; ///< three numbers of 16 digits at most, what parts them, and the quotes
  std::array<char, epollhost::http::date_bytes> modified_;
};

} // namespace files

#endif
