// Distributed under the Boost Software License, Version 1.0.
// What the load is to be: NAME=VALUE words.
#include "options.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string_view>

namespace load {
namespace {

std::uint64_t number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc() || end != text.data() + text.size() || text.empty())
    throw std::invalid_argument("not a number: " + std::string(text));
  return out;
}

void unix_address(std::string_view path, options& out) {
  auto& a = reinterpret_cast<sockaddr_un&>(out.to);
  if (path.size() < 2 || path.size() >= sizeof a.sun_path) throw std::invalid_argument("bad path of a unix socket");
  a.sun_family = AF_UNIX;
  std::memcpy(a.sun_path, path.data(), path.size());
  const bool abstract = path[0] == '@';
  if (abstract) a.sun_path[0] = '\0';
  out.to_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + !abstract);
}

void address(std::string_view text, options& out) {
  if (text.starts_with("unix:")) return unix_address(text.substr(5), out);
  const auto colon = text.rfind(':');
  if (colon == text.npos) throw std::invalid_argument("expected to=ADDRESS:PORT");
  auto& a = reinterpret_cast<sockaddr_in&>(out.to);
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<std::uint16_t>(number(text.substr(colon + 1))));
  if (::inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &a.sin_addr) != 1)
    throw std::invalid_argument("not an IPv4 address: " + std::string(text));
  out.to_size = sizeof a;
}

} // namespace

options parse(int argc, char** argv) {
  options out;
  const std::map<std::string_view, std::uint64_t options::*> numbers{
      {"clients", &options::clients},       {"count", &options::count},       {"seconds", &options::seconds},
      {"timeout_ms", &options::timeout_ms}, {"pipeline", &options::pipeline}, {"think_us", &options::think_us},
      {"answer", &options::answer},         {"body", &options::body},         {"piece", &options::piece},
      {"pause_us", &options::pause_us},     {"read", &options::read}};
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i], name = word.substr(0, word.find('='));
    if (name.size() == word.size()) throw std::invalid_argument("expected NAME=VALUE, not " + std::string(word));
    const std::string_view value = word.substr(name.size() + 1);
    if (name == "to")
      address(value, out);
    else if (name == "mode" && (value == "http" || value == "stream"))
      out.mode = value == "http" ? mode::http : mode::stream;
    else if (name == "keep")
      out.keep = number(value) != 0;
    else if (const auto at = numbers.find(name); at != numbers.end())
      out.*at->second = number(value);
    else
      throw std::invalid_argument("unknown: " + std::string(word));
  }
  if (out.to_size == 0) throw std::invalid_argument("to=ADDRESS is missing");
  if (out.pipeline == 0 || out.clients == 0) throw std::invalid_argument("pipeline and clients are at least 1");
  return out;
}

} // namespace load
