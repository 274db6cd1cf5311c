// Distributed under the Boost Software License, Version 1.0.
// How a recording is written down: frames, and the numbers and texts in them.
#include "worker/record_format.hpp"

#include <boost/crc.hpp>

#include <utility>

namespace epollhost::record {
namespace {

constexpr unsigned bits_a_byte = 7, more = 0x80;

void put_number(std::string& to, std::uint64_t n) {
  for (; n >= more; n >>= bits_a_byte) to.push_back(static_cast<char>(n | more));
  to.push_back(static_cast<char>(n));
}

} // namespace

std::uint32_t checksum(std::string_view content) {
  boost::crc_32_type crc;
  crc.process_bytes(content.data(), content.size());
  return crc.checksum();
}

// ---- writing

writer& writer::begin(kind k) {
  content_.assign(1, static_cast<char>(k));
  return *this;
}

writer& writer::number(std::uint64_t n) { return put_number(content_, n), *this; }

writer& writer::signed_number(std::int64_t n) {
  return number(static_cast<std::uint64_t>(n) << 1 ^ static_cast<std::uint64_t>(n >> 63));
}

writer& writer::text(std::string_view t) { return number(t.size()).rest(t); }
writer& writer::rest(std::string_view t) { return content_.append(t), *this; }

writer& writer::address(const net::endpoint& e) { return text({reinterpret_cast<const char*>(&e.storage), e.size}); }

void writer::end() {
  put_number(to_, content_.size());
  to_ += content_;
  const std::uint32_t sum = checksum(content_);
  for (std::size_t i = 0; i < checksum_bytes; ++i) to_.push_back(static_cast<char>(sum >> 8 * i));
}

// ---- reading

std::optional<std::uint64_t> fields::number() {
  std::uint64_t n = 0;
  for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += bits_a_byte) {
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    if (shift == 63 && byte > 1) return {}; // it has more than 64 bits
    n |= std::uint64_t(byte & (more - 1)) << shift;
    if (!(byte & more)) return n;
  }
  return {};
}

std::optional<std::int64_t> fields::signed_number() {
  const auto n = number();
  if (!n) return {};
  return static_cast<std::int64_t>(*n >> 1 ^ (0 - (*n & 1)));
}

std::optional<std::string_view> fields::text() {
  const auto size = number();
  if (!size || *size > left_.size()) return {};
  const std::string_view out = left_.substr(0, static_cast<std::size_t>(*size));
  left_.remove_prefix(out.size());
  return out;
}

std::optional<net::endpoint> fields::address() {
  const auto bytes = text();
  return bytes ? net::to_endpoint(*bytes) : std::nullopt;
}

std::string_view fields::rest() { return std::exchange(left_, {}); }

} // namespace epollhost::record
