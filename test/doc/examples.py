# Distributed under the Boost Software License, Version 1.0.
# Tests the plugins that doc/plugin.adoc shows, built with the commands that stand there.
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from pages import DOC, commands, listings, prepared

from support.program import Serving, built, run

PAGE = DOC / "plugin.adoc"
SOURCES = ("examples/echo.c", "examples/echo.cpp")


def talk(port, bytes):
    """Sends, ends the input, and answers all that comes back meanwhile."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:

        def send():
            client.sendall(bytes)
            client.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        back = b""
        while part := client.recv(65536):
            back += part
        sender.join()
        return back


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.here = prepared(cls.temporary.name, built("/epollhost"))
        cls.plugins = {}
        for line in commands(PAGE):
            if source := re.match(r"(?:cc|c\+\+) .* doc/(examples/\S+) -o echo\.so$", line):
                subprocess.run([*shlex.split(line), "-Wall", "-Wextra", "-Werror"], cwd=cls.here, check=True, timeout=300)
                plugin = cls.here / f"{source.group(1).replace('/', '-')}.so"
                (cls.here / "echo.so").rename(plugin)
                cls.plugins[source.group(1)] = str(plugin)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def each(self):
        for source in SOURCES:
            with self.subTest(source):
                yield self.plugins[source]

    def test_page_shows_and_builds_each_file(self):
        self.assertEqual(sorted(self.plugins), sorted(SOURCES))
        self.assertEqual(sorted(listings(PAGE)), sorted(SOURCES))

    def test_each_exports_one_symbol(self):
        for plugin in self.each():
            names = subprocess.run(["nm", "-D", "--defined-only", plugin], capture_output=True, text=True, check=True)
            self.assertEqual([line.split()[-1] for line in names.stdout.splitlines()], ["epollhost_plugin"])

    def test_each_sends_every_byte_back(self):
        large = bytes(i * 7 % 251 for i in range(1_000_000))  # more than its window: some must be left for later
        for plugin in self.each():
            with Serving("--plugin", plugin, "--listen", "127.0.0.1:0", "--workers", "1") as host:
                self.assertEqual(talk(host.port, b""), b"")
                self.assertEqual(talk(host.port, b"hello\n"), b"hello\n")
                self.assertEqual(talk(host.port, large), large)

    def test_each_has_its_option(self):
        for plugin in self.each():
            status, text, complaints = run("--help", "--plugin", plugin)
            self.assertEqual((status, complaints), (0, ""))
            self.assertRegex(text, r"--echo\.limit SIZE +close after this many bytes; 0 for never \[0\]")
            status, _, complaints = run("--check", "--plugin", plugin, "--echo.limit", "much")
            self.assertEqual(status, 3)
            self.assertIn("echo.limit", complaints)

    def test_each_closes_at_its_limit(self):
        for plugin in self.each():
            words = ["--plugin", plugin, "--listen", "127.0.0.1:0", "--workers", "1", "--echo.limit", "5"]
            with Serving(*words) as host, socket.create_connection(("127.0.0.1", host.port), timeout=30) as client:
                client.sendall(b"four")
                self.assertEqual(client.recv(100), b"four")
                client.sendall(b"5")
                self.assertEqual(client.recv(100), b"5")
                self.assertEqual(client.recv(100), b"")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
