// Distributed under the Boost Software License, Version 1.0.
// What a dying process says about itself: one record of fixed size, read by the same build of the program.
#ifndef EPOLLHOST_WORKER_CRASH_RECORD_HPP
#define EPOLLHOST_WORKER_CRASH_RECORD_HPP

#include <limits.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace epollhost {

inline constexpr std::size_t crash_frames_max = 64;
inline constexpr std::size_t crash_modules_max = 18; ///< those that the frames lie in, no others
inline constexpr std::size_t build_id_max = 20;

/// One mapped object: the program, the plugin, a library.
struct crash_module {
  std::uint64_t base; ///< what was added to the addresses in the file
  std::uint64_t end;  ///< of its last segment, in memory
  std::uint8_t build_id[build_id_max];
  std::uint8_t build_id_size; ///< 0: it has none
  char name[131];             ///< as the dynamic linker knows it; ends in a zero; cut at the front if too long
};

/// An address in the code. Return addresses, so all but the first, point behind the call.
struct crash_frame {
  std::uint64_t module : 8;  ///< index into the record's modules; crash_modules_max: in none of them
  std::uint64_t offset : 56; ///< in the module's file, or the address itself
};

struct crash_record {
  static constexpr std::uint32_t magic_value = 0x65684331; // "ehC1"

  enum flag : std::uint32_t {
    is_crash = 1,         ///< else the answer to "where are you"
    unwinder_crashed = 2, ///< the stack is broken: the frames end where reading it failed
    has_address = 4,      ///< `address` is what the process touched or executed
    sent_by_process = 8   ///< the signal came from kill(2) or abort(3), not from the processor
  };

  std::uint32_t magic;
  std::uint32_t flags;
  std::int32_t signal;
  std::int32_t code; ///< si_code
  std::int32_t process;
  std::int32_t thread;
  std::uint64_t address;
  std::uint32_t frame_count;
  std::uint32_t module_count;
  crash_frame frames[crash_frames_max];
  crash_module modules[crash_modules_max];
};

static_assert(std::is_trivially_copyable_v<crash_record>);
static_assert(sizeof(crash_frame) == 8);
static_assert(sizeof(crash_record) <= PIPE_BUF,
              "one write() into a pipe takes all of it or nothing, and never blocks half");

} // namespace epollhost

#endif
