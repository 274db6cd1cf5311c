/* Distributed under the Boost Software License, Version 1.0. */
/* The C boundary between epollhost and a protocol handler (C11 and C++). Plugins may include this.
 *
 * A protocol handler is a state machine over bytes. The host owns every descriptor, byte, clock and random number;
 * a hook gets a window of input and a window of output and says how much of each it used.
 *
 * A plugin is a shared object that exports one symbol:
 *
 *     #include <epollhost/plugin.h>
 *     const eh_plugin epollhost_plugin = { EH_PLUGIN_HEADER, .name = "echo", ... };
 *
 * Tables begin with their size and grow at the end. The host copies each table into its own full-size one, in which
 * whatever the plugin left null does nothing. A released name, layout, number or meaning never changes.
 *
 * Thread tags, used below:
 *   [worker]  only on the thread that runs the plugin's hooks, inside a hook or not
 *   [any]     on any thread of the worker process
 *   [hot]     made to be called for each message: no system call, no allocation in the steady state
 */
#ifndef EPOLLHOST_PLUGIN_H
#define EPOLLHOST_PLUGIN_H

#include <epollhost/version.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EH_EXPORT __attribute__((visibility("default")))

/* ---- connections ------------------------------------------------------------------------------------------------ */

/** Names one connection of this worker: 24 bits slot, 40 bits generation. It may be kept for ever and used after the
 *  connection is gone: the host then answers EH_GONE. 0 is never a connection. */
typedef uint64_t eh_conn_id;

/** What a hook answers: one action, and any of the bits. */
typedef uint32_t eh_next;
enum {
  EH_KEEP = 0,  /**< go on */
  EH_CLOSE = 1, /**< close after the output has left; lingers where unread input could turn it into a reset */
  EH_ABORT = 2, /**< reset the connection now; queued output is dropped */
  EH_FAIL = 3,  /**< the plugin itself failed (an exception): as EH_ABORT, and counted against the plugin */
  EH_ACTION_MASK = 0xf,

  EH_PAUSE = 0x10,     /**< read no more and call no `data` until eh_host::resume */
  EH_HALF_OPEN = 0x20, /**< after the end of input: do not close, more output will come */
  EH_FINISH = 0x40,    /**< send our FIN once the output has left, and go on reading; later output is dropped */
  EH_LINGER = 0x80,    /**< with EH_CLOSE: the peer is likely still sending; read and drop within a bound */
  EH_IDLE = 0x100      /**< nothing is under way here: where the program ends (not at a reload), the host closes it after
                            --idle-drain. Looked at while EH_DRAINING, first in the answer of `drain`; it holds until
                            the next hook. Known to hosts whose eh_host has `relay_moved_ns` */
};

/** Why a connection ended, given to `close`. */
typedef uint32_t eh_reason;
enum {
  EH_REASON_PLUGIN = 0,     /**< the plugin asked for it, by answer or by call */
  EH_REASON_END = 1,        /**< the peer ended its input and the answer has left */
  EH_REASON_RESET = 2,      /**< the peer reset the connection or went away */
  EH_REASON_TIMEOUT = 3,    /**< the peer took no output for the send timeout, or did not answer eh_host::connect */
  EH_REASON_INPUT_MAX = 4,  /**< the plugin wanted more input at once than the limit */
  EH_REASON_OUTPUT_MAX = 5, /**< reserved for a connection dropped for its queued output */
  EH_REASON_DRAIN = 6,      /**< the worker ends */
  EH_REASON_SYSTEM = 7,     /**< the kernel refused (no memory, no descriptor, ...) */
  EH_REASON_CONTRACT = 8,   /**< the plugin broke a rule of this page; the log says which */
  EH_REASON_FAILED = 9,     /**< the plugin answered EH_FAIL */
  EH_REASON_FILE = 10,      /**< a file that was being sent became shorter or could not be read */
  EH_REASON_CONNECT = 11,   /**< it could not be made: refused, unreachable, no such name. See connect_error */
  EH_REASON_RELAY = 12      /**< the other side of its relay has ended */
};

