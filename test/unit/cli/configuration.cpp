// Distributed under the Boost Software License, Version 1.0.
// Tests what comes out of command line, file, plugin and defaults together: assignment, catalog, consistency, instance,
// program_settings, settings and special_options have no other tests.
#include "cli/configuration.hpp"

#include "cli/address.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using namespace epollhost::cli;
using test::configured;
using test::refusal_of;

namespace {

std::vector<std::string> words_with(const std::string& file, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--config", file});
  return more;
}

bool has(const std::string& message, const std::string& part) { return message.find(part) != std::string::npos; }

const std::vector<std::string> http = {"--plugin", "./http.so"};

std::vector<std::string> http_with(std::vector<std::string> more) {
  more.insert(more.begin(), http.begin(), http.end());
  return more;
}

const worker_settings& only(const configuration& c) { return c.instances.at(0).settings; }

} // namespace

BOOST_AUTO_TEST_SUITE(configuration_)

BOOST_AUTO_TEST_CASE(has_the_defaults_of_host_and_plugin) {
  const configuration c = configured(http);
  BOOST_TEST(only(c).name == "http");
  BOOST_TEST(only(c).plugin_file == "./http.so");
  BOOST_TEST(only(c).backlog == worker_settings().backlog);
  BOOST_TEST(only(c).listen.size() == 1u);
  BOOST_TEST(to_string(only(c).listen[0]) == ":8080");
  BOOST_TEST(only(c).values.size() == 7u);
  BOOST_TEST(only(c).values[0].text == "Hello, world!");
  BOOST_TEST((c.action == action::run));
}

BOOST_AUTO_TEST_CASE(takes_the_socket_defaults_of_the_plugin) {
  const configuration c = configured({"--plugin", "./raw.so"});
  BOOST_TEST(only(c).nodelay);
  BOOST_TEST((only(c).policy == write_policy::now));
  BOOST_TEST(!only(configured({"--plugin", "./raw.so", "--nodelay", "off"})).nodelay);
}

BOOST_AUTO_TEST_CASE(stores_every_option_of_the_host) {
  const configuration c = configured(http_with({"--listen",
                                                "127.0.0.1:9000",
                                                "--unix-mode",
                                                "600",
                                                "--unix-user",
                                                "root",
                                                "--unix-group",
                                                "77",
                                                "--backlog",
                                                "7",
                                                "--trigger",
                                                "level",
                                                "--nodelay",
                                                "--cork",
                                                "yes",
                                                "--write-policy=now",
                                                "--spin",
                                                "50us",
                                                "--drain-timeout",
                                                "1m",
                                                "--max-connections",
                                                "10",
                                                "--input-max",
                                                "1MiB",
                                                "--output-high",
                                                "3KiB",
                                                "--output-low",
                                                "2KiB",
                                                "--output-max",
                                                "32KiB",
                                                "--output-files",
                                                "3",
                                                "--turn-bytes",
                                                "4KiB",
                                                "--turn-calls",
                                                "5",
                                                "--accept-batch",
                                                "6",
                                                "--send-timeout",
                                                "0",
                                                "--linger-timeout",
                                                "8s",
                                                "--linger-bytes",
                                                "9KiB",
                                                "--log-level",
                                                "debug",
                                                "--allow-insecure-plugin"}));
  const worker_settings& s = only(c);
  BOOST_TEST(to_string(s.listen.at(0)) == "127.0.0.1:9000");
  BOOST_TEST(s.unix_mode == 0600u);
  BOOST_TEST((s.unix_user.name == "root" && s.unix_user.number == 0));
  BOOST_TEST((s.unix_group.name == "77" && s.unix_group.number == 77));
  BOOST_TEST(s.backlog == 7);
  BOOST_TEST((s.trigger == loop::trigger::level && s.policy == write_policy::now));
  BOOST_TEST((s.nodelay && s.cork && s.allow_insecure_plugin));
  BOOST_TEST((s.spin == std::chrono::microseconds(50) && s.drain_timeout == std::chrono::minutes(1)));
  BOOST_TEST(s.limits.max_connections == 10u);
  BOOST_TEST(s.limits.input_max == 1048576u);
  BOOST_TEST(s.limits.output_high == 3072u);
  BOOST_TEST(s.limits.output_low == 2048u);
  BOOST_TEST(s.limits.output_max == 32768u);
  BOOST_TEST(s.limits.output_files == 3u);
  BOOST_TEST(s.limits.turn_bytes == 4096u);
  BOOST_TEST(s.limits.turn_calls == 5u);
  BOOST_TEST(s.limits.accept_batch == 6u);
  BOOST_TEST((s.limits.send_timeout.count() == 0 && s.limits.linger_timeout == std::chrono::seconds(8)));
  BOOST_TEST(s.limits.linger_bytes == 9216u);
  BOOST_TEST((c.program.log_level == log::level::debug && c.program.allow_insecure_plugin));
}

