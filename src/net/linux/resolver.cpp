// Distributed under the Boost Software License, Version 1.0.
// Looks names up in threads of its own, with getaddrinfo(3).
#include "net/resolver.hpp"

#include "net/clock.hpp"

#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace epollhost::net {
namespace {

// A thread inherits the mask: signals are for the loop's thread, but for those that tell of a fault in this one.
class signals_blocked {
public:
  signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS}) ::sigdelset(&all, fault);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;

private:
  sigset_t before_;
};

// The other family in every second place, so that a family that leads nowhere costs one attempt and not all of them.
// Source: RFC 8305, section 4.
void alternate_families(std::vector<endpoint>& all) {
  for (std::size_t i = 1; i < all.size(); ++i) {
    const auto other = std::find_if(all.begin() + std::ptrdiff_t(i), all.end(),
                                    [&](const endpoint& e) { return e.family() != all[i - 1].family(); });
    if (other == all.end()) return;
    std::rotate(all.begin() + std::ptrdiff_t(i), other, other + 1);
  }
}

// Without descriptors there is no name server either: the C library then says that the failure is temporary.
std::string text_of(int error, int number) {
  const bool lacks = number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
  const std::string here(resolver::answer::here);
  if (error == EAI_SYSTEM || (error == EAI_AGAIN && lacks)) return here + std::strerror(number);
  return error == EAI_MEMORY ? here + ::gai_strerror(error) : ::gai_strerror(error);
}

resolver::answer ask(const std::string& name, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  errno = 0;
  const int error = ::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return {{}, text_of(error, errno)};
  resolver::answer out;
  for (const addrinfo* a = found; a; a = a->ai_next) {
    endpoint& e = out.endpoints.emplace_back();
    e.size = a->ai_addrlen;
    std::memcpy(&e.storage, a->ai_addr, a->ai_addrlen);
  }
  ::freeaddrinfo(found);
  alternate_families(out.endpoints);
  return out;
}

} // namespace

struct resolver::shared {
  struct request {
    std::string name;
    std::uint16_t port;
    std::int64_t until_ns;
    done answer_to;
  };
  std::mutex mutex;
  std::condition_variable more;
  std::deque<request> waiting;
  std::size_t running = 0; // look-ups in hand
  std::size_t threads = 0;
  bool over = false;

  std::size_t pending() const { return waiting.size() + running; }
};

resolver::resolver() : shared_(std::make_shared<shared>()) {}

// The threads are detached: one that hangs in a look-up ends with the process, the others now.
resolver::~resolver() {
  std::lock_guard lock(shared_->mutex);
  shared_->over = true;
  shared_->waiting.clear();
  shared_->more.notify_all();
}

bool resolver::start_thread() {
  const signals_blocked guard;
  try {
    std::thread([s = shared_] { run(s); }).detach();
    ++shared_->threads;
    return true;
  } catch (const std::system_error&) {
    return shared_->threads > 0; // those that are there must do
  }
}

bool resolver::is_full() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->pending() >= pending_max;
}

void resolver::look_up(std::string name, std::uint16_t port, std::int64_t until_ns, done d) {
  std::lock_guard lock(shared_->mutex);
  assert(shared_->pending() < pending_max);
  const bool want_thread = shared_->pending() >= shared_->threads && shared_->threads < threads_max;
  if (want_thread && !start_thread()) return d({{}, std::string(answer::here) + "no thread could be started"});
  shared_->waiting.push_back({std::move(name), port, until_ns, std::move(d)});
  shared_->more.notify_one();
}

void resolver::run(const std::shared_ptr<shared>& s) {
  std::unique_lock lock(s->mutex);
  for (;;) {
    s->more.wait(lock, [&] { return s->over || !s->waiting.empty(); });
    if (s->over) return;
    shared::request r = std::move(s->waiting.front());
    s->waiting.pop_front();
    if (monotonic_ns() >= r.until_ns) continue;
    ++s->running;
    lock.unlock();
    answer a;
    try {
      a = ask(r.name, r.port);
    } catch (const std::bad_alloc&) {
      a.endpoints.clear(); // what is left to say fits where it is
      a.error = answer::no_memory;
    }
    lock.lock();
    --s->running;
    if (!s->over) r.answer_to(std::move(a)); // under the lock: whoever ends the resolver waits for this call
  }
}

} // namespace epollhost::net
