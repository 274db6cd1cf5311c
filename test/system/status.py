# Distributed under the Boost Software License, Version 1.0.
# Tests what `--status` prints, and what it says where it finds nobody to ask.
import re
import socket
import sys
import unittest

from support.case import TestCase
from support.master import Folder, Master
from support.program import built, run
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
                             int(figures["closed"]) + int(figures["open"]))
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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