BOOST_AUTO_TEST_CASE(stores_every_type_of_a_plugins_option) {
  const auto c = configured(http_with({"--http.body=", "--http.level", "-7", "--http.ratio", "1.5", "--http.size",
                                       "1MiB", "--http.pause", "3s", "--http.print", "--http.mode", "slow"}));
  const auto& v = only(c).values;
  BOOST_TEST(v[0].text == "");
  BOOST_TEST(v[1].integer == -7);
  BOOST_TEST(v[2].real == 1.5);
  BOOST_TEST(v[3].integer == 1048576);
  BOOST_TEST(v[4].integer == 3'000'000'000);
  BOOST_TEST(v[5].integer == 1);
  BOOST_TEST(v[6].integer == 1);
  BOOST_TEST(v[6].text == "slow");
}

BOOST_AUTO_TEST_CASE(lets_the_command_line_win_over_the_file_and_the_named_over_the_general) {
  const test::scratch_folder folder;
  const std::string file =
      folder.write("f", "plugin = ./http.so\nbacklog = 1\ncork = on\nspin = 1us\nlisten = :1\n"
                        "[http]\nbacklog = 2\ncork = off\nbody = file\nlisten = :2\nlisten = :3\n");
  const auto plain = configured(words_with(file));
  BOOST_TEST(only(plain).backlog == 2);
  BOOST_TEST(!only(plain).cork);
  BOOST_TEST(only(plain).spin.count() == 1000);
  BOOST_TEST(only(plain).values[0].text == "file");
  BOOST_TEST(only(plain).listen.size() == 2u);
  const auto general = configured(words_with(file, {"--backlog", "3", "--listen", ":4"}));
  BOOST_TEST(only(general).backlog == 3);
  BOOST_TEST(only(general).listen.size() == 1u);
  const auto named = configured(words_with(file, {"--backlog", "3", "--http.backlog", "4", "--http.body", "line"}));
  BOOST_TEST(only(named).backlog == 4);
  BOOST_TEST(only(named).values[0].text == "line");
}

BOOST_AUTO_TEST_CASE(remembers_where_each_value_comes_from) {
  const test::scratch_folder folder;
  const std::string file = folder.write("f", "plugin = ./raw.so\n[raw]\nbacklog = 2\n");
  const auto c = configured(words_with(file, {"--cork"}));
  std::map<std::string, std::string> from;
  for (const setting& s : c.instances[0].shown) from[s.name] = to_string(s.from);
  BOOST_TEST(from["backlog"] == file + ":3");
  BOOST_TEST(from["cork"] == "command line");
  BOOST_TEST(from["nodelay"] == "plugin");
  BOOST_TEST(from["listen"] == "plugin");
  BOOST_TEST(from["tick"] == "plugin");
  BOOST_TEST(from["trigger"] == "default");
}

BOOST_AUTO_TEST_CASE(names_plugins_and_gives_each_its_options) {
  const auto c = configured({"--plugin", "web=./http.so", "--plugin", "./raw.so", "--web.backlog", "5", "--spin", "1us",
                             "--raw.listen", ":7", "--raw.listen", ":8", "--web.body", "x", "--show-config"});
  BOOST_TEST(c.instances.size() == 2u);
  BOOST_TEST(c.instances[0].settings.name == "web");
  BOOST_TEST(c.instances[0].settings.backlog == 5);
  BOOST_TEST(c.instances[0].settings.values[0].text == "x");
  BOOST_TEST(c.instances[1].settings.backlog == worker_settings().backlog);
  BOOST_TEST(c.instances[1].settings.spin.count() == 1000);
  BOOST_TEST(c.instances[1].settings.listen.size() == 2u);
}

BOOST_AUTO_TEST_CASE(knows_what_is_asked_for) {
  BOOST_TEST((configured({"--version", "--nonsense"}).action == action::version));
  BOOST_TEST((configured({"--help", "--version", "--nonsense"}).action == action::help));
  BOOST_TEST((configured({"-h"}).instances.empty()));
  BOOST_TEST((configured(http_with({"--help"})).instances.size() == 1u));
  BOOST_TEST((configured(http_with({"--check"})).action == action::check));
  BOOST_TEST((configured(http_with({"--check", "--show-config"})).action == action::show_config));
}

BOOST_AUTO_TEST_CASE(warns_of_a_backlog_that_the_kernel_cuts) {
  const auto above = configured(http_with({"--backlog", "5000"}), 4999);
  BOOST_TEST(above.warnings.size() == 1u);
  BOOST_TEST(above.warnings.at(0) == "http: backlog (5000, command line) is above net.core.somaxconn (4999), which the "
                                     "kernel keeps to; raise that with sysctl -w net.core.somaxconn=5000");
  BOOST_TEST(only(above).backlog == 5000);
  BOOST_TEST(configured(http_with({"--backlog", "5000"}), 5000).warnings.empty());
  BOOST_TEST(configured(http_with({"--backlog", "5000"}), 0).warnings.empty());
}

BOOST_AUTO_TEST_CASE(refuses_a_command_line_that_it_does_not_understand) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{}, "2 no plugin is given; write, for example, epollhost --plugin ./FILE.so"},
      {{"--plugn", "./http.so"}, "2 --plugn: unknown option; did you mean \"--plugin\"?"},
      {{"--plugin"}, "2 --plugin: the value is missing; write --plugin=[NAME=]FILE"},
      {http_with({"--backlog"}), "2 --backlog: the value is missing; write --backlog=NUMBER"},
      {http_with({"--http.body"}), "2 --http.body: the value is missing"},
      {http_with({"--zebra"}), "2 --zebra: unknown option; epollhost --help lists all"},
      {http_with({"--body", "x"}), "2 --body: this is an option of the plugin http; write --http.body"},
      {http_with({"--boddy", "x"}), "2 --boddy: unknown option; did you mean --http.body?"},
      {http_with({"--http-body", "x"}), "2 --http-body: unknown option; did you mean --http.body?"},
      {http_with({"--.http.body", "x"}), "2 --.http.body: unknown option; did you mean --http.body?"},
      {http_with({"--http.http.body", "x"}), "2 --http.http.body: the name http is there twice; write --http.body"},
      {http_with({"--port", "80"}), "2 --port: unknown option; did you mean \"--listen\"?"},
      {http_with({"--threads", "4"}), "2 --threads: unknown option; did you mean \"--workers\"?"},
      {http_with({"--json"}), "2 --json: this goes with --status only"},
      {http_with({"--http.boddy", "x"}),
       "2 --http.boddy: neither the plugin http nor the host has this option; did you "
       "mean \"--http.body\"?"},
      {http_with({"--http.backlgo", "x"}), "did you mean \"--http.backlog\"?"},
      {http_with({"--http.=x"}), "2 --http.: no option follows the dot; write --http.OPTION"},
      {http_with({"--htp.body", "x"}), "2 --htp.body: no plugin is named \"htp\"; did you mean \"http\"?"},
      {http_with({"--zebra.body", "x"}),
       "2 --zebra.body: no plugin is named \"zebra\"; the plugins here are named http"},
      {{"--plugin", "web=./http.so", "--http.body", "x"}, "the plugin \"http\" is named \"web\" here"},
      {{"--http.body", "x"}, "2 --http.body: no plugin is named \"http\"; none is loaded: add --plugin FILE"},
      {http_with({"--http.log-level", "debug"}), "2 --http.log-level: this option is for the whole program; write "
                                                 "--log-level"},
      {http_with({"--backlog", "1", "--backlog", "2"}), "2 --backlog: this is given twice; remove one of them"},
      {http_with({"--http.body", "1", "--http.body", "2"}), "2 --http.body: this is given twice"},
      {http_with({"--\x1b[2J"}), "2 --\\x1b[2J: unknown option"}};
  for (const auto& [words, part] : cases) BOOST_TEST(has(refusal_of(words), part), part << "\n" << refusal_of(words));
}

