// Distributed under the Boost Software License, Version 1.0.
// Checks and copies the table that a plugin exports.
#include "worker/plugin_table.hpp"

#include "epollhost/text.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <string_view>

namespace epollhost {
namespace {

// Sizes of the tables in the first release of this major: shorter ones were never published.
constexpr std::uint32_t least_plugin = offsetof(eh_plugin, hooks) + sizeof(eh_plugin::hooks);
constexpr std::uint32_t least_hooks = offsetof(eh_hooks, close) + sizeof(eh_hooks::close);
constexpr std::uint32_t least_instance = offsetof(eh_instance, stop) + sizeof(eh_instance::stop);
constexpr std::uint32_t least_socket = offsetof(eh_socket, write_policy) + sizeof(eh_socket::write_policy);
constexpr std::uint32_t least_option = offsetof(eh_option, max) + sizeof(eh_option::max);
constexpr std::uint32_t most_options = 1024;

std::string size_fault(std::string_view field, std::uint32_t found, std::uint32_t expected) {
  if (found >= expected) return {};
  return fmt::format(
      "{} is {}, expected at least {}. Set it to the sizeof of its table and build with this host's headers", field,
      found, expected);
}

class checker {
public:
  checker(const eh_plugin& table, const std::string& file) : table_(table), file_(file) {}

  plugin_description run() {
    check_versions();
    copy_names();
    check_hooks();
    if (table_.instance) check_size("instance->size", table_.instance->size, least_instance);
    copy_socket();
    copy_options();
    return std::move(out_);
  }

private:
  template <class... A> [[noreturn]] void refuse(fmt::format_string<A...> why, A&&... args) {
    throw plugin_refused(fmt::format("plugin {} refused: {}", file_, fmt::format(why, std::forward<A>(args)...)));
  }

  void check_size(std::string_view field, std::uint32_t found, std::uint32_t expected) {
    const std::string fault = size_fault(field, found, expected);
    if (!fault.empty()) refuse("{}", fault);
  }

  void check_versions() {
    // The versions stand in the first 16 bytes, which no major may move; so they are looked at before the size.
    check_size("size", table_.size, offsetof(eh_plugin, flags));
    if (table_.abi_major != EH_ABI_MAJOR)
      refuse("abi_major is {}, expected {}: it was built for {} host. {}", table_.abi_major, EH_ABI_MAJOR,
             table_.abi_major > EH_ABI_MAJOR ? "a newer" : "an older",
             table_.abi_major > EH_ABI_MAJOR ? "Update epollhost, or build the plugin with this host's headers"
                                             : "Build it again with this host's headers");
    if (table_.host_minor_needed > EH_ABI_MINOR)
      refuse("host_minor_needed is {}, expected at most {}: it needs a newer host of the same major. Update epollhost "
             "to one "
             "with ABI {}.{}",
             table_.host_minor_needed, EH_ABI_MINOR, EH_ABI_MAJOR, table_.host_minor_needed);
    check_size("size", table_.size, least_plugin);
    if (table_.flags & ~std::uint32_t(EH_SINGLE_WORKER))
      refuse("flags is {:#x}, expected only {:#x} (EH_SINGLE_WORKER)", table_.flags, unsigned(EH_SINGLE_WORKER));
    out_.abi_major = table_.abi_major;
    out_.abi_minor = table_.abi_minor;
    out_.single_worker = table_.flags & EH_SINGLE_WORKER;
  }

  std::string text(std::string_view field, const char* value) {
    if (!value || !*value) refuse("{} is {}, expected text. Fill it in", field, value ? "empty" : "null");
    // --help and --list-plugins print it.
    const std::string_view all = value;
    for (std::size_t at = 0, n; at < all.size(); at += n)
      if ((n = visible_length(all.substr(at))) == 0)
        refuse("{} has the byte {:#04x} at position {}, which is part of no visible character in UTF-8; expected text "
               "that can be printed. Leave it out",
               field, static_cast<unsigned char>(all[at]), at + 1);
    return value;
  }

  void check_word(std::string_view field, const std::string& word) {
    constexpr auto ok = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (word.size() > 64 || !std::all_of(word.begin(), word.end(), ok) || word.front() == '-')
      refuse(
          "{} is '{}', expected at most 64 lower-case letters, digits and dashes, not beginning with a dash. It names "
          "options on the command line",
          field, word);
  }

  void copy_names() {
    out_.file = file_;
    out_.name = text("name", table_.name);
    check_word("name", out_.name);
    out_.version = text("version", table_.version);
    out_.summary = text("summary", table_.summary);
    out_.listen = text("listen", table_.listen);
  }

  void check_hooks() {
    const std::string fault = fault_of(table_.hooks);
    if (!fault.empty()) refuse("hooks{}", fault);
  }

  std::int32_t choice(std::string_view field, std::int32_t value, std::int32_t least, std::int32_t most) {
    if (value < least || value > most) refuse("{} is {}, expected {} to {}", field, value, least, most);
    return value;
  }

  void copy_socket() {
    if (!table_.socket) return;
    check_size("socket->size", table_.socket->size, least_socket);
    out_.nodelay = choice("socket->nodelay", table_.socket->nodelay, -1, 1);
    out_.cork = choice("socket->cork", table_.socket->cork, -1, 1);
    out_.write_policy = choice("socket->write_policy", table_.socket->write_policy, -1, EH_WRITE_NOW);
  }

  static option_value copy(const eh_value& v, std::uint32_t type) {
    option_value out{.integer = v.integer, .real = v.real, .text = {}};
    if (type >= EH_STRING && v.text) // all types from here on are texts
      out.text = v.text_len ? std::string(v.text, v.text_len) : std::string(v.text);
    return out;
  }

