// Distributed under the Boost Software License, Version 1.0.
// What an answer says of a file.

#ifndef EPOLLHOST_PLUGINS_FILES_ENTITY_HPP
#define EPOLLHOST_PLUGINS_FILES_ENTITY_HPP

#include <epollhost/http/date.hpp>

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace files {

/// The validators of one file, as text. A file that is written anew has another time, one that is put in its place
/// another number: so each version has its own tag.
class entity {
public:
  explicit entity(const struct stat& about) noexcept
      : bytes_{static_cast<std::uint64_t>(about.st_size)}, modified_s_{about.st_mtim.tv_sec} {
    char* at = etag_.data();
    *at++ = '"';
    const auto time = static_cast<std::uint64_t>(about.st_mtim.tv_sec) * 1'000'000'000 +
                      static_cast<std::uint64_t>(about.st_mtim.tv_nsec);
    for (const std::uint64_t part : {time, bytes_, static_cast<std::uint64_t>(about.st_ino)}) {
      at = std::to_chars(at, etag_.data() + etag_.size(), part, 16).ptr;
      *at++ = '-';
    }
    at[-1] = '"';
    etag_size_ = static_cast<std::size_t>(at - etag_.data());
    epollhost::http::write_date(modified_.data(), modified_s_);
  }

  std::uint64_t bytes() const noexcept { return bytes_; }
  std::int64_t modified_s() const noexcept { return modified_s_; }
  std::string_view etag() const noexcept { return {etag_.data(), etag_size_}; }
  std::string_view modified() const noexcept { return {modified_.data(), modified_.size()}; }

private:
  std::uint64_t bytes_;
  std::int64_t modified_s_;
  std::size_t etag_size_;
  std::array<char, 3 * 17 + 1> etag_; ///< three numbers of 16 digits at most, what parts them, and the quotes
  std::array<char, epollhost::http::date_bytes> modified_;
};

} // namespace files

#endif