BOOST_AUTO_TEST_CASE(refuses_values_that_it_cannot_use) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {http_with({"--backlog", "0"}), "3 --backlog: \"0\" is too small; expected a whole number from 1 to 2147483647"},
      {http_with({"--backlog", "2147483648"}), "3 --backlog: \"2147483648\" is too large"},
      {http_with({"--backlog="}), "3 --backlog: the value is empty; expected a whole number from 1 to 2147483647"},
      {http_with({"--max-connections", "16777216"}), "is too large; expected a whole number from 1 to 16777215"},
      {http_with({"--trigger", "levle"}), "3 --trigger: \"levle\" is no choice; expected edge or level; did you mean "
                                          "\"level\"?"},
      {http_with({"--nodelay=perhaps"}), "3 --nodelay: \"perhaps\" is neither on nor off; expected on or off"},
      {http_with({"--spin", "50"}), "3 --spin: \"50\" has no unit"},
      {http_with({"--spin", "1001ms"}), "is too large; expected a duration from 0 to 1s"},
      {http_with({"--input-max", "64k"}), "3 --input-max: \"64k\" has the unit \"k\""},
      {http_with({"--unix-mode", "0888"}),
       "3 --unix-mode: \"0888\" is no octal number; expected an octal mode from 0 to "
       "0777, such as 0660"},
      {http_with({"--unix-mode", "1777"}), "\"1777\" is above 0777"},
      {http_with({"--unix-mode", ""}), "--unix-mode: the value is empty"},
      {http_with({"--unix-user", "no such"}),
       "3 --unix-user: there is no user \"no such\" in /etc/passwd; expected a name that is there, or a number"},
      {http_with({"--unix-group", "no such"}), "3 --unix-group: there is no group \"no such\" in /etc/group"},
      {http_with({"--unix-user", "4294967295"}), "3 --unix-user: 4294967295 is too large"},
      {http_with({"--listen", "localhost:1"}), "3 --listen: \"localhost:1\" has the name \"localhost\""},
      {http_with({"--log-level", "loud"}),
       "3 --log-level: \"loud\" is no choice; expected error, warning, info or debug"},
      {http_with({"--http.level", "11"}),
       "3 --http.level: \"11\" is too large; expected a whole number from -10 to 10"},
      {http_with({"--user", "no such user"}), "3 --user no such user: there is no user with that name"},
      {http_with({"--group", "no such group"}), "3 --group no such group: there is no group with that name"},
      {http_with({"--plugin-dir", "/nonexistent"}), "3 --plugin-dir: \"/nonexistent\" is no folder"},
      {{"--plugin", ""}, "3 --plugin: the name of the file is empty"},
      {{"--plugin", "web="}, "3 --plugin: the name of the file is empty"},
      {{"--plugin", "=./http.so"}, "3 --plugin: no name stands before the \"=\""},
      {{"--plugin", "We.b=./http.so"}, "3 --plugin: the name \"We.b\" has other letters than a to z"},
      {{"--plugin", "-=./http.so"}, "begins with a dash"},
      {{"--plugin", std::string(65, 'a') + "=./http.so"}, "is longer than 64 bytes"},
      {{"--config", "/nonexistent"}, "3 --config: \"/nonexistent\": cannot be opened"}};
  for (const auto& [words, part] : cases) BOOST_TEST(has(refusal_of(words), part), part << "\n" << refusal_of(words));
}

