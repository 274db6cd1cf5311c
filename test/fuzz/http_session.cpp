// Distributed under the Boost Software License, Version 1.0.
// Has conversations with a plugin in memory, and checks that each is the same in pieces, and its answers well-formed.
//
// An input is a recipe: its first four bytes say how the conversation is cut and ended, and each further byte below the
// number of fragments stands for that fragment of a request. The others stand for themselves. So most inputs get past
// the request line, and no byte is out of reach.

#include "target.hpp"

#include "http/memory_worker.hpp"
#include "http/test_plugin.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace fuzz {
namespace {

using http_test::memory_worker;

constexpr std::string_view fragments[] = {
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a HTTP/1.1\r\nHost: a\r\n",
    "POST /echo HTTP/1.1\r\nHost: a\r\n",
    "HEAD /a HTTP/1.1\r\nHost: a\r\n",
    "GET /old HTTP/1.0\r\n",
    "BREW /a HTTP/1.1\r\nHost: a\r\n",
    "TRACE / HTTP/1.1\r\nHost: a\r\n",
    "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n",
    "Content-Length: 5\r\n",
    "\r\n",
    "\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "\r\nhello",
    "\r\n5\r\nhello\r\n0\r\n\r\n",
    "3;a=b\r\nabc\r\n",
    "0\r\n",
    "0\r\nA: b\r\n\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Expect: 100-continue\r\n",
    "Expect: other\r\n",
    "GET /204 HTTP/1.1\r\nHost: a\r\n",
    "GET /throw HTTP/1.1\r\nHost: a\r\n\r\n",
    "hello",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "Host: a\r\n",
    "GET /late HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /chunks HTTP/1.0\r\n\r\n",
    "GET /six HTTP/1.1\r\nHost: a\r\n\r\n",
    "HEAD /chunks HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /late HTTP/1.1\r\nHost: a\r\n",
    "GET /throw-later HTTP/1.1\r\nHost: a\r\n\r\n",
    "1\r\n!\r\n",
};

struct recipe {
  std::size_t piece_bytes;
  std::size_t window_bytes;
  bool slow_reader;
  bool half_close;
  bool late; ///< have it with the plugin that answers later and in pieces
  std::string requests;
};

recipe read_recipe(std::string_view input) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(input[at]); };
  recipe out{byte(0) + 1u, EH_OUT_MIN + byte(1) * 64u, (byte(2) & 1) != 0, (byte(2) & 2) != 0, (byte(2) & 4) != 0, {}};
  for (const char c : input.substr(4)) {
    const auto number = static_cast<unsigned char>(c);
    if (number < std::size(fragments))
      out.requests += fragments[number];
    else
      out.requests += c;
  }
  return out;
}

struct outcome {
  std::string output;
  bool ended;
};

outcome converse(const recipe& how, std::size_t piece_bytes) {
  memory_worker worker{http_test::test_plugin, {"body-max=1000"}};
  worker.window_bytes = how.window_bytes;
  worker.open();
  if (how.slow_reader) worker.stop_reading();
  for (std::size_t at = 0; at < how.requests.size(); at += piece_bytes)
    worker.feed(std::string_view{how.requests}.substr(at, piece_bytes));
  if (how.half_close) worker.end_input();
  if (how.slow_reader) worker.start_reading();
  return {worker.output, worker.ended};
}

/// The same with answers that come later: each piece of input is followed by news of them, and in the end by as much as
/// it takes for all to be complete.
outcome converse_late(const recipe& how, std::size_t piece_bytes) {
  memory_worker worker{http_test::late_plugin, {"body-max=1000"}};
  worker.window_bytes = how.window_bytes;
  worker.open();
  if (how.slow_reader) worker.stop_reading();
  for (std::size_t at = 0; at < how.requests.size(); at += piece_bytes) {
    worker.feed(std::string_view{how.requests}.substr(at, piece_bytes));
    worker.wake(http_test::late_token() | 12);
  }
  if (how.half_close) worker.end_input();
  worker.start_reading();
  const std::size_t enough = 2 * how.requests.size() + 2; // each completes an answer, or lets the next piece in
  for (std::size_t i = 0; i < enough && !worker.ended; ++i) {
    worker.unpause();
    worker.wake(http_test::late_token());
  }
  return {worker.failed ? std::string{} : worker.output, worker.ended};
}

