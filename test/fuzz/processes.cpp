// Distributed under the Boost Software License, Version 1.0.
// Reads what the master is told by others: clients of the control socket, the program before this one, a trial of a
// plugin, a worker that dies, and one that has written over its page.
//
// The first byte says which of them speaks, and of a client where its words are cut.

#include "target.hpp"

#include "base/log_line.hpp"
#include "master/archive.hpp"
#include "master/control_request.hpp"
#include "master/crash_report.hpp"
#include "master/handover.hpp"
#include "master/totals.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace fuzz {
namespace {

using namespace epollhost;
using namespace epollhost::master;

struct answer {
  control_request::state state;
  std::string line;
};

answer ask(std::string_view bytes, std::size_t piece) {
  control_request request;
  auto now = control_request::state::more;
  for (std::size_t at = 0; at < bytes.size() && now == control_request::state::more; at += piece)
    now = request.add(bytes.substr(at, piece));
  return {now, now == control_request::state::whole ? request.line() : ""};
}

void check_control(std::string_view bytes, std::size_t piece) {
  const answer whole = ask(bytes, bytes.size() + 1), pieces = ask(bytes, piece);
  if (whole.state != pieces.state || whole.line != pieces.line) fail("in pieces, another request");
  if (whole.state == control_request::state::whole && !bytes.starts_with(whole.line + "\n")) fail("another line");
  if (whole.state == control_request::state::more && bytes.size() >= control_request::bytes_max)
    fail("more than the bound is waited for");
}

void check_handover(const std::string& bytes) {
  handover h;
  try {
    h = read_back(bytes);
  } catch (const std::runtime_error&) {
    return;
  }
  if (write_down(h) != bytes) fail("a handover that is not what was read");
}

void check_description(const std::string& bytes) {
  archive_writer again;
  try {
    archive_reader from(bytes);
    put(again, get_description(from));
  } catch (const std::runtime_error&) {
    return;
  }
  if (!std::string_view(bytes).starts_with(again.bytes())) fail("a description that is not what was read");
}

// As the log has it.
void check_line(std::string_view text) {
  if (text.empty()) fail("a line of a report that says nothing");
  const auto line = log::format_line(log::format::text, {}, log::level::error, "who", text);
  if (line.size() > log::line_bytes_max) fail("a line longer than its bound");
  const auto controls = std::count_if(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (controls != 1 || line[line.size() - 1] != '\n') fail("a line with control characters");
}

void check_report(std::string_view bytes) {
  static const int fd = ::memfd_create("fuzzed report", MFD_CLOEXEC);
  const auto size = static_cast<ssize_t>(bytes.size());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, bytes.data(), bytes.size(), 0) != size || ::lseek(fd, 0, SEEK_SET) != 0)
    fail("no report could be written");
  const auto record = read_report(fd);
  if (!record) return;
  check_line(describe_signal(*record));
  const auto frames = describe_frames(*record, "plugin.so");
  if (frames.size() != record->frame_count || frames.size() > crash_frames_max) fail("another number of frames");
  for (const std::string& frame : frames) check_line(frame);
  const std::string id = build_id_of_plugin(*record);
  if (id != "unknown" && (id.size() > 2 * build_id_max || id.find_first_not_of("0123456789abcdef") != id.npos))
    fail("a build-id that is none: " + id);
}

// The page is memory that the worker can write; here are bytes in its place.
void check_page(std::string_view bytes) {
  worker_page page;
  std::memcpy(static_cast<void*>(&page), bytes.data(), std::min(bytes.size(), sizeof page));
  totals twice;
  twice.add(page);
  const totals once = twice;
  twice.add(page);
  for (std::size_t i = 0; i < totals::columns.size(); ++i)
    if (twice[i] != 2 * once[i]) fail("a sum that is none");
  if (!to_string(page.in_hook.load())) fail("a hook without a name");
}

void check(std::string_view input) {
  if (input.empty()) return;
  const auto choice = static_cast<unsigned char>(input[0]);
  const std::string bytes(input.substr(1));
  switch (choice % 5) {
  case 0: return check_control(bytes, choice / 5 + 1u);
  case 1: return check_handover(bytes);
  case 2: return check_description(bytes);
  case 3: return check_report(bytes);
  default: return check_page(bytes);
  }
}

const target registered("processes", check);

} // namespace
} // namespace fuzz
