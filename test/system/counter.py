# Distributed under the Boost Software License, Version 1.0.
# Tests the plugin in Rust, built with the command that stands on its page; where there is no rustc there is no test.
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.case import TestCase
from support.program import Serving, built, run

SOURCE = Path(built("/counter.rs")).resolve()
PAGE = Path(built("/rust.adoc")).read_text()
LINE_MAX = 1024


@unittest.skipUnless(shutil.which("rustc"), "rustc is not installed")
class Counter(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        os.chmod(cls.temporary.name, 0o755)
        words = re.search(r"^rustc .*$", PAGE, re.M).group(0).split()
        cls.plugin = f"{cls.temporary.name}/counter.so"
        words[words.index("plugins/counter/counter.rs")] = str(SOURCE)
        words[words.index("counter.so")] = cls.plugin
        subprocess.run([*words, "-D", "warnings"], check=True, timeout=300)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def serve(self, *words):
        host = Serving("--plugin", self.plugin, "--listen", "127.0.0.1:0", *words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        return host

    def connect(self, host):
        s = socket.create_connection(("127.0.0.1", host.port), timeout=30)
        self.addCleanup(s.close)
        return s

    def test_counts_the_lines_of_all_connections(self):
        host = self.serve("--workers", "4", "--counter.from", "100")
        for first in (101, 103):
            s = self.connect(host)
            for byte in b"a\n\n":
                s.sendall(bytes([byte]))
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(s.makefile("rb").read(), b"%d\n%d\n" % (first, first + 1))
        self.assertEqual(host.stop(), 0)

    def test_answers_more_than_fits_into_a_window(self):
        s = self.connect(self.serve())
        lines = 20_000
        s.sendall(b"\n" * lines)
        s.shutdown(socket.SHUT_WR)
        self.assertEqual(s.makefile("rb").read().split(), [b"%d" % i for i in range(1, lines + 1)])

    def test_has_a_longest_line(self):
        host = self.serve()
        for length, answer in ((LINE_MAX, b"1\n"), (LINE_MAX + 1, b"")):
            s = self.connect(host)
            s.sendall(b"x" * length + b"\n")
            self.assertEqual(s.recv(10), answer)

    def test_exports_its_table_and_nothing_else(self):
        names = subprocess.run(["nm", "-D", "--defined-only", self.plugin], capture_output=True, text=True, check=True)
        self.assertEqual([line.split()[-1] for line in names.stdout.splitlines()], ["epollhost_plugin"])

    def test_has_its_option(self):
        status, text, complaints = run("--help", "--plugin", self.plugin)
        self.assertEqual((status, complaints), (0, ""))
        self.assertIn("--counter.from NUMBER", text)
        self.assertEqual(run("--check", "--plugin", self.plugin, "--counter.from", "-1")[0], 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
