# Distributed under the Boost Software License, Version 1.0.
# Tests echo.so in the program: every byte comes back, whatever their number.
import os
import socket
import sys
import unittest

from support.case import TestCase
from support.client import all_of_the_answer
from support.program import Serving, built, run

ECHO = built("/echo.so")


class Echo:
    def setUp(self):
        self.host = Serving("--plugin", ECHO, "--listen", "127.0.0.1:0", "--trigger", self.trigger, "--workers",
                            "1").__enter__()
        self.addCleanup(self.host.__exit__, None, None, None)

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.host.port), timeout=30)
        self.addCleanup(client.close)
        return client

    def test_sends_every_byte_back_whatever_their_number(self):
        for size in (0, 1, 63, 65_536, 65_537, 3_000_000):
            client, sent = self.connect(), os.urandom(size)
            self.assertTrue(all_of_the_answer(client, sent) == sent, size)

    def test_answers_each_byte_before_the_next_one_comes(self):
        client = self.connect()
        for number in range(256):
            client.sendall(bytes([number]))
            self.assertEqual(client.recv(10), bytes([number]))


class EdgeTriggered(Echo, TestCase):
    trigger = "edge"


class LevelTriggered(Echo, TestCase):
    trigger = "level"


class Table(unittest.TestCase):
    def test_says_what_it_is(self):
        status, text, complaints = run("--help", "--plugin", ECHO)
        self.assertEqual((status, complaints), (0, ""))
        self.assertIn("sends every byte back", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
