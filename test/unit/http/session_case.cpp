// Distributed under the Boost Software License, Version 1.0.
// Checks one conversation in every way its bytes can arrive.

#include "session_case.hpp"
#include "memory_worker.hpp"
#include "test_plugin.hpp"

#include <boost/test/unit_test.hpp>

namespace http_test {

std::string simplify(std::string answers) {
  for (std::size_t at = 0; (at = answers.find("\r\n", at)) != answers.npos;) answers.erase(at, 1);
  for (std::size_t at = 0; (at = answers.find("\nDate: ", at)) != answers.npos; at += 7)
    answers.replace(at + 7, answers.find('\n', at + 1) - at - 7, "<date>");
  return answers;
}

std::string ok(const std::string& content, const std::string& more) {
  return "HTTP/1.1 200 OK\nDate: <date>\nContent-Type: text/plain; charset=utf-8\nContent-Length: " +
         std::to_string(content.size()) + "\n" + more + "\n" + content;
}

std::string refused(const std::string& status, const std::string& why, const std::string& more) {
  const std::string content = status + (why.empty() ? "" : ": " + why) + "\n";
  return "HTTP/1.1 " + status +
         "\nDate: <date>\nContent-Type: text/plain; charset=utf-8\nContent-Length: " + std::to_string(content.size()) +
         "\n" + more + "\n" + content;
}

namespace {

void check_end(const session_case& row, const memory_worker& worker, std::size_t cut) {
  BOOST_TEST(simplify(worker.output) == row.answers, "cut at " << cut << ": " << simplify(worker.output));
  BOOST_TEST(worker.ended == (row.how != left::open), "cut at " << cut);
  BOOST_TEST(worker.lingered == (row.how == left::lingering), "cut at " << cut);
  BOOST_TEST(!worker.failed);
}

} // namespace

void check(const session_case& row, epollhost::http::machine) {
  for (std::size_t cut = 0; cut <= row.requests.size(); ++cut) {
    memory_worker worker{test_plugin, row.options};
    worker.open();
    worker.feed(std::string_view{row.requests}.substr(0, cut));
    worker.feed(std::string_view{row.requests}.substr(cut));
    check_end(row, worker, cut);
  }
  memory_worker worker{test_plugin, row.options};
  worker.open();
  for (const char& byte : row.requests) worker.feed({&byte, 1});
  check_end(row, worker, row.requests.size() + 1);
}

} // namespace http_test
