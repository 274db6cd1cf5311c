// Distributed under the Boost Software License, Version 1.0.
// A plugin whose answers are parts of a file, for the tests of reply::send_file.

#include "test_plugin.hpp"

#include <epollhost/http/plugin.hpp>

#include <sys/mman.h>

#include <charconv>
#include <string>

namespace eh = epollhost;
namespace http = epollhost::http;

namespace {

std::uint64_t token = 0;

/// The file is 300,000 bytes of 'f'. "/N" answers with its first N bytes, which may be more than there are; "/304" with
/// that status; "/late/N" as "/N", when it is woken. "/left" queues more than the host takes and throws.
struct file_sender : http::service {
  using options = http::settings;
  static constexpr auto about = eh::about{"files", "1", "sends files", ":0"};
  static constexpr auto schema = http::settings_schema<options>();
  using connection = http::session<file_sender>;
  static constexpr bool takes_content = false;

  using service::service;

  void answer(const http::request& head, std::string_view, http::reply& out) {
    if (head.path().starts_with("/late")) return token = out.token(), out.later();
    if (head.path() == "/left") {
      out.send(http::text(std::string(10'000'000, 'x')));
      throw std::runtime_error("behind the answer");
    }
    send(head.path().substr(1), out);
  }
  void resume(const http::request& head, http::occasion, std::uint64_t, http::reply& out) {
    send(head.path().substr(6), out);
  }

  static void send(std::string_view number, http::reply& out) {
    unsigned long bytes = 0;
    std::from_chars(number.data(), number.data() + number.size(), bytes);
    const int fd = ::memfd_create("file", MFD_CLOEXEC);
    const std::string all(300'000, 'f');
    if (::write(fd, all.data(), all.size()) != ssize_t(all.size())) throw std::runtime_error("write");
    out.send_file(bytes == 304 ? http::response{304} : http::text(""), fd, 0, bytes);
  }
};

} // namespace

namespace http_test {
std::uint64_t file_token() { return token; }
const eh_plugin& file_plugin = eh::detail::plugin_table<file_sender>;
} // namespace http_test
