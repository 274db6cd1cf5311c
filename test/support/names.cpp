// Distributed under the Boost Software License, Version 1.0.
// The name service in a test's hands.
#include "support/names.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace epollhost::test {
namespace {

std::mutex mutex;
std::condition_variable changed;
std::map<std::string, std::vector<std::string>> known;
std::map<std::string, std::pair<int, int>> failing; // EAI_* and errno
std::set<std::string> slow;
std::size_t waiting = 0;

using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

int real(const char* name, const char* port, const addrinfo* hints, addrinfo** out) {
  static const auto next = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(name, port, hints, out);
}

int list(const std::vector<std::string>& numbers, const char* port, const addrinfo* hints, addrinfo** out) {
  *out = nullptr;
  for (const std::string& number : numbers) {
    if (const int error = real(number.c_str(), port, hints, out)) return error;
    out = &(*out)->ai_next;
  }
  return numbers.empty() ? EAI_NONAME : 0;
}

} // namespace

void names::set(const std::string& name, std::vector<std::string> addresses) {
  std::lock_guard lock(mutex);
  known[name] = std::move(addresses);
}

void names::fail(const std::string& name, int error, int number) {
  std::lock_guard lock(mutex);
  failing[name] = {error, number};
}

void names::hang(const std::string& name) {
  std::lock_guard lock(mutex);
  slow.insert(name);
  known[name]; // and then there is none, unless set() says otherwise
}

void names::release() {
  std::lock_guard lock(mutex);
  slow.clear();
  changed.notify_all();
}

std::size_t names::hanging() const {
  std::lock_guard lock(mutex);
  return waiting;
}

names::~names() {
  release();
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return waiting == 0; });
  known.clear();
  failing.clear();
}

} // namespace epollhost::test

// The program's own comes before the C library's.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* name, const char* port,
                                                                  const addrinfo* hints, addrinfo** out) {
  using namespace epollhost::test;
  std::unique_lock lock(mutex);
  if (slow.contains(name)) {
    ++waiting;
    changed.wait(lock, [name] { return !slow.contains(name); });
    --waiting;
    changed.notify_all();
  }
  if (const auto fails = failing.find(name); fails != failing.end()) {
    errno = fails->second.second;
    return fails->second.first;
  }
  const auto at = known.find(name);
  if (at == known.end()) {
    lock.unlock();
    return real(name, port, hints, out);
  }
  return list(at->second, port, hints, out);
}
