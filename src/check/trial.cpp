// Distributed under the Boost Software License, Version 1.0.
// Plays a script with a plugin in a child process, where a crash or a hang is a finding.
#include "check/trial.hpp"

#include "master/archive.hpp"
#include "master/child.hpp"
#include "master/crash_report.hpp"
#include "master/stack_report.hpp"
#include "net/error.hpp"
#include "worker/crash_handler.hpp"
#include "worker/module_table.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>

namespace epollhost::check {
namespace {

using testing::detail::call_record;

// A page on each side is enough to tell a read that went too far from a wild one.
constexpr std::uint64_t near_bytes = 4096;

struct shared_record {
  shared_record() {
    void* const at = ::mmap(nullptr, sizeof(trial_record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) net::throw_last_error("mmap");
    record = new (at) trial_record{};
  }
  ~shared_record() { ::munmap(record, sizeof(trial_record)); }
  shared_record(const shared_record&) = delete;
  trial_record* record;
};

std::array<net::unique_fd, 2> make_pipe(int flags) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | flags) != 0) net::throw_last_error("pipe2");
  return {net::unique_fd(ends[0]), net::unique_fd(ends[1])};
}

void write_all(int fd, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno != EINTR) return; // nobody listens any more
    if (n > 0) at += static_cast<std::size_t>(n);
  }
}

void limit() {
  const rlimit processor{trial_processor_seconds, trial_processor_seconds + 1}, none{0, 0};
  ::setrlimit(RLIMIT_CPU, &processor);
  ::setrlimit(RLIMIT_CORE, &none); // a crash is told by its record
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0) ::dup2(null, STDOUT_FILENO); // what the plugin prints is none of the findings
}

std::string packed(const stage& s) {
  master::archive_writer out;
  out.put(s.conversations()).put(s.findings().size());
  for (const finding& f : s.findings()) out.put(std::string(f.kind->name)).put(f.what);
  return out.bytes();
}

trial_result unpacked(const std::string& bytes) {
  trial_result out;
  master::archive_reader in(bytes);
  out.conversations = in.get<std::size_t>();
  for (auto n = in.get<std::size_t>(); n > 0; --n) {
    const std::string name = in.text();
    out.findings.push_back(make_finding(name, in.text()));
  }
  return out;
}

// What the address says that the process touched last.
const char* kind_of_fault(std::uint64_t at, const call_record& r) {
  const auto behind = [at](const call_record::range& x) { return x.begin && at >= x.end && at < x.end + near_bytes; };
  if (r.input.begin && r.input.contains(at)) return "wrote-input";
  if (behind(r.input)) return "read-past-input";
  if (behind(r.output)) return "wrote-past-output";
  if (behind(r.state)) return "state-overflow";
  return r.has_ended(at) ? "held-pointer" : "crash";
}

std::string where(const trial_record& r) {
  std::string doing(r.doing, ::strnlen(r.doing, sizeof r.doing));
  return fmt::format("in {}\n{}", testing::detail::name_of(r.calls.in), doing);
}

finding crashed(const crash_record& report, const trial_record& r, const worker_settings& settings,
                const master::sealed_file& bytes, const master::identity& rights) {
  const auto lines =
      master::stack_lines(report, {.plugin_name = settings.plugin_file.substr(settings.plugin_file.rfind('/') + 1),
                                   .plugin_fd = bytes.fd(),
                                   .before_files = [rights] { master::drop_privileges(rights); }});
  const bool has_address = report.flags & crash_record::has_address;
  return make_finding(has_address ? kind_of_fault(report.address, r.calls) : "crash",
                      fmt::format("{}, {}\n{}", master::describe_signal(report), where(r), fmt::join(lines, "\n")));
}

} // namespace

trial_result play(const script& what, const worker_settings& settings, const master::sealed_file& bytes,
                  const master::identity& rights) {
  const shared_record shared;
  auto result = make_pipe(0), report = make_pipe(O_NONBLOCK);
  const std::array<int, 3> keep{result[1].get(), report[1].get(), bytes.fd()};
  const pid_t pid = master::fork_child(keep, [&] {
    install_crash_handler(report[1].get()); // without one a crash is told without its place
    master::drop_privileges(rights);
    limit();
    stage s(bytes.path(), settings, *shared.record);
    refresh_module_table();
    try {
      what.play(s);
    } catch (const stage::enough&) { // what was found is told
    }
    write_all(result[1].get(), packed(s));
    return 0;
  });
  result[1].reset();
  std::string said;
  const bool ended = master::read_until_end(result[0].get(), trial_timeout, said);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (ended && status == 0 && !said.empty()) return unpacked(said);
  if (const auto crash = master::read_report(report[0].get()))
    return {{crashed(*crash, *shared.record, settings, bytes, rights)}, 0};
  const bool too_long = !ended || (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL));
  const std::string how = too_long ? fmt::format("it took more than {} s, or {} s of the processor",
                                                 trial_timeout.count(), trial_processor_seconds)
                                   : "the process " + master::describe_end(status);
  return {{make_finding(too_long ? "hang" : "crash", fmt::format("{}, {}", how, where(*shared.record)))}, 0};
}

} // namespace epollhost::check
