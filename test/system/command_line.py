# Distributed under the Boost Software License, Version 1.0.
# Tests what the user of the command line sees: addresses, messages, exit statuses, signals.
import grp
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.program import Serving, built, program, run

HTTP = built("/http.so")
RAW = built("/raw.so")
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def ask(address, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(30)
        s.connect(address)
        s.sendall(REQUEST)
        return s.makefile("rb").read()


class Addresses(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.socket = str(Path(self.folder.name) / "s")

    def tearDown(self):
        self.folder.cleanup()

    def test_serves_every_form_of_address_at_once(self):
        name = f"epollhost-test-{os.getpid()}"
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--listen", "unix:" + self.socket, "--listen",
                     "unix:@" + name) as host:
            self.assertIn(b"Hello, world!", ask(("127.0.0.1", host.port)))
            self.assertIn(b"Hello, world!", ask(self.socket, socket.AF_UNIX))
            self.assertIn(b"Hello, world!", ask("\0" + name, socket.AF_UNIX))
            self.assertEqual(host.stop(), 0)

    def test_takes_both_families_where_no_address_is_named(self):
        with Serving("--plugin", HTTP, "--listen", "0") as host:
            self.assertIn(b"Hello, world!", ask(("127.0.0.1", host.port)))
            if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
                self.assertIn(b"Hello, world!", ask(("::1", host.port), socket.AF_INET6))

    def test_gives_the_file_of_a_unix_socket_its_mode_and_removes_it(self):
        for mode in (0o600, 0o666):
            with Serving("--plugin", HTTP, "--listen", "unix:" + self.socket, "--unix-mode", f"{mode:o}") as host:
                self.assertEqual(stat.S_IMODE(os.stat(self.socket).st_mode), mode)
                self.assertEqual(host.stop(), 0)
            self.assertFalse(os.path.exists(self.socket))

    @unittest.skipUnless(os.geteuid() == 0, "only root gives files away")
    def test_gives_the_file_of_a_unix_socket_its_owner_and_group(self):
        with Serving("--plugin", HTTP, "--listen", "unix:" + self.socket, "--unix-user", "65534", "--unix-group",
                     "daemon") as host:
            about = os.stat(self.socket)
            self.assertEqual((about.st_uid, about.st_gid), (65534, grp.getgrnam("daemon").gr_gid))
            self.assertEqual(host.stop(), 0)

    def test_replaces_a_dead_unix_socket_and_no_other_file(self):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(self.socket)
        with Serving("--plugin", HTTP, "--listen", "unix:" + self.socket) as host:
            status, _, error = run("--plugin", HTTP, "--listen", "unix:" + self.socket)
            self.assertEqual(status, 4, error)
            self.assertIn("Address already in use", error)
            self.assertIn(b"Hello, world!", ask(self.socket, socket.AF_UNIX))
            self.assertEqual(host.stop(), 0)
        Path(self.socket).write_text("precious")
        status, _, error = run("--plugin", HTTP, "--listen", "unix:" + self.socket)
        self.assertEqual(status, 4, error)
        self.assertEqual(Path(self.socket).read_text(), "precious")

    def test_opens_no_pipe_socket_or_device_where_a_file_is_expected(self):
        pipe = str(Path(self.folder.name) / "pipe")
        os.mkfifo(pipe)
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.socket)
            serve = ("--plugin", HTTP, "--listen", "127.0.0.1:0")
            for status, words in ((3, ["--config"]), (6, [*serve, "--pid-file"]), (6, [*serve, "--log-file"]),
                                  (5, ["--plugin"]), (6, [*serve, "--control"])):
                for path, kind in ((pipe, "pipe"), (self.socket, "socket"), ("/dev/zero", "device")):
                    if (words[-1], kind) in (("--control", "socket"), ("--log-file", "device")):
                        continue  # a dead socket is replaced; /dev/stderr is a device
                    got, _, said = run(*words, path)
                    self.assertEqual(got, status, (words, path, said))
                    self.assertIn("a " + kind, said)

    def test_reads_its_options_from_a_pipe_of_the_shell_at_the_start_only(self):
        text = f"plugin = {HTTP}\n[http]\nlisten = 127.0.0.1:0\nworkers = 1\n"
        for words in (["--config", "/dev/stdin"], ["--config", "/dev/fd/{}"]):
            reader, writer = os.pipe()
            os.write(writer, text.encode())
            os.close(writer)
            with subprocess.Popen([program(), *[w.format(reader) for w in words]], stdin=reader, pass_fds=[reader],
                                  stderr=subprocess.PIPE) as host:
                os.close(reader)
                try:
                    next(line for line in host.stderr if b"listens on" in line)
                    host.send_signal(signal.SIGHUP)
                    said = next(line for line in host.stderr if b"the reload failed" in line)
                    self.assertIn(b"a reload needs a regular file", said)
                finally:
                    host.terminate()
                self.assertEqual(host.wait(30), 0)

    def test_says_who_to_look_for_when_an_address_is_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            status, _, error = run("--plugin", HTTP, "--listen", f"127.0.0.1:{port}")
        self.assertEqual(status, 4)
        self.assertIn(f"cannot listen on 127.0.0.1:{port}: Address already in use", error)
        self.assertIn(f"ss -ltnp 'sport = :{port}'", error)

    def test_says_that_an_address_is_not_of_this_machine(self):
        status, _, error = run("--plugin", HTTP, "--listen", "192.0.2.1:80")
        self.assertEqual(status, 4)
        self.assertIn("192.0.2.1:80", error)


