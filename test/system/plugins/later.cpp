// Distributed under the Boost Software License, Version 1.0.
// Answers by timer, by wake and from another thread, streams as there is room, and counts what was dropped.

#include <epollhost/http/plugin.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace eh = epollhost;
namespace http = epollhost::http;

class later : public http::service {
public:
  using options = http::settings;
  static constexpr auto about = eh::about{"later", "1.0.0", "answers later", ":8080"};
  static constexpr auto schema = http::settings_schema<options>();
  using connection = http::session<later>;

  using service::service;
  ~later() {
    for (std::thread& worker : threads_) worker.join();
  }

  bool piece(const http::request&, std::string_view bytes, eh_conn_id) {
    content_bytes_ += bytes.size();
    return true;
  }

  void answer(const http::request& head, std::string_view, http::reply& out) {
    const std::string_view path = head.path();
    const eh_conn_id connection = out.connection();
    if (path == "/dropped") return out.send(http::text(std::to_string(dropped_)));
    if (path == "/content") return out.send(http::text(std::to_string(content_bytes_)));
    if (path == "/flood") return out.begin(http::text(""), flood_bytes), write(out, 0);
    out.later();
    if (path == "/timer") out.host().start_timer(connection, out.now_ns() + 20'000'000, out.token(1));
    if (path == "/wake") out.host().wake(connection, out.token(2));
    if (path == "/thread")
      threads_.emplace_back([host = functions(), connection, news = out.token(3)] { host.post(connection, news); });
  }

  void resume(const http::request& head, http::occasion, std::uint64_t arg, http::reply& out) {
    if (head.path() == "/flood") return write(out, written_);
    out.send(http::text("later " + std::to_string(arg)));
  }

  void dropped(eh_conn_id) { ++dropped_; }

private:
  static constexpr std::size_t flood_bytes = 20'000'000;

  void write(http::reply& out, std::size_t from) {
    const std::string bytes(100'000, 'f');
    for (written_ = from; written_ < flood_bytes;) {
      const std::size_t taken = out.write(std::string_view{bytes}.substr(written_ % bytes.size()));
      if (taken == 0) return;
      written_ += taken;
    }
    out.end();
  }

  std::vector<std::thread> threads_;
  std::size_t content_bytes_ = 0, written_ = 0, dropped_ = 0; // one flood at a time
};

EPOLLHOST_PLUGIN(later)
