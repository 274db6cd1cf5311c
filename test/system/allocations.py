# Distributed under the Boost Software License, Version 1.0.
# Tests that the program allocates nothing on the heap once it has served for a while.
import os
import socket
import struct
import sys
import tempfile
import unittest

from support.case import TestCase
from support.http_client import BROWSER, SHORT, Client
from support.program import Serving, built
from support.worker import worker

HTTP = built("/http.so")
RAW = built("/raw.so")
ECHO = built("/echo.so")
LINES = built("/lines.so")
COUNTER = built("/malloc_counter.so")
REQUESTS = 10_000
SLOTS = 256


class Allocations:
    workers = "1"

    def serve(self, plugin, *words):
        self.file = tempfile.NamedTemporaryFile()
        self.addCleanup(self.file.close)
        self.file.truncate(SLOTS * 16)
        around = {**os.environ, "LD_PRELOAD": COUNTER, "EPOLLHOST_ALLOCATIONS": self.file.name}
        host = Serving("--plugin", plugin, "--listen", "127.0.0.1:0", "--trigger", self.trigger, "--workers",
                       self.workers, *words, env=around).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        self.host, self.pid = host, worker(host)

    def count(self):
        self.file.seek(0)
        found = [count for process, count in struct.iter_unpack("=QQ", self.file.read()) if process == self.pid]
        self.assertEqual(len(found), 1, "the counter is in the process")
        self.assertGreater(found[0], 0, "it counts")
        return found[0]

    def connect(self):
        client = Client(self.host.port)
        self.addCleanup(client.close)
        return client

    def expect_none(self, work):
        """`work` is done once to get warm, then again."""
        work()
        before = self.count()
        work()
        self.assertEqual(self.count() - before, 0)

    def test_requests_need_none(self):
        self.serve(HTTP)
        clients = [self.connect() for _ in range(10)]

        def work():
            for number in range(REQUESTS // 100):
                for client in clients:
                    client.send(BROWSER if number % 2 else SHORT, 10)
                for client in clients:
                    for _ in range(10):
                        client.answer()
        self.expect_none(work)

    def test_requests_in_pieces_need_none(self):
        self.serve(HTTP)
        client = self.connect()

        def work():
            for _ in range(500):
                client.send(BROWSER[:300])
                client.send(BROWSER[300:])
                client.answer()
        self.expect_none(work)

    def test_connections_need_none(self):
        self.serve(HTTP)

        def work():
            for number in range(500):
                with Client(self.host.port) as client:
                    if number % 2:
                        client.ask(b"GET / HTTP/1.0\r\n\r\n")
                        self.assertTrue(client.ended())
                    else:
                        client.ask()
                        client.socket.shutdown(socket.SHUT_WR)
                        self.assertTrue(client.ended())
        # A record is freed in the turn after its end: a few may lie beside each other.
        for client in [self.connect() for _ in range(8)]:
            client.ask()
            client.socket.shutdown(socket.SHUT_WR)
            self.assertTrue(client.ended())
        self.expect_none(work)

    def test_echoes_need_none(self):
        for plugin in (RAW, ECHO, LINES):
            with self.subTest(plugin):
                self.serve(plugin)
                client = socket.create_connection(("127.0.0.1", self.host.port), timeout=30)
                self.addCleanup(client.close)

                def work():
                    for _ in range(REQUESTS):
                        client.sendall(b"x" * 63 + b"\n")
                        client.recv(64)
                self.expect_none(work)

    def test_coroutines_that_come_and_go_need_none(self):
        self.serve(LINES)

        def work():
            for _ in range(500):
                with socket.create_connection(("127.0.0.1", self.host.port), timeout=30) as client:
                    client.sendall(b"a line\nand half a")
                    client.shutdown(socket.SHUT_WR)
                    self.assertEqual(client.recv(100), b"a line\n")
                    self.assertEqual(client.recv(100), b"")
        for _ in range(8):
            work()
        self.expect_none(work)

    def test_ticks_need_none(self):
        self.serve(RAW, "--raw.tick", "1ms", "--raw.tick-size", "16")
        ticks = self.connect().input
        self.expect_none(lambda: [ticks.read(16) for _ in range(100)])


class EdgeTriggered(Allocations, TestCase):
    trigger = "edge"


class LevelTriggered(Allocations, TestCase):
    trigger = "level"


class OneProcess(Allocations, TestCase):
    trigger = "edge"
    workers = "0"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
