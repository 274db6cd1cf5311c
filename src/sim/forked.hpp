// Distributed under the Boost Software License, Version 1.0.
// Runs in processes of their own.
#ifndef EPOLLHOST_SIM_FORKED_HPP
#define EPOLLHOST_SIM_FORKED_HPP

#include "net/unique_fd.hpp"
#include "sim/outcome.hpp"
#include "sim/witness.hpp"
#include "sim/world.hpp"

#include <sys/types.h>

#include <functional>
#include <string>

namespace epollhost::sim {

/// Answers the outcome of a good run; a failure is reported.
using job = std::function<outcome(last_words&, const reporter&)>;

/// A job in a child, so that whatever it does to the process (a plugin's statics, a crash, a hang) ends with it. The
/// process that forks must have no other threads.
class forked {
public:
  /// Whoever takes longer hangs.
  struct limits {
    unsigned processor_s, real_s;
  };
  /// The second one is for who waits; generous, since on a busy machine one also waits for the processor.
  static constexpr limits patience{20, 600};

  explicit forked(limits most = patience);
  ~forked();
  forked(const forked&) = delete;

  void start(const job& j); ///< throws system_error
  bool running() const { return pid_ != 0; }

  /// Readable when there is something to take().
  int fd() const { return pipe_.get(); }

  /// Read what there is; true once the child has ended.
  bool take();

  /// Of a child that has ended.
  outcome result();

private:
  [[noreturn]] void be_child(const job& j, int to);
  outcome died(int status) const;

  limits most_;
  last_words* words_; // in shared memory
  pid_t pid_ = 0;
  net::unique_fd pipe_;
  std::string received_;
};

/// The same, waiting for it.
outcome run_forked(const job& j, forked::limits most = forked::patience);

} // namespace epollhost::sim

#endif
