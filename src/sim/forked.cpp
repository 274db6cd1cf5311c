// Distributed under the Boost Software License, Version 1.0.
// Runs in processes of their own.
#include "sim/forked.hpp"

#include "net/error.hpp"
#include "sim/last_log.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace epollhost::sim {
namespace {

// ---- an outcome as bytes: figures, then each text behind its length

void put(std::string& to, const std::string& text) {
  const std::uint64_t len = text.size();
  to.append(reinterpret_cast<const char*>(&len), sizeof len);
  to += text;
}

std::string to_bytes(const outcome& o) {
  std::string out(reinterpret_cast<const char*>(&o.seen), sizeof o.seen);
  put(out, o.rule);
  put(out, o.what);
  for (const std::string& a : o.answers) put(out, a);
  return out;
}

bool get(std::string_view& from, void* to, std::size_t len) {
  if (from.size() < len) return false;
  std::memcpy(to, from.data(), len);
  from.remove_prefix(len);
  return true;
}

bool get(std::string_view& from, std::string& to) {
  std::uint64_t len = 0;
  if (!get(from, &len, sizeof len) || from.size() < len) return false;
  to.assign(from.substr(0, len));
  from.remove_prefix(len);
  return true;
}

bool from_bytes(std::string_view bytes, outcome& to) {
  if (!get(bytes, &to.seen, sizeof to.seen) || !get(bytes, to.rule) || !get(bytes, to.what)) return false;
  for (std::string answer; get(bytes, answer);) to.answers.push_back(answer);
  return bytes.empty();
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return; // the parent has ended
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

} // namespace

forked::forked(limits most) : most_(most) {
  void* const shared = ::mmap(nullptr, sizeof(last_words), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) net::throw_last_error("mmap of a child's last words");
  words_ = new (shared) last_words;
}

forked::~forked() {
  if (pid_ != 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::munmap(words_, sizeof(last_words));
}

void forked::start(const job& j) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) net::throw_last_error("pipe2");
  pipe_.reset(ends[0]);
  net::unique_fd to(ends[1]);
  *words_ = {};
  received_.clear();
  pid_ = ::fork();
  if (pid_ < 0) pid_ = 0, net::throw_last_error("fork");
  if (pid_ == 0) be_child(j, to.get());
}

void forked::be_child(const job& j, int to) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGALRM, SIG_DFL);
  ::alarm(most_.real_s);
  const rlimit processor{most_.processor_s, most_.processor_s + 1};
  ::setrlimit(RLIMIT_CPU, &processor);
  const auto report = [to](const outcome& o) {
    write_all(to, to_bytes(o));
    ::_exit(0); // no destructor runs, and no exit handler of the plugin
  };
  try {
    report(j(*words_, report));
  } catch (const std::exception& e) {
    const std::string logged = last_line().empty() ? "" : "\nthe last line of the log: " + last_line();
    report({"exception", e.what() + logged, {}, {}});
  }
  ::_exit(0);
}

bool forked::take() {
  char bytes[16384];
  const ssize_t n = ::read(pipe_.get(), bytes, sizeof bytes);
  if (n < 0) return errno != EINTR && errno != EAGAIN;
  received_.append(bytes, static_cast<std::size_t>(n));
  return n == 0;
}

outcome forked::died(int status) const {
  const std::string where = words_->in_hook == hook::none
                                ? std::string("outside of the plugin's hooks")
                                : fmt::format("in {} of connection {:#x}, at {:.6f} ms", to_string(words_->in_hook),
                                              words_->conn, double(words_->now_ns) / 1e6);
  if (!WIFSIGNALED(status))
    return {"crash", fmt::format("the process exited with {} {}", WEXITSTATUS(status), where), {}, {}};
  if (WTERMSIG(status) == SIGXCPU)
    return {"hang", fmt::format("it did not end within {} s of the processor, {}", most_.processor_s, where), {}, {}};
  if (WTERMSIG(status) == SIGALRM)
    return {"hang", fmt::format("it did not end within {} s, {}", most_.real_s, where), {}, {}};
  return {"crash", fmt::format("SIG{} {}", ::sigabbrev_np(WTERMSIG(status)), where), {}, {}};
}

outcome forked::result() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  outcome out;
  return from_bytes(received_, out) ? out : died(status);
}

outcome run_forked(const job& j, forked::limits most) {
  forked child(most);
  child.start(j);
  while (!child.take()) {
  }
  return child.result();
}

} // namespace epollhost::sim
