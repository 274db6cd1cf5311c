# Distributed under the Boost Software License, Version 1.0.
# Tests how a coroutine ends in the program: an exception is the plugin's failure, a deadline is not.
import socket
import sys
import unittest

from support.case import TestCase
from support.program import Serving, built


class Stumbler:
    def setUp(self):
        self.host = Serving("--plugin", built("/stumbler.so"), "--listen", "127.0.0.1:0", "--trigger", self.trigger,
                            "--workers", "1").__enter__()
        self.addCleanup(self.host.__exit__, None, None, None)

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.host.port), timeout=30)
        self.addCleanup(client.close)
        return client

    def test_resets_the_connection_whose_coroutine_threw_and_no_other(self):
        witness, victim = self.connect(), self.connect()
        victim.sendall(b"throw\n")
        with self.assertRaises(ConnectionResetError):
            while victim.recv(100):
                pass
        self.assertIn("stumbler", self.host.wait_for("a coroutine threw: it was told to"))
        witness.sendall(b"still there?\n")
        self.assertEqual(witness.recv(100), b"still there?\n")

    def test_closes_in_order_at_a_deadline_and_says_nothing(self):
        client = self.connect()
        client.sendall(b"wait\n")
        with client.makefile("rb") as lines:
            self.assertEqual(lines.read(), b"wait\n")
        client = self.connect()
        client.sendall(b"quit\n")
        with client.makefile("rb") as lines:
            self.assertEqual(lines.read(), b"quit\n")
        self.assertEqual(self.host.stop(), 0)
        self.assertNotIn("threw", self.host.process.stderr.read().decode())


class EdgeTriggered(Stumbler, TestCase):
    trigger = "edge"


class LevelTriggered(Stumbler, TestCase):
    trigger = "level"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
