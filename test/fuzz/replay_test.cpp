// Distributed under the Boost Software License, Version 1.0.
// Replays what fuzzing has found: each file named on the command line begins with the name of its target.

#include "http_parser_target.hpp"
#include "http_session_target.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char* argv[]) {
  int replayed = 0;
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path path{argv[i]};
    std::ifstream file{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    const std::string name = path.filename().string();
    if (!file || bytes.empty()) {
      std::fprintf(stderr, "%s can't be read\n", argv[i]);
      return 1;
    }
    if (name.starts_with("http_parser-"))
      fuzz::check_http_parser(bytes);
    else if (name.starts_with("http_session-"))
      fuzz::check_http_session(bytes);
    else
      return std::fprintf(stderr, "%s names no target\n", argv[i]), 1;
    ++replayed;
  }
  std::printf("%d inputs replayed\n", replayed);
  return replayed == 0;
}
