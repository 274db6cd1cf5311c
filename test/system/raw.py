# Distributed under the Boost Software License, Version 1.0.
# Tests raw.so in the program: echo, ticks, and TCP_NODELAY on the accepted socket itself.
import os
import socket
import struct
import sys
import time
import unittest

from support.case import TestCase
from support.client import all_of_the_answer
from support.program import Serving, built
from support.worker import connections, worker

RAW = built("/raw.so")


class Raw:
    def serve(self, *words):
        host = Serving("--plugin", RAW, "--listen", "127.0.0.1:0", "--trigger", self.trigger, "--workers", "1",
                       *words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        self.host = host

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.host.port), timeout=30)
        self.addCleanup(client.close)
        return client

    def test_echoes_all_bytes_whatever_their_number(self):
        self.serve()
        for size in (1, 63, 65_536, 65_537, 3_000_000):
            client, sent = self.connect(), os.urandom(size)
            self.assertTrue(all_of_the_answer(client, sent) == sent, size)

    def test_ticks_with_messages_of_the_size_that_was_asked_for(self):
        for size in (16, 100):
            self.serve("--raw.tick", "2ms", "--raw.tick-size", str(size))
            with self.connect().makefile("rb") as ticks:
                got = [ticks.read(size) for _ in range(20)]
            numbers, times = zip(*(struct.unpack(">QQ", message[:16]) for message in got))
            self.assertEqual(list(numbers), list(range(20)))
            self.assertTrue(all(set(message[16:]) <= {0} for message in got))
            self.assertEqual(list(times), sorted(set(times)))
            self.assertLess(times[-1], time.monotonic_ns())
            # Each comes on a beat of its own, and never before it.
            beats = [t // 2_000_000 for t in times]
            self.assertEqual(beats, sorted(set(beats)))

    def test_ticks_and_echoes_on_one_connection(self):
        self.serve("--raw.tick", "2ms", "--raw.tick-size", "16")
        client = self.connect()
        with client.makefile("rb") as stream:
            stream.read(16)
            client.sendall(b"\xff" * 16)
            while stream.read(16) != b"\xff" * 16:
                pass
            stream.read(16)

    def test_sets_nodelay_on_accepted_sockets_as_asked(self):
        for words, expected in (([], 1), (["--raw.nodelay", "on"], 1), (["--raw.nodelay", "off"], 0)):
            self.serve(*words)
            client = self.connect()
            client.sendall(b"x")
            client.recv(1)
            try:
                found = [s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for s in connections(worker(self.host))]
            except PermissionError as e:
                self.skipTest(f"the kernel does not let us look at the socket: {e}")
            self.assertEqual([bool(f) for f in found], [bool(expected)], words)


class EdgeTriggered(Raw, TestCase):
    trigger = "edge"


class LevelTriggered(Raw, TestCase):
    trigger = "level"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
