// Distributed under the Boost Software License, Version 1.0.
// One recorded connection, on the side of the server.
#include "sim/recorded_stream.hpp"

#include "cli/text.hpp"
#include "epollhost/plugin.h"
#include "sim/world.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace epollhost::sim {
namespace {

using record::kind;

std::string answered(std::int64_t answer) {
  return answer == -EAGAIN ? "nothing for now" : fmt::format("the error {} ({})", -answer, std::strerror(int(-answer)));
}

std::string described(const recording::frame& f) {
  switch (f.what) {
  case kind::received: return "to receive";
  case kind::sent: return fmt::format("to send {} bytes", f.number);
  case kind::sent_file: return fmt::format("to send {} bytes of a file", f.number);
  default: return "to ask for an error";
  }
}

std::string text_of(std::span<const iovec> parts) {
  std::string out;
  for (const iovec& p : parts) out.append(static_cast<const char*>(p.iov_base), p.iov_len);
  return out;
}

} // namespace

recorded_stream::recorded_stream(net::sim::kernel& k, replay_listener& l, std::uint64_t number,
                                 const recording::peer& p, const std::vector<std::string>& masked_lines)
    : stream(k, p.local.is_unix(), {}, p.local, p.peer), listener_(l), number_(number), masked_lines_(masked_lines) {}

// From here on it goes another way.
void recorded_stream::lose(std::size_t at, const std::string& what) {
  listener_.differs(number_, at, what);
  left_.clear();
}

std::uint32_t recorded_stream::end_relayed(std::uint64_t reason) {
  if (!relayed_ || (reason != EH_REASON_END && reason != EH_REASON_RESET)) return 0;
  end_ = reason == EH_REASON_END ? 0 : -ECONNRESET;
  return *end_ == 0 ? EPOLLIN | EPOLLRDHUP : EPOLLIN | EPOLLRDHUP | EPOLLHUP;
}

const recording::frame* recorded_stream::take(kind expected, const std::string& does) {
  if (left_.empty()) return nullptr;
  const recording::frame& f = *left_.front();
  if (f.what != expected) return lose(f.at, fmt::format("it {}, expected {}", does, described(f))), nullptr;
  left_.pop_front();
  return &f;
}

std::int64_t recorded_stream::receive(void* bytes, std::size_t len) {
  if (end_ && left_.empty()) return *end_;
  const recording::frame* const f = take(kind::received, "receives");
  if (!f) return -EAGAIN;
  if (f->bytes.size() > len) {
    lose(f->at, fmt::format("it asks for {} bytes, but {} were received", len, f->bytes.size()));
    return -EAGAIN;
  }
  std::memcpy(bytes, f->bytes.data(), f->bytes.size());
  if (f->answer > 0)
    listener_.tell(number_, fmt::format("receives {} bytes {}", f->answer, cli::in_quotes(f->bytes)));
  else if (f->answer == 0)
    listener_.tell(number_, "receives the end");
  else if (f->answer != -EAGAIN)
    listener_.tell(number_, "receives " + answered(f->answer));
  return f->answer;
}

std::int64_t recorded_stream::send(std::span<const iovec> parts) {
  const std::string now = text_of(parts);
  const recording::frame* const f = take(kind::sent, fmt::format("sends {} bytes", now.size()));
  const std::int64_t answer = f ? std::min(f->answer, static_cast<std::int64_t>(now.size())) : std::int64_t(now.size());
  if (f) compare(*f, now);
  sent_ += static_cast<std::uint64_t>(std::max<std::int64_t>(answer, 0));
  listener_.tell(number_, answer < 0 ? fmt::format("sends {} bytes: {}", now.size(), answered(answer))
                                     : fmt::format("sends {} of {} bytes {}{}", answer, now.size(), cli::in_quotes(now),
                                                   f ? "" : ", which is not recorded"));
  // What was taken whole is taken whole, also if it is more now.
  return f && f->answer == static_cast<std::int64_t>(f->number) ? static_cast<std::int64_t>(now.size()) : answer;
}

void recorded_stream::compare(const recording::frame& f, const std::string& now) {
  const std::string_view same = std::string_view(now).substr(0, f.bytes.size());
  const std::size_t at = difference(f.bytes, same, masked_lines_);
  if (at != std::string_view::npos)
    listener_.differs(number_, f.at,
                      fmt::format("byte {} of its output: {}, expected {}", sent_ + at, cli::in_quotes(same.substr(at)),
                                  cli::in_quotes(f.bytes.substr(at))));
  else if (now.size() != f.number)
    listener_.differs(number_, f.at, fmt::format("it sends {} bytes, expected {}", now.size(), f.number));
}

std::int64_t recorded_stream::send_file(int file, std::uint64_t offset, std::size_t len) {
  const recording::frame* const f = take(kind::sent_file, fmt::format("sends {} bytes of a file", len));
  if (!f) return stream::send_file(file, offset, len);
  if (f->number != len)
    listener_.differs(number_, f->at, fmt::format("it sends {} bytes, expected {}", len, f->number));
  const std::int64_t answer = std::min(f->answer, static_cast<std::int64_t>(len));
  listener_.tell(number_, answer < 0 ? fmt::format("sends {} bytes of a file: {}", len, answered(answer))
                                     : fmt::format("sends {} of {} bytes of a file", answer, len));
  sent_ += static_cast<std::uint64_t>(std::max<std::int64_t>(answer, 0));
  return answer;
}

void recorded_stream::shutdown_send() { listener_.tell(number_, "sends the end"); }

int recorded_stream::take_error() {
  const recording::frame* const f = take(kind::socket_error, "asks for its error");
  return f ? static_cast<int>(f->number) : 0;
}

bool recorded_stream::drain_error_queue() {
  const recording::frame* const f = take(kind::error_queue, "looks at its error queue");
  return f && f->number != 0;
}

void recorded_stream::released(bool reset) {
  stream::released(reset);
  listener_.tell(number_, reset ? "is reset" : "is closed");
}

} // namespace epollhost::sim
