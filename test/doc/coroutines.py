# Distributed under the Boost Software License, Version 1.0.
# Tests the coroutines that doc/coroutines.adoc shows, built with the commands that stand there.
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import unittest

from pages import DOC, commands, listings, prepared

from support.program import Serving, built

PAGE = DOC / "coroutines.adoc"
SOURCES = ("front", "greeter", "primes", "ticker")


class Coroutines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.here = prepared(cls.temporary.name, built("/epollhost"))
        for line in commands(PAGE):
            if re.match(r"c\+\+ .* doc/(examples/\S+) ", line):
                subprocess.run([*shlex.split(line), "-Wall", "-Wextra", "-Werror"], cwd=cls.here, check=True, timeout=300)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def serve(self, name, *words):
        host = Serving("--plugin", str(self.here / f"{name}.so"), "--listen", "127.0.0.1:0", "--workers", "1",
                       *words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        return host

    def connect(self, host):
        client = socket.create_connection(("127.0.0.1", host.port), timeout=30)
        self.addCleanup(client.close)
        lines = client.makefile("rb")
        self.addCleanup(lines.close)
        return client, lines

    def test_page_shows_and_builds_each_file(self):
        self.assertEqual(sorted(p.stem for p in self.here.glob("*.so")), sorted(SOURCES))
        self.assertEqual(sorted(listings(PAGE)), [f"examples/{name}.cpp" for name in SOURCES])

    def test_front_asks_a_server_for_each_line(self):
        with Serving("--plugin", built("/lines.so"), "--listen", "127.0.0.1:0", "--workers", "1") as server:
            host = self.serve("front", "--front.server", f"127.0.0.1:{server.port}")
            client, lines = self.connect(host)
            for line in (b"one\n", b"\n", b"x" * 100_000 + b"\n"):
                client.sendall(line)
                self.assertEqual(lines.readline(), line)
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(lines.read(), b"")

    def test_front_says_sorry_where_there_is_no_server(self):
        with socket.socket() as nobody:  # bound, so that nobody else gets the port, and not listening
            nobody.bind(("127.0.0.1", 0))
            host = self.serve("front", "--front.server", "127.0.0.1:%d" % nobody.getsockname()[1])
            _, lines = self.connect(host)
            self.assertRegex(lines.read(), rb"^sorry: .+\n$")

    def test_greeter_counts_its_guests(self):
        host = self.serve("greeter")
        for number in (1, 2, 3):
            client, lines = self.connect(host)
            self.assertEqual(lines.readline(), b"Who are you?\n")
            client.sendall(b"Ada\n")
            self.assertEqual(lines.read(), b"Hello, Ada!\nYou are guest %d.\n" % number)

    def test_greeter_has_its_limits(self):
        host = self.serve("greeter", "--greeter.patience", "50ms", "--greeter.longest", "4")
        for name, answer in ((b"Ada\n", b"Hello, Ada!\nYou are guest 1.\n"), (b"Anna\n", b"That is too long.\n"),
                             (b"Ad", b"You are slow.\n")):
            client, lines = self.connect(host)
            self.assertEqual(lines.readline(), b"Who are you?\n")
            client.sendall(name)
            self.assertEqual(lines.read(), answer)
        client, lines = self.connect(host)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(lines.read(), b"Who are you?\n")

    def test_ticker_ticks_until_it_is_told_to_quit(self):
        client, lines = self.connect(self.serve("ticker"))
        for number in (1, 2, 3):
            self.assertEqual(lines.readline(), b"tick %d\n" % number)
        client.sendall(b"what?\nquit\n")
        for line in lines:
            self.assertRegex(line, rb"^tick \d+\n$")

    def test_ticker_says_goodbye(self):
        host = self.serve("ticker")
        _, lines = self.connect(host)
        lines.readline()
        self.assertEqual(host.stop(), 0)
        self.assertEqual(lines.read().splitlines()[-1], b"The server ends.")

    def test_primes_are_counted_on_a_thread(self):
        host = self.serve("primes")
        client, lines = self.connect(host)
        with socket.create_connection(("127.0.0.1", host.port), timeout=30) as gone:
            gone.sendall(b"300000\n")  # nobody waits for that answer
        for number, count in ((10, 4), (100, 25), (100_000, 9592), (1, 0)):
            client.sendall(b"%d\n" % number)
            self.assertEqual(lines.readline(), b"%d\n" % count)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(lines.read(), b"")
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
