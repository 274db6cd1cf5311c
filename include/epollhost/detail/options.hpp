// Distributed under the Boost Software License, Version 1.0.
// Describes a plugin's options by pointers to members, and fills them. Plugins may include this (through plugin.hpp).
#ifndef EPOLLHOST_DETAIL_OPTIONS_HPP
#define EPOLLHOST_DETAIL_OPTIONS_HPP

#include <epollhost/plugin.h>

#include <array>
#include <concepts>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace epollhost {

/// A number of bytes: the type of an option that the user writes as `64KiB`.
struct bytes {
  std::uint64_t value = 0;
  constexpr operator std::uint64_t() const { return value; }
};

/// The value of an option of type EH_ADDRESS: `127.0.0.1:9000`, `unix:/path`; empty for none.
struct address {
  std::string_view text;
  constexpr operator std::string_view() const { return text; }
};

/// The value of an option of type EH_FILE: an absolute path that ends in a zero; empty for none.
struct file {
  std::string_view text;
  constexpr operator std::string_view() const { return text; }
};

/// The value of an option of type EH_SECRET; empty for none. It turns into no other text unasked, so that no log line
/// has it by accident.
struct secret {
  std::string_view text;
};

/// What a plugin says of itself. `listen` is an address as `--listen` takes it.
struct about {
  const char* name;
  const char* version;
  const char* summary;
  const char* listen;
  std::int32_t nodelay = -1;                 ///< TCP_NODELAY: 1, 0, or -1 for the host's default
  std::int32_t cork = -1;                    ///< TCP_CORK around each turn: likewise
  std::int32_t write_policy = EH_WRITE_TURN; ///< EH_WRITE_TURN or EH_WRITE_NOW
  std::uint32_t flags = 0;                   ///< EH_SINGLE_WORKER
  std::uint32_t hook_flags = 0;              ///< EH_DUPLEX
};

/// One option: its name, the member that takes its value, a line of help, and, if wanted, its range or choices.
template <class Options, class T> struct option {
  const char* name;
  T Options::*member;
  const char* help;
  eh_value min{}, max{};
  const char* list = nullptr;
  std::uint32_t flags = 0;

  constexpr option(const char* name, T Options::*member, const char* help) : name(name), member(member), help(help) {
    if constexpr (std::integral<T> && !std::same_as<T, bool>) {
      constexpr auto top = std::numeric_limits<std::int64_t>::max();
      min.integer = std::is_signed_v<T> ? std::int64_t(std::numeric_limits<T>::min()) : 0;
      max.integer = std::uint64_t(std::numeric_limits<T>::max()) > std::uint64_t(top)
                        ? top
                        : std::int64_t(std::numeric_limits<T>::max());
    }
  }

  /// The least and the greatest value, both included.
  constexpr option range(T least, T greatest) const;

  /// Of a file: refuse the path of nothing.
  constexpr option must_exist() const {
    static_assert(std::same_as<T, file>, "must_exist() is of an option whose type is epollhost::file");
    option copy = *this;
    copy.flags = EH_MUST_EXIST;
    return copy;
  }

  /// For a string_view (the text) or an enum or integer (its index): the allowed words, "a|b|c".
  constexpr option choices(const char* words) const {
    option copy = *this;
    copy.list = words;
    copy.min = copy.max = {};
    return copy;
  }
};