/** Flags of eh_io. */
enum {
  EH_IN_END = 1,  /**< the peer sent its FIN: nothing comes after `in` */
  EH_DRAINING = 2 /**< the worker ends: finish soon, and ask for no new work */
};

/** The least room in the output window when `data` is called, in bytes. */
#define EH_OUT_MIN 16384

/** One call of a hook: the two windows and the clock. Owned by the host, valid during the call.
 *  The host fills the first part before the call and reads the second after it. */
typedef struct eh_io {
  uint32_t size;    /**< of this struct, in the host */
  uint32_t flags;   /**< EH_IN_END, EH_DRAINING */
  eh_conn_id conn;  /**< this connection */
  uint64_t arg;     /**< open: index of the listener; timer: as armed, 0 for the deadline; wake: as sent */
  const char* in;   /**< all unconsumed input, contiguous; valid until the hook returns */
  uint64_t in_len;  /**< bytes at `in` */
  char* out;        /**< where output goes; valid until the hook returns or calls the host to write here */
  uint64_t out_cap; /**< room at `out`; at least EH_OUT_MIN in `data`, perhaps 0 elsewhere while output is queued */
  int64_t now_ns;   /**< CLOCK_MONOTONIC at the start of this loop turn, in nanoseconds */

  uint64_t in_used;    /**< bytes consumed, at most in_len. The rest comes again */
  uint64_t out_used;   /**< bytes written at `out`, at most out_cap */
  uint64_t want;       /**< `data` comes when this many bytes are there (or at the end of input); 0: when there is news.
                            It is 0 when `data` is called; other hooks find, and may change, what `data` left */
  int64_t deadline_ns; /**< `timer` with arg 0 comes once when now_ns has passed this; 0: never. Kept until then */
} eh_io;

/** A hook of a connection. [worker]
 *  `instance` is what eh_instance::start gave; `state` is this connection's own memory, zeroed before `open`. */
typedef eh_next (*eh_hook)(void* instance, void* state, eh_io* io);

/** The hooks of one kind of connection. Any of them may be null.
 *
 *  Order for each connection: open, then any of data, room, timer, wake, drain, then close. After an answer or a call
 *  has asked for the end, only `close` follows. No hook is ever entered from inside another one.
 *
 *  In `data`: bytes left unconsumed come again, with more behind them. With `want` 0 the hook is called again as soon
 *  as the output window is free; a call that used nothing and wrote nothing counts as want = in_len + 1. While more
 *  output is queued than the high mark, reading stops and `data` is not called (see EH_DUPLEX).
 *  At the end of input `data` comes once more, with EH_IN_END, even with no bytes; then the connection is closed after
 *  its output has left, unless the answer says EH_HALF_OPEN. */
typedef struct eh_hooks {
  uint32_t size;        /**< sizeof(eh_hooks) */
  uint32_t flags;       /**< EH_DUPLEX */
  uint32_t state_size;  /**< bytes of `state`, at most EH_STATE_MAX; may be 0 */
  uint32_t state_align; /**< a power of two up to 64, or 0 for 8 */
  eh_hook open;         /**< the connection is there; no input yet */
  eh_hook data;         /**< there is input. Required */
  eh_hook room;         /**< the queue was above the high mark and has fallen below the low one */
  eh_hook timer;        /**< the deadline passed (arg 0), or a timer of this connection (its arg) */
  eh_hook wake;         /**< somebody called eh_host::wake or eh_host::post with this arg */
  eh_hook drain;        /**< the worker ends: finish, or answer EH_IDLE; the host closes by force at its deadline */
  void (*close)(void* instance, void* state, eh_reason reason); /**< exactly once for each connection that had `open`,
                                                                     or that eh_host::connect answered EH_OK for */
} eh_hooks;

enum {
  EH_DUPLEX = 1 /**< go on calling `data` while output is queued above the high mark (a relay) */
};
#define EH_STATE_MAX 65536

/* ---- options ---------------------------------------------------------------------------------------------------- */

