// Distributed under the Boost Software License, Version 1.0.
// Reads HTTP answers, and looks at every byte of their content.
#ifndef EPOLLHOST_TEST_LOAD_ANSWER_HPP
#define EPOLLHOST_TEST_LOAD_ANSWER_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

/// One answer, as it comes. Only what the tests' plugin answers is right: status 200, Content-Length, the pattern.
class answer {
public:
  explicit answer(std::uint64_t expected) : expected_(expected) {}

  /// Take bytes; how many belonged to this answer.
  std::size_t take(std::string_view bytes);

  bool begun() const { return !head_.empty(); }
  bool complete() const { return head_done_ && seen_ == length_; }
  bool closes() const { return closes_; }
  const std::string& version() const { return version_; }

  /// Empty, or what was wrong with it.
  const std::string& wrong() const { return wrong_; }

private:
  void read_head();

  std::uint64_t expected_;
  std::string head_, version_, wrong_;
  std::uint64_t length_ = 0, seen_ = 0;
  bool head_done_ = false, closes_ = false;
};

} // namespace load

#endif
