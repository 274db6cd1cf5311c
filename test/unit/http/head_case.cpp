// Distributed under the Boost Software License, Version 1.0.
// Checks one row of the tables of request heads in every way its bytes can arrive.

#include "head_case.hpp"
#include "guarded.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace http_test {
namespace http = epollhost::http;

std::string describe(const http::request& request) {
  static constexpr const char* forms[] = {"origin", "absolute", "authority", "asterisk"};
  std::string out{request.method_name()};
  out += ' ';
  out += request.target();
  out += " 1." + std::to_string(request.minor_version()) + ' ' + forms[static_cast<int>(request.form())];
  out += " host=" + std::string{request.host()} + " path=" + std::string{request.path()};
  if (request.query()) out += " query=" + std::string{*request.query()};
  out += request.keep_alive() ? " keep" : " close";
  if (request.framing() == http::framing::chunked) out += " chunked";
  if (request.framing() == http::framing::length) out += " length=" + std::to_string(request.content_length());
  if (request.expects_continue()) out += " continue";
  if (request.expects_other()) out += " expects";
  for (const http::field& f : request.fields()) out += " [" + std::string{f.name} + "|" + std::string{f.value} + "]";
  return out;
}

namespace {

struct answer {
  error why;
  std::uint32_t size;
  std::string seen;
  bool operator==(const answer&) const = default;
};

std::ostream& operator<<(std::ostream& out, const answer& a) {
  return out << http::text_of(a.why) << ", " << a.size << " bytes, " << a.seen;
}

answer parse(std::string_view bytes, const limits& bounds, http::machine kind, http::head_position& position) {
  http::request request;
  const http::parse_result result = http::detail::engine_of(kind).head(bytes, bounds, position, request);
  return {result.why, result.size, result.done() ? describe(request) : std::string{}};
}

answer parse_new(std::string_view bytes, const limits& bounds, http::machine kind) {
  http::head_position position{};
  return parse(bytes, bounds, kind, position);
}

/// What the bytes are answered with if they come in one piece, for each number of bytes. After the first answer that is
/// not "more", nothing more is fed.
std::vector<answer> answers_by_size(const std::string& bytes, const limits& bounds, http::machine kind,
                                    guarded& memory) {
  std::vector<answer> answers;
  for (std::size_t n = 0; n <= bytes.size(); ++n) {
    answers.push_back(parse_new(memory.at_end(std::string_view{bytes}.substr(0, n)), bounds, kind));
    BOOST_TEST(parse_new(memory.at_begin(std::string_view{bytes}.substr(0, n)), bounds, kind) == answers.back());
    if (answers.back().why != error::need_more) break;
  }
  return answers;
}

void check_cut_once(const std::string& bytes, const limits& bounds, http::machine kind, const answer& whole,
                    std::size_t cuts, guarded& memory) {
  for (std::size_t n = 0; n < cuts; ++n) {
    http::head_position position{};
    const answer first = parse(memory.at_end(std::string_view{bytes}.substr(0, n)), bounds, kind, position);
    BOOST_TEST((first.why == error::need_more));
    BOOST_TEST(parse(memory.at_end(bytes), bounds, kind, position) == whole, "cut at " << n);
  }
}

void check_byte_by_byte(const std::string& bytes, const limits& bounds, http::machine kind,
                        const std::vector<answer>& expected, guarded& memory) {
  http::head_position position{};
  for (std::size_t n = 0; n < expected.size(); ++n) {
    const answer got = parse(memory.at_end(std::string_view{bytes}.substr(0, n)), bounds, kind, position);
    BOOST_TEST(got == expected[n], "after " << n << " bytes: " << got << " instead of " << expected[n]);
  }
}

} // namespace

void check(const head_case& row, http::machine kind) {
  if (kind > http::best_machine()) return;
  limits bounds;
  if (row.tune) row.tune(bounds);
  guarded memory{row.bytes.size()};

  const answer whole = parse_new(memory.at_end(row.bytes), bounds, kind);
  BOOST_TEST((whole.why == row.why), http::text_of(whole.why));
  if (!row.seen.empty()) BOOST_TEST(whole.seen == row.seen);

  // A head that is refused, or ends before the input does, is so from some byte on: with fewer bytes more were needed,
  // and with all of them the answer stays.
  const std::vector<answer> answers = answers_by_size(row.bytes, bounds, kind, memory);
  BOOST_TEST(answers.back() == whole);
  check_cut_once(row.bytes, bounds, kind, whole, answers.size() - 1, memory);
  check_byte_by_byte(row.bytes, bounds, kind, answers, memory);
}

} // namespace http_test