/** One value of an option. Which member counts is said by the option's type. Frozen: it never grows. */
typedef struct eh_value {
  int64_t integer;  /**< EH_FLAG (0, 1), EH_INTEGER, EH_SIZE (bytes), EH_DURATION (nanoseconds), EH_CHOICE (index) */
  double real;      /**< EH_REAL */
  const char* text; /**< EH_STRING, EH_CHOICE, EH_ADDRESS, EH_FILE, EH_SECRET: zero-terminated, owned by the host, valid
                         until `stop` returns */
  uint64_t text_len; /**< bytes at `text`, without the zero; a default may leave it 0 */
} eh_value;

/** Types of an option, and how the user writes a value. */
enum {
  EH_FLAG = 1,     /**< on, off, yes, no, true, false, 1, 0; the bare option means on */
  EH_INTEGER = 2,  /**< 42, -7 */
  EH_REAL = 3,     /**< 0.25, 1e6 */
  EH_SIZE = 4,     /**< 512, 64KiB, 2MB */
  EH_DURATION = 5, /**< 250ms, 10s, 50us, 2m, 1h; 0 */
  EH_STRING = 6,   /**< any text */
  EH_CHOICE = 7,   /**< one of `choices` */
  EH_ADDRESS = 8,  /**< 127.0.0.1:9000, [::1]:9000, :9000, unix:/path, unix:@name; checked, and always in one of these
                        forms. Empty where the default is */
  EH_FILE = 9, /**< a path, made absolute: one in a file of options begins at the folder of that file, any other at the
                    current one; "-" stays. Whether it exists is looked at with EH_MUST_EXIST only. Empty where the
                    default is */
  EH_SECRET = 10 /**< any text, or @FILE, whose content it then is, without one line end behind it; @@... for a text
                    that begins with @. The host shows and logs it never. It has no default */
};

/** Flags of an option. */
enum {
  EH_MUST_EXIST = 1 /**< EH_FILE: refuse the path of nothing */
};

/** One option of the plugin: `--NAME.name` on the command line, `name` in its section of a file. */
typedef struct eh_option {
  const char* name;    /**< letters, digits and dashes. Required */
  const char* help;    /**< a few words, printed by --help. Required */
  const char* choices; /**< EH_CHOICE: "a|b|c" */
  uint32_t type;       /**< EH_FLAG ... EH_SECRET */
  uint32_t flags;      /**< EH_MUST_EXIST, or 0 */
  eh_value fallback;   /**< the default */
  eh_value min, max;   /**< bounds of a number, both included; equal: none */
} eh_option;

/* ---- the host's functions --------------------------------------------------------------------------------------- */

/** What a host function answers. */
typedef int32_t eh_status;
enum {
  EH_OK = 0,
  EH_GONE = -1,         /**< that connection or timer is no more */
  EH_OVER_LIMIT = -2,   /**< nothing was taken: it would pass a bound */
  EH_WRONG_THREAD = -3, /**< a [worker] function called from elsewhere; nothing was done */
  EH_INVALID = -4,      /**< an argument is out of its range; nothing was done */
  EH_NO_MEMORY = -5,    /**< nothing was done */
  EH_UNSUPPORTED = -6   /**< this host or this socket cannot */
};

enum { EH_LOG_ERROR = 1, EH_LOG_WARNING = 2, EH_LOG_INFO = 3, EH_LOG_DEBUG = 4 };

/** Socket options for eh_host::set_option. */
enum {
  EH_SO_NODELAY = 1, /**< TCP_NODELAY, 0 or 1 */
  EH_SO_CORK = 2,    /**< TCP_CORK, 0 or 1 */
  EH_SO_RCVBUF = 3,  /**< SO_RCVBUF in bytes */
  EH_SO_SNDBUF = 4   /**< SO_SNDBUF in bytes */
};

/** Runs once when the host needs the referenced bytes, or the undelivered post, no more. [worker], never inside a
 *  hook; for a post that can no longer be delivered: [any]. */