class Signals(unittest.TestCase):
    def test_end_it_well(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0") as host:
                host.send(number)
                self.assertEqual(host.wait(), 0, number)

    def test_end_it_at_once_when_they_come_twice(self):
        with Serving("--plugin", RAW, "--listen", "127.0.0.1:0", "--drain-timeout", "0") as host:
            with socket.create_connection(("127.0.0.1", host.port)) as client:
                client.sendall(b"x")
                self.assertEqual(client.recv(1), b"x")
                host.send(signal.SIGTERM)
                host.wait_for("all workers drain")
                self.assertIsNone(host.process.poll())
                host.send(signal.SIGTERM)
                self.assertEqual(host.wait(), 0)


class Statuses(unittest.TestCase):
    def expect(self, status, part, *words, **more):
        got, out, error = run(*words, **more)
        self.assertEqual(got, status, out + error)
        self.assertTrue(error.startswith("epollhost: "), error)
        self.assertEqual(error.count("\n"), 1, error)
        self.assertIn(part, error)
        self.assertEqual(out, "")

    def test_2_for_what_is_not_understood(self):
        self.expect(2, "no plugin is given")
        self.expect(2, 'did you mean "--plugin"?', "--plugn", HTTP)
        self.expect(2, "--plugin \"http.so\"", "http.so")
        self.expect(2, "did you mean", "--plugin", HTTP, "--http.bdy", "x")

    def test_3_for_what_is_refused(self):
        self.expect(3, "expected a whole number", "--plugin", HTTP, "--backlog", "many", "--check")
        self.expect(3, "cannot be opened", "--config", "/nonexistent")
        self.expect(3, "cannot be honored", "--plugin", HTTP, "--check", "--workers", "0", "--user", "1234", "--group",
                    "1234")
        self.expect(3, "workers is 0", "--plugin", HTTP, "--plugin", RAW, "--check", "--workers", "0")
        self.expect(3, "/dev/stdin:2: [http] bdy:", "--config", "/dev/stdin", "--plugin", HTTP,
                    input=b"[http]\nbdy = x\n")

    def test_5_for_a_plugin_that_does_not_load(self):
        self.expect(5, "not an ELF shared object", "--plugin", "/etc/passwd")
        self.expect(5, "No such file", "--plugin", "./nonexistent.so")
        self.expect(5, "there is no \"nonexistent.so\"", "--plugin", "nonexistent.so", "--check")

    @unittest.skipUnless(os.geteuid() == 0, "only root can start it as another user")
    def test_3_for_a_user_that_only_root_can_become(self):
        with tempfile.TemporaryDirectory() as folder:  # where that user can read what the build made
            os.chmod(folder, 0o755)
            ours, plugin = shutil.copy(program(), folder), shutil.copy(HTTP, folder)

            def as_other(*words):
                done = subprocess.run([ours, "--plugin", plugin, "--listen", "127.0.0.1:0", *words], user=65534, group=65534,
                                      extra_groups=[], cwd="/", capture_output=True, text=True, timeout=30)
                return done.returncode, done.stderr

            for more in (["--check"], [], ["--workers", "0"]):
                for option, name in (("user", "daemon"), ("group", "daemon"), ("user", "root")):
                    with self.subTest(f"{option} {name} {more}"):
                        status, error = as_other(f"--{option}", name, *more)
                        self.assertEqual((status, error), (3, f"epollhost: --{option} needs root: cannot change to {option} "
                                                              f'"{name}"\n'))
            self.assertEqual(as_other("--user", "65534", "--group", "65534", "--check"), (0, ""))

    def test_5_for_a_plugin_that_refuses_to_start_with_its_reason(self):
        with tempfile.NamedTemporaryFile() as file:
            file.truncate(2**20 + 1)
            for more in ([], ["--check"], ["--workers", "0"]):
                status, _, error = run("--plugin", HTTP, "--listen", "127.0.0.1:0", "--http.body-file", file.name, *more)
                self.assertEqual(status, 5, error)
                self.assertRegex(error, "(?m)^epollhost: plugin .*http.so refused to start: .*body-file .*1048576")

    def test_6_where_nothing_can_be_written(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([program(), "--help"], stdout=full, stderr=subprocess.PIPE, timeout=30)
        self.assertEqual(done.returncode, 6)
        self.assertIn(b"cannot write to the standard output", done.stderr)

    def test_0_for_what_is_good(self):
        for words in (["--version"], ["--help"], ["-h"], ["--plugin", HTTP, "--check"],
                      ["--plugin", HTTP, "--plugin", RAW, "--show-config"]):
            status, out, error = run(*words)
            self.assertEqual((status, error), (0, ""), words)
            self.assertNotEqual(out, "")


class Environment(unittest.TestCase):
    def test_serves_with_variables_alone(self):
        around = {**os.environ, "EPOLLHOST_PLUGIN": HTTP, "EPOLLHOST_LISTEN": "127.0.0.1:0", "EPOLLHOST_WORKERS": "1",
                  "EPOLLHOST_HTTP_BODY": "from a variable"}
        with Serving(env=around) as host:
            self.assertTrue(ask(("127.0.0.1", host.port)).endswith(b"\r\n\r\nfrom a variable"))
            self.assertEqual(host.stop(), 0)

    def test_says_which_variable_is_meant(self):
        words = ("--plugin", HTTP, "--check")
        status, _, complaints = run(*words, env={**os.environ, "EPOLLHOST_HTTP_BODDY": "x"})
        self.assertEqual(status, 3)
        self.assertIn('did you mean "EPOLLHOST_HTTP_BODY"?', complaints)
        status, _, complaints = run(*words, env={**os.environ, "EPOLLHOST_WORKRES": "2"})
        self.assertEqual(status, 0)
        self.assertIn('did you mean "EPOLLHOST_WORKERS"?', complaints)


class Plugins(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def test_are_not_searched_in_the_current_folder_or_the_library_path(self):
        shutil.copy(HTTP, self.folder / "elsewhere.so")
        status, _, error = run("--plugin", "elsewhere.so", "--check", cwd=self.folder,
                               env={"LD_LIBRARY_PATH": str(self.folder)})
        self.assertEqual(status, 5)
        self.assertIn('write "./elsewhere.so"', error)
        self.assertEqual(run("--plugin", "./elsewhere.so", "--check", cwd=self.folder)[0], 0)

    def test_are_searched_in_the_named_folder(self):
        shutil.copy(HTTP, self.folder / "elsewhere.so")
        self.assertEqual(run("--plugin", "elsewhere.so", "--plugin-dir", str(self.folder), "--check")[0], 0)

    def test_that_others_can_write_need_a_word(self):
        copy = self.folder / "open.so"
        shutil.copy(HTTP, copy)
        copy.chmod(0o777)
        status, _, error = run("--plugin", str(copy), "--check")
        self.assertEqual(status, 5)
        self.assertIn("--allow-insecure-plugin", error)
        self.assertEqual(run("--plugin", str(copy), "--check", "--allow-insecure-plugin")[0], 0)
        copy.chmod(0o755)
        self.assertEqual(run("--plugin", str(copy), "--check")[0], 0)
        self.folder.chmod(0o777)
        (self.folder / "private").mkdir(mode=0o700)
        shutil.copy(HTTP, self.folder / "private/deep.so")
        status, _, error = run("--plugin", str(self.folder / "private/deep.so"), "--check")
        self.assertEqual(status, 5)
        self.assertIn(f"everybody may write to the folder {self.folder} ", error)

    def test_have_their_options_in_the_help(self):
        _, page, _ = run("--help", "--plugin", "web=" + HTTP)
        self.assertIn("--web.body TEXT", page)


class Configuration(unittest.TestCase):
    def test_that_is_shown_can_be_read_back(self):
        words = ["--plugin", "web=" + HTTP, "--web.body", " a # \"b\"\n", "--listen", "127.0.0.1:0", "--spin", "50us"]
        _, page, _ = run(*words, "--show-config")
        status, again, error = run("--config", "/dev/stdin", "--show-config", input=page.encode())
        self.assertEqual((status, error), (0, ""))
        values = lambda text: [line.rsplit(" # ", 1)[0] for line in text.splitlines()]
        self.assertEqual(values(again), values(page))

    def test_from_a_file_is_served(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(f"plugin = web={HTTP}\n[web]\nlisten = 127.0.0.1:0\nbody = 'From a file' # really\n")
            file.flush()
            with Serving("--config", file.name) as host:
                self.assertIn(b"\r\n\r\nFrom a file", ask(("127.0.0.1", host.port)))


    def test_names_paths_from_its_own_folder_also_at_a_reload(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "etc").mkdir()
            (folder / "elsewhere").mkdir()
            shutil.copy(HTTP, folder / "etc/my.so")
            (folder / "etc/body").write_text("first")
            file = folder / "etc/epollhost.conf"
            file.write_text("plugin = http=./my.so\nlog-file = log\nlog-stderr = on\npid-file = pid\n[http]\n"
                            "listen = unix:./socket\nlisten = 127.0.0.1:0\nbody-file = body\naccess-log = access\n")
            with Serving("--config", "../etc/epollhost.conf", cwd=folder / "elsewhere") as host:
                self.assertTrue(ask(str(folder / "etc/socket"), socket.AF_UNIX).endswith(b"first"))
                (folder / "etc/body").write_text("second")
                status, _, error = run("--signal", "reload", "--pid-file", "pid", cwd=folder / "etc")
                self.assertEqual((status, error), (0, ""))
                host.wait_for("generation 2")
                self.assertTrue(ask(str(folder / "etc/socket"), socket.AF_UNIX).endswith(b"second"))
                self.assertEqual(sorted(p.name for p in (folder / "elsewhere").iterdir()), [])
                self.assertTrue({"log", "access", "pid", "pid.control"} <= {p.name for p in (folder / "etc").iterdir()})
                self.assertEqual(host.stop(), 0)

    def test_that_others_can_write_needs_a_word(self):
        with tempfile.TemporaryDirectory() as name:
            open_folder = Path(name) / "open"
            open_folder.mkdir()
            file = open_folder / "private" / "epollhost.conf"
            file.parent.mkdir()
            file.write_text(f"plugin = {HTTP}\n")
            words = ("--config", str(file), "--check")
            self.assertEqual(run(*words)[0], 0)
            for place, mode in ((file, 0o646), (file.parent, 0o777), (open_folder, 0o777)):
                before = stat.S_IMODE(place.stat().st_mode)
                place.chmod(mode)
                status, _, error = run(*words)
                self.assertEqual(status, 3, error)
                self.assertIn(f"{place} (mode {mode:04o})", error)
                self.assertIn("--allow-insecure-config", error)
                self.assertEqual(run(*words, "--allow-insecure-config")[0], 0)
                place.chmod(before)


class EarlyLog(unittest.TestCase):
    """Lines from before the log process, and the last words."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.log = Path(self.folder.name) / "log"

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def test_goes_to_the_file_in_the_format_that_is_asked_for(self):
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
        big = Path(self.folder.name) / "big"
        big.touch()
        os.truncate(big, 2**20 + 1)
        words = ["--plugin", HTTP, "--log-file", str(self.log), "--log-format", "json", "--listen", "127.0.0.1:0"]
        status, _, error = run(*words, "--http.body-file", str(big), preexec_fn=few)
        self.assertEqual((status, error.count("\n")), (5, 1), error)  # on the terminal stands why it ended, and no more
        self.assertEqual(self.lines()[-1]["level"], "error")
        self.assertIn("refused to start", self.lines()[-1]["text"])
        self.log.unlink()
        status, _, error = run(*words, "--listen", "192.0.2.1:80", preexec_fn=few)
        self.assertEqual((status, error.count("\n")), (4, 1), error)
        texts = [line["text"] for line in self.lines()]
        self.assertTrue(any("only 200 descriptors" in text for text in texts), texts)
        self.assertTrue(any("192.0.2.1:80" in text for text in texts), texts)

    def test_is_json_on_the_standard_error_too(self):
        status, _, error = run("--plugin", HTTP, "--log-format", "json", "--listen", "192.0.2.1:80")
        self.assertEqual(status, 4)
        said = [json.loads(line) for line in error.splitlines()]  # the log process may be the last to speak
        self.assertTrue(any(line["level"] == "error" and "192.0.2.1:80" in line["text"] for line in said), error)

    def test_is_none_for_a_question(self):
        status, _, error = run("--plugin", HTTP, "--log-file", str(self.log), "--backlog", "many", "--check")
        self.assertEqual((status, error[:11]), (3, "epollhost: "))
        self.assertFalse(self.log.exists())


class Surroundings(unittest.TestCase):
    def test_with_closed_descriptors_do_no_harm(self):
        def close_all():
            for fd in (0, 1):
                os.close(fd)
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--http.print", preexec_fn=close_all) as host:
            self.assertTrue(ask(("127.0.0.1", host.port)).endswith(b"\r\n\r\nHello, world!"))
            open_files = {os.readlink(f"/proc/{host.process.pid}/fd/{fd}") for fd in (0, 1)}
            self.assertEqual(open_files, {"/dev/null"})

    def test_with_few_descriptors_are_warned_of(self):
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", preexec_fn=few) as host:
            self.assertTrue(any("only 200 descriptors may be open" in line for line in host.lines), host.lines)
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--max-connections", "100", preexec_fn=few) as host:
            self.assertFalse(any("descriptors" in line for line in host.lines), host.lines)

    def test_with_a_small_somaxconn_are_warned_of(self):
        most = int(Path("/proc/sys/net/core/somaxconn").read_text())
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--backlog", str(most + 1)) as host:
            self.assertTrue(any(f"above net.core.somaxconn ({most})" in line for line in host.lines), host.lines)


class Nonsense(unittest.TestCase):
    """Random words never end it by a signal, hang it, or go without a message."""

    PIECES = ["--", "-", "plugin", "listen", "config", "http", ".", "=", "backlog", "check", "body", HTTP, "/dev/null",
              "0", "-1", "99999999999999999999", "unix:", "@", "[::1]:", "\u20ac", "\x1b[2J", " ", "\n", "%s%n", "$(id)",
              "nodelay", "help", "spin", "1h", "64KiB", "on"]

    def test_gets_a_message_and_a_status(self):
        seed = random.randrange(2**32)
        chance = random.Random(seed)
        for _ in range(200):
            words = ["--check"] + ["".join(chance.choices(self.PIECES, k=chance.randrange(1, 5)))
                                   for _ in range(chance.randrange(1, 6))]
            if chance.random() < 0.5:
                words += ["--plugin", HTTP]
            status, out, error = run(*words)
            self.assertIn(status, (0, 2, 3, 5), (seed, words, error))
            if status:
                self.assertRegex(error, r"\Aepollhost: [^\x00-\x09\x0b-\x1f\x7f]+\n\Z", (seed, words))
            else:
                self.assertNotEqual(out, "", (seed, words))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
