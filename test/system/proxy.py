# Distributed under the Boost Software License, Version 1.0.
# Tests proxy.so in the program: bytes and ends pass both ways, backends fail and come back, nobody fills the memory.
import hashlib
import os
import queue
import resource
import signal
import socket
import sys
import tempfile
import threading
import unittest

from support.case import TestCase
from support.master import Master, wait_until
from support.program import Serving, built, run
from support.sanitized import left_out
from support.worker import worker

PROXY = built("/proxy.so")
MIB = 1 << 20


class Backend:
    """Listens; each connection is handed to `serve` in a thread."""

    def __init__(self, serve, address=("127.0.0.1", 0)):
        self.listener = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(address)
        self.listener.listen(64)
        name = self.listener.getsockname()
        self.text = f"unix:{name}" if isinstance(name, str) else f"{name[0]}:{name[1]}"
        self.address, self.serve = name, serve
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.guarded, args=(peer,), daemon=True).start()

    def guarded(self, peer):
        with peer:
            try:
                self.serve(peer)
            except OSError:
                pass  # the test has ended the other side

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


def naming(name):
    """Says its name, then echoes."""
    def serve(peer):
        peer.sendall(name)
        while part := peer.recv(65536):
            peer.sendall(part)
    return serve


def all_of(peer):
    back = b""
    while part := peer.recv(65536):
        back += part
    return back