typedef void (*eh_release)(void* context);

/** How to make an outgoing connection, for eh_host::connect. Zero it, then fill in what is needed. */
typedef struct eh_connect {
  uint32_t size;         /**< sizeof(eh_connect) */
  uint32_t flags;        /**< 0 or EH_CONNECT_CHECK */
  const char* address;   /**< "192.0.2.1:80", "[2001:db8::1]:80", "name:80", "unix:/path" or "unix:@name". Copied */
  uint64_t address_len;  /**< bytes at `address`; 0: up to its terminating zero */
  const eh_hooks* hooks; /**< of this connection. The table stays there, unchanged, until `stop` returns */
  uint64_t arg;          /**< eh_io::arg of its `open` */
  int64_t timeout_ns;    /**< for all of it, the look-up of the name included; 0: 10 s */
} eh_connect;

enum {
  EH_CONNECT_CHECK = 1 /**< only look whether it could be tried: size, flags, hooks, the text of the address */
};

typedef struct eh_host eh_host;

#define EH_CHANNELS_MAX 8
#define EH_CHANNEL_WRITE_MAX 65536

/** Kinds of a metric, for eh_host::metric. */
enum {
  EH_METRIC_COUNTER = 1, /**< only grows: how often something has happened */
  EH_METRIC_GAUGE = 2    /**< goes up and down: how many there are now */
};
#define EH_METRICS_MAX 32
#define EH_METRIC_NAME_MAX 64
#define EH_METRIC_HELP_MAX 128

/** The table the host gives to eh_instance::start. Owned by the host, valid until `stop` returns. Functions never enter
 *  a hook. Take care to look at `size` before you use a function that came after the minor you need. */
struct eh_host {
  uint32_t size;
  uint16_t abi_major;
  uint16_t abi_minor;

  /** Write one line to the host's log. [any] Dropped, and counted, above the log's bound. `text` is copied. */
  void (*log)(const eh_host* host, uint32_t level, const char* text, uint64_t text_len);

  /** CLOCK_MONOTONIC in nanoseconds, read now (eh_io::now_ns is the cheaper clock of the turn). [any] */
  int64_t (*now_ns)(const eh_host* host);

  /** The wall clock: nanoseconds since 1970 UTC. [any] */
  int64_t (*wall_ns)(const eh_host* host);

  /** Fill `bytes` with random bytes fit for keys. [any] */
  void (*random)(const eh_host* host, void* bytes, uint64_t len);

  /** 1 on the thread that runs the hooks, else 0. [any] */
  int32_t (*on_worker)(const eh_host* host);

  /** Append a copy of the bytes to the output of any connection of this worker. All or nothing. [worker][hot]
   *  For the connection in hand this first commits out[0..out_used) and renews the window (out, out_cap; out_used
   *  becomes 0), so that bytes never change their order.
   *  EH_OVER_LIMIT: more than the output limit would be queued; `room` comes when there is room again. */
  eh_status (*write)(const eh_host* host, eh_conn_id conn, const void* bytes, uint64_t len);

  /** As `write`, without the copy: the bytes stay the plugin's and unchanged until `release(context)` has run, once.
   *  Unless the answer is EH_OK, `release` is not called. [worker] */
  eh_status (*write_ref)(const eh_host* host, eh_conn_id conn, const void* bytes, uint64_t len, eh_release release,
                         void* context);

  /** Stop reading; call no `data`. [worker][hot] */
  eh_status (*pause)(const eh_host* host, eh_conn_id conn);

  /** Read again; old bytes come without further traffic. [worker][hot] */
  eh_status (*resume)(const eh_host* host, eh_conn_id conn);

  /** End a connection: `how` is EH_CLOSE (perhaps with EH_LINGER) or EH_ABORT. `close` follows later. [worker] */
  eh_status (*close)(const eh_host* host, eh_conn_id conn, eh_next how);

  /** Bytes accepted for output and not yet taken by the kernel; or EH_GONE. [worker][hot] */
  int64_t (*queued)(const eh_host* host, eh_conn_id conn);

