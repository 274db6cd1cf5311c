// Distributed under the Boost Software License, Version 1.0.
// Equal cells of memory, for connection records with the plugin's state beside them.
#ifndef EPOLLHOST_WORKER_SLAB_HPP
#define EPOLLHOST_WORKER_SLAB_HPP

#include <cstddef>
#include <vector>

namespace epollhost {

/// Gives cells of one size. Memory comes in blocks of about 64 KiB and is kept until the slab dies: a worker that had
/// many connections once will have them again. One thread.
class slab {
public:
  slab(std::size_t cell_bytes, std::size_t alignment);
  slab(const slab&) = delete;
  slab& operator=(const slab&) = delete;
  ~slab();

  void* take(); ///< throws bad_alloc
  void give(void* cell) noexcept;

private:
  struct free_cell {
    free_cell* next;
  };
  void grow();

  std::size_t cell_bytes_;
  std::size_t alignment_;
  std::size_t cells_a_block_;
  free_cell* free_ = nullptr;
  std::vector<void*> blocks_;
};

} // namespace epollhost

#endif
