// Distributed under the Boost Software License, Version 1.0.
// What a simulated client says.
#include "sim/talk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace epollhost::sim {
namespace {

using net::sim::random_source;

constexpr unsigned percent = random_source::million / 100;

std::string random_bytes(random_source& random, std::size_t len) {
  std::string out(len, '\0');
  for (char& c : out) c = static_cast<char>(random.next());
  return out;
}

std::string text(random_source& random, std::size_t len) {
  std::string out(len, ' ');
  for (char& c : out) c = static_cast<char>(random.between(' ', '~'));
  return out;
}

// Mostly small, sometimes larger than any window.
std::size_t some_size(random_source& random) {
  if (random.chance(percent)) return random.between(1, 300'000);
  if (random.chance(15 * percent)) return random.between(1, 9000);
  return random.between(1, 200);
}

// ---- HTTP: what is right, what is odd, and what is wrong

const char* line_end(random_source& random) { return random.chance(5 * percent) ? "\n" : "\r\n"; }

std::string fields(random_source& random, const char* end) {
  std::string out;
  for (auto n = random.below(4); n > 0; --n)
    out += fmt::format("X-{}: {}{}", random.below(100), std::string(random.below(60), 'v'), end);
  if (random.chance(4 * percent))
    out += fmt::format("X-Long: {}{}", std::string(random.between(1000, 20000), 'l'), end);
  if (random.chance(6 * percent)) out += fmt::format("Connection: close{}", end);
  return out;
}

std::string chunked(random_source& random) {
  std::string out;
  for (auto n = random.below(4); n > 0; --n) {
    const std::size_t len = random.between(1, 400);
    out += fmt::format("{:x}\r\n{}\r\n", len, text(random, len));
  }
  return out + "0\r\n\r\n";
}

std::string http_request(random_source& random) {
  static constexpr const char* targets[] = {"/", "/a", "/a/b?c=d", "*", "/%41", "http://h/x"};
  static constexpr const char* versions[] = {"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0"};
  const char* const end = line_end(random);
  const auto head = [&](const char* method) {
    return fmt::format("{} {} {}{}Host: h{}{}", method, random.pick(targets), random.pick(versions), end, end,
                       fields(random, end));
  };
  if (random.chance(15 * percent)) {
    const std::size_t len = some_size(random);
    return head("POST") + fmt::format("Content-Length: {}{}{}{}", len, end, end, text(random, len));
  }
  if (random.chance(12 * percent)) return head("PUT") + "Transfer-Encoding: chunked" + end + end + chunked(random);
  if (random.chance(3 * percent)) return text(random, random.between(1, 100)) + "\r\n\r\n";
  return head(random.chance(15 * percent) ? "HEAD" : "GET") + end;
}

// One byte is another, is missing, or comes twice.
void damage(random_source& random, std::string& bytes) {
  const std::size_t at = random.below(bytes.size());
  switch (random.below(3)) {
  case 0: bytes[at] = static_cast<char>(random.next()); break;
  case 1: bytes.erase(at, 1); break;
  default: bytes.insert(at, 1, bytes[at]);
  }
}

// Behind a request that ends the connection a client must send nothing, or it may be reset (RFC 9112, 9.6).
bool ends_connection(const std::string& request) {
  return request.find("HTTP/1.1") == request.npos || request.find("Connection: close") != request.npos;
}

std::string http_input(random_source& random) {
  std::string out, last;
  for (auto n = random.between(1, 6); n > 0 && !ends_connection(last = http_request(random)); --n) out += last;
  if (ends_connection(last)) out += last;
  if (random.chance(10 * percent)) {
    std::string odd = http_request(random);
    if (!ends_connection(odd)) damage(random, odd); // else what is left of it could come behind its end
    if (!ends_connection(last)) out += odd;
  }
  if (random.chance(5 * percent)) out.resize(random.between(1, out.size()));
  return out;
}

std::string line_input(random_source& random) {
  std::string out;
  for (auto n = random.between(1, 12); n > 0; --n) {
    out += random.chance(5 * percent) ? random_bytes(random, random.below(50)) : text(random, some_size(random));
    out += line_end(random);
  }
  if (random.chance(10 * percent)) out.pop_back();
  return out;
}

std::string byte_input(random_source& random) {
  std::string out;
  for (auto n = random.between(1, 5); n > 0; --n) out += random_bytes(random, some_size(random));
  return out;
}

std::string input(language l, random_source& random) {
  switch (l) {
  case language::http: return http_input(random);
  case language::lines: return line_input(random);
  default: return byte_input(random);
  }
}

} // namespace

conversation make_conversation(language l, random_source& random) {
  return {{step::kind::send, input(l, random), 0}, {step::kind::finish, {}, 0}};
}

std::size_t bytes_of(const conversation& c) {
  std::size_t out = 0;
  for (const step& s : c)
    if (s.what == step::kind::send) out += s.bytes.size();
  return out;
}

} // namespace epollhost::sim
