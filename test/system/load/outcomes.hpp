// Distributed under the Boost Software License, Version 1.0.
// What became of the requests.
#ifndef EPOLLHOST_TEST_LOAD_OUTCOMES_HPP
#define EPOLLHOST_TEST_LOAD_OUTCOMES_HPP

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace load {

/// How a request, or a connection, has ended. All from `lost` on are failures.
enum class outcome {
  answered,    ///< completely, every byte as expected
  connected,   ///< a connection was made
  closed_idle, ///< the server has closed a connection on which nothing was asked
  told_close,  ///< the server has said `Connection: close`
  unasked,     ///< behind a `Connection: close`: by the protocol to be sent again, elsewhere
  lost,        ///< sent, and closed by the server before any byte of its answer
  cut,         ///< closed by the server within its answer
  reset,       ///< ECONNRESET or EPIPE
  refused,     ///< ECONNREFUSED, or no such socket
  timeout,     ///< no whole answer in time
  wrong        ///< bytes that are not those of the answer
};

class outcomes {
public:
  static constexpr std::array<std::string_view, 11> names{"answered", "connected", "closed_idle", "told_close",
                                                          "unasked",  "lost",      "cut",         "reset",
                                                          "refused",  "timeout",   "wrong"};

  void count(outcome what, std::uint64_t n = 1) { counts_[static_cast<std::size_t>(what)] += n; }
  std::uint64_t operator[](outcome what) const { return counts_[static_cast<std::size_t>(what)]; }
  void saw_version(const std::string& version) { ++versions_[version]; }

  /// Remembers the first failure for whoever looks for its cause.
  void fail(outcome what, const std::string& why, std::uint64_t n = 1);

  /// One line of JSON. `ready`: every client has had an answer.
  std::string json(bool ready, double seconds) const;

private:
  std::array<std::uint64_t, names.size()> counts_{};
  std::map<std::string, std::uint64_t> versions_;
  std::string problem_;
};

} // namespace load

#endif
