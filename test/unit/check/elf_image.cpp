// Distributed under the Boost Software License, Version 1.0.
// Tests that any bytes may be given for a plugin's file.
#include "check/elf_image.hpp"

#include "support/watch.hpp"

#include <epollhost/testing/detail/guarded.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

using epollhost::check::elf_image;
using epollhost::testing::detail::guarded_block;

namespace {

std::string probe_bytes() {
  std::ifstream file(epollhost::test::argument("probe.so"), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// All that can be asked; the bytes end at a page that nobody may touch.
std::size_t ask_everything(std::string_view bytes) {
  guarded_block block(bytes.size());
  bytes.copy(block.data(), bytes.size());
  const elf_image image({block.data(), bytes.size()});
  std::size_t n = image.symbols().size() + image.versions().size() + image.constructors().size();
  for (const auto tag : {DT_NEEDED, DT_RPATH, DT_RUNPATH}) n += image.texts(tag).size();
  return n + image.value(DT_FLAGS) + image.has(DT_TEXTREL) + image.has_executable_stack() +
         image.has_section(".debug_line");
}

} // namespace

BOOST_AUTO_TEST_SUITE(elf_image_)

BOOST_AUTO_TEST_CASE(knows_what_a_plugin_has) {
  const std::string bytes = probe_bytes();
  const elf_image image(bytes);
  const auto symbols = image.symbols();
  const auto has = [&](std::string_view name) {
    return std::any_of(symbols.begin(), symbols.end(), [&](const auto& s) { return s.defined && s.name == name; });
  };
  BOOST_TEST(has("epollhost_plugin"));
  BOOST_TEST(has("probe_tables"));
  BOOST_TEST(!has("open"));
  BOOST_TEST(!image.has_executable_stack());
  BOOST_TEST(image.has_section(".dynsym"));
  BOOST_TEST(image.constructors().size() >= 1u);
}

BOOST_AUTO_TEST_CASE(takes_a_file_that_is_cut_anywhere) {
  const std::string bytes = probe_bytes();
  for (std::size_t len = 0; len < bytes.size(); len += len < 1024 ? 1 : 97)
    ask_everything(std::string_view(bytes).substr(0, len));
  BOOST_TEST(ask_everything(bytes) > 3u);
}

BOOST_AUTO_TEST_CASE(takes_any_bytes_within_a_file) {
  const std::string good = probe_bytes();
  std::mt19937 random(20);
  for (int i = 0; i < 400; ++i) {
    std::string bytes = good;
    // The tables lie in the first and the last part; a number there may become very large.
    for (unsigned n = 1 + random() % 40; n > 0; --n) {
      const std::size_t at = random() % 3 == 0 ? random() % bytes.size() : random() % 4096;
      bytes[at % bytes.size()] = static_cast<char>(random() % 4 == 0 ? 0xff : random());
    }
    ask_everything(bytes);
  }
  BOOST_TEST(good.size() > 4096u);
}

BOOST_AUTO_TEST_CASE(finds_nothing_in_what_is_no_elf) {
  BOOST_TEST(ask_everything("") == 0u);
  BOOST_TEST(ask_everything(std::string(5000, 'x')) == 0u);
  BOOST_TEST(ask_everything("\x7f"
                            "ELF") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
