// Distributed under the Boost Software License, Version 1.0.
// The values that `start` is given: the plugin's defaults, and what the test says instead.
#ifndef EPOLLHOST_TESTING_DETAIL_OPTION_VALUES_HPP
#define EPOLLHOST_TESTING_DETAIL_OPTION_VALUES_HPP

#include <epollhost/testing/detail/guarded.hpp>
#include <epollhost/testing/detail/option_text.hpp>
#include <epollhost/testing/settings.hpp>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::testing::detail {

/// Owns the values and their texts; each text ends at a page that nobody may touch.
class option_values {
public:
  /// Throws refused: no such option, or a value that it does not take.
  option_values(const eh_plugin& plugin, const texts& given) {
    for (std::uint32_t i = 0; i < plugin.option_count; ++i) add_default(option_at(plugin, i));
    for (const auto& [name, text] : given) {
      const std::uint32_t i = index_of(plugin, name);
      const eh_option& o = option_at(plugin, i);
      values_[i] = parse_option(o, text);
      if (is_text(o)) set_text(i, text);
      if (o.type == EH_CHOICE) set_text(i, choices_of(o)[static_cast<std::size_t>(values_[i].integer)]);
    }
  }

  /// As they are: `values` is in the order of the table.
  option_values(const eh_plugin& plugin, const std::vector<eh_value>& values) : values_(values) {
    texts_.resize(values.size());
    for (std::uint32_t i = 0; i < plugin.option_count; ++i) own_text(i, option_at(plugin, i));
  }

  const eh_value* data() const { return values_.data(); }

private:
  // A newer header has larger entries: the stride is the plugin's.
  static const eh_option& option_at(const eh_plugin& p, std::uint32_t i) {
    return *reinterpret_cast<const eh_option*>(reinterpret_cast<const char*>(p.options) +
                                               std::size_t(i) * p.option_size);
  }

  static std::uint32_t index_of(const eh_plugin& p, std::string_view name) {
    std::string known;
    for (std::uint32_t i = 0; i < p.option_count; ++i) {
      if (option_at(p, i).name == name) return i;
      known += (known.empty() ? "" : ", ") + std::string(option_at(p, i).name);
    }
    throw refused("there is no option " + escaped(name) + "; " + p.name + " has " + (known.empty() ? "none" : known));
  }

  void add_default(const eh_option& o) {
    values_.push_back(o.fallback);
    texts_.emplace_back();
    own_text(static_cast<std::uint32_t>(values_.size() - 1), o);
  }

  void own_text(std::uint32_t i, const eh_option& o) {
    const eh_value& v = values_[i];
    if (o.type == EH_CHOICE) {
      const auto words = choices_of(o);
      const auto given = v.text ? std::string(v.text) : std::string();
      for (std::size_t w = 0; w < words.size() && !given.empty(); ++w)
        if (words[w] == given) values_[i].integer = static_cast<std::int64_t>(w);
      const auto index = static_cast<std::size_t>(values_[i].integer);
      return set_text(i, index < words.size() ? words[index] : std::string());
    }
    if (is_text(o))
      set_text(i, std::string(v.text ? v.text : "", v.text_len ? v.text_len : v.text ? std::strlen(v.text) : 0));
  }

  void set_text(std::uint32_t i, const std::string& text) {
    guarded_block block(text.size() + 1);
    std::memcpy(block.data(), text.c_str(), text.size() + 1);
    values_[i].text = block.data();
    values_[i].text_len = text.size();
    texts_[i] = std::move(block);
  }

  std::vector<eh_value> values_;
  std::vector<guarded_block> texts_;
};

} // namespace epollhost::testing::detail

#endif
