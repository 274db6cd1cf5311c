# Distributed under the Boost Software License, Version 1.0.
# Tests what `--status` prints, and what it says where it finds nobody to ask.
import fcntl
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import unittest
from pathlib import Path

from support.case import TestCase
from support.master import Folder, Master, wait_until
from support.program import Serving, built, run
from support.client import get

HTTP = built("/http.so")


class Status(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Folder()
        self.addCleanup(self.folder.remove)

    def refusal(self, path):
        status, out, said = run("--status", "--control", path)
        self.assertNotEqual(status, 0)
        self.assertEqual(out, "")
        self.assertIn(path[:50], said)
        return said

    def test_prints_a_table_of_plugins_workers_and_logs(self):
        log = self.folder / "access"
        with Master("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", "2", "--http.access-log", log) as m:
            get(m.port, "/")
            status, out, said = run("--status", "--pid-file", m.pid_file)
            self.assertEqual((status, said), (0, ""))
            self.assertRegex(out, rf"^epollhost \S+, process {m.pid}, generation 1, 1 alive; 0 reloads, 0 restarts, ")
            plugins, workers, logs = re.split(r"\n\n", out.partition("\n\n")[2].rstrip())
            figures = dict(line.split() for line in plugins.splitlines())
            self.assertEqual((figures["plugin"], figures["data_calls"]), ("http", "1"))
            self.assertEqual(int(figures["accepted"]) + int(figures["connects"]),
                             int(figures["closed"]) + int(figures["connects_closed"]) + int(figures["open"]))
            for line in out.splitlines():
                self.assertLessEqual(len(line), 100)
            self.assertEqual([line.split()[0] for line in workers.splitlines()], ["worker", "http", "http"])
            self.assertEqual([len(line.split()) for line in workers.splitlines()[1:]], [9, 9])
            self.assertEqual(logs.split()[-1], log)

    def test_fits_100_columns_whatever_the_names_are(self):
        names = ["a", "b" * 60] + [f"n{i}" for i in range(10)]
        log = self.folder / ("l" * 90)
        words = [w for n in names for w in ("--plugin", f"{n}={HTTP}", f"--{n}.listen", "127.0.0.1:0")]
        with Master(*words, "--workers", "1", "--a.access-log", log, serves=len(names)) as m:
            status, out, _ = run("--status", "--pid-file", m.pid_file)
            self.assertEqual(status, 0)
            self.assertLessEqual(max(map(len, out.splitlines())), 100)
            for name in names:
                self.assertIn(name, out)

    def test_answers_others_who_ask(self):
        with Master("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", "1") as m:
            # Too many words, in pieces, and more clients than it keeps: each gets what it can, and the last its answer.
            clients = [socket.socket(socket.AF_UNIX) for _ in range(20)]
            for c in clients:
                c.connect(m.pid_file + ".control")
                c.sendall(b"sta")
            with socket.socket(socket.AF_UNIX) as s, s.makefile("rb") as answer:
                s.connect(m.pid_file + ".control")
                s.sendall(b"weather\n")
                self.assertIn(b'expected "status" or "status json"', answer.read())
            clients[-1].sendall(b"tus\n")
            with clients[-1].makefile("rb") as answer:
                self.assertTrue(answer.read().startswith(b"epollhost "))
            for c in clients:
                c.close()

    def test_says_why_nobody_can_be_asked(self):
        self.assertIn("Is that the --control or --pid-file of a running epollhost?", self.refusal(self.folder / "no"))
        left = self.folder / "left"
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(left)
        self.assertIn("the program has ended", self.refusal(left))
        self.assertIn("expected 1 to 107", self.refusal(self.folder / ("x" * 120)))

    def test_refuses_a_control_socket_whose_path_is_too_long(self):
        long = self.folder / ("x" * 120)
        status, _, said = run("--plugin", HTTP, "--listen", "127.0.0.1:0", "--control", long)
        self.assertNotEqual(status, 0)
        self.assertIn("expected 1 to 107", said)


class Signal(TestCase):
    """What --signal says, to whom, and what comes back."""

    def setUp(self):
        super().setUp()
        self.folder = Folder()
        self.addCleanup(self.folder.remove)

    def serving(self, *words, **more):
        config = f"plugin = {HTTP}\n[http]\nlisten = 127.0.0.1:0\nworkers = 1\n"
        return Master(*words, config=config, **more)

    def test_finds_the_program_by_its_control_socket_or_its_pid_file(self):
        for option in ("--control", "--pid-file"):
            with self.serving("--control", self.folder / "control") as m:
                at = self.folder / "control" if option == "--control" else m.pid_file
                self.assertEqual(run("--signal", "reload", "--wait", option, at), (0, "reload: generation 2 serves\n", ""))
                self.assertEqual(run("--signal", "stop", option, at)[0], 0)
                self.assertEqual(m.wait(), 0)
                self.assertEqual([os.path.exists(m.pid_file + end) for end in ("", ".lock")], [False, False])

    def test_signals_nobody_else_whatever_the_pid_file_says(self):
        with subprocess.Popen(["sleep", "1000"]) as other:
            with self.serving("--control", self.folder / "control") as m:
                path = m.folder.write("pid", f"{other.pid}\n")
                for words in (["--pid-file", path], ["--pid-file", path, "--control", self.folder / "control"]):
                    self.assertEqual(run("--signal", "reload", "--wait", *words)[0], 0)
                self.assertEqual(run("--signal", "stop", "--pid-file", path)[0], 0)
                self.assertEqual(m.wait(), 0)
            left = self.folder.write("left", f"{other.pid}\n")
            status, _, said = run("--signal", "stop", "--pid-file", left)
            self.assertEqual(status, 6)
            self.assertIn(f"process {other.pid} of the pid file {left} does not run any more", said)
            self.assertIsNone(other.poll())
            other.kill()

    def test_starts_though_others_lock_the_pid_file_for_reading(self):
        path = self.folder.write("pid", "77\n")
        with open(path, encoding="ascii") as reader:
            fcntl.lockf(reader, fcntl.LOCK_SH)
            with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--pid-file", path) as host:
                self.assertEqual(Path(path).read_text(), f"{host.process.pid}\n")
                self.assertEqual(stat.S_IMODE(os.stat(path + ".lock").st_mode), 0o600)
                self.assertEqual(host.stop(), 0)

    def test_waits_for_a_reload_and_says_what_became_of_it(self):
        with self.serving() as m:
            good = Path(m.folder / "config").read_text()
            self.assertIsNone(m.status()["last_reload"])
            waiting = [subprocess.Popen([built("/epollhost"), "--signal", "reload", "--wait", "--pid-file", m.pid_file],
                                        stdout=subprocess.PIPE) for _ in range(5)]
            for w in waiting:
                self.assertRegex(w.communicate()[0].decode(), r"^reload: generation \d+ serves\n$")
                self.assertEqual(w.returncode, 0)
            m.configure(good + "nonsense = 1\n")
            status, out, said = run("--signal", "reload", "--wait", "--pid-file", m.pid_file)
            self.assertEqual((status, out), (1, ""))
            self.assertRegex(said, r"^epollhost: the reload failed: .*nonsense")
            last = m.status()["last_reload"]
            self.assertEqual(last["outcome"], "failed")
            self.assertIn("nonsense", last["reason"])
            self.assertRegex(last["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertEqual(m.status()["reloads_failed"], 1)
            self.assertRegex(run("--status", "--pid-file", m.pid_file)[1],
                             r"\nlast reload: \S+Z, failed; \d good and 1 failed so far\n    .*nonsense")
            m.configure(good)
            self.assertEqual(run("--signal", "reload", "--wait", "--pid-file", m.pid_file)[0], 0)
            self.assertEqual(m.status()["last_reload"] | {"time": ""}, {"time": "", "outcome": "good", "reason": ""})

    def test_waits_for_an_upgrade_and_says_what_became_of_it(self):
        program = self.folder / "epollhost"
        shutil.copy(built("/epollhost"), program)
        with self.serving(program=[program]) as m:
            run("--signal", "reload", "--wait", "--pid-file", m.pid_file)
            status, out, said = run("--signal", "upgrade", "--wait", "--pid-file", m.pid_file)
            self.assertEqual((status, said), (0, ""))
            self.assertIn("the program was upgraded to ", out)
            self.assertEqual([m.status()[name] for name in ("reloads_good", "upgrades_good", "upgrades_failed")], [1, 1, 0])
            os.remove(program)
            status, _, said = run("--signal", "upgrade", "--wait", "--pid-file", m.pid_file)
            self.assertEqual(status, 1)
            self.assertIn("the upgrade failed: ", said)
            self.assertEqual(m.status()["last_upgrade"]["outcome"], "failed")
            self.assertEqual(m.status()["upgrades_failed"], 1)

    def test_says_that_the_program_ended_before_it_was_done(self):
        with self.serving() as m:
            os.kill(m.pid, signal.SIGSTOP)
            with subprocess.Popen([built("/epollhost"), "--signal", "reload", "--wait", "--pid-file", m.pid_file],
                                  stderr=subprocess.PIPE) as waiting:
                connected = Path(f"/proc/{waiting.pid}/stat")
                wait_until("it waits", lambda: connected.read_text().rsplit(")", 1)[1].split()[0] == "S" and
                           len(os.listdir(f"/proc/{waiting.pid}/fd")) > 3)
                m.process.kill()
                self.assertIn(b"before the reload was done", waiting.stderr.read())
                self.assertEqual(waiting.wait(), 1)

    def test_refuses_to_wait_for_what_has_no_outcome(self):
        for words in (["--signal", "stop", "--wait", "--control", "/x"], ["--status", "--wait", "--control", "/x"]):
            status, _, said = run(*words)
            self.assertEqual(status, 2, said)
            self.assertIn("--wait", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
