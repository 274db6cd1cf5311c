// Distributed under the Boost Software License, Version 1.0.
// A recording as it is read.
#include "sim/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace epollhost::sim {
namespace {

using record::kind;

constexpr std::int64_t error_max = 4095;                 // of the kernel
constexpr std::int64_t time_max = std::int64_t(1) << 61; // of any clock: the sum of two is one, too

[[noreturn]] void bad(std::size_t at, const std::string& what) {
  throw bad_recording(fmt::format("byte {}: {}", at, what));
}

class reading {
public:
  explicit reading(std::string_view bytes) : bytes_(bytes) {}

  recording all() {
    if (!bytes_.starts_with(record::magic)) not_one();
    at_ = record::magic.size();
    while (!out_.how && next_frame()) {
    }
    if (!have_header_) bad(at_, "the file ends before its header does; there is nothing to replay");
    if (!out_.how)
      out_.cut_at = at_;
    else if (at_ < bytes_.size())
      bad(at_, fmt::format("{} bytes follow the end of the recording", bytes_.size() - at_));
    return std::move(out_);
  }

private:
  void not_one() const {
    if (bytes_.empty()) bad(0, "the file is empty");
    if (bytes_.size() < record::magic.size() && record::magic.starts_with(bytes_)) bad(0, "the file ends at once");
    bad(0, "this is no recording; expected a file that `epollhost --record FILE` has written, in binary");
  }

  // False where the file ends.
  bool next_frame() {
    const std::string_view rest = bytes_.substr(at_);
    record::fields head(rest);
    const auto size = head.number();
    const std::string_view behind = head.rest();
    if (!size) return rest.size() < 10 ? false : (bad(at_, "this is no length of a frame"), false);
    if (*size > behind.size() || behind.size() - *size < record::checksum_bytes) return false;
    const std::string_view content = behind.substr(0, static_cast<std::size_t>(*size));
    if (stored_sum(behind.substr(content.size())) != record::checksum(content))
      bad(at_, "the file is damaged here: the checksum of this frame is another");
    take(content);
    at_ = static_cast<std::size_t>(content.data() + content.size() - bytes_.data()) + record::checksum_bytes;
    return true;
  }

  static std::uint32_t stored_sum(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < record::checksum_bytes; ++i)
      sum |= std::uint32_t(static_cast<unsigned char>(bytes[i])) << 8 * i;
    return sum;
  }

  template <class T> T need(std::optional<T> field, const char* what) const {
    if (!field) bad(at_, fmt::format("a frame without its {}", what));
    return *field;
  }

  void take(std::string_view content) {
    if (content.empty()) bad(at_, "an empty frame");
    const auto k = static_cast<unsigned char>(content.front());
    if (k == 0 || k > static_cast<unsigned>(record::last_kind))
      bad(at_, fmt::format("a frame of the unknown kind {}; a newer epollhost may have written it", k));
    record::fields f(content.substr(1));
    const auto what = static_cast<kind>(k);
    if ((what == kind::header) == have_header_)
      bad(at_, have_header_ ? "a second header" : "the first frame is no header");
    if (what == kind::header) return take_header(f);
    recording::frame out;
    out.what = what;
    out.at = at_;
    take_fields(f, out);
    if (!f.at_end()) bad(at_, "a frame has more than belongs into it");
    if (what != kind::listening && what != kind::end) out_.frames.push_back(out);
  }

  void take_header(record::fields& f) {
    const auto version = need(f.number(), "version");
    if (version != record::version)
      bad(at_, fmt::format("it was written as version {}; this program reads version {}", version, record::version));
    out_.clock_ns = now_ns_ = take_clock(f);
    out_.wall_ns = take_clock(f);
    while (!f.at_end()) {
      const auto name = need(f.text(), "fact's name");
      out_.facts.emplace_back(name, need(f.text(), "fact's value"));
    }
    have_header_ = true;
  }

  std::int64_t take_clock(record::fields& f) const {
    const auto ns = need(f.signed_number(), "clock");
    if (ns < 0 || ns > time_max) bad(at_, fmt::format("a clock stands at {} ns", ns));
    return ns;
  }

