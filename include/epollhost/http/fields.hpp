// Distributed under the Boost Software License, Version 1.0.
// The field lines of a head or of a trailer section, as views. Plugins may include this.

#ifndef EPOLLHOST_HTTP_FIELDS_HPP
#define EPOLLHOST_HTTP_FIELDS_HPP

#include <epollhost/http/limits.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace epollhost::http {

/// One field line: the name as sent, the value without the white space around it.
struct field {
  std::string_view name;
  std::string_view value;
};

/// View the field lines of one message in their order.
/// Owns places, not bytes: everything seen through it dies with the input bytes it was parsed from, for a plugin at the
/// return of the hook. Never allocates. Its 2 KiB are not initialised, so making one costs nothing.
class fields {
public:
  class iterator {
  public:
    using value_type = field;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = const field*;
    using reference = field;

    iterator() = default;
    iterator(const fields& owner, std::size_t index) noexcept : owner_{&owner}, index_{index} {}
    field operator*() const noexcept { return (*owner_)[index_]; }
    iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    iterator operator++(int) noexcept {
      iterator before = *this;
      ++index_;
      return before;
    }
    bool operator==(const iterator& other) const noexcept { return index_ == other.index_; }

  private:
    const fields* owner_ = nullptr;
    std::size_t index_ = 0;
  };

  fields() noexcept {} // leaves the places uninitialised on purpose

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  iterator begin() const noexcept { return {*this, 0}; }
  iterator end() const noexcept { return {*this, size_}; }

  field operator[](std::size_t index) const noexcept {
    const place& at = places_[index];
    return {{bytes_ + at.name, at.name_size}, {bytes_ + at.value, at.value_size}};
  }

  /// Return the value of the first field of this name, in any case of letters (RFC 9110 section 5.1); nothing if there
  /// is none. A field that was sent without a value gives an empty view.
  std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < size_; ++i)
      if (same_name(places_[i], name)) return (*this)[i].value;
    return std::nullopt;
  }

  /// Return how many field lines have this name, in any case of letters.
  std::size_t count(std::string_view name) const noexcept {
    std::size_t found = 0;
    for (std::size_t i = 0; i < size_; ++i) found += same_name(places_[i], name);
    return found;
  }

  /// Return the bytes that places are relative to.
  const char* base() const noexcept { return bytes_; }

  /// Forget everything, and take places relative to these bytes from now on.
  void reset(const char* bytes) noexcept {
    bytes_ = bytes;
    size_ = 0;
  }

  /// Append one line; the caller has checked that there is room. The pointers are into the bytes given to `reset`.
  void push(const char* name, std::size_t name_size, const char* value, std::size_t value_size) noexcept {
    places_[size_++] = {static_cast<std::uint32_t>(name - bytes_), static_cast<std::uint32_t>(name_size),
                        static_cast<std::uint32_t>(value - bytes_), static_cast<std::uint32_t>(value_size)};
  }

  /// The same for the line of this index; `resize` says at the end how many there are. For a parser that counts itself.
  void put(std::size_t index, const char* name, std::size_t name_size, const char* value, std::size_t value_size,
           const char* bytes) noexcept {
    places_[index] = {static_cast<std::uint32_t>(name - bytes), static_cast<std::uint32_t>(name_size),
                      static_cast<std::uint32_t>(value - bytes), static_cast<std::uint32_t>(value_size)};
  }
  void resize(std::size_t size) noexcept { size_ = static_cast<std::uint32_t>(size); }

private:
  struct place {
    std::uint32_t name, name_size, value, value_size;
  };

  static constexpr char folded(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

  bool same_name(const place& at, std::string_view name) const noexcept {
    if (at.name_size != name.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i)
      if (folded(bytes_[at.name + i]) != folded(name[i])) return false;
    return true;
  }

  const char* bytes_;
  std::uint32_t size_ = 0;
  std::array<place, fields_capacity> places_;
};

} // namespace epollhost::http

#endif
