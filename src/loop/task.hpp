// Distributed under the Boost Software License, Version 1.0.
// A function to be called once, movable, small ones without an allocation.
#ifndef EPOLLHOST_LOOP_TASK_HPP
#define EPOLLHOST_LOOP_TASK_HPP

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace epollhost::loop {

/// Owns a callable `void()`. Up to `inline_bytes` lie inside; larger ones are allocated.
class task {
public:
  static constexpr std::size_t inline_bytes = 40;

  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, task>) task(F&& f) {
    using D = std::decay_t<F>;
    if constexpr (fits<D>) {
      new (bytes_) D(std::forward<F>(f));
      operate_ = [](task* self, task* to, bool call) {
        D& d = *std::launder(reinterpret_cast<D*>(self->bytes_));
        if (to)
          new (to->bytes_) D(std::move(d));
        else if (call)
          return d();
        d.~D();
      };
    } else {
      // Held by a pointer, which fits.
      *this = task([p = std::make_unique<D>(std::forward<F>(f))] { (*p)(); });
    }
  }
  task(task&& other) noexcept : operate_(std::exchange(other.operate_, nullptr)) {
    if (operate_) operate_(&other, this, false);
  }
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      clear();
      operate_ = std::exchange(other.operate_, nullptr);
      if (operate_) operate_(&other, this, false);
    }
    return *this;
  }
  ~task() { clear(); }

  void operator()() { operate_(this, nullptr, true); }

private:
  template <class D>
  static constexpr bool fits = sizeof(D) <= inline_bytes &&
                               alignof(D) <= alignof(void*) && std::is_nothrow_move_constructible_v<D>;

  void clear() {
    if (const auto f = std::exchange(operate_, nullptr)) f(this, nullptr, false);
  }

  // Moves to `to` and destroys; or calls; or destroys.
  void (*operate_)(task* self, task* to, bool call) = nullptr;
  alignas(void*) unsigned char bytes_[inline_bytes];
};

} // namespace epollhost::loop

#endif
