// Distributed under the Boost Software License, Version 1.0.
// Loads tables that a plugin could export: each is refused with a reason, or gives options of which every default could
// have been written by the user.
//
// An input is a list of choices, in the order in which the table is filled: 0 for a field as it should be, 1 for an odd
// one, whose bytes follow. Where it ends all that is left is as it should be. Each table lies in memory of just the
// size that it claims, so that the sanitizer sees a read past it.

#include "round_trip.hpp"
#include "target.hpp"

#include "cli/help.hpp"
#include "worker/hook_table.hpp"
#include "worker/plugin_refused.hpp"
#include "worker/plugin_table.hpp"

#include <algorithm>
#include <cstring>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace fuzz {
namespace {

using namespace epollhost;

constexpr std::uint32_t size_max = 512; // a table that claims more than there is cannot be found out
constexpr std::uint32_t options_max = 4;

class table_maker {
public:
  explicit table_maker(std::string_view input) : input_(input) {}

  const eh_plugin& make() {
    eh_plugin t{};
    t.size = size(sizeof t, 16); // the first 16 bytes are there in every version
    t.abi_major = number(std::uint16_t(EH_ABI_MAJOR));
    t.host_minor_needed = number(t.host_minor_needed);
    t.option_size = size(sizeof(eh_option), 0);
    t.option_count = take() % (options_max + 1);
    t.flags = number(t.flags);
    t.name = text("fuzzed");
    t.version = text("1.0");
    t.summary = text("a table");
    t.listen = text(":0");
    t.socket = pointer<eh_socket>([&] { return socket(); });
    t.options = options(t);
    t.instance = pointer<eh_instance>([&] { return instance(); });
    t.hooks = pointer<eh_hooks>([&] { return hooks(); });
    return *place(&t, 1, sizeof t, t.size);
  }

private:
  unsigned char take() {
    if (input_.empty()) return 0;
    const char c = input_[0];
    input_.remove_prefix(1);
    return static_cast<unsigned char>(c);
  }

  template <class T> T number(T usual) {
    if (take() == 0) return usual;
    const std::string_view bytes = input_.substr(0, sizeof usual);
    std::memcpy(&usual, bytes.data(), bytes.size());
    input_.remove_prefix(bytes.size());
    return usual;
  }

  std::uint32_t size(std::size_t usual, std::size_t least) {
    const auto n = number(static_cast<std::uint32_t>(usual));
    return std::max<std::uint32_t>(n == usual ? n : n % size_max, static_cast<std::uint32_t>(least));
  }

  /// 1: none; else one of so many bytes.
  const char* text(const char* usual, std::size_t* size = nullptr) {
    const std::size_t kind = take();
    if (kind < 2) return kind == 0 ? usual : nullptr;
    texts_.emplace_back(input_.substr(0, kind - 2));
    input_.remove_prefix(texts_.back().size());
    if (size) *size = texts_.back().size();
    return texts_.back().c_str();
  }

  template <class T> const T* place(const T* from, std::size_t count, std::size_t stride, std::size_t bytes) {
    memory_.push_back(std::make_unique<char[]>(bytes));
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = i * stride;
      std::memcpy(memory_.back().get() + at, from + i, std::min({sizeof(T), bytes - at, stride}));
    }
    return reinterpret_cast<const T*>(memory_.back().get());
  }

  template <class T, class Fill> const T* pointer(Fill fill) {
    if (take() == 1) return nullptr;
    const T t = fill();
    return place(&t, 1, sizeof t, t.size);
  }

  eh_socket socket() {
    eh_socket s{size(sizeof(eh_socket), 4), -1, -1, -1};
    for (std::int32_t* field : {&s.nodelay, &s.cork, &s.write_policy}) *field = number(*field);
    return s;
  }

  eh_instance instance() {
    eh_instance i{};
    i.size = size(sizeof i, 4);
    if (take() == 0) i.stop = [](void*) {};
    return i;
  }

  eh_hooks hooks() {
    eh_hooks h{};
    h.size = size(sizeof h, 4);
    h.flags = number(h.flags);
    h.state_size = number(h.state_size);
    h.state_align = number(h.state_align);
    if (take() == 0) h.data = [](void*, void*, eh_io*) -> eh_next { return EH_KEEP; };
    return h;
  }

  eh_value value(std::uint32_t type) {
    eh_value v{};
    v.integer = number(v.integer);
    v.real = number(v.real);
    std::size_t size = 0;
    v.text = text(type == EH_CHOICE ? "a" : nullptr, &size);
    v.text_len = static_cast<decltype(v.text_len)>(size);
    return v;
  }

  const eh_option* options(const eh_plugin& of) {
    std::vector<eh_option> all;
    for (std::uint32_t i = 0; i < of.option_count; ++i) {
      names_.push_back("option-" + std::to_string(i));
      eh_option o{};
      o.type = take() % 16;
      o.flags = number(o.flags);
      o.name = text(names_.back().c_str());
      o.help = text("helps");
      o.choices = text("a|b");
      o.fallback = value(o.type);
      o.min = value(o.type);
      o.max = value(o.type);
      all.push_back(o);
    }
    if (take() == 1) return nullptr;
    return place(all.data(), all.size(), of.option_size, std::size_t(of.option_count) * of.option_size);
  }

  std::string_view input_;
  std::list<std::string> texts_, names_;
  std::list<std::unique_ptr<char[]>> memory_;
};

void check_hooks(const eh_plugin& table) {
  const eh_hooks h = complete(*table.hooks);
  if (!h.open || !h.data || !h.room || !h.timer || !h.wake || !h.drain || !h.close) fail("a hook is missing");
  const eh_instance i = complete(table.instance);
  if (!i.start || !i.run || !i.tick || !i.stop) fail("a hook of the instance is missing");
}

void check_help(const cli::surroundings& around) {
  std::string refusal;
  const auto c = configure({"--plugin=./fuzzed.so", "--help"}, around, refusal);
  if (!c) fail("no help for a plugin that can be configured");
  check_page(cli::help(*c));
}

void check_description(const plugin_description& d) {
  const cli::surroundings around{[&](const std::string&, bool) { return d; }, "/nonexistent"};
  std::string refusal;
  const auto c = configure({"--plugin=./fuzzed.so"}, around, refusal);
  if (!c) return; // its default address or name of an option, and the like
  check_help(around);
  check_round_trip(*c, around);
}

void check(std::string_view input) {
  table_maker maker(input);
  const eh_plugin& table = maker.make();
  plugin_description d;
  try {
    d = check_plugin_table(table, "./fuzzed.so");
  } catch (const plugin_refused& e) {
    if (!std::string_view(e.what()).starts_with("plugin ./fuzzed.so refused: ")) fail("a refusal of another plugin");
    return check_message(e.what());
  }
  check_hooks(table);
  check_description(d);
}

const target registered("plugin_table", check);

} // namespace
} // namespace fuzz
