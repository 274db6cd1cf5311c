# Distributed under the Boost Software License, Version 1.0.
# Tests the chat room. The long form is a full house: 2,000 members, of whom 100 say 50 things a second each, and one who
# never reads.
import collections
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import time
import unittest
from pathlib import Path

from support.case import TestCase
from support.client import connect
from support.master import Master
from support.program import DEADLINE_S, Serving, built
from support.scale import LONG, figure, scaled
from support.worker import memory, wait_until, worker

CHAT = built("/chat.so")
MEMBERS, SPEAKERS = scaled(60, 2000), scaled(10, 100)
RATE = 50  # of each speaker, a second; the short form says all at once
SAYINGS = scaled(200, 50 * 30)  # of each speaker
TEXT = "x" * scaled(300, 4)
KiB = 1024


class Room:
    """What all members hear must be one stream: kept once, with the place in it that each has come to."""

    def __init__(self):
        self.stream = bytearray()

    def hear(self, at, chunk):
        """Where the member is, who was at `at` and has heard `chunk`."""
        known = self.stream[at:at + len(chunk)]
        if chunk[:len(known)] != known:
            raise AssertionError(f"after {at} bytes, one heard {chunk[:60]!r} and another {bytes(known[:60])!r}")
        self.stream += chunk[len(known):]
        return at + len(chunk)


class Member:
    def __init__(self, at, receive_bytes=None):
        self.socket = connect(at)
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.greeting = b""
        while not self.greeting.endswith(b"\n"):
            self.greeting += self.socket.recv(1)
        self.number = int(self.greeting.split()[4].rstrip(b","))
        self.heard, self.said = 0, 0

    def say(self, text):
        self.socket.sendall(text.encode() + b"\n")

    def line(self):
        out = b""
        while not out.endswith(b"\n"):
            part = self.socket.recv(1)
            if not part:
                return out
            out += part
        return out


