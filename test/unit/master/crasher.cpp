// Distributed under the Boost Software License, Version 1.0.
// A shared object that crashes in each way there is, on lines with known numbers.
#include <sys/mman.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace crasher {

__attribute__((noinline)) int parse(const char* text, volatile int* at) {
#line 1000 "crasher.cpp"
  *at = text[0];
  return *at;
}

__attribute__((noinline)) int read_request(const char* text) {
#line 2000 "crasher.cpp"
  const int length = parse(text, reinterpret_cast<volatile int*>(0x10));
  return length + 1;
}

__attribute__((noinline)) int overflow(volatile char* above) {
  volatile char page[4096];
  page[0] = *above;
  return *above ? 0 : overflow(page) + page[0]; // *above is 0
}

__attribute__((noinline)) int divide(volatile int* by) { return 7 / *by; }

__attribute__((noinline)) int call(int (*volatile* function)()) { return (*function)() + 1; }

__attribute__((noinline)) int touch_beyond_a_file() {
  const int fd = ::memfd_create("empty", MFD_CLOEXEC);
  return *static_cast<volatile char*>(::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0));
}

__attribute__((noinline)) int lose_the_stack() {
#if defined(__x86_64__)
  asm volatile("mov $16, %rbp\n\tmov $16, %rsp\n\tud2");
#endif
  return 0;
}

__attribute__((noinline)) int spin(volatile int* turns) {
  for (;;) *turns = *turns + 1;
}

} // namespace crasher

extern "C" __attribute__((visibility("default"))) int crash_by(const char* how) {
  int zero = 0;
  int (*volatile nothing)() = nullptr;
  char byte = 0;
  if (!std::strcmp(how, "SIGSEGV")) return crasher::read_request(how);
  if (!std::strcmp(how, "SIGFPE")) return crasher::divide(&zero);
  if (!std::strcmp(how, "SIGILL")) __builtin_trap();
  if (!std::strcmp(how, "SIGBUS")) return crasher::touch_beyond_a_file();
  if (!std::strcmp(how, "SIGABRT")) std::abort();
  if (!std::strcmp(how, "overflow")) return crasher::overflow(&byte);
  if (!std::strcmp(how, "null call")) return crasher::call(&nothing);
  if (!std::strcmp(how, "no stack")) return crasher::lose_the_stack();
  if (!std::strcmp(how, "spin")) return crasher::spin(&zero);
  return std::raise(SIGSEGV);
}
