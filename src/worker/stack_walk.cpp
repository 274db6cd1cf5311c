// Distributed under the Boost Software License, Version 1.0.
// Walks the stack that a signal interrupted, into a crash_record. All of it is async-signal-safe.
#include "worker/stack_walk.hpp"

#include "worker/module_table.hpp"

#include <ucontext.h>
#include <unwind.h>

#include <cstring>

namespace epollhost {
namespace {

std::size_t module_index(crash_record& r, const crash_module& m) {
  for (std::size_t i = 0; i < r.module_count; ++i)
    if (r.modules[i].base == m.base && r.modules[i].end == m.end) return i;
  if (r.module_count == crash_modules_max) return crash_modules_max;
  r.modules[r.module_count] = m;
  return r.module_count++;
}

void add_frame(crash_record& r, std::uint64_t address) {
  if (r.frame_count == crash_frames_max) return;
  const crash_module* const m = find_module(address);
  const std::size_t index = m ? module_index(r, *m) : crash_modules_max;
  r.frames[r.frame_count] = {index, index == crash_modules_max ? address : address - m->base};
  ++r.frame_count;
}

std::uint64_t stack_top(const ucontext_t& c) {
#if defined(__x86_64__)
  return static_cast<std::uint64_t>(c.uc_mcontext.gregs[REG_RSP]);
#else
  static_cast<void>(c);
  return 0;
#endif
}

// Where a call returns to that was made just now: a register on most machines, the top of the stack on this one.
std::uint64_t fresh_return_address(const ucontext_t& c) {
#if defined(__x86_64__)
  std::uint64_t address = 0; // reading it may fault; the handler is ready for that
  std::memcpy(&address, reinterpret_cast<const void*>(stack_top(c)), sizeof address);
  return address;
#elif defined(__aarch64__)
  return c.uc_mcontext.regs[30];
#elif defined(__riscv)
  return c.uc_mcontext.__gregs[REG_RA];
#endif
}

struct walk {
  crash_record& record;
  std::uint64_t start;
  bool started = false; // the first frames are the handler's own
};

_Unwind_Reason_Code step(_Unwind_Context* context, void* data) {
  walk& w = *static_cast<walk*>(data);
  const std::uint64_t address = _Unwind_GetIP(context);
  if (w.started && address)
    add_frame(w.record, address);
  else if (address == w.start)
    w.started = true; // that one is in the record already
  return w.record.frame_count == crash_frames_max ? _URC_END_OF_STACK : _URC_NO_REASON;
}

_Unwind_Reason_Code no_step(_Unwind_Context*, void*) { return _URC_NO_REASON; }

} // namespace

std::uint64_t program_counter(const void* ucontext) {
  const auto& c = *static_cast<const ucontext_t*>(ucontext);
#if defined(__x86_64__)
  return static_cast<std::uint64_t>(c.uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return c.uc_mcontext.pc;
#elif defined(__riscv)
  return c.uc_mcontext.__gregs[REG_PC];
#else
#error "name this machine's program counter here"
#endif
}

void walk_stack(crash_record& into, const void* ucontext) {
  const std::uint64_t start = program_counter(ucontext);
  add_frame(into, start);
  if (find_module(start)) {
    walk w{into, start};
    _Unwind_Backtrace(step, &w);
  } else {
    add_frame(into, fresh_return_address(*static_cast<const ucontext_t*>(ucontext)));
  }
}

void warm_up_stack_walk() { _Unwind_Backtrace(no_step, nullptr); }

} // namespace epollhost
