// Distributed under the Boost Software License, Version 1.0.
// A plugin that answers later and in pieces, for the tests of the session.

#include "test_plugin.hpp"

#include <epollhost/http/plugin.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace eh = epollhost;
namespace http = epollhost::http;

namespace {

unsigned drops = 0;
std::uint64_t token = 0;

/// Answers by path. What is later comes with `resume`: "/late" then says what called it and with which kind of news;
/// "/chunks" and "/six" (of six bytes) send its digits, or end with 0; "/flood" sends ten megabytes as
/// there is room; "/trailer" the value of the trailer A; "/throw" throws behind its promise, "/throw-later" in
/// `resume`. All others answer at once, with the content that has come in pieces, each in brackets. A piece "!" asks
/// for a pause.
struct late : http::service {
  using options = http::settings;
  static constexpr auto about = eh::about{"late", "1", "answers later", ":0"};
  static constexpr auto schema = http::settings_schema<options>();
  using connection = http::session<late>;

  using service::service;

  bool piece(const http::request&, std::string_view bytes, eh_conn_id) {
    if (bytes == "?") throw std::runtime_error("a piece is not liked");
    pieces.append("[").append(bytes).append("]");
    return bytes != "!";
  }

  void answer(const http::request& head, std::string_view, http::reply& out) {
    const std::string_view path = head.path();
    token = out.token();
    if (path == "/chunks") return out.begin(http::text(""));
    if (path == "/six") return out.begin(http::text(""), 6);
    if (path == "/large") return out.send(http::text(std::string(6'000'000, 'L')));
    if (path == "/204") return out.begin(http::no_content());
    if (path == "/flood") return out.begin(http::text("")), flood(out);
    if (path == "/trailer") return out.send(http::text(std::string{out.trailers()->find("a").value_or("none")}));
    if (path == "/late" || path.starts_with("/throw")) out.later();
    if (path == "/throw") throw std::runtime_error("behind the promise");
    if (!path.starts_with("/late") && !path.starts_with("/throw")) out.send(http::text(pieces + "."));
    pieces.clear();
  }

  void resume(const http::request& head, http::occasion why, std::uint64_t arg, http::reply& out) {
    const std::string_view path = head.path();
    if (path == "/throw-later") throw std::runtime_error("in resume");
    if (path == "/flood") return flood(out);
    const std::string digits = std::to_string(arg);
    if (path == "/late") return out.send(http::text((why == http::occasion::timer ? "timer " : "wake ") + digits));
    if (arg == 0) return out.end();
    out.write(digits);
  }

  void dropped(eh_conn_id) { ++drops; }

  void flood(http::reply& out) {
    const std::string bytes(100'000, 'Z');
    while (flooded < 10'000'000) {
      const std::size_t taken = out.write(std::string_view{bytes}.substr(flooded % bytes.size()));
      if (taken == 0) return;
      flooded += taken;
    }
    flooded = 0;
    out.end();
  }

  std::string pieces;
  std::size_t flooded = 0;
};

struct forgetful : http::service {
  using options = http::settings;
  static constexpr auto about = eh::about{"forgetful", "1", "promises", ":0"};
  static constexpr auto schema = http::settings_schema<options>();
  using connection = http::session<forgetful>;
  static constexpr bool takes_content = false;

  using service::service;

  void answer(const http::request&, std::string_view, http::reply& out) { out.later(); }
};

} // namespace

namespace http_test {
const eh_plugin& forgetful_plugin = eh::detail::plugin_table<forgetful>;
const eh_plugin& late_plugin = eh::detail::plugin_table<late>;
unsigned late_drops() { return drops; }
std::uint64_t late_token() { return token; }
} // namespace http_test
