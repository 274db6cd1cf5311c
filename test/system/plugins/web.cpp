// Distributed under the Boost Software License, Version 1.0.
// A web service whose answers a client can check to the last byte, and which names its version and process.
#include <epollhost/http/plugin.hpp>

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <string>

namespace eh = epollhost;

#ifndef WEB_VERSION
#define WEB_VERSION "1"
#endif

namespace web {

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + i % 26);
  return out;
}

eh::http::response content_for(const eh::http::request& request, std::string_view content) {
  const std::string_view target = request.target();
  if (target == "/echo") return eh::http::text(std::string(content));
  if (target == "/process") return eh::http::text(std::to_string(::getpid()));
  std::size_t size = 0;
  if (constexpr std::string_view bytes = "/bytes/"; target.starts_with(bytes))
    std::from_chars(target.data() + bytes.size(), target.data() + target.size(), size);
  else
    return eh::http::not_found();
  return eh::http::text(pattern(size));
}

eh::http::response answer(const eh::http::request& request, std::string_view content) {
  eh::http::response out = content_for(request, content);
  out.field("X-Version", WEB_VERSION);
  return out;
}

} // namespace web

EPOLLHOST_HTTP_PLUGIN(web, "1." WEB_VERSION, "answers in a pattern", ":8080", web::answer)
