// Distributed under the Boost Software License, Version 1.0.
// Keeps a number of connections busy until all requests are answered.
#ifndef BENCH_LOAD_GENERATOR_HPP
#define BENCH_LOAD_GENERATOR_HPP

#include "latencies.hpp"
#include "options.hpp"

#include <cstdint>
#include <vector>

namespace bench {

/// One thread, one epoll. All answers must have the size of the first, which it reads with care; so it can count bytes
/// and costs less than the server.
class generator {
public:
  explicit generator(const options& what);
  ~generator();
  generator(const generator&) = delete;
  generator& operator=(const generator&) = delete;

  /// Connects all, sends and reads. Throws std::runtime_error if a connection or an answer fails.
  void run();

  const latencies& took() const { return took_; }
  double seconds() const { return seconds_; }

private:
  struct connection {
    int fd = -1;
    std::size_t left = 0; // bytes of answers that are awaited
    std::int64_t sent_ns = 0;
  };

  void learn_size();
  void start(connection& c);
  int connect(std::size_t index) const;
  void on_event(connection& c);
  void answered(connection& c);
  void ended(connection& c);

  const options what_;
  std::string batch_; // `depth` requests
  std::size_t answer_bytes_ = 0;
  int epoll_ = -1;
  std::vector<connection> connections_;
  std::size_t to_send_ = 0, to_come_ = 0; // requests
  latencies took_;
  double seconds_ = 0;
};

} // namespace bench

#endif
