// Distributed under the Boost Software License, Version 1.0.
// An echo plugin that does its worst at its K-th message, or when it starts.
#include <epollhost/plugin.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eh = epollhost;

struct hostile {
  struct options {
    std::string_view deed = "none";
    std::uint64_t at = 1;
    bool in_run = false;
  };
  static constexpr auto about = eh::about{"hostile", "1.0.0", "misbehaves", "127.0.0.1:0"};
  static constexpr auto schema = eh::schema<options>(
      eh::option("deed", &options::deed, "what it does"),
      eh::option("at", &options::at, "at which message of the process; 0: when it starts"),
      eh::option("in-run", &options::in_run, "not then, but in the hook `run`, which no trial calls"));

  const options& chosen;
  eh::metric said, here;
  std::uint64_t* first_cell = nullptr;
  std::uint64_t messages = 0;

  hostile(eh::host h, const options& o)
      : chosen(o), said(h.counter("messages", "messages that came")),
        here(h.gauge("connections", "who is connected now")) {
    h.table()->metric(h.table(), EH_METRIC_COUNTER, "messages", "the same again", &first_cell);
    if (chosen.at == 0 && !chosen.in_run) misbehave();
  }

  void run() {
    if (chosen.in_run) misbehave();
  }

  void misbehave() {
    const std::string_view what = chosen.deed;
    if (what == "segv") ::raise(SIGSEGV);
    if (what == "null") *static_cast<volatile int*>(nowhere()) = 1;
    if (what == "abort") std::abort();
    if (what == "scribble") std::memset(first_cell, 0xff, 6000); // over what the host keeps behind it
    if (what == "fill") fill_all_pages();
    if (what == "throw") throw std::runtime_error("the hostile plugin throws");
    if (what == "loop")
      while (for_ever) {
      }
    if (what == "leak")
      while (::open("/dev/null", O_RDONLY) >= 0) {
      }
    if (what == "close") ::close_range(3, ~0u, 0);
    if (what == "deaf") close_channel();
    if (what == "exit") std::exit(0);
    if (what == "quick-exit") ::_exit(3);
    if (what == "orphan" && ::fork() == 0) { // the grandchild falls to process 1
      ::fork();
      ::_exit(0);
    }
    if (what == "copy") ::fork(); // and both return
    if (what == "fork" && ::fork() == 0) {
      ::alarm(30); // nobody else ends it
      for (;;) ::pause();
    }
  }

  // Over all that it shares with the master, and in a wrong world with other workers.
  static void fill_all_pages() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      unsigned long from = 0, to = 0;
      char rights[5] = "";
      if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) == 3 && std::string_view(rights) == "rw-s")
        std::memset(reinterpret_cast<void*>(from), 0xff, to - from);
    }
  }

  // The only socket that keeps messages whole is the one to the master.
  static void close_channel() {
    int type = 0;
    socklen_t size = sizeof type;
    for (int fd = 3; fd < 1024; ++fd)
      if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET) ::close(fd);
  }

  // What a message says, at once.
  static void obey(std::string_view order) {
    if (order == "doze") ::usleep(48'000); // the master looks every 50 ms: so it sees this once at most
    if (order == "crash") ::raise(SIGSEGV);
  }

  static void* nowhere() { return nullptr; }
  volatile bool for_ever = true;

  struct connection {
    hostile& all;

    explicit connection(hostile& h) : all(h) { all.here.add(); }
    ~connection() { all.here.subtract(); }

    eh::next data(eh::io& io) {
      const bool message = !io.input().empty(); // or the end of input
      if (message) all.said.add();
      if (all.chosen.deed == "obey") obey({io.input().data(), io.input().size()});
      if (message && all.chosen.at != 0 && !all.chosen.in_run && ++all.messages == all.chosen.at) all.misbehave();
      io.reply(io.take());
      return eh::next::keep;
    }
  };
};
EPOLLHOST_PLUGIN(hostile)
