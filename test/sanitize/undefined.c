/* Distributed under the Boost Software License, Version 1.0. */
/* Linked into the programs that are built with variant=asan: where both sanitizers are in a process, that of undefined
   behaviour has only the standard error for its reports. This puts each into a file, too. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void __ubsan_get_current_report_data(const char** kind, const char** message, const char** file, unsigned* line,
                                     unsigned* column, char** address);

/* Called by the sanitizer, of which this is the other definition. */
__attribute__((visibility("default"))) void __ubsan_on_report(void) {
  const char* const folder = getenv("SANITIZE_REPORTS");
  const char *kind = "", *message = "", *file = "";
  unsigned line = 0, column = 0;
  char* address = NULL;
  char text[1024];
  if (!folder) return;
  __ubsan_get_current_report_data(&kind, &message, &file, &line, &column, &address);
  snprintf(text, sizeof text, "%s/undefined.%d", folder, (int)getpid());
  const int to = open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const int len = snprintf(text, sizeof text, "%s:%u:%u: %s: %s\n", file, line, column, kind, message);
  if (write(to, text, len < (int)sizeof text ? (size_t)len : sizeof text) < 0) abort();
  close(to);
}
