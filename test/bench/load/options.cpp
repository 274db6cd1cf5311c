// Distributed under the Boost Software License, Version 1.0.
// What the load generator is asked to do.
#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bench {
namespace {

constexpr std::string_view usage = R"(load_generator --port N --requests N [--connections N] [--depth N] [--close] [--hold]
               --get PATH | --browser PATH | --echo BYTES
)";

// The request of a browser with a few cookies, 620 bytes with a path of one character.
constexpr std::string_view browser =
    " HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Connection: keep-alive\r\n"
    "Referer: http://www.example.com/catalogue/page-2.html\r\n"
    "Cookie: session=8f1d2c3b4a5968778695a4b3c2d1e0f9; theme=dark; consent=accepted; _ga=GA1.2.1234567890.1700000000\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Cache-Control: max-age=0\r\n\r\n";

[[noreturn]] void refuse(std::string_view why) {
  std::fprintf(stderr, "load_generator: %.*s\n%.*s", int(why.size()), why.data(), int(usage.size()), usage.data());
  std::exit(2);
}

std::size_t number(std::string_view name, std::string_view text) {
  std::size_t out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc() || end != text.data() + text.size() || out == 0)
    refuse(std::string(name) + " " + std::string(text) + ": expected a number above 0");
  return out;
}

std::string simple_get(std::string_view path, ending how) {
  const std::string line = "GET " + std::string(path);
  return how == ending::close ? line + " HTTP/1.0\r\nHost: a\r\n\r\n" : line + " HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n";
}

} // namespace

options read_options(int argc, char** argv) {
  options out;
  std::string_view path;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--close" || name == "--hold") {
      name == "--close" ? void(out.how = ending::close) : void(out.hold = true);
      continue;
    }
    if (i + 1 == argc) refuse(std::string(name) + ": its value is missing, or it is unknown");
    const std::string_view value = argv[++i];
    if (name == "--port")
      out.port = static_cast<std::uint16_t>(number(name, value));
    else if (name == "--connections")
      out.connections = number(name, value);
    else if (name == "--depth")
      out.depth = number(name, value);
    else if (name == "--requests")
      out.requests = number(name, value);
    else if (name == "--echo")
      out.request.assign(out.echoed = number(name, value), 'x');
    else if (name == "--browser")
      out.request = "GET " + std::string(value) + std::string(browser);
    else if (name == "--get")
      path = value;
    else
      refuse(std::string(name) + ": no such option");
  }
  if (!path.empty()) out.request = simple_get(path, out.how);
  if (out.port == 0 || out.requests == 0 || out.request.empty()) refuse("--port, --requests and a request are required");
  return out;
}

} // namespace bench