  static std::vector<std::string> split(std::string_view words) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= words.size();) {
      const std::size_t bar = std::min(words.find('|', at), words.size());
      out.emplace_back(words.substr(at, bar - at));
      at = bar + 1;
    }
    return out;
  }

  void copy_option(const eh_option& o, std::uint32_t index) {
    const std::string field = fmt::format("options[{}]", index);
    option_description d;
    d.name = text(field + ".name", o.name);
    check_word(field + ".name", d.name);
    for (const auto& other : out_.options)
      if (other.name == d.name) refuse("{}.name is '{}' again. Give each option a name of its own", field, d.name);
    d.help = text(field + ".help", o.help);
    if (o.type < EH_FLAG || o.type > EH_SECRET)
      refuse("{}.type of '{}' is {}, expected {} to {} (EH_FLAG ... EH_SECRET)", field, d.name, o.type,
             unsigned(EH_FLAG), unsigned(EH_SECRET));
    d.type = o.type;
    d.flags = option_flags(field, o);
    d.fallback = copy(o.fallback, o.type);
    d.min = copy(o.min, o.type);
    d.max = copy(o.max, o.type);
    if (o.type == EH_SECRET && !d.fallback.text.empty())
      refuse("{}.fallback of '{}' is a text, expected none: everybody can read it in the plugin's file, so it is no "
             "secret. Leave it null",
             field, d.name);
    if (o.type == EH_CHOICE) copy_choices(o, field, d);
    check_range(field, d);
    out_.options.push_back(std::move(d));
  }

  std::uint32_t option_flags(const std::string& field, const eh_option& o) {
    const std::uint32_t allowed = o.type == EH_FILE ? EH_MUST_EXIST : 0;
    if (o.flags & ~allowed)
      refuse("{}.flags of '{}' is {:#x}, expected {}", field, o.name, o.flags,
             allowed ? "only 0x1 (EH_MUST_EXIST)" : "0 for its type");
    return o.flags;
  }

  // A default that the user could not write himself.
  void check_range(const std::string& field, const option_description& d) {
    if (d.type == EH_REAL) {
      if (d.min.real < d.max.real && (d.fallback.real < d.min.real || d.fallback.real > d.max.real))
        refuse("{}.fallback of '{}' is {}, expected {} to {}", field, d.name, d.fallback.real, d.min.real, d.max.real);
    } else if (d.min.integer < d.max.integer &&
               (d.fallback.integer < d.min.integer || d.fallback.integer > d.max.integer)) {
      refuse("{}.fallback of '{}' is {}, expected {} to {}", field, d.name, d.fallback.integer, d.min.integer,
             d.max.integer);
    }
  }

  void copy_choices(const eh_option& o, const std::string& field, option_description& d) {
    d.choices = split(text(field + ".choices", o.choices));
    if (!d.fallback.text.empty()) {
      const auto at = std::find(d.choices.begin(), d.choices.end(), d.fallback.text);
      if (at == d.choices.end())
        refuse("{}.fallback of '{}' is '{}', expected one of {}", field, d.name, d.fallback.text, o.choices);
      d.fallback.integer = at - d.choices.begin();
    }
    if (d.fallback.integer < 0 || d.fallback.integer >= std::int64_t(d.choices.size()))
      refuse("{}.fallback of '{}' is choice number {}, expected 0 to {}", field, d.name, d.fallback.integer,
             d.choices.size() - 1);
    d.fallback.text = d.choices[static_cast<std::size_t>(d.fallback.integer)];
  }

  void copy_options() {
    if (table_.option_count == 0) return;
    if (table_.option_count > most_options)
      refuse("option_count is {}, expected at most {}", table_.option_count, most_options);
    if (!table_.options)
      refuse("options is null, but option_count is {}. Point it at the options", table_.option_count);
    check_size("option_size", table_.option_size, least_option);
    if (table_.option_size % alignof(eh_option) != 0)
      refuse("option_size is {}, expected a multiple of {}. Set it to sizeof(eh_option)", table_.option_size,
             alignof(eh_option));
    // A newer header has larger entries: the stride is the plugin's.
    const char* at = reinterpret_cast<const char*>(table_.options);
    for (std::uint32_t i = 0; i < table_.option_count; ++i, at += table_.option_size)
      copy_option(*reinterpret_cast<const eh_option*>(at), i);
  }

  const eh_plugin& table_;
  const std::string& file_;
  plugin_description out_;
};

} // namespace

std::string fault_of(const eh_hooks* h) {
  if (!h) return " is null, expected the table of a connection's hooks. Point it at an eh_hooks";
  if (h->size < least_hooks) return size_fault("->size", h->size, least_hooks);
  if (!h->data) return "->data is null, expected a function: it is the one hook that a connection needs. Write it";
  if (h->state_size > EH_STATE_MAX)
    return fmt::format("->state_size is {}, expected at most {}. Keep large things behind a pointer", h->state_size,
                       EH_STATE_MAX);
  if (h->state_align > 64 || (h->state_align && !std::has_single_bit(h->state_align)))
    return fmt::format("->state_align is {}, expected 0 or a power of two up to 64", h->state_align);
  if (h->flags & ~std::uint32_t(EH_DUPLEX))
    return fmt::format("->flags is {:#x}, expected only {:#x} (EH_DUPLEX)", h->flags, unsigned(EH_DUPLEX));
  return {};
}

plugin_description check_plugin_table(const eh_plugin& table, const std::string& file) {
  return checker(table, file).run();
}

} // namespace epollhost
