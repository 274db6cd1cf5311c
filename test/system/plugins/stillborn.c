// Distributed under the Boost Software License, Version 1.0.
// A plugin that crashes while it is loaded.
#include <epollhost/plugin.h>

__attribute__((constructor)) static void crash(void) {
  volatile int* volatile nowhere = 0;
  *nowhere = 1;
}

extern EH_EXPORT const eh_plugin epollhost_plugin;
const eh_plugin epollhost_plugin = {.size = sizeof(eh_plugin), .abi_major = EH_ABI_MAJOR, .abi_minor = EH_ABI_MINOR};
