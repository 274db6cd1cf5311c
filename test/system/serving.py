# Distributed under the Boost Software License, Version 1.0.
# Tests several plugins in one command, and how the program ends while it is in use.
import signal
import socket
import sys
import tempfile
import unittest
from pathlib import Path

from support.case import TestCase
from support.http_client import SHORT, Client
from support.program import Serving, built
from support.worker import wait_until

HTTP = built("/http.so")
RAW = built("/raw.so")


class Several(TestCase):
    def start(self, *words):
        host = Serving(*words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        return host

    def port_of(self, host, name):
        """The port that the line of this plugin names; the lines come in the order of the plugins."""
        if not any(f" {name}: " in line for line in host.lines):
            host.wait_for(f" {name}: ")
        line = next(line for line in host.lines if f" {name}: " in line and "listens on" in line)
        return int(line.split("listens on 127.0.0.1:")[1].split(",")[0])

    def test_plugins_in_one_command_have_their_own_options(self):
        host = self.start("--plugin", HTTP, "--http.listen", "127.0.0.1:0", "--http.body", "Hi", "--plugin", RAW,
                          "--raw.listen", "127.0.0.1:0", "--raw.workers", "1", "--http.workers", "2")
        with Client(self.port_of(host, "http")) as client:
            self.assertEqual(client.ask(), ("HTTP/1.1 200 OK", b"Hi"))
        with Client(self.port_of(host, "raw")) as client:
            client.send(SHORT)
            self.assertEqual(client.input.read(len(SHORT)), SHORT)
        self.assertIn("2 workers", next(line for line in host.lines if " http: " in line))
        self.assertIn("1 worker", next(line for line in host.lines if " raw: " in line))
        self.assertEqual(host.stop(), 0)

    def test_plugins_that_export_the_same_names_keep_their_own(self):
        host = self.start("--plugin", built("/clash-one.so"), "--plugin", built("/clash-two.so"))
        for word in ("one", "two"):
            with socket.create_connection(("127.0.0.1", self.port_of(host, "clash-" + word)), timeout=30) as s:
                s.sendall(b"?")
                self.assertEqual(s.makefile("rb").read(), word.encode())
        self.assertEqual(host.stop(), 0)

    def test_one_plugin_serves_under_two_names(self):
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "admin.sock")
            host = self.start("--plugin", "web=" + HTTP, "--web.listen", "127.0.0.1:0", "--web.body", "for all",
                              "--plugin", "admin=" + HTTP, "--admin.listen", "unix:" + path, "--admin.body",
                              "for us", "--workers", "1")
            with Client(self.port_of(host, "web")) as client:
                self.assertEqual(client.ask()[1], b"for all")
            if not any(" admin: " in line for line in host.lines):
                host.wait_for(" admin: ")
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(30)
                s.connect(path)
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                self.assertTrue(s.makefile("rb").read().endswith(b"for us"))
            self.assertEqual(host.stop(), 0)


class End:
    def start(self, plugin, *words):
        host = Serving("--plugin", plugin, "--listen", "127.0.0.1:0", "--workers", self.workers, "--drain-timeout",
                       "0", *words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        return host

    def terminate(self, host):
        """Returns when nobody accepts any more: then all who served have heard of the end."""
        host.send(signal.SIGTERM)

        def refused():
            try:
                socket.create_connection(("127.0.0.1", host.port), timeout=30).close()
            except (ConnectionRefusedError, ConnectionResetError):
                return True
            return False
        wait_until(refused, "new connections are refused")

    def test_answers_the_request_that_comes_after_the_signal_and_says_close(self):
        host = self.start(HTTP)
        with Client(host.port) as client:
            client.ask()
            client.send(SHORT[:20])
            self.terminate(host)
            client.send(SHORT[20:])
            answer = client.input.read()
        self.assertIn(b"Connection: close\r\n", answer)
        self.assertTrue(answer.endswith(b"\r\n\r\nHello, world!"))
        self.assertEqual(host.wait(), 0)

    def test_goes_on_with_open_connections_and_ends_after_the_last(self):
        host = self.start(RAW)
        with Client(host.port) as client:
            client.send(b"1")
            self.assertEqual(client.input.read(1), b"1")
            self.terminate(host)
            client.send(b"2")
            self.assertEqual(client.input.read(1), b"2")
            self.assertIsNone(host.process.poll())
        self.assertEqual(host.wait(), 0)


class EndOfOneProcess(End, TestCase):
    workers = "0"


class EndWithWorkers(End, TestCase):
    workers = "2"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
