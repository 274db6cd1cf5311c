/* Distributed under the Boost Software License, Version 1.0. */
/* A plugin that does nothing, in which the build replaces one field after another by something bad. */
#ifdef BAD_SYMBOL
#define epollhost_plugin BAD_SYMBOL
#endif
#include <epollhost/plugin.h>

#define TEXT(x) TEXT_(x)
#define TEXT_(x) #x

#ifndef BAD_SIZE
#define BAD_SIZE sizeof(eh_plugin)
#endif
#ifndef BAD_MAJOR
#define BAD_MAJOR EH_ABI_MAJOR
#endif
#ifndef BAD_NEEDED
#define BAD_NEEDED 0
#endif
#ifndef BAD_FLAGS
#define BAD_FLAGS 0
#endif
#ifndef BAD_DATA
#define BAD_DATA data
#endif
#ifndef BAD_ALIGN
#define BAD_ALIGN 0
#endif
#ifndef BAD_STATE
#define BAD_STATE 0
#endif
#ifndef BAD_HOOKS_SIZE
#define BAD_HOOKS_SIZE sizeof(eh_hooks)
#endif
#ifndef BAD_INSTANCE_SIZE
#define BAD_INSTANCE_SIZE sizeof(eh_instance)
#endif
#ifndef BAD_HOOKS
#define BAD_HOOKS &hooks
#endif
#ifndef BAD_OPTIONS
#define BAD_OPTIONS options
#endif
#ifndef BAD_OPTION_SIZE
#define BAD_OPTION_SIZE sizeof(eh_option)
#endif
#ifndef BAD_TYPE
#define BAD_TYPE EH_INTEGER
#endif
#ifndef BAD_OPTION_FLAGS
#define BAD_OPTION_FLAGS 0
#endif
#ifdef BAD_TEXT
#define FALLBACK_TEXT TEXT(BAD_TEXT)
#else
#define FALLBACK_TEXT 0
#endif
#ifndef BAD_FALLBACK
#define BAD_FALLBACK 0
#endif
#ifndef BAD_SECOND_NUMBER
#define BAD_SECOND_NUMBER 0
#endif
#ifndef BAD_SECOND_REAL
#define BAD_SECOND_REAL 0
#endif
#ifndef BAD_COUNT
#define BAD_COUNT 2
#endif
#ifndef BAD_SECOND
#define BAD_SECOND second
#endif
#ifndef BAD_NODELAY
#define BAD_NODELAY 1
#endif
#ifdef BAD_NAME
#define NAME TEXT(BAD_NAME)
#else
#define NAME "table"
#endif
#ifdef BAD_NAME_NULL
#undef NAME
#define NAME 0
#endif

__attribute__((unused)) static eh_next data(void* instance, void* state, eh_io* io) {
  (void)instance, (void)state;
  io->in_used = io->in_len;
#ifdef BAD_CALL
  extern void BAD_CALL(void);
  BAD_CALL();
#endif
  return EH_KEEP;
}

__attribute__((unused)) static const eh_hooks hooks = {
    .size = BAD_HOOKS_SIZE, .state_size = BAD_STATE, .state_align = BAD_ALIGN, .data = BAD_DATA};
static const eh_instance instance = {.size = BAD_INSTANCE_SIZE};
static const eh_socket sockets = {.size = sizeof(eh_socket), .nodelay = BAD_NODELAY};
__attribute__((unused)) static const eh_option options[] = {
    {.name = "first",
     .help = "a number",
     .type = EH_INTEGER,
     .fallback = {.integer = BAD_FALLBACK},
     .min = {.integer = 0},
     .max = {.integer = 9}},
    {.name = TEXT(BAD_SECOND),
     .help = "another",
     .type = BAD_TYPE,
     .flags = BAD_OPTION_FLAGS,
     .choices = "a|b",
     .fallback = {.integer = BAD_SECOND_NUMBER, .real = BAD_SECOND_REAL, .text = FALLBACK_TEXT},
     .max = {.real = 1}}};

EH_EXPORT const eh_plugin epollhost_plugin = {.size = BAD_SIZE,
                                              .abi_major = BAD_MAJOR,
                                              .abi_minor = EH_ABI_MINOR,
                                              .host_minor_needed = BAD_NEEDED,
                                              .option_size = BAD_OPTION_SIZE,
                                              .option_count = BAD_COUNT,
                                              .flags = BAD_FLAGS,
                                              .name = NAME,
                                              .version = "1.0.0",
                                              .summary = "does nothing",
                                              .listen = "127.0.0.1:0",
                                              .socket = &sockets,
                                              .options = BAD_OPTIONS,
                                              .instance = &instance,
                                              .hooks = BAD_HOOKS};
