// Distributed under the Boost Software License, Version 1.0.
// Guesses which known word was meant by an unknown one.
#include "cli/suggestion.hpp"

#include "cli/text.hpp"

#include <algorithm>
#include <numeric>

namespace epollhost::cli {
namespace {

// Longer words are not worth the square of their length.
constexpr std::size_t word_bytes_max = 64;

std::string folded(std::string_view word) {
  std::string out = lower(word);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

// The number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

bool is_part(std::string_view word, std::string_view known) {
  return ("-" + std::string(known) + "-").find("-" + std::string(word) + "-") != std::string::npos;
}

// Smaller is nearer; above `far` it is no suggestion.
std::size_t rank(std::string_view word, std::string_view known, std::size_t far) {
  const std::size_t edits = distance(word, known);
  if (edits <= far) return edits;
  if (word.size() >= 3 && (known.starts_with(word) || is_part(word, known))) return far;
  return far + 1;
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > word_bytes_max) return {};
  const std::string want = folded(word);
  const std::size_t far = std::max<std::size_t>(1, want.size() / 3);
  std::string best;
  std::size_t best_rank = far + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > word_bytes_max) continue;
    const std::size_t r = rank(want, folded(candidate), far);
    if (r < best_rank) best_rank = r, best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view prefix) {
  const std::string found = nearest(word, known);
  return found.empty() ? std::string() : "; did you mean \"" + std::string(prefix) + found + "\"?";
}

} // namespace epollhost::cli