class Serves(TestCase):
    def serve(self, *words, listen="127.0.0.1:0"):
        host = Serving("--plugin", CHAT, "--listen", listen, "--workers", "4", "--stall-warn", "0", *words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        return host

    def enter(self, at, **more):
        member = Member(at, **more)
        self.addCleanup(member.socket.close)
        return member


class Chat(Serves):
    def test_everybody_hears_everything_in_one_order(self):
        host = self.serve()
        a, b = self.enter(host.port), self.enter(host.port)
        self.assertEqual((a.number, b.number), (1, 2))
        self.assertTrue(b.greeting.endswith(b"2 are here, the topic is anything\n"))
        a.say("hello")
        self.assertEqual((a.line(), b.line()), (b"1: hello\n",) * 2)
        b.say("hi\r")
        self.assertEqual((a.line(), b.line()), (b"2: hi\n",) * 2)

    def test_shows_who_is_there_and_how_much_is_said(self):
        with Master("--plugin", CHAT, "--listen", "127.0.0.1:0", "--stall-warn", "0") as m:
            a, b = self.enter(m.port), self.enter(m.port)
            self.assertEqual(m.metrics(), {"members": 2, "messages": 0})
            for text in ("one", "two", "three"):
                a.say(text)
                self.assertEqual(b.line(), f"1: {text}\n".encode())
            self.assertEqual(m.metrics(), {"members": 2, "messages": 3})
            a.socket.close()
            wait_until(lambda: m.metrics()["members"] == 1, "one is left")
            m.reload()  # which empties the room
            self.assertEqual(b.line(), b"* the room closes\n")
            wait_until(lambda: m.metrics() == {"members": 0, "messages": 3}, "nobody is there, what was said stays")

    def test_is_one_room_whatever_workers_says(self):
        host = self.serve()
        self.assertIn("1 worker", "".join(host.lines))
        worker(host)  # finds exactly one

    def test_lets_nobody_command_the_terminals_of_others(self):
        host = self.serve("--chat.topic", "manners")
        a = self.enter(host.port)
        self.assertTrue(a.greeting.endswith(b"the topic is manners\n"))
        a.socket.sendall(b"a\x1b[2J\x07\x7fb\xc3\xa4\n")
        self.assertEqual(a.line(), b"1: a?[2J??b\xc3\xa4\n")
        for said, heard in ((b"\xc2\x9b2J", b"?2J"), (b"\x9b2J", b"?2J"), (b"\xe2\x80\xaeabc", b"?abc"),
                            (b"\xe2\x80\xa8", b"?"), (b"\xff\xc3", b"??"), ("\u4e2d \U0001f600".encode(),) * 2):
            a.socket.sendall(said + b"\n")
            self.assertEqual(a.line(), b"1: " + heard + b"\n")

    def test_puts_out_who_says_too_much_at_once(self):
        for length in (8, 9):
            with self.subTest(length):
                host = self.serve("--chat.line-max", "8")
                a = self.enter(host.port)
                a.socket.sendall(b"x" * length + (b"\n" if length == 8 else b""))
                self.assertEqual(a.line(), b"1: xxxxxxxx\n" if length == 8 else b"")

    def test_a_burst_puts_nobody_out_however_little_may_be_queued(self):
        host = self.serve("--output-max", "16KiB", "--output-high", "8KiB", "--output-low", "4KiB")
        members = [self.enter(host.port) for _ in range(4)]
        lines = [f"{i} {'x' * (i % 900)}" for i in range(200)]
        members[0].say("\n".join(lines))
        expected = "".join(f"{members[0].number}: {line}\n" for line in lines)
        for member in members:
            heard = b""
            while len(heard) < len(expected):
                part = member.socket.recv(65536)
                self.assertTrue(part, f"put out after {len(heard)} bytes of {len(expected)}")
                heard += part
            self.assertEqual(heard.decode(), expected)

    def test_a_line_that_cannot_be_queued_puts_out_its_sender_alone(self):
        host = self.serve("--output-max", "16KiB", "--output-high", "8KiB", "--output-low", "4KiB",
                          "--chat.line-max", "64KiB")
        self.assertTrue(any("--chat.output-max allows lines of 8168 bytes" in line for line in host.lines))
        one, two = self.enter(host.port), self.enter(host.port)
        one.say("x" * 8168)
        for member in one, two:
            self.assertEqual(len(member.line()), len("1: ") + 8168 + 1)
        one.say("x" * 8169)
        self.assertEqual(one.line(), b"")
        two.say("still here")
        self.assertEqual(two.line(), b"2: still here\n")

    def test_goes_on_when_members_leave(self):
        host = self.serve()
        members = [self.enter(host.port) for _ in range(5)]
        for gone in (members[0], members[2], members[4]):
            gone.socket.close()
        left = (members[1], members[3])

        def three_with_me():
            me = self.enter(host.port)
            me.socket.close()
            return b" 3 are here" in me.greeting
        wait_until(three_with_me, "two are left")
        left[0].say("still here")
        self.assertEqual((left[0].line(), left[1].line()), (b"2: still here\n",) * 2)

    def test_closes_when_the_worker_is_to_end(self):
        host = self.serve()
        a = self.enter(host.port)
        host.send(signal.SIGTERM)
        self.assertEqual((a.line(), a.line()), (b"* the room closes\n", b""))
        self.assertEqual(host.wait(), 0)


class FullHouse(Serves):
    """One who never reads, and a crowd of whom all hear everything."""

    def listen(self):
        if LONG:
            return "127.0.0.1:0"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return f"unix:{folder.name}/room"  # the kernel keeps little there, so that little has to be said

    def speak(self, speakers, begun):
        """Says what is due by now; answers whether all has been said."""
        due = SAYINGS if not LONG else min(SAYINGS, int((time.monotonic() - begun) * RATE))
        for s in speakers:
            if s.said < due and select.select([], [s.socket], [], 0)[1]:
                s.say(f"{s.said} {TEXT}")
                s.said += 1
        return all(s.said == SAYINGS for s in speakers)

    def listen_once(self, poll, by_fd, room, wait_s):
        for fd, _ in poll.poll(wait_s):
            member = by_fd[fd]
            chunk = member.socket.recv(1024 * KiB)
            self.assertTrue(chunk, f"number {member.number} was put out")
            member.heard = room.hear(member.heard, chunk)

    def check_stream(self, stream, speakers):
        heard = collections.defaultdict(list)
        for line in bytes(stream).decode().splitlines():
            number, saying, text = line.split(" ")
            self.assertEqual(text, TEXT)
            heard[int(number.rstrip(":"))].append(int(saying))
        self.assertEqual(heard, {s.number: list(range(SAYINGS)) for s in speakers})

    def test_one_who_never_reads_takes_nothing_from_the_others(self):
        if LONG:
            signal.alarm(0)  # it is long
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * MEMBERS)), hard))
        output_max = scaled(256, 1024) * KiB
        host = self.serve("--send-timeout", "0", "--output-high", "64KiB", "--output-low", "16KiB", "--output-max",
                          f"{output_max}", listen=self.listen())
        at = host.port or host.addresses[0]
        deaf = self.enter(at, receive_bytes=4 * KiB)
        members = [self.enter(at) for _ in range(MEMBERS - 1)]
        speakers, by_fd, poll, room = members[:SPEAKERS], {}, select.epoll(), Room()
        self.addCleanup(poll.close)
        for m in members:
            by_fd[m.socket.fileno()] = m
            poll.register(m.socket, select.EPOLLIN)
        pid, begun = worker(host), time.monotonic()
        before, most, turn = memory(pid), 0, 0
        while not self.speak(speakers, begun):
            self.listen_once(poll, by_fd, room, 0)
            turn += 1
            if turn % 20 == 0:
                most = max(most, memory(pid))
        end = time.monotonic() + 4 * DEADLINE_S
        expected = sum(len(f"{s.number}: {i} {TEXT}\n") for s in speakers for i in range(SAYINGS))
        while any(m.heard < expected for m in members) and time.monotonic() < end:
            self.listen_once(poll, by_fd, room, 1)
        most = max(most, memory(pid))
        took = time.monotonic() - begun
        self.assertEqual(len(room.stream), expected)
        self.assertTrue(all(m.heard == expected for m in members))
        self.check_stream(room.stream, speakers)
        host.wait_for(f"number {deaf.number} reads too slowly")
        # Each of the others may be behind for a moment; nobody's queue passes its bound.
        self.assertLess(most - before, scaled(64, 512) * 1024 * KiB)
        spent = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
        figure("chat, members", MEMBERS)
        figure("chat, processor time of the worker", f"{spent / os.sysconf('SC_CLK_TCK'):.1f} s")
        figure("chat, messages that all of them heard in one order", f"{SPEAKERS * SAYINGS} in {took:.0f} s")
        figure("chat, memory of the worker above that of the quiet room", f"{(most - before) / 1024 / KiB:.1f} MiB")


if LONG:
    del Chat  # the short form has looked


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