namespace detail {

template <class T>
concept text_kind = std::same_as<T, address> || std::same_as<T, file> || std::same_as<T, secret>;

template <class T>
concept duration = requires(T t) {
  typename T::rep;
  typename T::period;
  t.count();
};

template <class T> constexpr std::uint32_t option_type(bool has_choices) {
  if (has_choices) return EH_CHOICE;
  if constexpr (std::same_as<T, bool>)
    return EH_FLAG;
  else if constexpr (std::same_as<T, bytes>)
    return EH_SIZE;
  else if constexpr (duration<T>)
    return EH_DURATION;
  else if constexpr (std::floating_point<T>)
    return EH_REAL;
  else if constexpr (std::integral<T>)
    return EH_INTEGER;
  else if constexpr (std::same_as<T, address>)
    return EH_ADDRESS;
  else if constexpr (std::same_as<T, file>)
    return EH_FILE;
  else if constexpr (std::same_as<T, secret>)
    return EH_SECRET;
  else {
    static_assert(
        std::same_as<T, std::string_view> || std::is_enum_v<T>,
        "an option is a bool, a number, epollhost::bytes, a std::chrono duration, a std::string_view, an enum, "
        "or epollhost::address, file or secret");
    return EH_STRING;
  }
}

template <class T> constexpr std::int64_t nanoseconds(T d) {
  return std::int64_t(d.count()) * (1'000'000'000 / T::period::den) * T::period::num;
}

template <class T> constexpr eh_value to_value(T v) {
  eh_value out{};
  if constexpr (std::same_as<T, std::string_view>) {
    out.text = v.data() ? v.data() : "";
    out.text_len = v.size();
  } else if constexpr (text_kind<T>) {
    return to_value(v.text);
  } else if constexpr (duration<T>) {
    static_assert(1'000'000'000 % T::period::den == 0, "an option's duration has whole nanoseconds");
    out.integer = nanoseconds(v);
  } else if constexpr (std::floating_point<T>) {
    out.real = double(v);
  } else if constexpr (std::same_as<T, bytes>) {
    out.integer = std::int64_t(v.value);
  } else {
    out.integer = std::int64_t(v);
  }
  return out;
}

template <class T> constexpr T from_value(const eh_value& v) {
  if constexpr (std::same_as<T, std::string_view>)
    return {v.text, std::size_t(v.text_len)};
  else if constexpr (text_kind<T>)
    return {std::string_view(v.text, std::size_t(v.text_len))};
  else if constexpr (duration<T>)
    return T(typename T::rep(v.integer / nanoseconds(T(1))));
  else if constexpr (std::floating_point<T>)
    return T(v.real);
  else if constexpr (std::same_as<T, bytes>)
    return {std::uint64_t(v.integer)};
  else
    return T(v.integer);
}

} // namespace detail

template <class Options, class T> constexpr option<Options, T> option<Options, T>::range(T least, T greatest) const {
  option copy = *this;
  copy.min = detail::to_value(least);
  copy.max = detail::to_value(greatest);
  return copy;
}

/// The options of a plugin, for its `schema` member.
template <class Options, class... T> constexpr auto schema(option<Options, T>... options) {
  return std::tuple(options...);
}

namespace detail {

struct no_options {};

template <class P>
concept has_schema = requires {
  typename P::options;
  P::schema;
};

template <class P> struct options_of { using type = no_options; };
template <has_schema P> struct options_of<P> { using type = typename P::options; };

template <class Options, class T> constexpr eh_option to_entry(const option<Options, T>& o, const Options& defaults) {
  return {.name = o.name,
          .help = o.help,
          .choices = o.list,
          .type = option_type<T>(o.list != nullptr),
          .flags = o.flags,
          .fallback = to_value(defaults.*o.member),
          .min = o.min,
          .max = o.max};
}

/// The C table of a plugin's options. Made outside the class, where the defaults of `options` can be read.
template <class P> constexpr auto make_option_table() {
  if constexpr (has_schema<P>) {
    return std::apply(
        [](const auto&... o) {
          const typename P::options defaults{};
          return std::array<eh_option, sizeof...(o)>{to_entry(o, defaults)...};
        },
        P::schema);
  } else {
    return std::array<eh_option, 0>{};
  }
}
template <class P> inline constexpr auto option_table = make_option_table<P>();

template <class P> auto read_options(const eh_value* values) {
  typename options_of<P>::type out{};
  if constexpr (has_schema<P>)
    std::apply(
        [&](const auto&... o) {
          ((out.*o.member = from_value<std::remove_reference_t<decltype(out.*o.member)>>(*values++)), ...);
        },
        P::schema);
  return out;
}

} // namespace detail
} // namespace epollhost

#endif