BOOST_AUTO_TEST_CASE(takes_a_number_of_workers_or_auto) {
  BOOST_TEST(only(configured(http)).workers == worker_settings().workers);
  BOOST_TEST(only(configured(http_with({"--workers", "3"}))).workers == 3u);
  BOOST_TEST(only(configured(http_with({"--workers", "0"}))).workers == 0u);
  BOOST_TEST(only(configured(http_with({"--workers", "auto"}))).workers == worker_settings::auto_workers);
  BOOST_TEST(has(refusal_of(http_with({"--workers", "-1"})), "3 --workers: \"-1\" is too small"));
  BOOST_TEST(has(refusal_of(http_with({"--workers", "many"})), "or \"auto\""));
}

BOOST_AUTO_TEST_CASE(needs_no_plugin_to_speak_to_a_running_program) {
  BOOST_TEST((configured({"--status", "--control", "/x"}).action == action::status));
  BOOST_TEST((configured({"--signal", "reload", "--pid-file", "/x"}).action == action::signal));
  BOOST_TEST((configured({"--list-plugins"}).action == action::list_plugins));
  BOOST_TEST(has(refusal_of({"--signal", "relaod"}), "did you mean \"reload\"?"));
}

BOOST_AUTO_TEST_CASE(refuses_combinations_that_cannot_work) {
  const std::vector<std::string> both = {"--plugin", "./http.so", "--plugin", "./raw.so"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), both.begin(), both.end());
    return more;
  };
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {with({"--workers", "0"}), "3 http: workers is 0, so the plugin would run in the program's own process, but 2 "
                                 "plugins are given"},
      {with({"--raw.workers", "0", "--check"}), "3 raw: workers is 0"},
      {with({"--listen", ":1"}), "2 --listen: 2 plugins cannot share an address; say whose it is: --http.listen"},
      {{"--plugin", "./http.so", "--plugin", "./http.so"},
       "3 --plugin: two plugins are named \"http\" (the other is that of --plugin); name one of them: --plugin "
       "NAME=./http.so"},
      {with({"--http.listen", ":1", "--raw.listen", ":1"}), "3 http and raw both listen on \":1\"; give one another "
                                                            "address with --raw.listen"},
      {http_with({"--listen", ":1", "--listen", "1"}), "3 http: listen has \":1\" twice; leave one"},
      {http_with({"--listen", ":1", "--listen", "0.0.0.0:1"}),
       "3 http: listen has \":1\" and \"0.0.0.0:1\", and one of them contains the other; leave one"},
      {http_with({"--listen", "[::1]:1", "--listen", "[::]:1"}), "3 http: listen has \"[::1]:1\" and \"[::]:1\", and"},
      {with({"--http.listen", ":1", "--raw.listen", "127.0.0.1:1"}),
       "3 http listens on \":1\" and raw on \"127.0.0.1:1\", and one of them contains the other; give one another "
       "address with --raw.listen"},
      {http_with({"--listen", "unix:/tmp/x", "--listen", "unix:/tmp/./x"}),
       "3 http: listen has \"unix:/tmp/x\" and \"unix:/tmp/./x\", which are the same file; leave one"},
      {with({"--http.listen", "unix:/tmp/x", "--raw.listen", "unix:/tmp/../tmp/x"}), "which are the same file"},
      {http_with({"--listen", "fd:a", "--listen", "fd:a"}), "3 http: listen has \"fd:a\" twice; leave one"},
      {http_with({"--output-low", "1MiB"}), "3 http: output-low (1MiB, command line) is above output-high (256KiB, "
                                            "default); lower the first or raise the second"},
      {http_with({"--output-max", "64KiB"}),
       "3 http: output-high (256KiB, default) is above output-max (64KiB, command "
       "line)"}};
  for (const auto& [words, part] : cases) BOOST_TEST(has(refusal_of(words), part), part << "\n" << refusal_of(words));
  std::vector<std::string> addresses;
  for (int i = 0; i < 1024; ++i) addresses.insert(addresses.end(), {"--listen", "127.0.0.1:0"});
  BOOST_TEST(refusal_of(http_with(addresses)) == "");
  addresses.insert(addresses.end(), {"--listen", "127.0.0.1:0"});
  BOOST_TEST(has(refusal_of(http_with(addresses)), "3 http: listen has 1025 addresses, and one plugin can have at most "
                                                   "1024"));
  BOOST_TEST(refusal_of(http_with({"--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"})) == "");
  BOOST_TEST(refusal_of(http_with({"--listen", "0.0.0.0:1", "--listen", "[::]:1", "--listen", "unix:/tmp/x"})) == "");
}

