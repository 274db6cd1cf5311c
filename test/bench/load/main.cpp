// Distributed under the Boost Software License, Version 1.0.
// The load generator of the yardstick: sends requests over loopback and prints what they took, as JSON.
#include "generator.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  const bench::options what = bench::read_options(argc, argv);
  rlimit files;
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  try {
    bench::generator load(what);
    load.run();
    std::printf("{\"requests\": %zu, \"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n", what.requests,
                load.seconds(), double(load.took().at(0.5)) / 1000, double(load.took().at(0.99)) / 1000);
    std::fflush(stdout);
    if (what.hold)
      while (std::getchar() != EOF) {
      }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "load_generator: %s\n", e.what());
    return 1;
  }
}