/// Whether 100 Continue is sent depends on what has come of the body, and so on the pieces.
std::string without_continue(std::string output) {
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  for (std::size_t at; (at = output.find(go_on)) != output.npos;) output.erase(at, go_on.size());
  return output;
}

std::string_view field_of(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(name);
  if (at == head.npos) return {};
  const std::string_view rest = head.substr(at + name.size());
  return rest.substr(0, rest.find("\r\n"));
}

/// Walk over chunked content. The answer to a HEAD has none.
void skip_chunks(std::string_view& output, bool may_break_off) {
  for (std::size_t size = 1; !output.empty() && size != 0;) {
    const char* end = output.data() + output.size();
    const auto [stop, failed] = std::from_chars(output.data(), end, size, 16);
    output.remove_prefix(static_cast<std::size_t>(stop - output.data()));
    if (may_break_off && (failed != std::errc{} || output.size() < size + 4)) return output = {}, void();
    if (failed != std::errc{} || !output.starts_with("\r\n")) fail("no size where a chunk begins");
    if (output.size() < size + 4 || output.substr(size + 2, 2) != "\r\n") fail("a chunk is cut off");
    output.remove_prefix(size + 4);
  }
}

/// Walk over the answers by their own framing. What follows an answer that closes would be a second answer too many.
/// One that a handler has misused breaks off: then nothing follows.
/// The answers to HEAD have no content, which a walk can't know: they are told by the next one's begin.
void check_answers(std::string_view output, bool may_break_off = false) {
  bool closed = false;
  while (!output.empty()) {
    if (closed) fail("an answer behind one that closes");
    if (!output.starts_with("HTTP/1.1 ")) fail("no status line where an answer begins");
    const std::size_t end = output.find("\r\n\r\n");
    if (end == output.npos) fail("a head without an end");
    const std::string_view head = output.substr(0, end + 2);
    if (field_of(head, "\r\nDate: ").size() != 29) fail("no date in an answer");
    closed = field_of(head, "\r\nConnection: ") == "close";
    output.remove_prefix(end + 4);
    if (field_of(head, "\r\nTransfer-Encoding: ") == "chunked" && !output.starts_with("HTTP/1.1 ")) {
      skip_chunks(output, may_break_off);
      continue;
    }
    if (closed && field_of(head, "\r\nContent-Length: ").empty()) return; // up to the end of the connection
    const std::string_view digits = field_of(head, "\r\nContent-Length: ");
    std::size_t length = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (output.empty() || output.starts_with("HTTP/1.1 ")) continue; // to HEAD
    if (length > output.size() && may_break_off) return;
    if (length > output.size()) fail("an answer is cut off");
    output.remove_prefix(length);
  }
}

/// The pieces of content are the handler's to see, so that its answers depend on them: each conversation must be well
/// formed, and none left open.
void check_late(const recipe& how) {
  for (const std::size_t piece_bytes : {how.requests.size() + 1, how.piece_bytes}) {
    const outcome seen = converse_late(how, piece_bytes);
    if (how.half_close && !seen.ended) fail("open behind the end of input");
    check_answers(without_continue(seen.output), true);
  }
}

void check(std::string_view input) {
  if (input.size() < 4 || input.size() > 300) return;
  const recipe how = read_recipe(input);
  if (how.late) return check_late(how);
  const outcome whole = converse(how, how.requests.size() + 1);
  const outcome pieces = converse(how, how.piece_bytes);
  const std::string answers = without_continue(whole.output);
  if (answers != without_continue(pieces.output)) fail("in pieces, other answers");
  if (whole.ended != pieces.ended) fail("in pieces, another end");
  if (how.half_close && !whole.ended) fail("open behind the end of input");
  check_answers(answers);
}

const target registered("http_session", check);

} // namespace
} // namespace fuzz