BOOST_AUTO_TEST_CASE(says_file_and_line_for_what_a_file_gets_wrong) {
  const test::scratch_folder folder;
  const std::pair<const char*, const char*> cases[] = {
      {"\nbacklgo = 1\n", ":2: backlgo: unknown option; did you mean \"backlog\"?"},
      {"--backlog = 1\n", ":1: --backlog: options have no dashes in a file; write backlog"},
      {"config = x\n", ":1: config: this can stand only on the command line, as --config"},
      {"check = on\n", ":1: check: this can stand only on the command line, as --check"},
      {"backlog = 1\nbacklog = 2\n", ":2: backlog: duplicate of line 1; remove one of them"},
      {"backlog = abc\n", ":1: backlog: \"abc\" is no whole number; expected a whole number from 1 to 2147483647"},
      {"[http]\nbody = a\nbody = b\n", ":3: [http] body: duplicate of line 2"},
      {"[http]\nplugin = x\n",
       ":2: [http] plugin: this option is for the whole program; put it above the first section"},
      {"[htpp]\nbody = x\n", ":2: [htpp] body: no plugin is named \"htpp\"; did you mean \"http\"?"},
      {"[http]\nboddy = x\n", ":2: [http] boddy: neither the plugin http nor the host has this option; did you mean "
                              "\"body\"?"},
      {"body = x\n", ":1: body: this is an option of the plugin http; write body in the section [http]"},
      {"[global]\nbacklog = 1\n", ":2: [global] backlog: no plugin is named \"global\"; options of the program and of "
                                  "all plugins stand above the first section"},
      {"[http]\nhttp.body = x\n", ":2: [http] http.body: the name http is there twice; write body"},
      {"[http]\nlevel = 11\n", ":2: [http] level: \"11\" is too large"}};
  for (const auto& [text, part] : cases) {
    const std::string file = folder.write("f.conf", text), message = refusal_of(words_with(file, http));
    BOOST_TEST(message.starts_with("3 " + file + part), text << message);
  }
}

