// Distributed under the Boost Software License, Version 1.0.
// The floor's work over Boost.Asio, with callbacks, as its users write it.
//
//     asio_server [--echo]      listens on a free port of 127.0.0.1 and prints it
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
                                    "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";
bool echo = false;

class connection : public std::enable_shared_from_this<connection> {
public:
  explicit connection(tcp::socket peer) : peer_(std::move(peer)) {}

  void read() {
    peer_.async_read_some(asio::buffer(input_), [self = shared_from_this()](error_code ec, std::size_t got) {
      if (!ec) self->reply({self->input_.data(), got});
    });
  }

private:
  void reply(std::string_view in) {
    output_.clear();
    if (echo) output_ = in;
    last_ = !echo && in.find(" HTTP/1.0\r\n") != in.npos;
    for (std::size_t at = 0; !echo && (at = in.find("\r\n\r\n", at)) != in.npos; at += 4) output_ += answer;
    asio::async_write(peer_, asio::buffer(output_), [self = shared_from_this()](error_code ec, std::size_t) {
      if (!ec && !self->last_) self->read();
    });
  }

  tcp::socket peer_;
  std::array<char, 16384> input_;
  std::string output_;
  bool last_ = false;
};

void accept(tcp::acceptor& from) {
  from.async_accept([&from](error_code ec, tcp::socket peer) {
    if (!ec) {
      error_code ignored;
      peer.set_option(tcp::no_delay(true), ignored);
      std::make_shared<connection>(std::move(peer))->read();
    }
    accept(from);
  });
}

} // namespace

int main(int argc, char** argv) {
  echo = argc > 1 && std::string_view(argv[1]) == "--echo";
  asio::io_context loop(1);
  tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  acceptor.listen(4096);
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor);
  loop.run();
}
