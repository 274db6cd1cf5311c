// What libFuzzer calls with each input: the plugin has to answer the same whether the input comes whole or in two pieces,
// and to break no rule of the host.
#include <epollhost/testing.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace testing = epollhost::testing;

// The first byte says where to cut the others.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) try {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const std::size_t cut = input.size() * bytes[0] / 256;
  const testing::plugin plugin(epollhost_plugin);
  const testing::outcome whole = testing::converse(plugin, {input}, {.finish = true});
  const testing::outcome parts = testing::converse(plugin, {input.substr(0, cut), input.substr(cut)}, {.finish = true});
  if (whole.received == parts.received && whole.ended == parts.ended) return 0;
  std::fprintf(stderr, "cut after byte %zu, the answer is another:\n%s", cut,
               testing::difference(whole.received, parts.received).c_str());
  std::abort();
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  std::abort();
}