BOOST_AUTO_TEST_CASE(looks_also_at_values_that_lose) {
  const test::scratch_folder folder;
  const std::string file = folder.write("f", "backlog = abc\n");
  BOOST_TEST(has(refusal_of(words_with(file, http_with({"--backlog", "5"}))), file + ":1: backlog: \"abc\""));
}

BOOST_AUTO_TEST_CASE(refuses_plugins_that_do_not_load) {
  const std::pair<const char*, const char*> cases[] = {
      {"./bad.so", "5 ./bad.so: abi_major is 2, expected 1; rebuild it"},
      {"./insecure.so", "5 ./insecure.so: others may write it"},
      {"./clash.so", "5 plugin ./clash.so refused: its table has the option \"backlog\", which the host has already"},
      {"./nowhere.so", "5 plugin ./nowhere.so refused: listen of its table: \"localhost:80\" has the name"},
      {"none.so", "5 --plugin: there is no \"none.so\" in /nonexistent/plugins or /lib/epollhost/plugins"}};
  for (const auto& [file, part] : cases)
    BOOST_TEST(has(refusal_of({"--plugin", file}), part), refusal_of({"--plugin", file}));
  BOOST_TEST(refusal_of({"--plugin", "./insecure.so", "--allow-insecure-plugin"}) == "");
}

BOOST_AUTO_TEST_CASE(begins_paths_beside_the_file_that_they_are_written_in) {
  const test::scratch_folder folder;
  folder.write("cert", "");
  folder.write("token", "hush\n");
  const std::string file = folder.write("f", "plugin = ./keeper.so\n[keeper]\ncert = ./cert\ntoken = @token\n");
  const configuration c = configured(words_with(file));
  const auto& values = only(c).values;
  BOOST_TEST(values[0].text == ":7001"); // the default, in the form that the plugin gets
  BOOST_TEST(values[1].text == folder.path("cert"));
  BOOST_TEST(values[2].text == "hush");
  const std::string message = refusal_of(words_with(file, {"--keeper.cert", "cert"}));
  BOOST_TEST(has(message, "3 --keeper.cert: there is no file \""), message); // it begins at the current folder
}

BOOST_AUTO_TEST_CASE(refuses_defaults_that_are_not_to_be_had) {
  BOOST_TEST(has(refusal_of({"--plugin", "./keeper-nowhere.so"}),
                 "5 plugin ./keeper-nowhere.so refused: the default of its option \"backend\": \"localhost:80\" has"));
  BOOST_TEST(
      refusal_of({"--plugin", "./negative.so"}) ==
      "5 plugin ./negative.so refused: the default of its option \"size\": \"-1\" is negative; expected a size such "
      "as 512, 64KiB or 2MB");
  const std::vector<std::string> words = {"--plugin", "./keeper-nothing.so"};
  BOOST_TEST(refusal_of(words) == "3 --keeper.cert: there is no file \"/nonexistent/cert\"; this is its default, give "
                                  "another");
}

BOOST_AUTO_TEST_CASE(adds_the_plugins_of_the_command_line_to_those_of_the_file) {
  const test::scratch_folder folder;
  const std::string file = folder.write("f", "plugin = ./http.so\n");
  const auto c = configured(words_with(file, {"--plugin", "./raw.so", "--show-config"}));
  BOOST_TEST(c.instances.size() == 2u);
  BOOST_TEST(has(refusal_of(words_with(file, http)), "two plugins are named \"http\" (the other is that of " + file));
}

BOOST_AUTO_TEST_SUITE_END()
