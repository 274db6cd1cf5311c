// Distributed under the Boost Software License, Version 1.0.
// "Hello, world!" over Boost.Beast, with its parser and serializer, as its examples are written.
//
//     beast_server      listens on a free port of 127.0.0.1 and prints it
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <cstdio>
#include <memory>
#include <optional>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

class session : public std::enable_shared_from_this<session> {
public:
  explicit session(tcp::socket peer) : stream_(std::move(peer)) {}

  void read() {
    parser_.emplace();
    stream_.expires_after(std::chrono::seconds(75));
    http::async_read(stream_, input_, *parser_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (!ec) self->reply();
    });
  }

private:
  void reply() {
    const auto& request = parser_->get();
    answer_ = {http::status::ok, request.version()};
    answer_.set(http::field::date, "Mon, 23 Nov 2026 12:00:00 GMT");
    answer_.set(http::field::content_type, "text/plain");
    answer_.keep_alive(request.keep_alive());
    answer_.body() = "Hello, world!";
    answer_.prepare_payload();
    http::async_write(stream_, answer_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (!ec && self->answer_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer input_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> answer_;
};

void accept(tcp::acceptor& from) {
  from.async_accept([&from](error_code ec, tcp::socket peer) {
    if (!ec) {
      error_code ignored;
      peer.set_option(tcp::no_delay(true), ignored);
      std::make_shared<session>(std::move(peer))->read();
    }
    accept(from);
  });
}

} // namespace

int main() {
  asio::io_context loop(1);
  tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  acceptor.listen(4096);
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor);
  loop.run();
}