  /** Set a socket option EH_SO_*. EH_UNSUPPORTED where the socket has none (a unix socket has no NODELAY). [worker] */
  eh_status (*set_option)(const eh_host* host, eh_conn_id conn, uint32_t option, int64_t value);

  /** Write the peer's (which = 0) or our own (1) address as text, as `--listen` takes it, with a zero at the end.
   *  Answers its length, or EH_GONE, EH_OVER_LIMIT (`cap` too small). [worker] */
  int64_t (*address)(const eh_host* host, eh_conn_id conn, uint32_t which, char* text, uint64_t cap);

  /** Start a timer: when `at_ns` (CLOCK_MONOTONIC) has passed, never before, `timer` of the connection comes with
   *  `arg` (not 0), or, with conn 0, eh_instance::tick. It ends with its connection.
   *  Answers an id above 0; or EH_GONE, EH_INVALID, EH_OVER_LIMIT. [worker] */
  int64_t (*timer_start)(const eh_host* host, eh_conn_id conn, int64_t at_ns, uint64_t arg);

  /** Stop a timer. After EH_OK it does not fire. EH_GONE: it fired or was stopped before. [worker] */
  eh_status (*timer_stop)(const eh_host* host, int64_t timer);

  /** Call `wake` of the connection with `arg`, later in this turn or in the next. Each call is delivered. [worker] */
  eh_status (*wake)(const eh_host* host, eh_conn_id conn, uint64_t arg);

  /** As `wake`, from any thread; with conn 0 eh_instance::tick gets the arg. If it can no longer be delivered,
   *  because the connection is gone or the worker has ended, `release(context)` runs instead (it may be null). [any] */
  eh_status (*post)(const eh_host* host, eh_conn_id conn, uint64_t arg, eh_release release, void* context);

  /** A table for what came later, by name and version ("eh.udp/1"); null if this host has none. [any] */
  const void* (*get_extension)(const eh_host* host, const char* id);

  /** Open a log channel: a file to which the host writes lines for the plugin, such as an access log. Only in
   *  `start`. `path` is copied. It is the value of an option of the plugin that the user has given: the host opens
   *  the file with rights of its own. "-" is the standard error. The host opens the file again when it is told to,
   *  and does the writing elsewhere, so that no disk and no slow reader holds up the worker. The same path again is
   *  the same channel. Answers a number above 0; or EH_INVALID (not in `start`, or no path), EH_OVER_LIMIT (more
   *  than EH_CHANNELS_MAX), EH_UNSUPPORTED (the file cannot be opened: the log says why). [worker] */
  int64_t (*channel_open)(const eh_host* host, const char* path, uint64_t path_len);

  /** Append whole lines to a channel: at most EH_CHANNEL_WRITE_MAX bytes, of which the last is '\n'. They are
   *  copied, gathered for a moment, and written at the end of a turn of the loop. Never waits. EH_OVER_LIMIT: the
   *  reader is so far behind that the lines were dropped; the host counts that and says it in its log. [worker][hot] */
  eh_status (*channel_write)(const eh_host* host, int64_t channel, const void* lines, uint64_t len);

  /** Append `len` bytes of a regular file from `offset` to the output, behind what `write` would stand behind; the
   *  kernel sends them without a copy, some in each turn (--turn-bytes). [worker]
   *  With EH_OK the descriptor is the host's, which closes it once the bytes have left or the connection has ended
   *  (with `len` 0 at once). Unless the answer is EH_OK it stays the plugin's, as with `write_ref`: to close, or to
   *  offer again. File bytes count in `queued`, not against the output limit; instead a queued file counts as output
   *  above the high mark, so `data` is not called (see EH_DUPLEX) until all of it has left, and then `room` comes. A
   *  file that becomes shorter, or cannot be read, resets the connection with EH_REASON_FILE. Pages that the kernel
   *  does not hold are read from the disk while the worker waits. EH_INVALID: no regular file, or it ends before
   *  `offset` + `len`. EH_OVER_LIMIT: as many files as may be (--output-files) are queued already; offer it again in
   *  `room`. */
  eh_status (*send_file)(const eh_host* host, eh_conn_id conn, int32_t fd, uint64_t offset, uint64_t len);

