// Distributed under the Boost Software License, Version 1.0.
// Checks the parser against itself and against Boost.Beast's, which is an independent reading of the same standard.
//
// The first two bytes of an input choose where it is cut; the rest is what a client sends.

#include "target.hpp"

#include <epollhost/http/body.hpp>
#include <epollhost/http/parser.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fuzz {
namespace {

namespace http = epollhost::http;
namespace beast = boost::beast::http;

/// Give each input its own allocation of its exact size, so that the sanitizer sees a read past its end.
struct exact {
  std::unique_ptr<char[]> bytes;
  std::size_t size;
  explicit exact(std::string_view from) : bytes{new char[from.size()]}, size{from.size()} {
    from.copy(bytes.get(), from.size());
  }
  std::string_view view() const { return {bytes.get(), size}; }
};

struct answer {
  http::parse_result result;
  std::string seen;
};

std::string describe(const http::request& request) {
  std::string out{request.method_name()};
  out.append(" ").append(request.target()).append(" ").append(std::to_string(request.minor_version())).append("\n");
  for (const http::field& f : request.fields()) out.append(f.name).append(":").append(f.value).append("\n");
  return out;
}

answer parse(std::string_view bytes, http::machine kind, std::size_t cut) {
  http::head_position position{};
  http::request request;
  if (cut < bytes.size()) {
    const exact part{bytes.substr(0, cut)};
    const auto first = http::detail::engine_of(kind).head(part.view(), {}, position, request);
    if (!first.need_more()) return {first, first.done() ? describe(request) : ""};
  }
  const exact all{bytes};
  const auto result = http::detail::engine_of(kind).head(all.view(), {}, position, request);
  return {result, result.done() ? describe(request) : ""};
}

answer check_all_ways(std::string_view bytes, std::size_t cut) {
  const answer plain = parse(bytes, http::machine::plain, bytes.size());
  for (const http::machine kind : {http::machine::plain, http::machine::sse42, http::machine::avx2}) {
    if (kind > http::best_machine()) continue;
    for (const std::size_t at : {bytes.size(), cut}) {
      const answer other = parse(bytes, kind, at);
      if (other.result.why != plain.result.why || other.result.size != plain.result.size || other.seen != plain.seen)
        fail("another machine or another cut, another answer");
    }
  }
  return plain;
}

struct body {
  http::error why = http::error::none;
  bool done = false;
  std::size_t used = 0;
  std::string content;
};

/// Read a body in pieces of this size.
body read_body(const http::request& head, std::string_view bytes, std::size_t piece_bytes) {
  http::body_reader reader{head};
  http::fields trailers;
  body out;
  out.done = reader.done();
  for (std::size_t end = std::min(piece_bytes, bytes.size()); !out.done;) {
    const exact in{bytes.substr(out.used, end - out.used)};
    const http::body_piece piece = reader.read(in.view(), {}, trailers);
    out.content += piece.data;
    out.used += piece.used;
    out.done = piece.done;
    out.why = piece.why;
    if (piece.why == http::error::need_more) {
      if (end == bytes.size()) break;
      end = std::min(end + piece_bytes, bytes.size());
    } else if (piece.why != http::error::none) {
      break;
    }
  }
  return out;
}

/// Say whether Beast may refuse what we accept: things that it does not know, or bounds otherwise.
bool beast_may_refuse(const http::request& request, const boost::system::error_code& why) {
  if (request.minor_version() > 1) return why == beast::error::bad_version;
  // It checks the syntax of Connection and Upgrade, which for us are lists of words of which we know two.
  if (why == beast::error::bad_value) return true;
  // It knows no list of equal lengths, and compares repeated ones with what is left of the body.
  if (why == beast::error::bad_content_length || why == beast::error::multiple_content_length)
    return request.find("content-length").has_value();
  return why == beast::error::header_limit || why == beast::error::body_limit;
}

bool is_about_framing(const boost::system::error_code& why) {
  return why == beast::error::bad_transfer_encoding || why == beast::error::bad_content_length ||
         why == beast::error::multiple_content_length || why == beast::error::bad_value;
}

void compare_fields(const http::request& ours, const beast::request<beast::string_body>& theirs) {
  if (std::string_view{theirs.method_string().data(), theirs.method_string().size()} != ours.method_name())
    fail("the method differs from Beast's");
  if (std::string_view{theirs.target().data(), theirs.target().size()} != ours.target())
    fail("the target differs from Beast's");
  std::size_t count = 0;
  for (const auto& theirs_field : theirs) {
    (void)theirs_field;
    ++count;
  }
  if (count != ours.fields().size()) fail("the number of fields differs from Beast's");
  for (const http::field& f : ours.fields()) { // Beast brings equal names together, so the order is that of each name
    const auto range = theirs.equal_range(boost::string_view{f.name.data(), f.name.size()});
    bool found = false;
    for (auto at = range.first; at != range.second; ++at)
      found |= std::string_view{at->value().data(), at->value().size()} == f.value;
    if (!found) fail("Beast has another value of a field");
  }
}

void compare_with_beast(std::string_view bytes, const answer& ours) {
  http::request request;
  http::head_position position{};
  http::parse_head(bytes, {}, position, request);
  const std::string_view head = bytes.substr(0, ours.result.size);
  for (std::size_t at = 0; at < head.size(); ++at) // Beast takes no bare LF, and no empty line in front
    if (head[at] == '\n' && (at == 0 || head[at - 1] != '\r')) return;
  if (head.starts_with("\r\n")) return;

  beast::request_parser<beast::string_body> parser;
  parser.eager(true);
  parser.header_limit(1 << 20);
  parser.body_limit(http::limits{}.body_bytes_max);
  boost::system::error_code why;
  std::size_t used = parser.put(boost::asio::buffer(head.data(), head.size()), why);
  if (why && why != beast::error::need_more) {
    if (beast_may_refuse(request, why)) return;
    fail("Beast refuses what we take: " + why.message());
  }
  if (!parser.is_header_done() || used != head.size()) fail("the head's size differs from Beast's");
  compare_fields(request, parser.get());

  const std::string_view behind = bytes.substr(ours.result.size);
  const body whole = read_body(request, behind, behind.size() + 1);
  if (!whole.done || behind.find('"') != behind.npos) return; // it lets a quoted extension go on over line ends
  std::size_t total = 0;
  while (!parser.is_done() && total < behind.size()) {
    const std::size_t n = parser.put(boost::asio::buffer(behind.data() + total, behind.size() - total), why);
    total += n;
    if (why == beast::error::need_more && n != 0) continue;
    if (why == beast::error::bad_chunk_extension) return; // it parses what we skip
    if (is_about_framing(why)) return; // it takes trailers for fields of the head; we keep them apart
    if (why) fail("Beast refuses a body that we take: " + why.message());
  }
  if (!parser.is_done() || total != whole.used) fail("the body's size differs from Beast's");
  if (parser.get().body() != whole.content) fail("the content differs from Beast's");
}

/// What is no HTTP at all for us is none for Beast either. Errors that are our strictness are left out.
void compare_refusal(std::string_view bytes, http::error why) {
  if (why != http::error::method_syntax && why != http::error::field_name && why != http::error::field_value &&
      why != http::error::version_syntax)
    return;
  beast::request_parser<beast::string_body> parser;
  parser.header_limit(1 << 20);
  boost::system::error_code theirs;
  parser.put(boost::asio::buffer(bytes.data(), bytes.size()), theirs);
  if (parser.is_header_done()) fail("Beast takes a head that we refuse");
}

void check_bodies(std::string_view bytes, std::uint32_t head_size, std::size_t piece_bytes) {
  http::request request;
  http::head_position position{};
  http::parse_head(bytes, {}, position, request);
  const std::string_view behind = bytes.substr(head_size);
  const body whole = read_body(request, behind, behind.size() + 1);
  const body pieces = read_body(request, behind, piece_bytes);
  if (whole.done != pieces.done || whole.why != pieces.why || whole.content != pieces.content ||
      (whole.done && whole.used != pieces.used))
    fail("a body in pieces, another answer");
}

void check(std::string_view input) {
  if (input.size() < 2) return;
  const std::size_t cut = static_cast<unsigned char>(input[0]) * 4u;
  const std::size_t piece_bytes = static_cast<unsigned char>(input[1]) + 1u;
  const std::string_view bytes = input.substr(2);
  const answer ours = check_all_ways(bytes, cut);
  if (ours.result.bad()) compare_refusal(bytes, ours.result.why);
  if (!ours.result.done()) return;
  check_bodies(bytes, ours.result.size, piece_bytes);
  compare_with_beast(bytes, ours);
}

const target registered("http_parser", check);

} // namespace
} // namespace fuzz
