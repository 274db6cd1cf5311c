# Distributed under the Boost Software License, Version 1.0.
# Tests lines.so, a coroutine, in the program: whatever the lines and the pieces are, and however the peer goes away.
import os
import socket
import struct
import sys
import unittest

from support.case import TestCase
from support.client import all_of_the_answer
from support.program import Serving, built

LINES = built("/lines.so")


class Lines:
    def serve(self, *words):
        self.host = Serving("--plugin", LINES, "--listen", "127.0.0.1:0", "--trigger", self.trigger, "--workers", "1",
                            *words).__enter__()
        self.addCleanup(self.host.__exit__, None, None, None)

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.host.port), timeout=30)
        self.addCleanup(client.close)
        return client

    def talk(self, pieces):
        """Sends them while it reads, then the FIN; answers all that came back."""
        return all_of_the_answer(self.connect(), *pieces)

    def test_answers_each_line_and_not_what_is_none(self):
        self.serve()
        self.assertEqual(self.talk([]), b"")
        self.assertEqual(self.talk([b"one\n", b"\n", b"th", b"ree\nfour\n", b"no line"]), b"one\n\nthree\nfour\n")

    def test_answers_a_line_before_the_next_one_comes(self):
        self.serve()
        client = self.connect()
        with client.makefile("rb") as back:
            for number in range(100):
                client.sendall(b"%d\n" % number)
                self.assertEqual(back.readline(), b"%d\n" % number)

    def test_answers_many_lines_of_all_lengths(self):
        self.serve()
        lines = [os.urandom(size).replace(b"\n", b"-") + b"\n" for size in (*range(300), 4095, 65_535, 65_536, 200_000)]
        self.assertTrue(self.talk(lines * 3) == b"".join(lines * 3))

    def test_answers_more_short_lines_at_once_than_may_complete_in_one_turn(self):
        self.serve()
        lines = b"".join(b"%d\n" % number for number in range(100_000))
        self.assertTrue(self.talk([lines]) == lines)

    def test_ends_a_connection_whose_line_is_longer_than_the_input_limit(self):
        self.serve("--input-max", "64KiB")
        self.assertEqual(len(self.talk([b"x" * 65_535, b"\n"])), 65_536)
        client = self.connect()
        client.sendall(b"x" * 65_536)
        self.assertEqual(client.recv(1), b"")

    def test_survives_peers_that_go_away_in_the_middle(self):
        self.serve()
        for number in range(50):
            client = self.connect()
            client.sendall(b"half a line")
            if number % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        self.assertEqual(self.talk([b"still there?\n"]), b"still there?\n")
        self.assertEqual(self.host.stop(), 0)

    def test_serves_others_while_one_does_not_read(self):
        self.serve()
        stubborn = self.connect()
        stubborn.settimeout(0.2)
        line = b"x" * 999 + b"\n"
        sent = 0
        try:
            while True:  # until the host reads no more
                sent += stubborn.send(line * 64)
        except TimeoutError:
            pass
        self.assertEqual(self.talk([b"hello\n"]), b"hello\n")
        stubborn.settimeout(30)
        stubborn.shutdown(socket.SHUT_WR)
        with stubborn.makefile("rb") as back:
            self.assertEqual(len(back.read()), sent // len(line) * len(line))


class EdgeTriggered(Lines, TestCase):
    trigger = "edge"


class LevelTriggered(Lines, TestCase):
    trigger = "level"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
