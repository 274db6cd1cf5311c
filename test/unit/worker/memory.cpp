// Distributed under the Boost Software License, Version 1.0.
// Tests what the worker does when memory runs out: at each of the allocations of a call, one after the other.
#include "support/far_end.hpp"
#include "support/log_lines.hpp"
#include "support/scarce_memory.hpp"
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::each_lack_of_memory;
using test::probe;
using test::scarce_memory;
using test::served;

namespace {

// Runs `act` once in the hook of a connection, and looks afterwards whether the worker still serves.
void in_a_hook(loop::trigger trigger, const std::function<void(probe&, served&, eh_io&)>& act) {
  probe p;
  served host(p, trigger);
  bool acted = false;
  p.data = [&](eh_io& io) {
    if (!std::exchange(acted, true)) act(p, host, io);
    io.in_used = io.in_len;
    return eh_next(EH_KEEP);
  };
  client c(host.at());
  c.send("x");
  host.until([&] { return acted; });
  for (int i = 0; i < 5; ++i) host.turn();
  p.data = [](eh_io& io) {
    io.out[0] = 'k';
    io.in_used = io.in_len;
    io.out_used = 1;
    return eh_next(EH_CLOSE);
  };
  client after(host.at());
  after.send("x");
  host.receive(after, 1);
  BOOST_CHECK_EQUAL(after.received, "k");
}

void is_refused(std::int64_t status) { BOOST_CHECK(status == EH_NO_MEMORY || status == EH_OVER_LIMIT); }

} // namespace

BOOST_AUTO_TEST_SUITE(memory)

EPOLLHOST_TEST_EACH_TRIGGER(refuses_to_queue_bytes_without_memory) {
  in_a_hook(trigger, [](probe& p, served&, eh_io& io) {
    const std::string bytes(200'000, 'w');
    const int times =
        each_lack_of_memory([&] { return p.host->write(p.host, io.conn, bytes.data(), bytes.size()); }, is_refused);
    BOOST_CHECK_GE(times, 1);
  });
}

EPOLLHOST_TEST_EACH_TRIGGER(refuses_a_reference_without_memory_and_does_not_release_it) {
  int released = 0;
  in_a_hook(trigger, [&](probe& p, served&, eh_io& io) {
    const auto release = [](void* count) { ++*static_cast<int*>(count); };
    const int times =
        each_lack_of_memory([&] { return p.host->write_ref(p.host, io.conn, "reference", 9, release, &released); },
                            [&](eh_status s) {
                              is_refused(s);
                              BOOST_CHECK_EQUAL(released, 0);
                            });
    BOOST_CHECK_GE(times, 2); // the head of the queue, and what goes into it
  });
  BOOST_CHECK_EQUAL(released, 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(refuses_a_file_without_memory_and_leaves_it_open) {
  in_a_hook(trigger, [&](probe& p, served&, eh_io& io) {
    const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int times = each_lack_of_memory([&] { return p.host->send_file(p.host, io.conn, file, 0, 100); },
                                          [&](eh_status s) {
                                            is_refused(s);
                                            BOOST_CHECK_GE(::fcntl(file, F_GETFD), 0);
                                          });
    BOOST_CHECK_GE(times, 1);
  });
}

EPOLLHOST_TEST_EACH_TRIGGER(refuses_timers_and_posts_without_memory) {
  in_a_hook(trigger, [](probe& p, served& host, eh_io& io) {
    const eh_host* const h = p.host;
    BOOST_CHECK_GE(each_lack_of_memory([&] { return h->timer_start(h, io.conn, h->now_ns(h), 1); }, is_refused), 2);
    BOOST_CHECK_GE(each_lack_of_memory([&] { return h->timer_start(h, 0, h->now_ns(h), 1); }, is_refused), 0);
    const auto many = [&](auto call) { // so that the loop's queue has to grow
      return [call] {
        eh_status status = EH_OK;
        for (int i = 0; i < 1000 && status == EH_OK; ++i) status = call();
        return status;
      };
    };
    BOOST_CHECK_GE(each_lack_of_memory(many([&] { return h->post(h, io.conn, 2, nullptr, nullptr); }), is_refused), 1);
    BOOST_CHECK_GE(each_lack_of_memory(many([&] { return h->wake(h, io.conn, 3); }), is_refused), 1);
    BOOST_CHECK_EQUAL(host.worker->open_connections(), 1);
  });
}

EPOLLHOST_TEST_EACH_TRIGGER(refuses_a_channel_without_memory) {
  probe p;
  p.start = [&] {
    const std::string path = "/dev/null";
    const int times =
        each_lack_of_memory([&] { return p.host->channel_open(p.host, path.data(), path.size()); }, is_refused);
    BOOST_CHECK_GE(times, 1);
    return 0;
  };
  served host(p, trigger);
}

EPOLLHOST_TEST_EACH_TRIGGER(refuses_a_metric_without_memory) {
  const test::log_lines lines;
  probe p;
  p.start = [&] {
    std::uint64_t* cell = nullptr;
    const auto define = [&] { return p.host->metric(p.host, 99, "wrong", "its kind", &cell); };
    each_lack_of_memory(define, [](eh_status s) { BOOST_CHECK(s == EH_NO_MEMORY || s == EH_INVALID); });
    BOOST_CHECK(!cell);
    return 0;
  };
  served host(p, trigger);
}

EPOLLHOST_TEST_EACH_TRIGGER(drops_a_line_of_the_log_without_memory) {
  const test::log_lines lines;
  in_a_hook(trigger, [](probe& p, served&, eh_io&) {
    const std::string text(500, 'l');
    each_lack_of_memory([&] { return p.host->log(p.host, EH_LOG_INFO, text.data(), text.size()), 0; }, [](int) {});
  });
}

// Whichever allocation it is: a connection that was not begun leaves nothing, and its hooks are not called.
EPOLLHOST_TEST_EACH_TRIGGER(refuses_to_connect_without_memory) {
  for (const std::string name : {"127.0.0.1", "localhost"}) {
    test::far_end far;
    in_a_hook(trigger, [&](probe& p, served& host, eh_io&) {
      const std::string to = to_string(host.at());
      const std::string address = name + to.substr(to.rfind(':'));
      BOOST_CHECK_GE(each_lack_of_memory([&] { return far.connect(p.host, address); }, is_refused), 3);
      BOOST_CHECK(far.calls.empty());
      p.host->close(p.host, far.conn, EH_ABORT);
    });
    BOOST_CHECK_EQUAL(far.calls.size(), 1); // its close
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(rests_where_a_connection_finds_no_memory_and_takes_the_next) {
  const test::log_lines lines;
  probe p;
  served host(p, trigger);
  host.turn(); // what the loop itself needs, it has now
  client closed(host.at());
  {
    const scarce_memory none(0);
    host.until([&] { return host.counters().accept_failures > 0; });
  }
  client c(host.at());
  host.until([&] { return p.opened.size() == 1; });
  BOOST_CHECK_EQUAL(host.counters().accept_failures, 1);
}

BOOST_AUTO_TEST_SUITE_END()
