// Distributed under the Boost Software License, Version 1.0.
// Checks one row of the table of bodies in every way its bytes can arrive.

#include "body_case.hpp"
#include "guarded.hpp"

#include <epollhost/http/body.hpp>

#include <boost/test/unit_test.hpp>

namespace http_test {
namespace http = epollhost::http;

namespace {

/// A reader that is fed pieces and keeps what it leaves unused, as a connection does.
class feeder {
public:
  feeder(const http::request& head, const limits& bounds) : reader_{head}, bounds_{bounds} { ended = reader_.done(); }

  void feed(std::string_view piece) {
    pending_ += piece;
    guarded memory{pending_.size()};
    std::string_view in = memory.at_end(pending_);
    while (!ended && why == error::none) {
      http::fields trailers;
      const http::body_piece got = reader_.read(in, bounds_, trailers);
      content += got.data;
      in.remove_prefix(got.used);
      if (got.why == error::need_more) break;
      why = got.why;
      ended = got.done;
      if (ended && chunked)
        for (const http::field& f : trailers)
          seen_trailers += "[" + std::string{f.name} + "|" + std::string{f.value} + "]";
    }
    pending_ = std::string{in};
  }

  const std::string& pending() const { return pending_; }
  const http::body_reader& reader() const { return reader_; }

  bool chunked = false;
  bool ended = false;
  error why = error::none;
  std::string content;
  std::string seen_trailers;

private:
  http::body_reader reader_;
  const limits& bounds_;
  std::string pending_;
};

void check_end(const body_case& row, const feeder& fed) {
  if (row.why == error::none) {
    BOOST_TEST(fed.ended);
    BOOST_TEST(fed.pending() == "rest");
    BOOST_TEST(fed.content == row.content);
    BOOST_TEST(fed.reader().content_bytes() == row.content.size());
    BOOST_TEST(fed.seen_trailers == row.trailers);
    return;
  }
  BOOST_TEST(!fed.ended);
  BOOST_TEST(((fed.why == error::none ? error::need_more : fed.why) == row.why), http::text_of(fed.why));
}

} // namespace

void check(const body_case& row, http::machine kind) {
  if (kind > http::best_machine()) return;
  limits bounds;
  if (row.tune) row.tune(bounds);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n" + row.framing + "\r\n\r\n";
  http::request request;
  http::head_position position{};
  BOOST_REQUIRE(http::detail::engine_of(kind).head(head, bounds, position, request).done());
  const std::string bytes = row.bytes + (row.why == error::need_more ? "" : "rest");

  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    feeder fed{request, bounds};
    fed.chunked = request.framing() == http::framing::chunked;
    fed.feed(std::string_view{bytes}.substr(0, cut));
    fed.feed(std::string_view{bytes}.substr(cut));
    check_end(row, fed);
  }
  feeder fed{request, bounds};
  fed.chunked = request.framing() == http::framing::chunked;
  for (const char& byte : bytes) fed.feed({&byte, 1});
  check_end(row, fed);
}

} // namespace http_test
