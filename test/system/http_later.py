# Distributed under the Boost Software License, Version 1.0.
# Tests answers that come later or in pieces, over real sockets and with both triggers.
import socket
import struct
import time
import unittest

from support.program import DEADLINE_S, Serving, built

LATER = built("/later.so")
FLOOD_BYTES = 20_000_000


def request(path, more=b""):
    return b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n" + more + b"\r\n"


class Later(unittest.TestCase):
    def each(self):
        for trigger in ("edge", "level"):
            with Serving("--plugin", LATER, "--listen", "127.0.0.1:0", "--trigger", trigger, "--workers", "1") as host:
                yield host
                self.assertEqual(host.stop(), 0)

    def connect(self, host):
        return socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S)

    def read_all(self, s):
        parts = []
        while part := s.recv(1 << 20):
            parts.append(part)
        return b"".join(parts)

    def contents(self, host, requests):
        """The contents of the answers to all of them, sent at once by a client that then closes its side."""
        with self.connect(host) as s:
            s.sendall(requests)
            s.shutdown(socket.SHUT_WR)
            answers = self.read_all(s).split(b"HTTP/1.1 200 OK\r\n")[1:]
            return [answer.partition(b"\r\n\r\n")[2] for answer in answers]

    def test_answers_in_order_to_a_client_that_half_closed(self):
        for host in self.each():
            paths = b"/timer", b"/wake", b"/content", b"/thread", b"/timer"
            self.assertEqual(self.contents(host, b"".join(map(request, paths))),
                             [b"later 1", b"later 2", b"0", b"later 3", b"later 1"])

    def test_reads_on_behind_a_late_answer(self):
        for host in self.each():
            with self.connect(host) as s:
                for path, content in ((b"/wake", b"later 2"), (b"/thread", b"later 3"), (b"/wake", b"later 2")):
                    s.sendall(request(path))
                    answer = b""
                    while not answer.endswith(content):
                        part = s.recv(65536)
                        self.assertTrue(part)
                        answer += part

    def test_writes_as_the_client_reads(self):
        for host in self.each():
            with self.connect(host) as s:
                s.sendall(request(b"/flood") + request(b"/wake", b"Connection: close\r\n"))
                answer = self.read_all(s)
                self.assertEqual(answer.count(b"f" * 1000), FLOOD_BYTES // 1000)
                self.assertTrue(answer.endswith(b"\r\n\r\nlater 2"))

    def test_takes_content_as_it_comes(self):
        for host in self.each():
            upload = b"POST /content HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000000
            self.assertEqual(self.contents(host, upload + request(b"/wake")), [b"1000000", b"later 2"])

    def test_tells_once_of_a_client_that_went(self):
        for host in self.each():
            for _ in range(3):
                with self.connect(host) as s:
                    s.sendall(request(b"/never"))
                    self.contents(host, request(b"/wake"))  # by now the worker has read that request
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end = time.monotonic() + DEADLINE_S
            while (dropped := self.contents(host, request(b"/dropped"))) != [b"3"]:
                self.assertLess(time.monotonic(), end, dropped)


if __name__ == "__main__":
    unittest.main(argv=["http_later"])
