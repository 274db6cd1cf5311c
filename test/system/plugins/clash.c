/* Distributed under the Boost Software License, Version 1.0. */
/* A plugin that exports a function and a variable which another one exports too, with another meaning: it answers each
 * input with the word that it finds under those names. Built twice, as two versions of one library would be. */
#include <epollhost/plugin.h>

#include <string.h>

#ifndef WORD
#define WORD "one"
#define NAME "clash-one"
#endif

EH_EXPORT const char* library_word = WORD;
EH_EXPORT const char* library_answer(void);
const char* library_answer(void) { return library_word; }

static eh_next data(void* instance, void* state, eh_io* io) {
  (void)instance, (void)state;
  io->in_used = io->in_len;
  io->out_used = strlen(library_answer()); /* through the linker's table, since the symbol is exported */
  memcpy(io->out, library_answer(), io->out_used);
  return EH_CLOSE;
}

static const eh_hooks hooks = {.size = sizeof(eh_hooks), .data = data};

const eh_plugin epollhost_plugin = {EH_PLUGIN_HEADER,        .name = NAME,
                                    .version = "1.0.0",      .summary = "shares names",
                                    .listen = "127.0.0.1:0", .hooks = &hooks};
