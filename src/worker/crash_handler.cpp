// Distributed under the Boost Software License, Version 1.0.
// Says where a process is, when it dies or when it is asked.
#include "worker/crash_handler.hpp"

#include "worker/crash_record.hpp"
#include "worker/module_table.hpp"
#include "worker/stack_walk.hpp"

#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace epollhost {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024; // the unwinder takes some 10 KiB, a signal frame up to 11 with AMX
constexpr int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

// Everything that the handlers touch lies here, taken before anything is wrong.
int report_fd = -1;
crash_record crash;                  // of the crash; one is enough, since nobody outlives it
crash_record where;                  // of the answer, so that a crash meanwhile does not mix with it
std::atomic<pid_t> dying{0};         // the thread that has written, or is writing, `crash`
std::atomic<bool> asked{false};      // some thread is at the answer
std::atomic<pid_t> answering{0};     // the thread that is walking its stack into `where`
sigjmp_buf answer_as_far_as_it_came; // taken when that walk crashes; set before `answering` is

pid_t this_thread() { return static_cast<pid_t>(::syscall(SYS_gettid)); }

// The processor's own signals, in contrast to those that were sent. SI_KERNEL is one that does not know its address.
bool from_processor(const siginfo_t& info) { return info.si_code > 0; }

void begin(crash_record& r, int signal, const siginfo_t& info, std::uint32_t flags) {
  r.magic = crash_record::magic_value;
  r.flags = flags;
  r.signal = signal;
  r.code = info.si_code;
  r.process = ::getpid();
  r.thread = this_thread();
  r.address = 0;
  r.frame_count = r.module_count = 0;
  if (!(flags & crash_record::is_crash)) return;
  if (!from_processor(info)) r.flags |= crash_record::sent_by_process;
  if (!from_processor(info) || info.si_code == SI_KERNEL) return;
  r.flags |= crash_record::has_address;
  r.address = reinterpret_cast<std::uint64_t>(info.si_addr);
}

void send(const crash_record& r) {
  // A full pipe has a report already; nobody is left to be told of an error.
  while (::write(report_fd, &r, sizeof r) < 0 && errno == EINTR) {
  }
}

// Let the signal do what it would have done without us.
void die_of(int signal, const siginfo_t& info) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
  // A fault comes again when the handler returns, with the true state in the core. A sent signal has to be sent again.
  if (from_processor(info)) return;
  ::syscall(SYS_tgkill, ::getpid(), this_thread(), signal);
}

// Another thread crashed at the same time: that one's report goes out, and its signal ends us all.
[[noreturn]] void wait_for_the_end() {
  for (;;) ::pause();
}

void on_crash(int signal, siginfo_t* info, void* context) {
  const pid_t self = this_thread();
  if (answering.load(std::memory_order_relaxed) == self) ::siglongjmp(answer_as_far_as_it_came, 1);
  pid_t nobody = 0;
  if (dying.compare_exchange_strong(nobody, self)) {
    begin(crash, signal, *info, crash_record::is_crash);
    // In a constructor of a library that is being loaded. This is not safe in a signal handler in general; but the
    // thread holds the linker's lock already, which is recursive, and a second crash in here is taken care of.
    if (modules_are_changing()) refresh_module_table();
    walk_stack(crash, context);
    send(crash);
  } else if (nobody == self) {
    // The walk crashed. What it found until then is in the record; die of the first signal, not of this one.
    crash.flags |= crash_record::unwinder_crashed;
    send(crash);
    signal = crash.signal;
    siginfo_t sent{};
    return die_of(signal, sent);
  } else {
    wait_for_the_end();
  }
  die_of(signal, *info);
}

void on_where(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  if (asked.exchange(true)) return; // another thread is at it
  begin(where, signal, *info, 0);
  if (sigsetjmp(answer_as_far_as_it_came, 1) == 0) {
    answering.store(where.thread);
    walk_stack(where, context);
  } else {
    where.flags |= crash_record::unwinder_crashed;
  }
  answering.store(0);
  send(where);
  asked.store(false);
  errno = saved;
}

// A stack for the handlers with a page below it that nobody may touch. Never freed: it lives as long as its thread.
bool give_own_stack() {
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const all = ::mmap(nullptr, page + stack_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (all == MAP_FAILED) return false;
  stack_t stack{};
  stack.ss_sp = static_cast<char*>(all) + page;
  stack.ss_size = stack_bytes;
  return ::mprotect(stack.ss_sp, stack_bytes, PROT_READ | PROT_WRITE) == 0 && ::sigaltstack(&stack, nullptr) == 0;
}

bool handle(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | flags;
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, signal);
  return ::sigaction(signal, &action, nullptr) == 0 && ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr) == 0;
}

} // namespace

net::error_code install_crash_handler(int fd) {
  report_fd = fd;
  warm_up_stack_walk();
  refresh_module_table();
  if (!give_own_stack()) return net::last_error();
  if (!handle(where_signal(), on_where, SA_RESTART)) return net::last_error();
  for (const int signal : crash_signals)
    if (!handle(signal, on_crash, SA_NODEFER)) return net::last_error(); // SA_NODEFER: the handler itself may crash
  return {};
}

} // namespace epollhost
