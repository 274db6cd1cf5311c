// Distributed under the Boost Software License, Version 1.0.
// Work that takes long goes to a thread; the coroutine waits for its answer without holding up anybody.
#include <epollhost/async.hpp>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace eh = epollhost;

static unsigned long count_primes(unsigned long up_to) {
  unsigned long count = 0;
  for (unsigned long n = 2, d; n <= up_to; ++n) {
    for (d = 2; d * d <= n && n % d != 0;) ++d;
    count += d * d > n;
  }
  return count;
}

// One thread that does one job after the other.
class helper {
public:
  ~helper() {
    submit({}); // no job: the end
    thread_.join();
  }
  void submit(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }

private:
  void work() {
    while (const auto job = next()) job();
  }
  std::function<void()> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !jobs_.empty(); });
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::thread thread_{&helper::work, this};
};

struct primes {
  static constexpr auto about = eh::about{"primes", "1.0.0", "counts the primes up to a number", ":7005"};
  std::unique_ptr<helper> thread; // ends before the instance does

  void run() { thread = std::make_unique<helper>(); } // not in the constructor, which also runs to check options

  eh::task<> serve(eh::stream peer) {
    while (const auto line = co_await peer.async_read_until('\n', 20)) {
      const unsigned long up_to = std::strtoul(std::string(*line).c_str(), nullptr, 10);
      unsigned long count = 0;
      eh::steady_timer answered(peer); // never comes by itself: it is cancelled when the answer is there
      thread->submit([&, up_to, to = peer.get_executor()] {
        const unsigned long n = count_primes(up_to);            // here, on the thread
        eh::post(to, [&, n] { count = n, answered.cancel(); }); // there, on the worker, if the peer is still there
      });
      std::error_code ec;
      co_await answered.async_wait(ec);
      co_await peer.async_write(std::to_string(count) + "\n");
    }
  }
};

EPOLLHOST_PLUGIN(primes)
