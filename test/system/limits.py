# Distributed under the Boost Software License, Version 1.0.
# Tests what the program does when descriptors run out, when a peer does not read, and when one sends without end.
import json
import os
import resource
import select
import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from support.calls import Watched, available
from support.case import TestCase
from support.http_client import SHORT, Client
from support.program import Serving, built, run
from support.sanitized import NO_PIPE, left_out
from support.worker import memory, stopped, wait_until, worker

HTTP = built("/http.so")
RAW = built("/raw.so")
KiB = 1024
OUTPUT_HIGH, INPUT_MAX, TURN_BYTES = 256 * KiB, 256 * KiB, 256 * KiB


class Limits:
    def serve(self, plugin, *words):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.control = str(Path(folder.name) / "control")
        host = Serving("--plugin", plugin, "--listen", "127.0.0.1:0", "--trigger", self.trigger, "--workers", "1",
                       "--stall-warn", "0", "--control", self.control, *words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        self.host, self.pid = host, worker(host)

    def connect(self):
        client = Client(self.host.port)
        self.addCleanup(client.close)
        return client

    def status(self):
        status, out, error = run("--status", "--json", "--control", self.control)
        self.assertEqual(status, 0, error)
        return json.loads(out)["workers"][0]

    @left_out(NO_PIPE, "asan")
    def test_serves_those_who_waited_when_descriptors_are_free_again(self):
        self.serve(HTTP)
        self.connect().ask()  # all that is opened at the first use is open
        taken = {int(fd) for fd in os.listdir(f"/proc/{self.pid}/fd")}
        free = 4
        limit = sorted(set(range(max(taken) + free + 1)) - taken)[free]
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (limit, limit))
        clients = [self.connect() for _ in range(20)]
        for client in clients:
            client.send(SHORT)
        served = lambda: [c for c in clients if select.select([c.socket], [], [], 0)[0]]
        wait_until(lambda: len(served()) == free, f"{free} of 20 are served")
        before = self.status()
        wait_until(lambda: self.status()["accept_failures"] >= before["accept_failures"] + 3, "it tries again")
        after = self.status()
        failures = after["accept_failures"] - before["accept_failures"]
        # A turn for the timer and one for the listener, and those that asking for the status may cost; a loop that
        # spins has thousands.
        self.assertLess(after["turns"] - before["turns"], 10 * failures + 20)
        self.assertEqual(len(served()), free)
        while clients:
            wait_until(served, "a connection that waited is served")
            for client in served():
                self.assertEqual(client.answer(), ("HTTP/1.1 200 OK", b"Hello, world!"))
                client.close()
                clients.remove(client)

    @left_out("measures memory")
    def test_keeps_little_for_peers_that_ask_and_do_not_read(self):
        self.serve(HTTP)
        self.connect().ask()
        before = memory(self.pid)
        peers, wanted = [self.connect() for _ in range(4)], {}
        for peer in peers:
            peer.socket.setblocking(False)
            wanted[peer] = 0
        batch = SHORT * 1000
        # Until the server has stopped reading all of them: then the kernel's buffers are full in both directions.
        while ready := select.select([], [p.socket for p in peers], [], 0.5)[1]:
            for peer in peers:
                if peer.socket in ready:
                    wanted[peer] += peer.socket.send(batch[wanted[peer] % len(SHORT):])
                    self.assertLess(wanted[peer], 256 * 1024 * KiB, "it reads without end")
        # The window of a last call may go above the mark, and blocks of buffers are larger than what is in them.
        bound = len(peers) * (OUTPUT_HIGH + INPUT_MAX + 192 * KiB) + 1024 * KiB
        self.assertLess(memory(self.pid) - before, bound)
        self.assertEqual(self.connect().ask(), ("HTTP/1.1 200 OK", b"Hello, world!"))
        # Nothing is lost: every whole request has its answer.
        for peer in peers:
            peer.socket.setblocking(True)
            peer.socket.settimeout(30)
        for peer in peers:
            peer.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(peer.input.read().count(b"\r\n\r\nHello, world!"), wanted[peer] // len(SHORT))

    def widen(self, client):
        """The kernel lets the connection hold more and more while much goes through it."""
        for _ in range(200):
            client.send(b"x" * 65536)
            client.input.read(65536)
        def send():
            client.send(b"x" * (16 * 1024 * KiB))
        sender = threading.Thread(target=send)
        sender.start()
        client.input.read(16 * 1024 * KiB)
        sender.join()

    @left_out("counts system calls")
    @unittest.skipUnless(available, "strace is not installed")
    def test_serves_100_others_between_two_turns_of_a_fast_sender(self):
        self.serve(RAW)
        others = [self.connect() for _ in range(100)]
        fast = self.connect()
        for client in [fast, *others]:
            client.send(b"x")
            client.input.read(1)
        self.widen(fast)
        with Watched(self.pid) as watched:
            with stopped(self.pid):
                fast.socket.setblocking(False)
                sent = 0
                while sent < 16 * TURN_BYTES and select.select([], [fast.socket], [], 0)[1]:
                    sent += fast.socket.send(b"x" * 65536)
                for client in others:
                    client.send(b"y" * 100)
            for client in others:
                self.assertEqual(client.input.read(100), b"y" * 100)
        self.assertGreater(sent, 4 * TURN_BYTES, "the sender was fast")
        calls = [c for c in watched.calls if c.name == "recvfrom" and c.result > 0]
        answered = [i for i, c in enumerate(calls) if c.result == 100]
        self.assertEqual(len(answered), 100)
        between = sum(c.result for c in calls[:answered[-1]] if c.result != 100)
        # Its first turn may come before theirs, and one that the last of them just missed.
        self.assertLessEqual(between, 2 * (TURN_BYTES + 64 * KiB))


class EdgeTriggered(Limits, TestCase):
    trigger = "edge"


class LevelTriggered(Limits, TestCase):
    trigger = "level"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