class Proxy:
    def serve(self, *backends, words=()):
        host = Serving("--plugin", PROXY, "--listen", "127.0.0.1:0", "--trigger", self.trigger, "--workers", "1",
                       "--proxy.backends", ",".join(b if isinstance(b, str) else b.text for b in backends), *words)
        host.__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        self.host = host

    def backend(self, serve, *address):
        backend = Backend(serve, *address)
        self.addCleanup(backend.listener.close)
        return backend

    def dead(self):
        """An address that refuses."""
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.host.port), timeout=60)
        self.addCleanup(client.close)
        return client

    def name(self):
        client = self.connect()
        return client.recv(1)

    def test_passes_bytes_and_the_end_of_each_direction(self):
        def serve(peer):
            asked = all_of(peer)  # to its end; then the answer still goes back
            peer.sendall(b"got " + asked)
        self.serve(self.backend(serve))
        client = self.connect()
        client.sendall(b"request")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(all_of(client), b"got request")

    def test_relays_much_both_ways_at_once_and_intact(self):
        size = 64 * MIB
        block = os.urandom(MIB)
        sums = {}

        def stream(peer, name):
            received = hashlib.sha256()

            def send():
                for i in range(size // MIB):
                    peer.sendall(i.to_bytes(8, "big") + block[8:])
                peer.shutdown(socket.SHUT_WR)
            sender = threading.Thread(target=send)
            sender.start()
            while part := peer.recv(MIB):
                received.update(part)
            sender.join()
            sums[name] = received.hexdigest()

        there = threading.Event()

        def serve(peer):
            stream(peer, "backend")
            there.set()
        self.serve(self.backend(serve), words=["--proxy.check-interval", "0"])
        stream(self.connect(), "client")
        self.assertTrue(there.wait(60))
        expected = hashlib.sha256()
        for i in range(size // MIB):
            expected.update(i.to_bytes(8, "big") + block[8:])
        self.assertEqual(sums, {"client": expected.hexdigest(), "backend": expected.hexdigest()})

    @left_out("measures memory")
    def test_holds_little_for_clients_that_do_not_read(self):
        stop = threading.Event()
        self.addCleanup(stop.set)

        def serve(peer):
            peer.settimeout(0.5)
            try:
                while True:
                    peer.send(bytes(MIB))
            except TimeoutError:
                stop.wait(60)  # it is full all the way
        self.serve(self.backend(serve), words=["--proxy.check-interval", "0"])
        process = worker(self.host)
        before = resident(process)
        clients = [self.connect() for _ in range(40)]
        for client in clients:
            client.recv(1)
        talker = self.connect()
        talker.recv(1)
        self.assertLess(resident(process) - before, 48 * MIB)  # of which each may hold 1 MiB at most

    def test_takes_backends_in_turn(self):
        self.serve(*(self.backend(naming(n)) for n in (b"a", b"b", b"c")), words=["--proxy.check-interval", "0"])
        self.assertEqual(b"".join(self.name() for _ in range(6)), b"abcabc")

    def test_takes_the_backend_with_the_fewest_connections(self):
        self.serve(*(self.backend(naming(n)) for n in (b"a", b"b")),
                   words=["--proxy.check-interval", "0", "--proxy.balance", "least-connections"])
        first, second = self.connect(), self.connect()
        names = {first.recv(1): first, second.recv(1): second}
        self.assertEqual(sorted(names), [b"a", b"b"])
        names[b"b"].shutdown(socket.SHUT_WR)
        all_of(names[b"b"])
        self.assertEqual(self.name(), b"b")

    def test_tries_another_backend_and_leaves_the_dead_one_out(self):
        dead = self.dead()
        self.serve(dead, self.backend(naming(b"b")), words=["--proxy.check-interval", "0"])
        self.assertEqual(b"".join(self.name() for _ in range(4)), b"bbbb")
        self.host.wait_for(f"backend {dead} is down: {dead}: Connection refused")

    def test_refuses_with_a_reset_when_no_backend_is_left(self):
        self.serve(self.dead(), self.dead(), words=["--proxy.check-interval", "0"])
        with self.assertRaises(ConnectionResetError):
            self.connect().recv(1)

    def test_finds_by_its_checks_that_a_backend_dies_and_comes_back(self):
        backend = self.backend(naming(b"a"))
        self.serve(backend, words=["--proxy.check-interval", "20ms", "--proxy.down-time", "1h"])
        self.assertEqual(self.name(), b"a")
        backend.end()
        self.host.wait_for(f"backend {backend.text} is down")
        with self.assertRaises(ConnectionResetError):
            self.connect().recv(1)
        self.backend(naming(b"b"), backend.address)
        self.host.wait_for(f"backend {backend.text} is up again")
        self.assertEqual(self.name(), b"b")

    def shown(self, *backends, interval):
        self.host = Master("--plugin", PROXY, "--listen", "127.0.0.1:0", "--trigger", self.trigger, "--workers", "1",
                           "--proxy.check-interval", interval, "--proxy.down-time", "1h", "--proxy.backends",
                           ",".join(backends))
        return self.host

    def test_shows_what_became_of_its_clients(self):
        dead, backend = self.dead(), self.backend(naming(b"a"))
        with self.shown(dead, backend.text, interval="0") as m:
            self.assertEqual(m.metrics(), {"backends_down": 0, "idle_ends": 0, "refused": 0, "retries": 0})
            self.assertEqual(self.name(), b"a")  # behind the dead one
            self.assertEqual(m.metrics(), {"backends_down": 1, "idle_ends": 0, "refused": 0, "retries": 1})
            backend.end()
            with self.assertRaises(ConnectionResetError):
                self.connect().recv(1)
            self.assertEqual(m.metrics(), {"backends_down": 2, "idle_ends": 0, "refused": 1, "retries": 1})

    def test_shows_how_many_backends_are_down(self):
        backend = self.backend(naming(b"a"))
        with self.shown(self.dead(), backend.text, interval="20ms") as m:
            wait_until("one is down", lambda: m.metrics()["backends_down"] == 1)
            backend.end()
            wait_until("both are down", lambda: m.metrics()["backends_down"] == 2)
            self.backend(naming(b"b"), backend.address)
            wait_until("one is up again", lambda: m.metrics()["backends_down"] == 1)

    def test_ends_a_client_whose_backend_dies(self):
        def serve(peer):
            peer.sendall(b"x")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.serve(self.backend(serve))
        with self.assertRaises(ConnectionResetError):  # perhaps while it connects
            client = self.connect()
            while client.recv(100):
                pass

    def test_ends_relays_that_move_nothing_also_with_one_direction_ended(self):
        ends = queue.Queue()

        def serve(peer):
            peer.sendall(b"a")
            ends.put(all_of(peer))
            ends.put(peer.recv(1))  # held until the proxy ends it
        self.serve(self.backend(serve), words=["--proxy.check-interval", "0", "--proxy.idle-timeout", "300ms"])
        silent, half_closed = self.connect(), self.connect()
        for client in silent, half_closed:
            self.assertEqual(client.recv(1), b"a")
        half_closed.sendall(b"asked")
        half_closed.shutdown(socket.SHUT_WR)
        self.assertEqual(ends.get(timeout=60), b"asked")
        self.assertEqual(half_closed.recv(1), b"")
        self.assertEqual(silent.recv(1), b"")

    def test_reaches_a_unix_socket_and_a_name(self):
        with tempfile.TemporaryDirectory() as folder:
            local = self.backend(naming(b"u"), f"{folder}/socket")
            named = self.backend(naming(b"n"))
            self.serve(local, named.text.replace("127.0.0.1", "localhost"), words=["--proxy.check-interval", "0"])
            self.assertEqual(self.name() + self.name(), b"un")

    def test_streams_on_while_it_is_reloaded(self):
        self.serve(self.backend(naming(b"a")))
        client = self.connect()
        self.assertEqual(client.recv(1), b"a")
        self.host.send(signal.SIGHUP)
        self.host.wait_for("generation 2")
        for i in range(100):
            message = str(i).encode()
            client.sendall(message)
            self.assertEqual(client.recv(100), message)
        self.assertEqual(self.name(), b"a")

    def test_says_which_backends_are_wrong(self):
        for backends, part in (("", "0 addresses, expected 1 to 64"), ("localhost", "has no port"),
                               ("127.0.0.1:1,,", 'the address "" has no port'),
                               (",".join(["127.0.0.1:1"] * 65), "65 addresses, expected 1 to 64")):
            status, _, error = run("--check", "--plugin", PROXY, "--proxy.backends", backends)
            self.assertEqual(status, 5, error)
            self.assertIn(part, error)


def resident(process):
    with open(f"/proc/{process}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class Edge(Proxy, TestCase):
    trigger = "edge"


class Level(Proxy, TestCase):
    trigger = "level"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
