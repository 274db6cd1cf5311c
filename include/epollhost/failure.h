/* Distributed under the Boost Software License, Version 1.0. */
/* How eh_instance::run says that it has failed (C11 and C++). Plugins may include this.
 *
 *     const eh_failure* f = host->get_extension(host, EH_FAILURE);
 *     if (f) f->fail(host, "cannot open /dev/ttyS0", 22);
 *
 * A host of minor 1 or newer has it. */
#ifndef EPOLLHOST_FAILURE_H
#define EPOLLHOST_FAILURE_H

#include <epollhost/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the failure of run ----------------------------------------------------------------------------------------- */

/** What eh_host::get_extension answers for EH_FAILURE. Owned by the host, valid until `stop` returns; never changes. */
#define EH_FAILURE "eh.failure/1"
typedef struct eh_failure {
  uint32_t size;  /**< of this struct, in the host */
  uint32_t flags; /**< 0 */

  /** Say in `run` that the worker cannot serve, and why. When `run` has returned, `stop` is called and the worker ends
   *  without having accepted a connection. A start ends with exit status 5 and this text, a reload fails and leaves the
   *  old workers as they are; a worker that replaces another is tried again. `text` is one line, and is copied; of
   *  several calls the first counts. EH_UNSUPPORTED: not in `run`. EH_INVALID: no text. [worker] */
  eh_status (*fail)(const eh_host* host, const char* text, uint64_t text_len);
} eh_failure;

#ifdef __cplusplus
}
#endif

#endif
