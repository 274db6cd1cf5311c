// Distributed under the Boost Software License, Version 1.0.
// A plugin whose coroutine is a function of the test.
#ifndef EPOLLHOST_TEST_ASYNC_SCRIPTED_HPP
#define EPOLLHOST_TEST_ASYNC_SCRIPTED_HPP

#include "fake_host.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace epollhost::test {

/// Lives as long as a coroutine's frame; counts the living.
class witness {
public:
  witness() { ++alive; }
  witness(const witness&) { ++alive; }
  ~witness() { --alive; }
  static inline int alive = 0;
};

struct scripted {
  static constexpr auto about = epollhost::about{"scripted", "1.0.0", "does what the test says", ":0"};
  static inline std::function<task<>(stream)> body;
  static inline std::function<task<>()> body_of_instance;

  task<> serve(stream peer) { return body(std::move(peer)); }
  task<> run() {
    if (body_of_instance) co_await body_of_instance();
  }
};

/// A fake_host whose connections are served by `body`. Fails the test if a frame outlives it.
class scene : public fake_host {
public:
  explicit scene(std::function<task<>(stream)> body, std::function<task<>()> of_instance = {})
      : fake_host((scripted::body = std::move(body), scripted::body_of_instance = std::move(of_instance),
                   detail::plugin_table<scripted>)) {}
};

/// Bytes whose every position can be told from the next.
inline std::string numbered(std::size_t bytes) {
  std::string s(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) s[i] = static_cast<char>(i * 131 + i / 251);
  return s;
}

} // namespace epollhost::test

#endif
