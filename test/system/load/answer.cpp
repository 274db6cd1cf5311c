// Distributed under the Boost Software License, Version 1.0.
// Reads HTTP answers, and looks at every byte of their content.
#include "answer.hpp"

#include "campaign.hpp"

#include <algorithm>
#include <charconv>

namespace load {
namespace {

constexpr std::size_t head_max = 16384;

// The value of a field; the server under test writes one space behind the colon.
std::string_view field(std::string_view head, std::string_view name) {
  const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
  if (at == head.npos) return {};
  head.remove_prefix(at + name.size() + 4);
  return head.substr(0, head.find("\r\n"));
}

} // namespace

std::size_t answer::take(std::string_view bytes) {
  std::size_t used = 0;
  while (!head_done_ && used < bytes.size() && wrong_.empty()) {
    head_ += bytes[used++];
    if (head_.ends_with("\r\n\r\n")) read_head();
    if (head_.size() > head_max) wrong_ = "a head without an end";
  }
  while (head_done_ && seen_ < length_ && used < bytes.size() && wrong_.empty()) {
    if (bytes[used] != pattern(seen_)) wrong_ = "another byte at " + std::to_string(seen_) + " of the content";
    ++seen_, ++used;
  }
  return used;
}

void answer::read_head() {
  head_done_ = true;
  const std::string_view head = head_;
  if (!head.starts_with("HTTP/1.1 200 ")) wrong_ = head_.substr(0, head_.find('\r'));
  const std::string_view length = field(head, "Content-Length");
  const auto [end, ec] = std::from_chars(length.data(), length.data() + length.size(), length_);
  if (wrong_.empty() && (ec != std::errc() || length_ != expected_))
    wrong_ = "Content-Length " + std::string(length) + ", expected " + std::to_string(expected_);
  closes_ = field(head, "Connection") == "close";
  version_ = field(head, "X-Version");
}

} // namespace load
