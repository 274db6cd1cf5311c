// Distributed under the Boost Software License, Version 1.0.
// What the tests of src/cli share: two plugins that need no file, and messages as values.
#include "support.hpp"

#include <epollhost/plugin.h>
#include <stdlib.h>

#include <fstream>
#include <stdexcept>

namespace epollhost::cli::test {
namespace {

option_description option(std::uint32_t type, const char* name) {
  option_description out;
  out.type = type;
  out.name = name;
  out.help = std::string("help of ") + name;
  return out;
}

plugin_description http() {
  plugin_description out;
  out.name = "http";
  out.version = "1.2.3";
  out.summary = "greets";
  out.listen = ":8080";
  option_description body = option(EH_STRING, "body"), level = option(EH_INTEGER, "level"),
                     ratio = option(EH_REAL, "ratio"), size = option(EH_SIZE, "size"),
                     pause = option(EH_DURATION, "pause"), print = option(EH_FLAG, "print"),
                     mode = option(EH_CHOICE, "mode");
  body.fallback.text = "Hello, world!";
  level.min.integer = -10;
  level.max.integer = 10;
  ratio.fallback.real = ratio.min.real = 0.5;
  ratio.max.real = 2;
  size.fallback.integer = 2048;
  pause.fallback.integer = 1'500'000'000;
  mode.choices = {"fast", "slow"};
  mode.fallback.text = "fast";
  out.options = {body, level, ratio, size, pause, print, mode};
  return out;
}

plugin_description raw() {
  plugin_description out;
  out.name = "raw";
  out.version = "0.1.0";
  out.summary = "echoes";
  out.listen = ":7000";
  out.nodelay = 1;
  out.write_policy = EH_WRITE_NOW;
  out.options = {option(EH_DURATION, "tick")};
  return out;
}

plugin_description keeper() {
  plugin_description out;
  out.name = "keeper";
  out.version = "1.0.0";
  out.summary = "keeps secrets";
  out.listen = ":9000";
  out.options = {option(EH_ADDRESS, "backend"), option(EH_FILE, "cert"), option(EH_SECRET, "token")};
  out.options[0].fallback.text = "7001";
  out.options[1].flags = EH_MUST_EXIST;
  return out;
}

} // namespace

plugin_description load_fake(const std::string& path, bool allow_insecure) {
  const std::string file = "./" + std::filesystem::path(path).filename().string();
  if (file == "./bad.so") throw std::runtime_error("./bad.so: abi_major is 2, expected 1; rebuild it");
  if (file == "./insecure.so" && !allow_insecure) throw std::runtime_error("./insecure.so: others may write it");
  plugin_description out = file == "./raw.so" || file == "./pair.so" ? raw()
                           : file.starts_with("./keeper")            ? keeper()
                                                                     : http();
  out.file = path;
  if (file == "./pair.so") out.options[0].name = "policy";
  if (file == "./clash.so") out.options[0].name = "backlog";
  if (file == "./keeper-nowhere.so") out.options[0].fallback.text = "localhost:80";
  if (file == "./keeper-nothing.so") out.options[1].fallback.text = "/nonexistent/cert";
  if (file == "./negative.so") out.options[3].fallback.integer = -1;
  if (file == "./nowhere.so") out.listen = "localhost:80";
  return out;
}

configuration configured(const std::vector<std::string>& words, unsigned somaxconn) {
  return configure(words, {load_fake, "/nonexistent", somaxconn});
}

configuration configured_with(const std::vector<std::string>& variables, const std::vector<std::string>& words) {
  return configure(words, {load_fake, "/nonexistent", 0, {}, variables});
}

std::string refusal_of(const std::vector<std::string>& words, const std::vector<std::string>& variables) {
  try {
    configured_with(variables, words);
  } catch (const failure& e) {
    return std::to_string(static_cast<int>(e.status())) + " " + e.what();
  }
  return {};
}

scratch_folder::scratch_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "epollhost-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
  folder_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored; // a leftover folder is no failure of the test
  std::filesystem::remove_all(folder_, ignored);
}

std::string scratch_folder::write(const std::string& name, std::string_view text) const {
  std::ofstream(folder_ / name, std::ios::binary) << text;
  return path(name);
}

} // namespace epollhost::cli::test
