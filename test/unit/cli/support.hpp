// Distributed under the Boost Software License, Version 1.0.
// What the tests of src/cli share: two plugins that need no file, and messages as values.
#ifndef EPOLLHOST_TEST_UNIT_CLI_SUPPORT_HPP
#define EPOLLHOST_TEST_UNIT_CLI_SUPPORT_HPP

#include "cli/configuration.hpp"
#include "cli/failure.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace epollhost::cli::test {

/// `http`, with an option of most types and a default address; `raw`, which sets socket defaults; and `keeper`, with an
/// address, a file that must exist and a secret. The loader knows, in any folder, `./http.so`, `./raw.so`, `./keeper.so`, `./pair.so`
/// (raw with an option named policy) and, for refusals, `./bad.so` (throws), `./clash.so` (an option named backlog),
/// `./nowhere.so` and `./keeper-nowhere.so` (bad default addresses) and `./keeper-nothing.so` (a default file that is
/// not there), `./negative.so` (a default size below 0).
plugin_description load_fake(const std::string& path, bool allow_insecure);

/// configure() with load_fake and no program folder.
configuration configured(const std::vector<std::string>& words, unsigned somaxconn = 0);

/// The same with these variables in the environment.
configuration configured_with(const std::vector<std::string>& variables, const std::vector<std::string>& words);

/// The exit status and the message of the failure that configured() throws: "2 --x: unknown option"; "" if none.
std::string refusal_of(const std::vector<std::string>& words, const std::vector<std::string>& variables = {});

/// What bad_value or failure says; "" if nothing is thrown.
template <class Function> std::string message_of(Function f) {
  try {
    f();
  } catch (const bad_value& e) {
    return e.what();
  } catch (const failure& e) {
    return e.what();
  }
  return {};
}

/// A folder of its own, removed at the end.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes the file and answers its path.
  std::string write(const std::string& name, std::string_view text) const;

private:
  std::filesystem::path folder_;
};

} // namespace epollhost::cli::test

#endif
