// Distributed under the Boost Software License, Version 1.0.
// What became of the requests.
#include "outcomes.hpp"

namespace load {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

} // namespace

void outcomes::fail(outcome what, const std::string& why, std::uint64_t n) {
  count(what, n);
  if (problem_.empty()) problem_ = std::string(names[static_cast<std::size_t>(what)]) + ": " + why;
}

std::string outcomes::json(bool ready, double seconds) const {
  std::string out = "{";
  for (std::size_t i = 0; i < names.size(); ++i) out += quoted(names[i]) + ":" + std::to_string(counts_[i]) + ",";
  out += "\"versions\":{";
  for (const char* comma = ""; const auto& [version, n] : versions_) {
    out += comma + quoted(version) + ":" + std::to_string(n);
    comma = ",";
  }
  out += "},\"ready\":";
  out += ready ? "true" : "false";
  return out + ",\"seconds\":" + std::to_string(seconds) + ",\"problem\":" + quoted(problem_) + "}";
}

} // namespace load