  void take_fields(record::fields& f, recording::frame& out) {
    switch (out.what) {
    case kind::turn: return take_turn(f, out);
    case kind::listening: return void(out_.listening.push_back(need(f.address(), "address")));
    case kind::accepted: return take_accepted(f, out);
    case kind::attempted: return take_attempted(f, out);
    case kind::resolved: return take_resolved(f, out);
    case kind::random: return void(out.bytes = f.rest());
    case kind::draining: return;
    case kind::end: return take_end(f);
    default: break;
    }
    out.conn = need(f.number(), "connection");
    if (!open_.contains(out.conn)) bad(at_, fmt::format("connection {} is not open", out.conn));
    if (out.what == kind::received) return take_answer(f, out);
    if (out.what == kind::relayed) return;
    out.number = need(f.number(), "number");
    if (out.what == kind::sent || out.what == kind::sent_file) return take_sent(f, out);
    if (out.what == kind::closed) open_.erase(out.conn);
  }

  void take_turn(record::fields& f, recording::frame& out) {
    const auto passed = need(f.signed_number(), "time");
    if (passed <= 0 || passed > time_max - now_ns_) bad(at_, fmt::format("time goes on by {} ns", passed));
    out.answer = now_ns_ += passed;
    have_turn_ = true;
  }

  void take_new_connection(record::fields& f, recording::frame& out) {
    out.conn = need(f.number(), "connection");
    if (out.conn != out_.peers.size() + 1)
      bad(at_, fmt::format("connection {} begins, expected {}", out.conn, out_.peers.size() + 1));
    open_.insert(out.conn);
  }

  void take_accepted(record::fields& f, recording::frame& out) {
    take_new_connection(f, out);
    if (!have_turn_) bad(at_, "a connection before the first turn");
    recording::peer p;
    p.address = need(f.number(), "address");
    if (p.address >= out_.listening.size())
      bad(at_, fmt::format("a connection to address {}, but there are {}", p.address, out_.listening.size()));
    p.peer = need(f.address(), "peer");
    p.local = need(f.address(), "address");
    out_.peers.push_back(p);
  }

  void take_attempted(record::fields& f, recording::frame& out) {
    take_new_connection(f, out);
    out.answer = need(f.signed_number(), "answer");
    if (out.answer > 0 || out.answer < -error_max) bad(at_, fmt::format("connect has answered {}", out.answer));
    if (!record::goes_on(out.answer)) open_.erase(out.conn);
    recording::peer p{};
    p.peer = need(f.address(), "peer");
    p.local = need(f.address(), "address");
    out_.peers.push_back(p);
  }

  void take_resolved(record::fields& f, recording::frame& out) {
    out.number = need(f.number(), "look-up");
    net::resolver::answer found;
    found.error = need(f.text(), "error");
    while (!f.at_end()) found.endpoints.push_back(need(f.address(), "address"));
    if (!out_.resolved.emplace(out.number, std::move(found)).second)
      bad(at_, fmt::format("look-up {} is answered twice", out.number));
  }

  void take_answer(record::fields& f, recording::frame& out) {
    out.answer = need(f.signed_number(), "answer");
    out.bytes = f.rest();
    const auto expected = static_cast<std::uint64_t>(std::max<std::int64_t>(out.answer, 0));
    if (out.answer < -error_max) bad(at_, fmt::format("{} is no error of the kernel", out.answer));
    if (out.what != kind::sent_file && out.bytes.size() != expected)
      bad(at_, fmt::format("{} bytes, expected {}", out.bytes.size(), expected));
  }

  void take_sent(record::fields& f, recording::frame& out) {
    take_answer(f, out);
    if (out.answer > 0 && static_cast<std::uint64_t>(out.answer) > out.number)
      bad(at_, fmt::format("{} bytes were sent of {}", out.answer, out.number));
    if (out.what == kind::sent_file && !out.bytes.empty()) bad(at_, "a frame has more than belongs into it");
  }

  void take_end(record::fields& f) {
    const auto why = need(f.number(), "reason");
    if (why > static_cast<std::uint64_t>(record::ending::limit)) bad(at_, fmt::format("it ends for reason {}", why));
    out_.how = static_cast<record::ending>(why);
  }

  const std::string_view bytes_;
  std::size_t at_ = 0;
  recording out_;
  bool have_header_ = false, have_turn_ = false;
  std::int64_t now_ns_ = 0;
  std::set<std::uint64_t> open_;
};

} // namespace

std::optional<std::string_view> recording::fact(std::string_view name) const {
  for (const auto& [n, value] : facts)
    if (n == name) return value;
  return {};
}

recording read_recording(std::string_view bytes) { return reading(bytes).all(); }

} // namespace epollhost::sim
