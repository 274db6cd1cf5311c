// Distributed under the Boost Software License, Version 1.0.
// The layout of every table of plugin.h, frozen: it fails to compile when a released field has moved. A new field is
// added behind the last one, here too; no other line of this file may ever change within a major version.
#include <epollhost/plugin.h>

#include <type_traits>

static_assert(sizeof(void*) == 8, "the numbers below are those of 64 bit");
static_assert(EH_ABI_MAJOR == 1);

#define FIELD(table, field, offset, bytes)                                                                             \
  static_assert(offsetof(table, field) == (offset), #table "::" #field " has moved");                                  \
  static_assert(sizeof(table::field) == (bytes), #table "::" #field " has another size")

FIELD(eh_io, size, 0, 4);
FIELD(eh_io, flags, 4, 4);
FIELD(eh_io, conn, 8, 8);
FIELD(eh_io, arg, 16, 8);
FIELD(eh_io, in, 24, 8);
FIELD(eh_io, in_len, 32, 8);
FIELD(eh_io, out, 40, 8);
FIELD(eh_io, out_cap, 48, 8);
FIELD(eh_io, now_ns, 56, 8);
FIELD(eh_io, in_used, 64, 8);
FIELD(eh_io, out_used, 72, 8);
FIELD(eh_io, want, 80, 8);
FIELD(eh_io, deadline_ns, 88, 8);
static_assert(sizeof(eh_io) == 96);

FIELD(eh_hooks, size, 0, 4);
FIELD(eh_hooks, flags, 4, 4);
FIELD(eh_hooks, state_size, 8, 4);
FIELD(eh_hooks, state_align, 12, 4);
FIELD(eh_hooks, open, 16, 8);
FIELD(eh_hooks, data, 24, 8);
FIELD(eh_hooks, room, 32, 8);
FIELD(eh_hooks, timer, 40, 8);
FIELD(eh_hooks, wake, 48, 8);
FIELD(eh_hooks, drain, 56, 8);
FIELD(eh_hooks, close, 64, 8);
static_assert(sizeof(eh_hooks) == 72);

FIELD(eh_value, integer, 0, 8);
FIELD(eh_value, real, 8, 8);
FIELD(eh_value, text, 16, 8);
FIELD(eh_value, text_len, 24, 8);
static_assert(sizeof(eh_value) == 32, "it is a member of eh_option and never grows");

FIELD(eh_option, name, 0, 8);
FIELD(eh_option, help, 8, 8);
FIELD(eh_option, choices, 16, 8);
FIELD(eh_option, type, 24, 4);
FIELD(eh_option, flags, 28, 4);
FIELD(eh_option, fallback, 32, 32);
FIELD(eh_option, min, 64, 32);
FIELD(eh_option, max, 96, 32);
static_assert(sizeof(eh_option) == 128);

FIELD(eh_host, size, 0, 4);
FIELD(eh_host, abi_major, 4, 2);
FIELD(eh_host, abi_minor, 6, 2);
FIELD(eh_host, log, 8, 8);
FIELD(eh_host, now_ns, 16, 8);
FIELD(eh_host, wall_ns, 24, 8);
FIELD(eh_host, random, 32, 8);
FIELD(eh_host, on_worker, 40, 8);
FIELD(eh_host, write, 48, 8);
FIELD(eh_host, write_ref, 56, 8);
FIELD(eh_host, pause, 64, 8);
FIELD(eh_host, resume, 72, 8);
FIELD(eh_host, close, 80, 8);
FIELD(eh_host, queued, 88, 8);
FIELD(eh_host, set_option, 96, 8);
FIELD(eh_host, address, 104, 8);
FIELD(eh_host, timer_start, 112, 8);
FIELD(eh_host, timer_stop, 120, 8);
FIELD(eh_host, wake, 128, 8);
FIELD(eh_host, post, 136, 8);
FIELD(eh_host, get_extension, 144, 8);
FIELD(eh_host, channel_open, 152, 8);
FIELD(eh_host, channel_write, 160, 8);
FIELD(eh_host, send_file, 168, 8);
FIELD(eh_host, connect, 176, 8);
FIELD(eh_host, connect_error, 184, 8);
FIELD(eh_host, relay, 192, 8);
FIELD(eh_host, metric, 200, 8);
FIELD(eh_host, relay_moved_ns, 208, 8);
static_assert(sizeof(eh_host) == 216);

FIELD(eh_connect, size, 0, 4);
FIELD(eh_connect, flags, 4, 4);
FIELD(eh_connect, address, 8, 8);
FIELD(eh_connect, address_len, 16, 8);
FIELD(eh_connect, hooks, 24, 8);
FIELD(eh_connect, arg, 32, 8);
FIELD(eh_connect, timeout_ns, 40, 8);
static_assert(sizeof(eh_connect) == 48);

FIELD(eh_limits, size, 0, 4);
FIELD(eh_limits, flags, 4, 4);
FIELD(eh_limits, input_max, 8, 8);
FIELD(eh_limits, output_low, 16, 8);
FIELD(eh_limits, output_high, 24, 8);
FIELD(eh_limits, output_max, 32, 8);
static_assert(sizeof(eh_limits) == 40);

FIELD(eh_instance, size, 0, 4);
FIELD(eh_instance, flags, 4, 4);
FIELD(eh_instance, start, 8, 8);
FIELD(eh_instance, run, 16, 8);
FIELD(eh_instance, tick, 24, 8);
FIELD(eh_instance, stop, 32, 8);
static_assert(sizeof(eh_instance) == 40);

FIELD(eh_socket, size, 0, 4);
FIELD(eh_socket, nodelay, 4, 4);
FIELD(eh_socket, cork, 8, 4);
FIELD(eh_socket, write_policy, 12, 4);
static_assert(sizeof(eh_socket) == 16);

FIELD(eh_plugin, size, 0, 4);
FIELD(eh_plugin, abi_major, 4, 2);
FIELD(eh_plugin, abi_minor, 6, 2);
FIELD(eh_plugin, host_minor_needed, 8, 4);
FIELD(eh_plugin, option_size, 12, 4);
FIELD(eh_plugin, option_count, 16, 4);
FIELD(eh_plugin, flags, 20, 4);
FIELD(eh_plugin, name, 24, 8);
FIELD(eh_plugin, version, 32, 8);
FIELD(eh_plugin, summary, 40, 8);
FIELD(eh_plugin, listen, 48, 8);
FIELD(eh_plugin, socket, 56, 8);
FIELD(eh_plugin, options, 64, 8);
FIELD(eh_plugin, instance, 72, 8);
FIELD(eh_plugin, hooks, 80, 8);
static_assert(sizeof(eh_plugin) == 88);

// Numbers have their meaning for ever too.
static_assert(EH_KEEP == 0 && EH_CLOSE == 1 && EH_ABORT == 2 && EH_FAIL == 3 && EH_ACTION_MASK == 0xf);
static_assert(EH_PAUSE == 0x10 && EH_HALF_OPEN == 0x20 && EH_FINISH == 0x40 && EH_LINGER == 0x80);
static_assert(EH_IDLE == 0x100);
static_assert(EH_REASON_PLUGIN == 0 && EH_REASON_END == 1 && EH_REASON_RESET == 2 && EH_REASON_TIMEOUT == 3);
static_assert(EH_REASON_INPUT_MAX == 4 && EH_REASON_OUTPUT_MAX == 5 && EH_REASON_DRAIN == 6);
static_assert(EH_REASON_SYSTEM == 7 && EH_REASON_CONTRACT == 8 && EH_REASON_FAILED == 9);
static_assert(EH_REASON_FILE == 10);
static_assert(EH_REASON_CONNECT == 11 && EH_REASON_RELAY == 12 && EH_CONNECT_CHECK == 1);
static_assert(EH_IN_END == 1 && EH_DRAINING == 2 && EH_DUPLEX == 1 && EH_SINGLE_WORKER == 1);
static_assert(EH_FLAG == 1 && EH_INTEGER == 2 && EH_REAL == 3 && EH_SIZE == 4 && EH_DURATION == 5);
static_assert(EH_STRING == 6 && EH_CHOICE == 7 && EH_WRITE_TURN == 0 && EH_WRITE_NOW == 1);
static_assert(EH_ADDRESS == 8 && EH_FILE == 9 && EH_SECRET == 10 && EH_MUST_EXIST == 1);
static_assert(EH_OK == 0 && EH_GONE == -1 && EH_OVER_LIMIT == -2 && EH_WRONG_THREAD == -3);
static_assert(EH_INVALID == -4 && EH_NO_MEMORY == -5 && EH_UNSUPPORTED == -6);
static_assert(EH_LOG_ERROR == 1 && EH_LOG_WARNING == 2 && EH_LOG_INFO == 3 && EH_LOG_DEBUG == 4);
static_assert(EH_SO_NODELAY == 1 && EH_SO_CORK == 2 && EH_SO_RCVBUF == 3 && EH_SO_SNDBUF == 4);
static_assert(EH_OUT_MIN == 16384 && EH_STATE_MAX == 65536);
static_assert(EH_CHANNELS_MAX == 8 && EH_CHANNEL_WRITE_MAX == 65536);
static_assert(EH_METRIC_COUNTER == 1 && EH_METRIC_GAUGE == 2);
static_assert(EH_METRICS_MAX == 32 && EH_METRIC_NAME_MAX == 64 && EH_METRIC_HELP_MAX == 128);
static_assert(std::is_standard_layout_v<eh_plugin> && std::is_trivially_copyable_v<eh_host>);
