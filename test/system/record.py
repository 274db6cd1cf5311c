# Distributed under the Boost Software License, Version 1.0.
# Tests that what --record has written is played again by epollhost-sim --replay: to the same crash, or to the same output.
import glob
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import unittest

from support.case import TestCase
from support.client import connect
from support.master import Folder, Master, wait_until
from support.program import DEADLINE_S, Serving, built, run

SIM, REMEMBER = built("/epollhost-sim"), built("/remember.so")
HTTP, LINES, CHAT = built("/http.so"), built("/lines.so"), built("/chat.so")
FRONT, PROXY = built("/front.so"), built("/proxy.so")


def replay(file, *words, under=()):
    done = subprocess.run([*under, SIM, "--replay", file, *words], capture_output=True, timeout=DEADLINE_S,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def read_until(s, end):
    got = b""
    while not got.endswith(end):
        part = s.recv(65536)
        if not part:
            raise AssertionError(f"closed after {got!r}")
        got += part
    return got


def read_end(s):
    try:
        return "data" if s.recv(100) else "end"
    except ConnectionResetError:
        return "reset"


class Recorded(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.name = self.folder / "rec"
        self.sockets = []

    def files(self):
        return sorted(glob.glob(self.name + ".*"))

    def check_same(self, file, *words):
        status, out, err = replay(file, *words)
        self.assertEqual((status, err), (0, ""), out)
        self.assertIn("all is as it was recorded\n", out)
        return out

    def connect(self, host):
        s = connect(host.port if host.port else host.addresses[0])
        if host.port:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a piece leaves when it is sent
        self.sockets.append(s)
        self.addCleanup(s.close)
        return s


class Crash(Recorded):
    def crash(self, *words):
        """The recording of a worker that dies of what two connections say."""
        m = Master("--plugin", REMEMBER, "--listen", "127.0.0.1:0", "--workers", "1", "--record", self.name, *words)
        with m:
            first, second = connect(m.port), connect(m.port)
            with first, second:
                for s, says in ((second, b"hello"), (first, b"arm"), (second, b"hello again")):
                    s.sendall(says)
                    self.assertEqual(read_until(s, says)[8:], b" " + says)
                second.sendall(b"boom")
                self.assertEqual(second.recv(10), b"")
            m.log.wait_for("SIGSEGV")
            m.log.wait_for(r"info remember: worker 0 \(process \d+\) is recorded to .*/rec\.1$")
            self.assertEqual(m.stop(), 0)
        return self.name + ".1"

    def test_comes_again(self):
        status, out, _ = replay(self.crash())
        self.assertEqual(status, -signal.SIGSEGV, out)
        self.assertRegex(out.splitlines()[-1], r'connection \d receives 4 bytes "boom"')
        self.assertNotIn("DIFFERS", out)
        self.assertIn("hello again", out)

    def test_does_not_come_without_what_led_to_it(self):
        """So it is the replay of the earlier connection that brings it."""
        status, out, _ = replay(self.crash("--record-every", "2"))
        self.assertNotEqual(status, -signal.SIGSEGV, out)

    def test_comes_again_under_a_debugger(self):
        gdb = shutil.which("gdb")
        if not gdb:
            self.skipTest("there is no gdb")
        _, out, _ = replay(self.crash(), under=(gdb, "-nx", "-batch", "-ex", "run", "-ex", "bt", "--args"))
        self.assertRegex(out, r"SIGSEGV(.|\n)* in data \(.*remember\.c:\d+")

    def test_is_there_after_a_kill(self):
        with Master("--plugin", REMEMBER, "--listen", "127.0.0.1:0", "--workers", "1", "--record", self.name) as m:
            with connect(m.port) as s:
                s.sendall(b"hello")
                read_until(s, b"hello")
                os.kill(m.workers()[0], signal.SIGKILL)
            m.log.wait_for("SIGKILL")
            self.assertEqual(m.stop(), 0)
        self.assertIn("the recording is cut off at byte", self.check_same(self.name + ".1"))


class Sessions:
    """Each with sockets of another kind; replayed, the worker makes the same calls and sends the same bytes."""

    def serve(self, plugin, *words):
        host = Serving("--plugin", plugin, "--listen", self.listen(), "--workers", "0", "--record", self.name,
                       *self.words, *words).__enter__()
        self.addCleanup(host.end)
        return host

    def listen(self):
        return "127.0.0.1:0"

    def in_pieces(self, host, s, pieces, turn):
        """Each piece is received by itself: another connection has been answered before the next one."""
        for piece in pieces:
            s.sendall(piece)
            turn()

    def finish(self, host, *words):
        for s in self.sockets:  # else the worker waits for them when it ends
            s.close()
        self.assertEqual(host.stop(), 0)
        return self.check_same(self.name + ".1", *words)

    def test_http_in_pieces(self):
        host = self.serve(HTTP)
        s, other = self.connect(host), self.connect(host)

        def turn():
            other.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            read_until(other, b"Hello, world!")
        text = b"GET /cut HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"
        self.in_pieces(host, s, [text[i:i + 3] for i in range(0, len(text), 3)], turn)
        s.sendall(b"cdeGET /bad HTTP/9.9\r\n\r\n")
        while s.recv(65536):
            pass
        out = self.finish(host)
        self.assertGreater(out.count("connection 1 receives 3 bytes"), 5)

    def test_http_that_nobody_reads_for_a_while(self):
        host = self.serve(HTTP, "--http.body", "x" * 100_000)
        s = self.connect(host)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100 + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        other = self.connect(host)
        for _ in range(200):  # meanwhile the socket of the first one has become full
            other.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            read_until(other, b"\r\n\r\n")
        total = 0
        while part := s.recv(65536):
            total += len(part)
        self.assertGreater(total, 101 * 100_000)
        self.assertRegex(self.finish(host), r"sends \d+ bytes: nothing for now|sends (\d+) of (?!\1)")

    def test_lines_that_end_in_each_way(self):
        host = self.serve(LINES)
        other = self.connect(host)

        def turn():
            other.sendall(b"turn\n")
            read_until(other, b"turn\n")
        half, reset = self.connect(host), self.connect(host)
        self.in_pieces(host, half, [b"a", b"b\nc", b"\n\n", b"rest"], turn)
        half.shutdown(socket.SHUT_WR)
        while half.recv(100):
            pass
        reset.sendall(b"one\ntw")
        read_until(reset, b"one\n")
        reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reset.close()
        turn()
        self.finish(host)

    def test_a_chat(self):
        host = self.serve(CHAT)
        members = [self.connect(host) for _ in range(5)]
        for i, s in enumerate(members):
            read_until(s, b"\n")
            s.sendall(b"I am " + str(i).encode() + b"\n")
        for s in members:
            got = b""
            while b"I am 4" not in got:
                got += s.recv(65536)
        members[2].close()
        self.finish(host)


    def elsewhere(self):
        """A server that the plugin connects to; the test is that server."""
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(DEADLINE_S)
        self.addCleanup(server.close)
        return server, server.getsockname()[1]

    def met(self, server):
        s, _ = server.accept()
        s.settimeout(DEADLINE_S)
        self.addCleanup(s.close)
        return s

    def test_connections_of_the_plugin_itself(self):
        server, port = self.elsewhere()
        host = self.serve(FRONT, "--front.server", f"localhost:{port}")
        for i in range(3):
            s, there = self.connect(host), self.met(server)
            for piece in (b"ask", b" %d\n" % i):
                s.sendall(piece)
            self.assertEqual(read_until(there, b"\n"), b"ask %d\n" % i)
            there.sendall(b"answer %d\nand more\n" % i)
            self.assertEqual(read_until(s, b"\n"), b"answer %d\n" % i)
            if i < 2:
                there.close()
                s.sendall(b"again\n")
                self.assertEqual(read_until(s, b"\n"), b"and more\n")
                s.sendall(b"and again\n")
                self.assertEqual(s.recv(100), b"")
        out = self.finish(host)
        self.assertEqual(out.count('"localhost" is looked up'), 3)
        self.assertEqual(len(re.findall(rf"connection \d is begun to 127\.0\.0\.1:{port}$", out, re.M)), 3, out)
        self.assertIn('receives 18 bytes "answer 2\\x0aand more\\x0a"', out)

    def test_connections_of_the_plugin_that_nobody_takes(self):
        nobody = socket.socket()
        self.addCleanup(nobody.close)
        nobody.bind(("127.0.0.1", 0))  # so no other gets the port
        host = self.serve(FRONT, "--front.server", f"127.0.0.1:{nobody.getsockname()[1]}")
        s = self.connect(host)
        self.assertIn(b"sorry", read_until(s, b"\n"))
        self.assertIn(f"is begun to 127.0.0.1:{nobody.getsockname()[1]}", self.finish(host))

    def test_what_a_proxy_relays(self):
        server, port = self.elsewhere()
        host = self.serve(PROXY, "--proxy.backends", f"127.0.0.1:{port}", "--proxy.check-interval", "0")
        for how in ("in order", "by the client's reset", "by the server's reset")[::1 if host.port else 2]:
            s, there = self.connect(host), self.met(server)
            s.sendall(b"question")
            self.assertEqual(read_until(there, b"question"), b"question")
            there.sendall(b"answer")
            self.assertEqual(read_until(s, b"answer"), b"answer")
            first, last = (s, there) if how != "by the server's reset" else (there, s)
            if how != "in order":
                first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            first.close()
            self.assertEqual(read_end(last), "end" if how == "in order" or not host.port else "reset")
            last.close()
        self.assertIn("is begun to", self.finish(host))


class Edge(Sessions, Recorded):
    words = ()


class Level(Sessions, Recorded):
    words = ("--trigger", "level", "--cork", "on")


class EachCall(Sessions, Recorded):
    words = ("--write-policy", "now", "--turn-calls", "1", "--output-high", "20000", "--output-low", "1000")


class Unix(Sessions, Recorded):
    words = ()

    def listen(self):
        return "unix:" + (self.folder / "socket")


class Bounds(Recorded):
    def test_reached_ends_it_whole(self):
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", "0", "--record", self.name,
                     "--record-limit", "64KiB") as host:
            with self.connect(host) as s:
                for _ in range(600):
                    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    read_until(s, b"Hello, world!")
            host.wait_for("has reached --record-limit, 65536 bytes")
            self.assertEqual(host.stop(), 0)
        self.assertLessEqual(os.path.getsize(self.name + ".1"), 65536)
        self.assertIn("the recording ends: its limit was reached", self.check_same(self.name + ".1"))

    def test_chosen_connections_alone(self):
        with Serving("--plugin", LINES, "--listen", "127.0.0.1:0", "--workers", "0", "--record", self.name,
                     "--record-every", "2", "--record-peer", "127.0.0.0/8") as host:
            for i in range(4):
                with self.connect(host) as s:
                    s.sendall(b"number %d\n" % i)
                    read_until(s, b"\n")
            self.assertEqual(host.stop(), 0)
        out = self.check_same(self.name + ".1")
        self.assertEqual(re.findall(r'receives \d+ bytes "number (\d)', out), ["0", "2"])

    def test_what_a_plugin_asks_for_others_is_not_recorded(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with Serving("--plugin", FRONT, "--listen", "127.0.0.1:0", "--workers", "0", "--record", self.name,
                         "--record-every", "2", "--front.server", f"127.0.0.1:{port}") as host:
                for i in range(3):
                    with self.connect(host) as s, server.accept()[0] as there:
                        s.sendall(b"number %d\n" % i)
                        there.sendall(read_until(there, b"\n"))
                        read_until(s, b"\n")
                self.assertEqual(host.stop(), 0)
        out = self.check_same(self.name + ".1")
        self.assertEqual(re.findall(r'receives \d+ bytes "number (\d)', out), ["0", "0", "2", "2"])

    def test_other_peers_are_not_recorded(self):
        with Serving("--plugin", LINES, "--listen", "127.0.0.1:0", "--workers", "0", "--record", self.name,
                     "--record-peer", "192.0.2.0/24") as host:
            with self.connect(host) as s:
                s.sendall(b"private\n")
                read_until(s, b"private\n")
            self.assertEqual(host.stop(), 0)
        with open(self.name + ".1", "rb") as f:
            self.assertNotIn(b"private", f.read())
        self.assertIn("0 connections", self.check_same(self.name + ".1"))


class Silent(Recorded):
    def test_what_nobody_answers_fails_when_it_failed(self):
        """A server whose queue is full: the kernel drops what asks for more."""
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(0)
            for _ in range(3):
                s = socket.socket()
                self.addCleanup(s.close)
                s.setblocking(False)
                s.connect_ex(server.getsockname())
            with Serving("--plugin", FRONT, "--listen", "127.0.0.1:0", "--workers", "0", "--record", self.name,
                         "--front.server", f"127.0.0.1:{server.getsockname()[1]}") as host:
                with self.connect(host) as s:
                    self.assertIn(b"sorry", read_until(s, b"\n"))  # after the second that front.cpp gives it
                self.assertEqual(host.stop(), 0)
        self.check_same(self.name + ".1")


class Files(Recorded):
    def test_are_one_for_each_worker_and_for_the_owner_alone(self):
        with Master("--plugin", LINES, "--listen", "127.0.0.1:0", "--workers", "2", "--record", self.name) as m:
            with connect(m.port) as s:
                s.sendall(b"before\n")
                read_until(s, b"before\n")
                m.send(signal.SIGUSR1)  # it is not opened again: the rest would have no beginning
                s.sendall(b"behind\n")
                read_until(s, b"behind\n")
            self.assertEqual(len(self.files()), 2)
            m.reload()
            m.wait_for_generations(1)
            with connect(m.port) as s:
                s.sendall(b"later\n")
                read_until(s, b"later\n")
            self.assertEqual(m.stop(), 0)
        self.assertEqual(self.files(), [f"{self.name}.{i}" for i in range(1, 5)])
        for file in self.files():
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        text = "".join(self.check_same(file) for file in self.files())
        for word in ("before", "behind", "later"):
            self.assertEqual(len(re.findall(rf'receives \d+ bytes "{word}', text)), 1, text)

    def test_are_never_overwritten(self):
        for i in range(1, 65):
            self.folder.write(f"rec.{i}", "mine")
        with Master("--plugin", LINES, "--listen", "127.0.0.1:0", "--workers", "1", "--record", self.name) as m:
            m.log.wait_for(r"not recorded: \S+rec\.1 to \S+rec\.64 are there already; move them away")
            self.assertEqual(m.stop(), 0)
        for file in self.files():
            with open(file, encoding="ascii") as f:
                self.assertEqual(f.read(), "mine")

    def test_that_cannot_be_made_are_an_error_of_the_command(self):
        for words in ((), ("--check",)):
            status, _, err = run("--plugin", LINES, "--listen", "127.0.0.1:0", "--workers", "1", "--record",
                                 "/nowhere/rec", *words)
            self.assertNotEqual(status, 0)
            self.assertIn("--lines.record /nowhere/rec: cannot make files there: No such file or directory", err)

    def test_that_cannot_be_made_without_a_master_are_a_warning(self):
        with Serving("--plugin", LINES, "--listen", "127.0.0.1:0", "--workers", "0", "--record", "/nowhere/rec") as host:
            self.assertIn("not recorded: cannot make a file /nowhere/rec.N: No such file", "".join(host.lines))

    def test_a_wrong_range_of_peers_is_refused(self):
        status, _, err = run("--plugin", LINES, "--record-peer", "localhost", "--check")
        self.assertEqual(status, 3)
        self.assertIn('"localhost" is no range of peers; expected an address or a network, such as 192.0.2.7', err)


class Replay(Recorded):
    def recorded(self):
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", "0", "--record", self.name) as host:
            with self.connect(host) as s:
                s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                read_until(s, b"Hello, world!")
            self.assertEqual(host.stop(), 0)
        return self.name + ".1"

    def test_is_the_same_each_time(self):
        file = self.recorded()
        outs = {re.sub(r"^\d{4}-\S+ \S+ ", "", self.check_same(file), flags=re.M) for _ in range(3)}
        self.assertEqual(len(outs), 1, outs)

    def test_says_where_the_output_differs_first(self):
        status, out, _ = replay(self.recorded(), "--http.body", "Hallo, world!")
        self.assertEqual(status, 1)
        self.assertRegex(out, r'1 differences; the first: byte \d+ of the recording: connection 1: byte \d+ of its output: '
                              r'"allo, world!", expected "ello, world!"')

    def test_passes_over_masked_lines(self):
        file = self.recorded()
        self.assertEqual(replay(file, "--http.content-type", "text/html")[0], 1)
        self.assertEqual(replay(file, "--http.content-type", "text/other", "--mask", "Content-Type:")[0], 0)

    def test_is_of_one_plugin(self):
        status, _, err = replay(self.recorded(), "--plugin", LINES)
        self.assertEqual(status, 3)
        self.assertRegex(err, r"it is a recording of the plugin http, and .*/lines\.so is lines; give the plugin")

    def test_refuses_what_is_no_recording(self):
        for file, says in ((HTTP, "byte 0: this is no recording"), ("/nowhere", "cannot read the recording"),
                           (self.folder.write("empty", ""), "the file is empty"), (self.folder.path, "cannot read")):
            status, _, err = replay(file)
            self.assertEqual(status, 3, file)
            self.assertIn(says, err)

    def test_refuses_a_damaged_file_and_names_the_byte(self):
        file = self.recorded()
        with open(file, "r+b") as f:
            at = f.read().index(b"GET /")
            f.seek(at)
            f.write(b"P")
        status, _, err = replay(file)
        self.assertEqual(status, 3)
        self.assertRegex(err, r"byte \d+: the file is damaged here")

    def test_stands_alone(self):
        status, _, err = replay(self.recorded(), "--seed", "1")
        self.assertEqual(status, 2)
        self.assertIn("--replay plays what was recorded; beside it stand", err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
