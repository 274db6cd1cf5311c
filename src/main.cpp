// Distributed under the Boost Software License, Version 1.0.
// The program: reads its configuration, then serves until a signal ends it.
#include "base/log.hpp"
#include "cli/address.hpp"
#include "cli/configuration.hpp"
#include "cli/help.hpp"
#include "cli/plugin_search.hpp"
#include "cli/show_config.hpp"
#include "net/listen.hpp"
#include "net/process.hpp"
#include "worker/plugin_library.hpp"
#include "worker/plugin_refused.hpp"
#include "worker/worker.hpp"

#include <epollhost/version.h>
#include <fmt/format.h>

#include <cstdio>

namespace {

using namespace epollhost;
using cli::exit_status;

constexpr std::uint64_t spare_descriptors = 64; // what the loop, the listeners and the plugin need

plugin_description load(const std::string& file, bool allow_insecure) {
  return plugin_library::open(file, allow_insecure).describe();
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw cli::failure(exit_status::failed, "cannot write to the standard output");
}

std::string addresses(const worker_settings& settings, std::vector<net::endpoint> real) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < real.size(); ++i)
    out.push_back(cli::to_string(listen_address{real[i], settings.listen.at(i).wildcard}));
  return fmt::format("{}", fmt::join(out, ", "));
}

void serve(const cli::instance& of) {
  const worker_settings& settings = of.settings;
  net::ignore_broken_pipes();
  if (const auto files = net::raise_descriptor_limit(); files < settings.limits.max_connections + spare_descriptors)
    log::warning(settings.name,
                 "only {} descriptors may be open, too few for {} connections; raise the hard limit (ulimit -Hn, "
                 "LimitNOFILE= of systemd) or lower --max-connections",
                 files, settings.limits.max_connections);
  worker served(settings, plugin_library::open(settings.plugin_file, settings.allow_insecure_plugin));
  log::info(settings.name, "{} {} listens on {}, 1 worker", of.plugin.name, of.plugin.version,
            addresses(settings, served.listening()));
  served.run();
}

void run(const cli::configuration& c) {
  switch (c.action) {
  case cli::action::help: return print(cli::help(c));
  case cli::action::version:
    return print(fmt::format("epollhost {}, plugin boundary {}.{}\n", EPOLLHOST_VERSION, EH_ABI_MAJOR, EH_ABI_MINOR));
  case cli::action::show_config: return print(cli::show_config(c));
  default: break;
  }
  log::set_level(c.program.log_level);
  for (const std::string& warning : c.warnings) log::warning("", "{}", warning);
  if (c.action == cli::action::check) return print("the configuration is good\n");
  serve(c.instances.front());
}

int refused(exit_status status, const std::exception& e) {
  std::fprintf(stderr, "epollhost: %s\n", e.what());
  return static_cast<int>(status);
}

} // namespace

int main(int argc, char** argv) {
  try {
    net::open_standard_descriptors();
    const std::vector<std::string> words(argv + (argc > 0), argv + argc);
    const auto somaxconn = static_cast<unsigned>(net::somaxconn());
    run(cli::configure(words, {load, cli::running_program_folder(), somaxconn}));
    return static_cast<int>(exit_status::good);
  } catch (const cli::failure& e) {
    return refused(e.status(), e);
  } catch (const plugin_refused& e) {
    return refused(exit_status::plugin_refused, e);
  } catch (const cannot_listen& e) {
    return refused(exit_status::cannot_listen, e);
  } catch (const std::exception& e) {
    return refused(exit_status::failed, e);
  }
}
