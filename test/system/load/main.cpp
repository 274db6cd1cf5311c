// Distributed under the Boost Software License, Version 1.0.
// Puts a load on a server until its standard input ends, the time is over or all is asked; then one line of JSON.
//
// Each line on the standard input is answered by such a line about what has been so far.
#include "http_client.hpp"
#include "stream_client.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

namespace load {
namespace {

// Whoever runs us asks here.
class questions final : public handler {
public:
  questions(campaign& c, std::int64_t began_ns) : all_(c), began_ns_(began_ns) {
    all_.loop.watch(*this, STDIN_FILENO, EPOLLIN);
  }

  void say() const {
    const std::string line = all_.result.json(all_.served >= all_.opt.clients, double(now_ns() - began_ns_) / 1e9);
    std::puts(line.c_str());
    std::fflush(stdout);
  }

private:
  void on_ready(std::uint32_t) override {
    std::array<char, 256> part;
    const ssize_t n = ::read(STDIN_FILENO, part.data(), part.size());
    for (ssize_t i = 0; i < n; ++i)
      if (part[static_cast<std::size_t>(i)] == '\n') say();
    if (n > 0) return;
    all_.stopping = true;
    all_.loop.unwatch(*this, STDIN_FILENO);
  }
  void on_time() override {}

  campaign& all_;
  std::int64_t began_ns_;
};

template <class Client> void run(campaign& all) {
  const std::int64_t began_ns = now_ns(),
                     end_ns = began_ns + static_cast<std::int64_t>(all.opt.seconds) * 1'000'000'000;
  const questions asked(all, began_ns);
  std::vector<std::unique_ptr<Client>> clients;
  for (std::uint64_t i = 0; i < all.opt.clients; ++i) {
    clients.push_back(std::make_unique<Client>(all));
    clients.back()->begin();
  }
  while (all.live != 0) {
    all.loop.run_once();
    if (now_ns() >= end_ns) all.stopping = true;
  }
  asked.say();
}

} // namespace
} // namespace load

int main(int argc, char** argv) {
  try {
    ::signal(SIGPIPE, SIG_IGN);
    const load::options chosen = load::parse(argc, argv);
    load::reactor loop;
    load::outcomes result;
    load::campaign all{.opt = chosen, .loop = loop, .result = result};
    chosen.mode == load::mode::http ? load::run<load::http_client>(all) : load::run<load::stream_client>(all);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "load: %s\n", e.what());
    return 2;
  }
}
