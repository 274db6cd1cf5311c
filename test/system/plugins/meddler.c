// Distributed under the Boost Software License, Version 1.0.
// A plugin that writes, while it is loaded, to every descriptor that it finds, and ends the process.
#include <epollhost/plugin.h>

#include <unistd.h>

#ifdef ALOUD
#define SAYS "hello"
#else
#define SAYS "+abc" /* as a good answer begins */
#endif

__attribute__((constructor)) static void meddle(void) {
  for (int fd = 3; fd < 64; ++fd) {
    const ssize_t n = write(fd, SAYS, sizeof SAYS - 1);
    (void)n; /* most are closed */
  }
  _exit(0);
}

extern EH_EXPORT const eh_plugin epollhost_plugin;
const eh_plugin epollhost_plugin = {.size = sizeof(eh_plugin), .abi_major = EH_ABI_MAJOR, .abi_minor = EH_ABI_MINOR};
