# Distributed under the Boost Software License, Version 1.0.
# Tests http.so in the program, over real sockets and with both triggers.
import email.utils
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from support.program import DEADLINE_S, Serving, built, run

HTTP = built("/http.so")
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HELLO = b"Hello, world!"
TRIGGERS = ("edge", "level")


def connect(host):
    s = socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def read_all(s):
    """All until the server closes."""
    out = b""
    while True:
        part = s.recv(65536)
        if not part:
            return out
        out += part


def read_answers(s, count, content=HELLO):
    """As many answers with this content, no byte more."""
    out = b""
    while out.count(content) < count:
        part = s.recv(65536)
        if not part:
            break
        out += part
    return out


def talk(host, request):
    """What comes back until the server closes; the client closes its side behind the request."""
    with connect(host) as s:
        s.sendall(request)
        s.shutdown(socket.SHUT_WR)
        return read_all(s)


def serving(trigger, *more):
    return Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--trigger", trigger, *more)


class Answers(unittest.TestCase):
    def each(self, *more):
        for trigger in TRIGGERS:
            with serving(trigger, *more) as host:
                yield host
                self.assertEqual(host.stop(), 0)

    def test_answers_as_the_article_does(self):
        for host in self.each():
            answer = talk(host, GET)
            self.assertRegex(answer, rb"\AHTTP/1\.1 200 OK\r\nDate: [^\r]{29}\r\nContent-Type: text/plain\r\n"
                                     rb"Content-Length: 13\r\n(Connection: close\r\n)?\r\nHello, world!\Z")

    def test_answers_the_ends_of_the_article(self):
        for host in self.each():
            for end in (b"\n\n", b"\n\r\n", b"\r\n\r\n"):
                self.assertTrue(talk(host, b"GET / HTTP/1.0" + end).endswith(b"\r\n\r\nHello, world!"))

    def test_dates_its_answers(self):
        for host in self.each():
            with connect(host) as s:
                seen = set()
                end = time.monotonic() + DEADLINE_S
                while len(seen) < 3 and time.monotonic() < end:
                    s.sendall(GET)
                    date = re.search(rb"\r\nDate: ([^\r]*)", read_answers(s, 1)).group(1).decode()
                    self.assertLess(abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time()), 2)
                    seen.add(date)
                self.assertEqual(len(seen), 3)

    def test_answers_a_thousand_pipelined_requests(self):
        for host in self.each():
            with connect(host) as s:
                s.sendall(GET * 1000)
                answers = read_answers(s, 1000)
                self.assertEqual(answers.count(b"HTTP/1.1 200 OK\r\n"), 1000)
                self.assertNotIn(b"Connection: close", answers)
                s.sendall(GET)
                self.assertTrue(read_answers(s, 1).startswith(b"HTTP/1.1 200 OK"))

    def test_answers_requests_that_come_byte_by_byte(self):
        for host in self.each():
            with connect(host) as s:
                for byte in b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" + GET:
                    s.sendall(bytes([byte]))
                self.assertEqual(read_answers(s, 2).count(b"HTTP/1.1 200 OK\r\n"), 2)

    def test_closes_http_1_0_and_keeps_it_when_asked(self):
        for host in self.each():
            with connect(host) as s:
                s.sendall(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                self.assertIn(b"\r\nConnection: keep-alive\r\n", read_answers(s, 1))
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
                self.assertIn(b"\r\nConnection: close\r\n", read_all(s))

    def test_answers_head_without_content(self):
        for host in self.each():
            answer = talk(host, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertIn(b"\r\nContent-Length: 13\r\n", answer)
            self.assertTrue(answer.endswith(b"\r\n\r\n"))

    def test_drops_bodies(self):
        for host in self.each():
            with connect(host) as s:
                s.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900000 + GET)
                self.assertEqual(read_answers(s, 2).count(b"HTTP/1.1 200 OK\r\n"), 2)

    def test_asks_for_a_body_that_waits(self):
        for host in self.each():
            with connect(host) as s:
                s.sendall(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                self.assertEqual(s.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
                s.sendall(b"ab")
                self.assertTrue(read_answers(s, 1).startswith(b"HTTP/1.1 200 OK"))

    def test_refuses_malformed_input_and_closes(self):
        for host in self.each():
            for request, status in ((b"\x16\x03\x01\x02\x00\x01", b"400"), (b"GET / HTTP/1.1\r\n\r\n", b"400"),
                                    (b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", b"400"),
                                    (b"GET / HTTP/2.0\r\n\r\n", b"505"),
                                    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n", b"414"),
                                    (b"GET / HTTP/1.1\r\nA: " + b"x" * 20000, b"431")):
                with connect(host) as s:
                    s.sendall(request)
                    answer = read_all(s)
                    self.assertTrue(answer.startswith(b"HTTP/1.1 " + status), (request[:40], answer[:80]))
                    self.assertIn(b"\r\nConnection: close\r\n", answer)

    def test_lets_its_last_answer_arrive_at_a_client_that_is_still_sending(self):
        for host in self.each():
            with connect(host) as s:
                s.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
                try:
                    for _ in range(8):
                        s.sendall(b"x" * 100000)
                except OSError as e:
                    self.fail(f"the server reset a client within the bound: {e}")
                self.assertTrue(read_all(s).startswith(b"HTTP/1.1 413 "))

    def test_goes_on_after_connections_that_end_at_any_byte(self):
        request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        for host in self.each():
            for size in range(len(request) + 1):
                with connect(host) as s:
                    s.sendall(request[:size])
                    if size % 2:  # a reset instead of an end
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.assertIn(HELLO, talk(host, GET))

    def test_serves_others_while_a_client_does_not_read(self):
        for host in self.each():
            with connect(host) as greedy:
                greedy.settimeout(0.2)
                sent = 0
                try:
                    while sent < 100_000_000:
                        sent += greedy.send(GET * 1000)
                except TimeoutError:
                    pass
                self.assertLess(sent, 100_000_000)
                self.assertIn(HELLO, talk(host, GET))


class Options(unittest.TestCase):
    def test_takes_content_type_and_fields(self):
        with serving("edge", "--http.body", "<p>Hi", "--http.content-type", "text/html", "--http.header",
                     "Server: me\\nX-A: b") as host:
            answer = talk(host, GET)
        self.assertIn(b"\r\nContent-Type: text/html\r\nContent-Length: 5\r\n", answer)
        self.assertIn(b"\r\nServer: me\r\nX-A: b\r\n", answer)
        self.assertTrue(answer.endswith(b"\r\n\r\n<p>Hi"))

    def test_reads_its_body_from_a_file_at_the_start(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "page")
            for content in (b"", b"<p>\0\xff", b"x" * 1048576):
                with open(path, "wb") as file:
                    file.write(content)
                with serving("edge", "--http.body-file", path) as host:
                    os.unlink(path)
                    head, _, body = talk(host, GET).partition(b"\r\n\r\n")
                    self.assertTrue(body == content)
                    self.assertIn(b"\r\nContent-Length: %d\r\n" % len(content), head + b"\r\n")

    def test_refuses_a_body_file_with_the_reason(self):
        with tempfile.TemporaryDirectory() as folder:
            large = os.path.join(folder, "large")
            with open(large, "wb") as file:
                file.truncate(1048577)
            for more, reason in (([large + "r"], "No such file"), ([folder], "it is no regular file"),
                                 ([large], "it is larger than 1048576 bytes"),
                                 ([large, "--http.body", "x"], "body and body-file are both given")):
                status, _, errors = run("--plugin", HTTP, "--listen", "127.0.0.1:0", "--http.body-file", *more, "--check")
                self.assertEqual(status, 5, errors)
                self.assertIn(reason, errors)

    def test_refuses_a_field_that_would_break_the_answer(self):
        for field in ("no colon", "A B: c", "A: b\x01c", "Date: now", "Content-Length: 3"):
            status, _, errors = run("--plugin", HTTP, "--listen", "127.0.0.1:0", "--http.header", field, "--check")
            self.assertEqual(status, 5, (field, errors))

    def test_prints_every_request(self):
        host = Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--http.print", stdout=subprocess.PIPE)
        with host:
            talk(host, GET + b"GET /b HTTP/1.0\nA: b\n\n")
            host.stop()
            self.assertEqual(host.process.stdout.read(), GET + b"GET /b HTTP/1.0\nA: b\n\n")
            host.process.stdout.close()

    def test_closes_every_connection_without_keep_alive(self):
        with serving("edge", "--http.keep-alive", "off") as host, connect(host) as s:
            s.sendall(GET)
            self.assertIn(b"\r\nConnection: close\r\n", read_all(s))

    def test_refuses_bare_line_feeds_when_strict(self):
        with serving("edge", "--http.strict", "on") as host:
            self.assertTrue(talk(host, b"GET / HTTP/1.0\n\n").startswith(b"HTTP/1.1 400 "))

    def test_ends_slow_and_idle_clients(self):
        with serving("edge", "--http.head-timeout", "300ms", "--http.idle-timeout", "200ms", "--http.body-timeout",
                     "200ms") as host:
            for request, answer in ((b"", b""), (b"GET / HT", b"HTTP/1.1 408 "), (GET, b"HTTP/1.1 200 "),
                                    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx", b"HTTP/1.1 408 ")):
                with connect(host) as s:
                    s.sendall(request)
                    self.assertTrue(read_all(s).startswith(answer), request)


class Clients(unittest.TestCase):
    """Real clients, where they are installed."""

    def client(self, *words):
        if not shutil.which(words[0]):
            self.skipTest(f"{words[0]} is not installed")
        return subprocess.run(words, capture_output=True, timeout=DEADLINE_S * 2, check=True).stdout.decode()

    def test_serves_curl(self):
        with serving("edge") as host:
            url = f"http://127.0.0.1:{host.port}/"
            self.assertEqual(self.client("curl", "-sS", url), "Hello, world!")
            self.assertEqual(self.client("curl", "-sS", "-d", "a=b", url, url), "Hello, world!" * 2)
            self.assertEqual(self.client("curl", "-sS", "-H", "Transfer-Encoding: chunked", "-d", "a=b", url), "Hello, world!")

    def test_serves_ab(self):
        with serving("edge") as host:
            for more in ([], ["-k"]):
                out = self.client("ab", "-q", "-n", "5000", "-c", "20", *more, f"http://127.0.0.1:{host.port}/")
                self.assertRegex(out, r"Complete requests: +5000\n")
                self.assertRegex(out, r"Failed requests: +0\n")
                self.assertNotIn("Non-2xx", out)

    def test_serves_many_at_once(self):
        failures = []

        def ask(host):
            try:
                with connect(host) as s:
                    for _ in range(50):
                        s.sendall(GET * 4)
                        if read_answers(s, 4).count(b"200 OK") != 4:
                            failures.append("an answer is missing")
            except OSError as e:
                failures.append(repr(e))

        with serving("edge") as host:
            threads = [threading.Thread(target=ask, args=(host,)) for _ in range(40)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        self.assertEqual(failures, [])


if __name__ == "__main__":
    unittest.main(argv=["http"])
