// Distributed under the Boost Software License, Version 1.0.
// Tests that a plugin which breaks a rule of plugin.h is told so.
#include <epollhost/testing.hpp>

#include "support/probe.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

using namespace epollhost;
using namespace std::chrono_literals;
using test::probe;

namespace {

testing::plugin quiet() { return testing::plugin(test::argument("probe.so"), {}, {.throws = false}); }

// The names of the rules that the plugin has broken, each once.
std::string broken(const testing::plugin& p) {
  std::string out;
  for (const auto& b : p.broken_rules())
    if (out.find(b.rule) == out.npos) out += (out.empty() ? "" : " ") + b.rule;
  return out;
}

// What `data` does to a first byte of input.
std::string broken_by(const probe::hook& data) {
  probe p;
  p.data = data;
  testing::plugin host = quiet();
  host.connect().send("x");
  return broken(host);
}

// Whether a process that does this dies of it.
bool crashes(const std::function<void()>& f) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::signal(SIGSEGV, SIG_DFL); // the test framework would go on with its tests
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
    f();
    ::_exit(0);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(pid, &status, 0) == pid);
  return status != 0;
}

bool data_crashes(const std::function<void(eh_io&)>& f) {
  return crashes([&] {
    probe p;
    p.data = [&](eh_io& io) {
      f(io);
      io.in_used = io.in_len;
      return eh_next(EH_KEEP);
    };
    testing::plugin host = quiet();
    testing::peer c = host.connect();
    c.send("some bytes");
    c.send("some more");
    ::_exit(0); // before the probe looks whether all is closed
  });
}

volatile char sink;

} // namespace

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(are_kept_by_a_plugin_that_does_nothing) {
  BOOST_TEST(broken_by([](eh_io& io) { return io.in_used = io.in_len, eh_next(EH_KEEP); }) == "");
}

BOOST_AUTO_TEST_CASE(of_the_windows) {
  BOOST_TEST(broken_by([](eh_io& io) { return io.in_used = io.in_len + 1, eh_next(EH_KEEP); }) == "in-used");
  BOOST_TEST(broken_by([](eh_io& io) { return io.out_used = io.out_cap + 1, eh_next(EH_KEEP); }) == "out-used");
}

BOOST_AUTO_TEST_CASE(of_the_answer) {
  BOOST_TEST(broken_by([](eh_io&) { return eh_next(4); }) == "answer");
  BOOST_TEST(broken_by([](eh_io&) { return eh_next(0x200); }) == "answer");
}

