// Distributed under the Boost Software License, Version 1.0.
// The plugin of a script: it notes all that it sees, and does what the script says.
#include "actor.hpp"

#include "support/log_lines.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace epollhost::test {
namespace {

std::string shown(std::string_view bytes) {
  if (bytes.size() <= 40) return testing::escaped(bytes);
  return std::to_string(bytes.size()) + " bytes " + std::to_string(std::hash<std::string_view>()(bytes));
}

} // namespace

actor::actor(probe& p, trace& seen, play act) : probe_(p), seen_(seen), act_(std::move(act)) {
  p.open = [this](eh_io& io) { return call("open", io); };
  p.data = [this](eh_io& io) { return call("data", io); };
  p.room = [this](eh_io& io) { return call("room", io); };
  p.timer = [this](eh_io& io) { return call("timer", io); };
  p.wake = [this](eh_io& io) { return call("wake", io); };
  p.drain = [this](eh_io& io) { return call("drain", io); };
  p.close = [this](eh_conn_id id, eh_reason why) {
    note("close " + std::to_string(number(id)) + " for reason " + std::to_string(why));
  };
  p.tick = [this](std::uint64_t arg) { note("tick " + std::to_string(arg)); };
}

std::size_t actor::number(eh_conn_id id) {
  const auto& all = probe_.opened;
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), id) - all.begin());
}

eh_next actor::call(const char* hook, eh_io& io) {
  const std::size_t conn = number(io.conn);
  note(std::string(hook) + " " + std::to_string(conn) + " arg " + std::to_string(io.arg) + " flags " +
       std::to_string(io.flags) + " want " + std::to_string(io.want) + " room " + std::to_string(io.out_cap) + " in " +
       shown({io.in ? io.in : "", std::size_t(io.in_len)}));
  return act_(*this, hook, conn, io);
}

void actor::write(std::size_t conn, std::string_view bytes) {
  note("write " + std::to_string(host()->write(host(), id(conn), bytes.data(), bytes.size())));
}

void actor::write_reference(std::size_t conn, std::string_view bytes) {
  const eh_release release = [](void* self) { static_cast<actor*>(self)->note("released"); };
  note("write_ref " + std::to_string(host()->write_ref(host(), id(conn), bytes.data(), bytes.size(), release, this)));
}

void actor::close(std::size_t conn, eh_next how) {
  note("close answers " + std::to_string(probe_.end_by_call(id(conn), how)));
}
void actor::wake(std::size_t conn, std::uint64_t arg) {
  note("wake answers " + std::to_string(host()->wake(host(), id(conn), arg)));
}
void actor::post(std::size_t conn, std::uint64_t arg) {
  const eh_release release = [](void* self) { static_cast<actor*>(self)->note("post released"); };
  note("post answers " + std::to_string(host()->post(host(), id(conn), arg, release, this)));
}
void actor::pause(std::size_t conn) { note("pause answers " + std::to_string(host()->pause(host(), id(conn)))); }
void actor::resume(std::size_t conn) { note("resume answers " + std::to_string(host()->resume(host(), id(conn)))); }
void actor::queued(std::size_t conn) { note("queued " + std::to_string(host()->queued(host(), id(conn)))); }

void actor::send_file(std::size_t conn, const std::string& content, std::uint64_t offset, std::uint64_t len,
                      std::int64_t then) {
  const int fd = ::memfd_create("content", MFD_CLOEXEC);
  BOOST_REQUIRE(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  const int again = ::dup(fd);
  const eh_status answer = host()->send_file(host(), id(conn), fd, offset, len);
  note("send_file answers " + std::to_string(answer));
  if (then >= 0) BOOST_REQUIRE(::ftruncate(again, then) == 0);
  ::close(again);
  if (answer != EH_OK) ::close(fd);
}

eh_next echo(eh_io& io) {
  const std::uint64_t n = std::min(io.in_len, io.out_cap);
  if (n > 0) std::memcpy(io.out, io.in, n);
  io.in_used = io.out_used = n;
  return EH_KEEP;
}

void compare(const actor::play& act, const std::function<void(world&, actor&)>& script, const testing::limits& bounds) {
  const log_lines no_lines;
  trace in_memory, real;
  std::vector<mark> memory_marks, real_marks;
  std::vector<std::string> memory_ends, real_ends;
  {
    probe p;
    actor a(p, in_memory, act);
    const auto w = make_memory_world(in_memory, bounds);
    script(*w, a);
    memory_marks = w->marks();
    memory_ends = w->ends();
  }
  {
    probe p;
    actor a(p, real, act);
    const auto w = make_real_world(p, real, bounds, memory_marks);
    script(*w, a);
    if (!w->timed()) real_marks = w->marks();
    real_ends = w->ends();
  }
  BOOST_TEST(real == in_memory, boost::test_tools::per_element());
  BOOST_TEST(real_ends == memory_ends, boost::test_tools::per_element());
  for (std::size_t i = 0; i < real_marks.size(); ++i) BOOST_TEST((real_marks[i] == memory_marks[i]), "in step " << i);
}

} // namespace epollhost::test
