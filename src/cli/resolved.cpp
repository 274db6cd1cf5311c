// Distributed under the Boost Software License, Version 1.0.
// Relative paths in the values of the host's options, made absolute.
#include "cli/resolved.hpp"

#include "cli/address.hpp"
#include "cli/secret.hpp"

namespace epollhost::cli {
namespace {

std::string plugin(const assignment& a, const std::string& text) {
  const std::size_t at = file_position(text);
  const std::string file = text.substr(at);
  const bool searched = file.find('/') == file.npos;
  return searched || a.folder.empty() ? text : text.substr(0, at) + absolute_path(file, a.folder);
}

} // namespace

std::size_t file_position(std::string_view value) {
  const auto equals = value.find('=');
  return equals != value.npos && value.find('/') > equals ? equals + 1 : 0;
}

std::string resolved(const assignment& a, holds what, const std::string& text) {
  if (text.empty() || text == "-") return text; // nothing, or a standard stream
  switch (what) {
  case holds::path: return absolute_path(text, a.folder);
  case holds::socket: return absolute_socket_path(text, a.folder);
  case holds::address: return absolute_address(text, a.folder);
  case holds::plugin: return plugin(a, text);
  case holds::no_path: break;
  }
  return text;
}

} // namespace epollhost::cli
