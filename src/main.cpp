// Distributed under the Boost Software License, Version 1.0.
// The program: reads its configuration, then serves until a signal ends it.
#include "base/log.hpp"
#include "cli/answer.hpp"
#include "cli/check_plugin.hpp"
#include "cli/configuration.hpp"
#include "cli/environment.hpp"
#include "cli/plugin_search.hpp"
#include "cli/running.hpp"
#include "cli/serve.hpp"
#include "cli/text.hpp"
#include "master/early_log.hpp"
#include "master/handover.hpp"
#include "master/inherited.hpp"
#include "master/upgrade.hpp"
#include "master/way_back.hpp"
#include "net/file.hpp"
#include "net/listen.hpp"
#include "worker/listening.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <new>

namespace {

using namespace epollhost;
using cli::configuration;
using cli::exit_status;

constexpr std::chrono::seconds upgrade_patience{20}; // for reading, probing and starting all of it

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw cli::failure(exit_status::failed, "cannot write to the standard output");
}

// What is logged from here on, by a trial process too, looks as the options say. A question is answered on the terminal.
void log_early(const configuration& c) {
  log::set_level(c.program.log_level);
  if (c.action == cli::action::check) log::set_format(c.program.log.format);
  if (c.action == cli::action::run) master::start_early_log(c.program.log);
}

configuration read(const std::vector<std::string>& words, master::plugin_store& plugins, cli::plugin_check& check,
                   bool again = false) {
  const auto load = [&](const std::string& file, bool allow_insecure) {
    return plugins.describe(file, allow_insecure);
  };
  const auto rights = [&](const configuration& c) {
    const cli::program_settings& p = c.program;
    if (!again) log_early(c);
    try {
      plugins.run_trials_as(master::find_identity(p.master.user, p.master.group));
    } catch (const std::invalid_argument& e) {
      throw cli::failure(exit_status::configuration, e.what());
    }
    check.look_at_file(p, plugins);
  };
  return cli::configure(words, {load, cli::running_program_folder(), static_cast<unsigned>(net::somaxconn()), rights,
                                cli::own_variables()});
}

void check(const configuration& c, const master::plugin_store& plugins) {
  for (const std::string& warning : c.warnings) log::warning("", "{}", warning);
  for (const cli::instance& i : c.instances) plugins.check_start({i.plugin, i.settings, {}});
  std::string said = "the configuration is good\n";
  if (const auto asked = master::asked_to_take_over()) {
    if (*asked != master::handover_format())
      throw cli::failure(exit_status::configuration,
                         fmt::format("this program takes over from one that leaves \"{}\", and the running one leaves "
                                     "\"{}\"; stop and start the service instead of upgrading it",
                                     master::handover_format(), *asked));
    said += master::takes_over_word;
    said += '\n';
  }
  print(said);
}

void run(const std::vector<std::string>& words, master::passed_sockets passed) {
  master::plugin_store plugins;
  cli::plugin_check reviewer(print);
  configuration c = read(words, plugins, reviewer);
  if (const auto page = cli::answer(c, plugins)) return print(cli::printable_lines(*page));
  if (c.action == cli::action::signal) return print(cli::printable_lines(cli::send_signal(c.program)));
  if (c.action == cli::action::check) return check(c, plugins);
  if (c.action == cli::action::check_plugin) return reviewer.play(c.instances.front(), plugins);
  const auto read_again = [words](master::plugin_store& fresh) {
    cli::plugin_check nobody(print);
    return read(words, fresh, nobody, true);
  };
  cli::serve(std::move(c), std::move(plugins), read_again, words, std::move(passed));
}

int refused(exit_status status, const std::exception& e) {
  try {
    master::go_back_if_possible(e.what());
    if (master::log_failure(e.what())) return static_cast<int>(status);
    std::fprintf(stderr, "epollhost: %s\n", cli::printable(e.what()).c_str());
  } catch (const std::bad_alloc&) {
    std::fputs("epollhost: there is no memory left, not even to say for what\n", stderr);
  }
  return static_cast<int>(status);
}

} // namespace

int main(int argc, char** argv) {
  try {
    master::settle_inherited_state(argc, argv, master::is_handed_over());
    master::arm_way_back(upgrade_patience);
    auto passed = master::take_passed_sockets();
    if (master::is_handed_over() || master::asked_to_take_over())
      net::refuse_streams(); // what was read at the start of the running program is gone
    run({argv + (argc > 0), argv + argc}, std::move(passed));
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