  /** Make a connection. Its id is good at once, in `*conn`: what is written to it before it is there leaves first
   *  when it is, a close gives it up, posts and wakes wait for its `open`; timers (EH_INVALID), `address` and
   *  `set_option` (EH_UNSUPPORTED) are for later. `*state` is its state, zeroed: fill it in right after the call
   *  (either pointer may be null). `open` comes when it is connected; or `close` alone, with EH_REASON_CONNECT,
   *  _TIMEOUT, _SYSTEM (no descriptor), _PLUGIN or _DRAIN. Neither comes inside this call. A name is looked up as
   *  the system does (/etc/hosts, DNS), off the loop; its addresses are tried in turn, the next one after 250 ms
   *  without an answer. EH_INVALID: a field is wrong, the log says which. EH_OVER_LIMIT: --max-connections, which
   *  also counts outgoing ones, by themselves; 1024 look-ups; 64 tables of hooks. EH_UNSUPPORTED: in `start`, where
   *  only EH_CONNECT_CHECK is possible; after the last `close`. [worker] */
  eh_status (*connect)(const eh_host* host, const eh_connect* how, eh_conn_id* conn, void** state);

  /** In `close` of a connection that had no `open`: write as text why ("127.0.0.1:81: Connection refused"), cut to fit,
   *  with a zero at the end. Answers its length; 0 elsewhere. [worker] */
  int64_t (*connect_error)(const eh_host* host, char* text, uint64_t cap);

  /** From now on, what one connection receives is sent to the other, both ways, without a call of `data` or `room`.
   *  What their `data` has left unconsumed goes first, also that of the hook in hand. Bytes are read only when the
   *  other side has taken what was there before; the kernel moves them without a copy where that pays. An end of
   *  input is passed on as a FIN, and both end (EH_REASON_END) when both directions have. When one side ends
   *  otherwise, so does the other (EH_REASON_RELAY): after its output, if the first had received all of its input or
   *  was closed, else with a reset. `timer`, `wake`, `drain`, deadlines, pause and close are as ever. EH_INVALID:
   *  one connection twice, one that is not open yet, is relayed already, or was answered EH_FINISH for. [worker] */
  eh_status (*relay)(const eh_host* host, eh_conn_id a, eh_conn_id b);

  /** Define a metric: a figure of the plugin's own that `--status` shows under its name. Only in `start`. `*cell` then
   *  points to the figure, which is 0 at first. It is memory of the host, good until `stop` returns; the plugin adds to
   *  it or sets it as it does with any variable, from one thread at a time, and that is all: there is no call for each
   *  event. What is shown of a counter is the sum over all workers, those that have ended included; of a gauge the sum
   *  over those that live. `name` is a lower-case letter, then such letters, digits and '_'; `help` is a line for
   *  people. Both end with a zero, within EH_METRIC_NAME_MAX and EH_METRIC_HELP_MAX bytes, and are copied. The same
   *  name again is the same cell. Unless the answer is EH_OK, `*cell` stays as it is. EH_UNSUPPORTED: not in `start`.
   *  EH_INVALID: no such kind, name or help, or the name is taken by the other kind; the log says which.
   *  EH_OVER_LIMIT: the plugin has EH_METRICS_MAX already. [worker] */
  eh_status (*metric)(const eh_host* host, uint32_t kind, const char* name, const char* help, uint64_t** cell);

  /** When the relay of this connection last moved a byte, in either direction; when it began, if it has moved none:
   *  CLOCK_MONOTONIC, as of the turn of the loop. For a deadline that ends idle relays: when it passes, look, and set
   *  it anew. Or EH_GONE; EH_INVALID: it is not relayed. [worker][hot] */
  int64_t (*relay_moved_ns)(const eh_host* host, eh_conn_id conn);
};

