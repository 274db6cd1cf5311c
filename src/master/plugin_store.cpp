// Distributed under the Boost Software License, Version 1.0.
// The plugins of one generation: sealed copies, and what a probe found in them.
#include "master/plugin_store.hpp"

#include "master/channel_files.hpp"
#include "master/probe.hpp"
#include "net/error.hpp"
#include "worker/plugin_file.hpp"
#include "worker/plugin_refused.hpp"
#include "worker/worker.hpp"

#include <fmt/format.h>

namespace epollhost::master {
namespace {

// The plugin ran in the process that has said this, and may have had its hand in it.
template <class Read> auto read_answer(const std::string& file, const std::string& said, Read read) {
  try {
    archive_reader in(said);
    return read(in);
  } catch (const std::runtime_error& e) {
    throw plugin_refused(fmt::format("plugin {} refused: what its trial process has said makes no sense ({}). It must "
                                     "leave descriptors alone that it has not opened",
                                     file, e.what()));
  }
}

} // namespace

const sealed_file& plugin_store::seal(const std::string& file, bool allow_insecure) {
  if (const auto at = copies_.find(file); at != copies_.end()) return *at->second.bytes;
  try {
    auto bytes = std::make_unique<sealed_file>(check_plugin_file(file, allow_insecure));
    return *copies_.emplace(file, copy{std::move(bytes)}).first->second.bytes;
  } catch (const net::system_error& e) {
    throw plugin_refused(fmt::format("plugin {} refused: cannot copy it: {}", file, e.what()));
  }
}

plugin_description plugin_store::describe(const std::string& file, bool allow_insecure) {
  const sealed_file& bytes = seal(file, allow_insecure);
  copy& c = copies_.at(file);
  if (c.described) return c.description;
  const std::string found = probe(file, bytes, rights_, "loading", [&] {
    const auto library = plugin_library::load(bytes.path(), file);
    archive_writer out;
    put(out, library.describe());
    return out.bytes();
  });
  c.description = read_answer(file, found, get_description);
  c.described = true;
  return c.description;
}

std::vector<std::string> plugin_store::try_start(const planned_instance& instance) const {
  const std::string& file = instance.settings.plugin_file;
  const sealed_file& bytes = copy_of(file);
  const std::string found = probe(file, bytes, rights_, "starting", [&] {
    worker_page page;
    archive_writer out;
    const auto note = [&](const std::string& path) {
      out.put(path);
      return open_channel_file("/dev/null");
    };
    worker trial(instance.settings, plugin_library::load(bytes.path(), file), {}, page, note);
    return out.bytes();
  });
  return read_answer(file, found, [](archive_reader& in) {
    std::vector<std::string> channels;
    while (!in.empty() && channels.size() < channels_max) channels.push_back(in.text());
    return channels;
  });
}

void plugin_store::check_start(planned_instance instance) const {
  instance.channels = try_start(instance);
  check_channel_files(instance);
}

} // namespace epollhost::master
