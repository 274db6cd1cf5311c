// Distributed under the Boost Software License, Version 1.0.
// A plugin that does to its reply what the target says, for the tests of misuse.

#include "test_plugin.hpp"

#include <epollhost/http/plugin.hpp>

#include <sys/mman.h>

#include <stdexcept>
#include <string_view>

namespace eh = epollhost;
namespace http = epollhost::http;

namespace {

std::uint64_t token = 0;

/// Each letter of the path is a call: s sends "sent", p a prepared page, f a file of no bytes, n a 205, b begins chunks,
/// c begins six bytes, w writes "abc", e ends, l promises, x throws. Letters behind a dash are for `resume`.
struct clumsy : http::service {
  using options = http::settings;
  static constexpr auto about = eh::about{"clumsy", "1", "does what it is told", ":0"};
  static constexpr auto schema = http::settings_schema<options>();
  using connection = http::session<clumsy>;
  static constexpr bool takes_content = false;

  clumsy(eh::host functions, const options& chosen) : service{functions, chosen}, page{http::text("page")} {}

  void answer(const http::request& head, std::string_view, http::reply& out) {
    token = out.token();
    const std::string_view calls = head.path().substr(1);
    play(calls.substr(0, calls.find('-')), out);
  }

  void resume(const http::request& head, http::occasion, std::uint64_t, http::reply& out) {
    play(head.path().substr(head.path().find('-') + 1), out);
  }

  void play(std::string_view calls, http::reply& out) {
    for (const char call : calls) {
      switch (call) {
      case 's': out.send(http::text("sent")); break;
      case 'p': out.send(page); break;
      case 'f': out.send_file(http::text(""), ::memfd_create("file", MFD_CLOEXEC), 0, 0); break;
      case 'n': out.send(http::response{205}.content("never")); break;
      case 'b': out.begin(http::text("")); break;
      case 'c': out.begin(http::text(""), 6); break;
      case 'w': out.write("abc"); break;
      case 'e': out.end(); break;
      case 'l': out.later(); break;
      case 'x': throw std::runtime_error("told so");
      default: break;
      }
    }
  }

  http::prepared page;
};

} // namespace

namespace http_test {
const eh_plugin& clumsy_plugin = eh::detail::plugin_table<clumsy>;
std::uint64_t clumsy_token() { return token; }
} // namespace http_test
