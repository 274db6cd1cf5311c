// Distributed under the Boost Software License, Version 1.0.
// A class of plugin.hpp that runs in a test, without a shared object. Plugins may include this (their tests).
#ifndef EPOLLHOST_TESTING_PLUGIN_OF_HPP
#define EPOLLHOST_TESTING_PLUGIN_OF_HPP

#include <epollhost/plugin.hpp>

#include <epollhost/testing/plugin.hpp>

#include <concepts>
#include <initializer_list>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace epollhost::testing {

namespace detail {

/// The values of a class's options, as the host would have parsed them.
template <class P, class Options> std::vector<eh_value> values_of(const Options& chosen) {
  std::vector<eh_value> out;
  std::apply([&](const auto&... o) { (out.push_back(epollhost::detail::to_value(chosen.*o.member)), ...); }, P::schema);
  return out;
}

} // namespace detail

/// As `plugin`, of a class: plugin_of<echo> p; plugin_of<echo> p({{"limit", "10"}}); plugin_of<echo>
/// p(echo::options{.limit = 10}). The class needs no EPOLLHOST_PLUGIN.
template <class P> class plugin_of : public plugin {
public:
  plugin_of() : plugin_of(texts()) {}
  // Written so for the braces: to a vector they would be as good as to a plugin_of.
  plugin_of(std::initializer_list<texts::value_type> options, settings chosen = {})
      : plugin_of(texts(options), std::move(chosen)) {}
  explicit plugin_of(texts options, settings chosen = {})
      : plugin(epollhost::detail::plugin_table<P>, std::move(options), std::move(chosen)) {}

  template <class Options>
  requires std::same_as<Options, typename epollhost::detail::options_of<P>::type>
  explicit plugin_of(const Options& options, settings chosen = {})
      : plugin(epollhost::detail::plugin_table<P>, detail::values_of<P>(options), std::move(chosen)) {}
};

} // namespace epollhost::testing

#endif
