// Distributed under the Boost Software License, Version 1.0.
// Tests that a recording is read as it was written, and that no file, cut or damaged anywhere, is taken for another.
#include "sim/recording.hpp"

#include <netinet/in.h>

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <functional>
#include <limits>
#include <tuple>

using namespace epollhost;
using namespace epollhost::sim;
using record::kind;
using record::writer;

namespace {

net::endpoint at(std::uint16_t port) {
  net::endpoint out;
  auto& in = reinterpret_cast<sockaddr_in&>(out.storage);
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  out.size = sizeof in;
  return out;
}

std::string header() {
  std::string out(record::magic);
  writer w(out);
  w.begin(kind::header)
      .number(record::version)
      .signed_number(1000)
      .signed_number(5000)
      .text("plugin")
      .text("http")
      .end();
  return out;
}

// With an address, a turn, and connection 1.
std::string begun() {
  std::string out = header();
  writer w(out);
  w.begin(kind::listening).address(at(80)).end();
  w.begin(kind::turn).signed_number(500).end();
  w.begin(kind::accepted).number(1).number(0).address(at(4711)).address(at(80)).end();
  return out;
}

std::string whole() {
  std::string out = begun();
  writer w(out);
  w.begin(kind::random).rest("chance").end();
  w.begin(kind::event).number(1).number(0x2001).end();
  w.begin(kind::received).number(1).signed_number(5).rest("hello").end();
  w.begin(kind::sent).number(1).number(9).signed_number(7).rest("answer!").end();
  w.begin(kind::sent).number(1).number(2).signed_number(-EAGAIN).end();
  w.begin(kind::turn).signed_number(7).end();
  w.begin(kind::sent_file).number(1).number(100'000).signed_number(70'000).end();
  w.begin(kind::error_queue).number(1).number(0).end();
  w.begin(kind::socket_error).number(1).number(ECONNRESET).end();
  w.begin(kind::received).number(1).signed_number(0).end();
  w.begin(kind::closed).number(1).number(3).end();
  w.begin(kind::resolved).number(1).text("").address(at(5432)).address(at(5433)).end();
  w.begin(kind::attempted).number(2).signed_number(-EINPROGRESS).address(at(5432)).address(at(40001)).end();
  w.begin(kind::relayed).number(2).end();
  w.begin(kind::closed).number(2).number(1).end();
  w.begin(kind::draining).end();
  w.begin(kind::end).number(0).end();
  return out;
}

std::string refusal(const std::string& bytes) {
  try {
    read_recording(bytes);
  } catch (const bad_recording& e) {
    return e.what();
  }
  return "it was taken";
}

// The reason, of begun() and one more frame.
std::string refusal_of(const std::function<void(writer&)>& frame) {
  std::string bytes = begun();
  writer w(bytes);
  frame(w);
  w.end();
  return refusal(bytes);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

BOOST_AUTO_TEST_SUITE(recording_)

BOOST_AUTO_TEST_CASE(is_read_as_it_was_written) {
  const std::string bytes = whole();
  const recording r = read_recording(bytes);
  BOOST_TEST((r.clock_ns == 1000 && r.wall_ns == 5000));
  BOOST_TEST(r.fact("plugin").value() == "http");
  BOOST_TEST(!r.fact("other"));
  BOOST_TEST(to_string(r.listening.at(0)) == "0.0.0.0:80");
  BOOST_TEST(to_string(r.peers.at(0).peer) == "0.0.0.0:4711");
  BOOST_TEST((r.how == record::ending::worker));
  BOOST_REQUIRE(r.frames.size() == 18u);
  BOOST_TEST(r.frames[0].answer == 1500);
  BOOST_TEST(r.frames[2].bytes == "chance");
  BOOST_TEST(r.frames[3].number == 0x2001u);
  BOOST_TEST(r.frames[4].bytes == "hello");
  BOOST_TEST((r.frames[5].number == 9 && r.frames[5].answer == 7 && r.frames[5].bytes == "answer!"));
  BOOST_TEST(r.frames[6].answer == -EAGAIN);
  BOOST_TEST(r.frames[7].answer == 1507);
  BOOST_TEST(r.frames[8].answer == 70'000);
  BOOST_TEST(r.frames[10].number == unsigned(ECONNRESET));
  BOOST_TEST((r.frames[12].what == kind::closed && r.frames[12].number == 3));
  BOOST_REQUIRE(r.resolved.at(1).endpoints.size() == 2u);
  BOOST_TEST(to_string(r.resolved.at(1).endpoints[1]) == "0.0.0.0:5433");
  BOOST_TEST((r.frames[14].conn == 2 && r.frames[14].answer == -EINPROGRESS));
  BOOST_TEST(to_string(r.peers.at(1).peer) == "0.0.0.0:5432");
  BOOST_TEST(to_string(r.peers.at(1).local) == "0.0.0.0:40001");
}

BOOST_AUTO_TEST_CASE(cut_anywhere_is_read_as_far_as_it_goes) {
  const std::string bytes = whole();
  const std::size_t all = read_recording(bytes).frames.size();
  std::size_t before = 0;
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const std::string part = bytes.substr(0, n);
    if (n < header().size()) {
      BOOST_TEST(refusal(part).starts_with("byte "), n);
      continue;
    }
    const recording r = read_recording(part);
    BOOST_TEST(!r.how, n);
    BOOST_TEST(r.cut_at <= n);
    BOOST_TEST((r.frames.size() == before || r.frames.size() == before + 1), n);
    before = r.frames.size();
  }
  BOOST_TEST(before == all);
}

BOOST_AUTO_TEST_CASE(with_any_byte_changed_is_never_taken_for_a_whole_one) {
  const std::string bytes = whole();
  const std::size_t all = read_recording(bytes).frames.size();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int change = 1; change < 256; ++change) {
      std::string other = bytes;
      other[i] = static_cast<char>(other[i] ^ change);
      try {
        const recording r = read_recording(other); // a length that grew looks like a file that was cut
        BOOST_TEST((!r.how && r.frames.size() <= all && r.cut_at <= i), "byte " << i << " with " << change);
      } catch (const bad_recording& e) {
        BOOST_TEST(std::string(e.what()).starts_with("byte "));
        ++refused;
      }
    }
  BOOST_TEST(refused > bytes.size() * 255 * 9 / 10);
}

BOOST_AUTO_TEST_CASE(says_where_the_damage_is) {
  std::string bytes = whole();
  const std::size_t frame = bytes.find("hello") - 4; // length, kind, connection, answer
  bytes[frame + 5] ^= 1;
  BOOST_TEST(refusal(bytes) ==
             "byte " + std::to_string(frame) + ": the file is damaged here: the checksum of this frame is another");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_none) {
  BOOST_TEST(has(refusal(""), "byte 0: the file is empty"));
  BOOST_TEST(has(refusal("\x89"
                         "EH"),
                 "byte 0: the file ends at once"));
  BOOST_TEST(has(refusal("GET / HTTP/1.1\r\n"), "byte 0: this is no recording; expected"));
  BOOST_TEST(has(refusal(std::string(record::magic)), "the file ends before its header does"));
  BOOST_TEST(has(refusal(whole() + "x"), "1 bytes follow the end"));
  std::string newer(record::magic);
  writer(newer).begin(kind::header).number(2).signed_number(0).signed_number(0).end();
  BOOST_TEST(has(refusal(newer), "written as version 2; this program reads version 1"));
  std::string early(record::magic);
  writer(early).begin(kind::header).number(1).signed_number(0).signed_number(-1).end();
  BOOST_TEST(has(refusal(early), "a clock stands at -1 ns"));
}

BOOST_AUTO_TEST_CASE(refuses_frames_that_no_worker_writes) {
  constexpr auto longest = std::numeric_limits<std::int64_t>::max();
  const std::tuple<std::function<void(writer&)>, const char*> cases[] = {
      {[](writer& w) { w.begin(static_cast<kind>(200)); }, "unknown kind 200"},
      {[](writer& w) { w.begin(kind{}); }, "unknown kind 0"},
      {[](writer& w) { w.begin(kind::header).number(1).signed_number(0).signed_number(0); }, "a second header"},
      {[](writer& w) { w.begin(kind::turn).signed_number(-1); }, "time goes on by -1 ns"},
      {[](writer& w) { w.begin(kind::turn).signed_number(longest); }, "time goes on by"},
      {[](writer& w) { w.begin(kind::turn); }, "without its time"},
      {[](writer& w) { w.begin(kind::event).number(2).number(1); }, "connection 2 is not open"},
      {[](writer& w) { w.begin(kind::event).number(1); }, "without its number"},
      {[](writer& w) { w.begin(kind::received).number(1).signed_number(3).rest("four"); }, "4 bytes, expected 3"},
      {[](writer& w) { w.begin(kind::received).number(1).signed_number(-4096); }, "-4096 is no error of the kernel"},
      {[](writer& w) { w.begin(kind::sent).number(1).number(1).signed_number(2).rest("ab"); },
       "2 bytes were sent of 1"},
      {[](writer& w) { w.begin(kind::sent_file).number(1).number(9).signed_number(2).rest("ab"); },
       "more than belongs"},
      {[](writer& w) { w.begin(kind::draining).rest("x"); }, "more than belongs"},
      {[](writer& w) { w.begin(kind::listening).text("nothing"); }, "without its address"},
      {[](writer& w) { w.begin(kind::accepted).number(1).number(0); }, "connection 1 begins, expected 2"},
      {[](writer& w) { w.begin(kind::accepted).number(2).number(1); }, "a connection to address 1, but there are 1"},
      {[](writer& w) { w.begin(kind::attempted).number(3).signed_number(0); }, "connection 3 begins, expected 2"},
      {[](writer& w) { w.begin(kind::attempted).number(2).signed_number(1); }, "connect has answered 1"},
      {[](writer& w) { w.begin(kind::attempted).number(2).signed_number(0).address(at(1)); }, "without its address"},
      {[](writer& w) { w.begin(kind::resolved).number(1).text("").text("x"); }, "without its address"},
      {[](writer& w) { w.begin(kind::end).number(2); }, "it ends for reason 2"},
  };
  for (const auto& [frame, reason] : cases) {
    const std::string found = refusal_of(frame);
    BOOST_TEST(has(found, reason), found << ", expected " << reason);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_connection_that_has_ended_or_comes_too_early) {
  std::string bytes = begun();
  writer w(bytes);
  w.begin(kind::closed).number(1).number(0).end();
  w.begin(kind::event).number(1).number(1).end();
  BOOST_TEST(has(refusal(bytes), "connection 1 is not open"));
  bytes = begun();
  w.begin(kind::attempted).number(2).signed_number(-ECONNREFUSED).address(at(1)).address(at(1)).end();
  w.begin(kind::event).number(2).number(1).end();
  BOOST_TEST(has(refusal(bytes), "connection 2 is not open"));
  bytes = begun();
  for (int i = 0; i < 2; ++i) w.begin(kind::resolved).number(1).text("not found").end();
  BOOST_TEST(has(refusal(bytes), "look-up 1 is answered twice"));
  bytes = header();
  w.begin(kind::accepted).number(1).number(0).address(at(1)).address(at(1)).end();
  BOOST_TEST(has(refusal(bytes), "a connection before the first turn"));
}

BOOST_AUTO_TEST_CASE(has_numbers_of_all_sizes) {
  for (const std::int64_t n : {std::int64_t(0), std::int64_t(-1), std::int64_t(63), std::int64_t(64), std::int64_t(-65),
                               std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    std::string bytes;
    writer(bytes).begin(kind::turn).signed_number(n).number(static_cast<std::uint64_t>(n)).end();
    record::fields f(std::string_view(bytes).substr(2, bytes.size() - 2 - record::checksum_bytes));
    BOOST_TEST(f.signed_number().value() == n);
    BOOST_TEST(f.number().value() == static_cast<std::uint64_t>(n));
    BOOST_TEST(f.at_end());
  }
  record::fields more_than_64_bits("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
  BOOST_TEST(!more_than_64_bits.number());
}

BOOST_AUTO_TEST_SUITE_END()
