// Distributed under the Boost Software License, Version 1.0.
// Values as bytes, between processes of one host.
#ifndef EPOLLHOST_MASTER_ARCHIVE_HPP
#define EPOLLHOST_MASTER_ARCHIVE_HPP

#include "worker/plugin_description.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace epollhost::master {

/// Writes values one behind the other.
class archive_writer {
public:
  template <class T>
  requires std::is_trivially_copyable_v<T> archive_writer& put(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  archive_writer& put(const std::string& text) {
    put(static_cast<std::uint64_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

private:
  std::string bytes_;
};

/// Reads them in the same order. Throws runtime_error where the bytes end too soon, or are none of such a value: the
/// writer may have died, or scribbled.
class archive_reader {
public:
  explicit archive_reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T get() {
    if constexpr (std::is_same_v<T, bool>) { // any other byte would be neither true nor false
      const auto byte = get<std::uint8_t>();
      if (byte > 1) throw std::runtime_error("an archive is damaged");
      return byte == 1;
    }
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(get<std::uint64_t>())); }
  bool empty() const { return bytes_.empty(); }

private:
  std::string_view take(std::uint64_t len) {
    if (len > bytes_.size()) throw std::runtime_error("an archive is cut off");
    const std::string_view out = bytes_.substr(0, len);
    bytes_.remove_prefix(len);
    return out;
  }

  std::string_view bytes_;
};

void put(archive_writer& to, const plugin_description& d);
plugin_description get_description(archive_reader& from);

} // namespace epollhost::master

#endif
