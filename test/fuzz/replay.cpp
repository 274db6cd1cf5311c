// Distributed under the Boost Software License, Version 1.0.
// Replays what fuzzing begins with and what it has found: the files named on the command line.

#include "target.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char* argv[]) {
  const fuzz::target& target = fuzz::target::linked();
  for (int i = 1; i < argc; ++i) {
    std::ifstream file{argv[i], std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    if (!file || bytes.empty()) {
      std::fprintf(stderr, "%s can't be read\n", argv[i]);
      return 1;
    }
    std::fprintf(stderr, "%s\n", argv[i]); // the last one, if it crashes
    target.check(bytes);
  }
  std::printf("%s: %d inputs replayed\n", target.name, argc - 1);
  return argc == 1;
}