BOOST_AUTO_TEST_CASE(of_exceptions) {
  probe p;
  testing::plugin host = quiet();
  p.tick = [](std::uint64_t) { throw std::runtime_error("out of luck"); };
  host.tick(1);
  BOOST_TEST(broken(host) == "exception");
  BOOST_TEST(host.broken_rules().at(0).what.find("out of luck") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(of_threads) {
  probe p;
  testing::plugin host = quiet();
  testing::peer c = host.connect();
  std::thread([&] { BOOST_TEST(p.host->write(p.host, c.id(), "x", 1) == EH_WRONG_THREAD); }).join();
  BOOST_TEST(broken(host) == "wrong-thread");
  std::thread([&] { p.host->post(p.host, c.id(), 1, nullptr, nullptr); }).join();
  BOOST_TEST(host.wait_for_post(0s));
  BOOST_TEST(p.calls[probe_wake] == 1u);
  BOOST_TEST(host.broken_rules().size() == 1u);
}

BOOST_AUTO_TEST_CASE(of_the_time_after_stop) {
  probe p;
  testing::plugin host = quiet();
  host.stop();
  BOOST_TEST(p.host->now_ns(p.host) == 0);
  BOOST_TEST(p.host->write(p.host, 1, "x", 1) == EH_GONE);
  BOOST_TEST(broken(host) == "after-stop");
}

BOOST_AUTO_TEST_CASE(of_the_table_that_outlives_its_host) {
  probe p;
  { testing::plugin host = quiet(); }
  BOOST_TEST(p.host->post(p.host, 0, 1, nullptr, nullptr) == EH_GONE);
}

BOOST_AUTO_TEST_CASE(of_arguments) {
  probe p;
  testing::plugin host = quiet();
  testing::peer c = host.connect();
  const eh_host* const h = p.host;
  BOOST_TEST(h->write(h, c.id(), nullptr, 1) == EH_INVALID);
  BOOST_TEST(h->write_ref(h, c.id(), "x", 0, nullptr, nullptr) == EH_INVALID);
  BOOST_TEST(h->close(h, c.id(), EH_KEEP) == EH_INVALID);
  BOOST_TEST(h->set_option(h, c.id(), 99, 0) == EH_INVALID);
  BOOST_TEST(h->timer_start(h, c.id(), 1, 0) == EH_INVALID);
  BOOST_TEST(h->address(h, c.id(), 2, nullptr, 0) == EH_INVALID);
  BOOST_TEST(broken(host) == "invalid-argument");
  BOOST_TEST(host.broken_rules().size() == 6u);
}

BOOST_AUTO_TEST_CASE(of_what_write_ref_is_given) {
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    p.host->write_ref(p.host, io.conn, io.in, io.in_len, nullptr, nullptr);
    return eh_next(EH_KEEP);
  };
  testing::plugin host = quiet();
  testing::peer c = host.connect().send("x");
  BOOST_TEST(broken(host) == "held-pointer");
  BOOST_TEST(c.received() == "x");
}

BOOST_AUTO_TEST_CASE(of_what_write_ref_was_given) {
  probe p;
  testing::plugin host = quiet();
  testing::peer c = host.connect().stop_reading();
  std::string bytes = "as promised";
  BOOST_TEST(p.host->write_ref(p.host, c.id(), bytes.data(), bytes.size(), nullptr, nullptr) == EH_OK);
  host.settle();
  BOOST_TEST(broken(host) == "");
  bytes[0] = 'A';
  c.start_reading();
  BOOST_TEST(broken(host) == "changed-reference");
}

BOOST_AUTO_TEST_CASE(of_the_state) {
  probe p(0, 1); // so that its alignment leaves room behind it
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    static_cast<char*>(p.extra_state(p.state))[1] = 1;
    return eh_next(EH_KEEP);
  };
  testing::plugin host = quiet();
  host.connect().send("x");
  BOOST_TEST(broken(host) == "state-overflow");
}

BOOST_AUTO_TEST_CASE(of_rest) {
  probe p;
  p.wake = [&](eh_io& io) { return p.host->wake(p.host, io.conn, 1), eh_next(EH_KEEP); };
  testing::plugin host = quiet();
  host.wake(host.connect(), 1);
  BOOST_TEST(broken(host) == "never-rests");
}

BOOST_AUTO_TEST_CASE(are_thrown_with_the_conversation) {
  probe p;
  p.data = [](eh_io& io) { return io.in_used = io.in_len + 1, eh_next(EH_KEEP); };
  testing::plugin host(test::argument("probe.so"));
  testing::peer c = host.connect();
  const auto shows_all = [](const testing::failure& f) {
    const std::string text = f.what();
    return text.find("[in-used] data: in_used is 7, but there were 6 bytes") != text.npos &&
           text.find(R"(sent "hello\n")") != text.npos;
  };
  BOOST_CHECK_EXCEPTION(c.send("hello\n"), testing::failure, shows_all);
  BOOST_TEST(c.closed());
  BOOST_TEST(c.reason() == EH_REASON_CONTRACT);
  host.stop(); // it is told once
}

BOOST_AUTO_TEST_CASE(of_memory_are_enforced_at_once) {
  BOOST_TEST(!data_crashes([](eh_io& io) { sink = io.in[io.in_len - 1]; }));
  BOOST_TEST(data_crashes([](eh_io& io) { sink = io.in[io.in_len]; }));
  BOOST_TEST(data_crashes([](eh_io& io) { const_cast<char*>(io.in)[0] = 'x'; }));
  BOOST_TEST(!data_crashes([](eh_io& io) { io.out[io.out_cap - 1] = 'x'; }));
  BOOST_TEST(data_crashes([](eh_io& io) { io.out[io.out_cap] = 'x'; }));
}

BOOST_AUTO_TEST_CASE(of_pointers_that_are_kept_are_enforced_at_once) {
  const char* kept = nullptr;
  BOOST_TEST(data_crashes([&](eh_io& io) {
    if (kept) sink = *kept;
    kept = io.in;
  }));
  BOOST_TEST(data_crashes([&](eh_io& io) {
    if (kept) sink = *kept;
    kept = io.out;
  }));
  BOOST_TEST(data_crashes([&](eh_io& io) {
    if (kept) sink = *kept;
    kept = reinterpret_cast<const char*>(&io);
  }));
}

BOOST_AUTO_TEST_SUITE_END()