/** What eh_host::get_extension answers for EH_LIMITS: the bounds that the user has set for each connection, in bytes.
 *  Owned by the host, valid until `stop` returns; never changes. */
#define EH_LIMITS "eh.limits/1"
typedef struct eh_limits {
  uint32_t size;        /**< of this struct, in the host */
  uint32_t flags;       /**< 0 */
  uint64_t input_max;   /**< unconsumed input; a plugin that wants more ends its connection */
  uint64_t output_low;  /**< queued output at which `room` comes */
  uint64_t output_high; /**< queued output above which reading stops, until `room` */
  uint64_t output_max;  /**< queued output above which a write answers EH_OVER_LIMIT */
} eh_limits;

/* ---- the plugin ------------------------------------------------------------------------------------------------- */

/** The hooks of the instance; any may be null. All [worker]. */
typedef struct eh_instance {
  uint32_t size;  /**< sizeof(eh_instance) */
  uint32_t flags; /**< 0 */

  /** Make the instance. `values` has one entry for each option, in the table's order. It may run only to check the
   *  options and be followed by `stop`, so it has no effect outside itself.
   *  Answers 0, or any other number to refuse; log an error first that says why. */
  int32_t (*start)(const eh_host* host, const eh_value* values, void** instance);

  /** The worker is about to accept: begin what has an effect (threads, timers, files). */
  void (*run)(void* instance);

  /** A timer or a post of the instance, with its arg. */
  void (*tick)(void* instance, uint64_t arg);

  /** The last call. All connections are closed. Free the instance. */
  void (*stop)(void* instance);
} eh_instance;

/** Defaults of the sockets; the user's options win. -1: the host's own default. */
typedef struct eh_socket {
  uint32_t size;        /**< sizeof(eh_socket) */
  int32_t nodelay;      /**< TCP_NODELAY: 1 or 0 */
  int32_t cork;         /**< TCP_CORK around each turn: 1 or 0 */
  int32_t write_policy; /**< EH_WRITE_TURN or EH_WRITE_NOW */
} eh_socket;

enum {
  EH_WRITE_TURN = 0, /**< gather all answers of a turn into one send */
  EH_WRITE_NOW = 1   /**< send after each hook that wrote */
};

/** Flags of eh_plugin. */
enum {
  EH_SINGLE_WORKER = 1 /**< its connections share state: never more than one worker */
};

/** The one thing a plugin exports. */
typedef struct eh_plugin {
  uint32_t size;               /**< sizeof(eh_plugin); EH_PLUGIN_HEADER fills this and the next four */
  uint16_t abi_major;          /**< EH_ABI_MAJOR of the header that the plugin was built with */
  uint16_t abi_minor;          /**< EH_ABI_MINOR, likewise */
  uint32_t host_minor_needed;  /**< the lowest host minor that has all that the plugin uses */
  uint32_t option_size;        /**< sizeof(eh_option): the stride of `options` */
  uint32_t option_count;       /**< entries at `options` */
  uint32_t flags;              /**< EH_SINGLE_WORKER */
  const char* name;            /**< lower-case letters, digits and dashes: names its options. Required */
  const char* version;         /**< Required */
  const char* summary;         /**< one line. Required */
  const char* listen;          /**< the default address, as `--listen` takes it (":8080"). Required */
  const eh_socket* socket;     /**< or null */
  const eh_option* options;    /**< option_count entries, or null */
  const eh_instance* instance; /**< or null */
  const eh_hooks* hooks;       /**< of accepted connections. Required */
} eh_plugin;

/** The first fields of eh_plugin, for a plugin that needs nothing newer than minor 0. */
#define EH_PLUGIN_HEADER                                                                                               \
  .size = sizeof(eh_plugin), .abi_major = EH_ABI_MAJOR, .abi_minor = EH_ABI_MINOR, .host_minor_needed = 0,             \
  .option_size = sizeof(eh_option)

extern EH_EXPORT const eh_plugin epollhost_plugin;

#ifdef __cplusplus
}
#endif

#endif
