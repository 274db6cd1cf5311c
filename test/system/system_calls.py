# Distributed under the Boost Software License, Version 1.0.
# Tests how many system calls a request costs. What is promised is promised for edge-triggering, the default.
import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest

from support.calls import Watched, available
from support.case import TestCase
from support.http_client import SHORT, Client
from support.program import Serving, built, program
from support.worker import stopped, worker

HTTP = built("/http.so")
RAW = built("/raw.so")
ROUNDS = 100
OLD = b"GET / HTTP/1.0\r\n\r\n"


@unittest.skipUnless(available, "strace is not installed")
class Calls(TestCase):
    workers = "1"

    def serve(self, plugin, *words):
        host = Serving("--plugin", plugin, "--listen", "127.0.0.1:0", "--workers", self.workers, "--stall-warn", "0",
                       *words).__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        self.host, self.pid = host, worker(host)

    def client(self):
        client = Client(self.host.port)
        self.addCleanup(client.close)
        return client

    @contextlib.contextmanager
    def stopped_and_watched(self):
        """What is sent within the `with` is there when the worker wakes; the calls are in the list when it ends."""
        calls = []
        with Watched(self.pid) as watched:
            with stopped(self.pid):
                yield calls
            for wait_for in calls:
                wait_for()
        calls[:] = [watched.count()]

    def expect(self, count, waits_max, **calls):
        """Exactly these calls, and so many waits at the most."""
        waits = count.pop("wait", 0)
        self.assertEqual(dict(count), calls)
        self.assertLessEqual(waits, waits_max)


class Listener(TestCase):
    """What is set on the listening socket, which accepted sockets inherit."""

    @unittest.skipUnless(available, "strace is not installed")
    def test_has_nodelay_for_every_plugin_unless_told_otherwise(self):
        for plugin, *words in ((HTTP,), (RAW,), (built("/chat.so"),), (built("/lines.so"),), (built("/echo.so"),),
                               (built("/files.so"), "--files.root", "/usr/share")):
            name = os.path.basename(plugin).removesuffix(".so")
            for more, expected in (((), {"1"}), (("--nodelay", "off"), {"0"}), ((f"--{name}.nodelay=off",), {"0"})):
                with tempfile.NamedTemporaryFile("r", prefix="epollhost-calls-") as trace:
                    # It ends where it cannot listen on the second address, so nothing has to be stopped.
                    with socket.create_server(("127.0.0.1", 0)) as taken:
                        port = taken.getsockname()[1]
                        subprocess.run(["strace", "-f", "-qq", "-o", trace.name, "-e", "trace=setsockopt", program(),
                                        "--plugin", plugin, *words, *more, "--listen", "127.0.0.1:0", "--listen",
                                        f"127.0.0.1:{port}", "--workers", "1"], capture_output=True, timeout=60)
                    found = set(re.findall(r"TCP_NODELAY, \[(\d)\]", trace.read()))
                self.assertEqual(found or {"0"}, expected, (name, more))


class OneProcess(Calls):
    workers = "0"

    def rounds(self):
        """The calls of so many requests, one after the other on one connection."""
        client = self.client()
        client.ask()
        with Watched(self.pid) as watched:
            for _ in range(ROUNDS):
                client.ask()
        return watched.count()

    def test_request_costs_one_recv_and_one_send(self):
        self.serve(HTTP)
        self.expect(self.rounds(), ROUNDS + 1, recvfrom=ROUNDS, sendto=ROUNDS)

    def test_requests_that_come_together_share_a_wait(self):
        self.serve(HTTP)
        clients = [self.client() for _ in range(50)]
        for client in clients:
            client.ask()
        with self.stopped_and_watched() as then:
            for client in clients:
                client.send(SHORT)
                then.append(client.answer)
        # one that was interrupted, one that brings all, one to come
        self.expect(then[0], 3, recvfrom=50, sendto=50)

    def test_pipelined_requests_cost_one_recv_and_one_send_in_all(self):
        self.serve(HTTP)
        client = self.client()
        client.ask()
        for depth in (16, 400):
            with self.stopped_and_watched() as then:
                client.send(SHORT, depth)
                then += [client.answer] * depth
            self.expect(then[0], 3, recvfrom=1, sendto=1)

    def test_old_connection_never_enters_epoll(self):
        self.serve(HTTP)
        self.client().ask()  # then its master has told it to accept
        with self.stopped_and_watched() as then:
            for _ in range(20):
                client = self.client()
                client.send(OLD)
                then += [client.answer, lambda client=client: self.assertTrue(client.ended())]
        # one accept4 more, which says that there is no other; a few waits, since it begins with few at a time; a recv more
        # before each close, which would be a reset if the client had sent more
        self.expect(then[0], 7, accept4=21, recvfrom=40, sendto=20, close=20)

    def test_new_connection_costs_one_registration(self):
        self.serve(HTTP)
        self.client().ask()
        with self.stopped_and_watched() as then:
            for _ in range(20):
                client = self.client()
                client.send(SHORT)
                then.append(client.answer)
        self.expect(then[0], 7, accept4=21, recvfrom=20, sendto=20, epoll_ctl=20)

    def test_connections_that_come_one_by_one_are_seldom_asked_for_in_vain(self):
        self.serve(HTTP)
        self.client().ask()
        with Watched(self.pid) as watched:
            for _ in range(ROUNDS):
                client = self.client()
                client.send(OLD)
                client.answer()
                self.assertTrue(client.ended())
        count = watched.count()
        self.assertLessEqual(count["accept4"], ROUNDS * 1.1 + 5)  # now and then one asks in vain
        self.assertEqual((count["sendto"], count["close"]), (ROUNDS, ROUNDS))

    def test_echo_costs_one_recv_and_one_send(self):
        for nodelay in ("on", "off"):
            self.serve(RAW, "--nodelay", nodelay)
            with socket.create_connection(("127.0.0.1", self.host.port), timeout=30) as client:
                client.sendall(b"x" * 64)
                client.recv(64)
                with Watched(self.pid) as watched:
                    for _ in range(ROUNDS):
                        client.sendall(b"x" * 64)
                        client.recv(64)
            self.expect(watched.count(), ROUNDS + 1, recvfrom=ROUNDS, sendto=ROUNDS)

    def test_accepted_socket_has_its_options_from_the_listener(self):
        self.serve(RAW)
        with Watched(self.pid) as watched, socket.create_connection(("127.0.0.1", self.host.port)) as client:
            client.sendall(b"x")
            client.recv(1)
        self.assertEqual(watched.count()["setsockopt"], 0)
        self.assertGreaterEqual(watched.count()["accept4"], 1)

    def test_cork_costs_two_more_for_each_turn(self):
        self.serve(HTTP, "--cork")
        self.expect(self.rounds(), ROUNDS + 1, recvfrom=ROUNDS, sendto=ROUNDS, setsockopt=2 * ROUNDS)
        client = self.client()
        client.ask()
        with self.stopped_and_watched() as then:
            client.send(SHORT, 16)
            then += [client.answer] * 16
        self.expect(then[0], 3, recvfrom=1, sendto=1, setsockopt=2)

    def test_write_policy_now_costs_no_more_where_one_call_answers_all(self):
        self.serve(HTTP, "--write-policy", "now")
        client = self.client()
        client.ask()
        with self.stopped_and_watched() as then:
            client.send(SHORT, 16)
            then += [client.answer] * 16
        self.expect(then[0], 3, recvfrom=1, sendto=1)

    def test_spinning_looks_without_blocking(self):
        # With a worker that looks for a second, the next request comes before it blocks.
        self.serve(HTTP, "--spin", "1s")
        count = self.rounds()
        waits = count.pop("wait")
        self.assertEqual(dict(count), {"recvfrom": ROUNDS, "sendto": ROUNDS})
        self.assertGreaterEqual(waits, ROUNDS)

    def test_idle_connections_cost_nothing(self):
        self.serve(HTTP)
        idle = [self.client() for _ in range(100)]
        for client in idle:
            client.ask()
        self.expect(self.rounds(), ROUNDS + 1, recvfrom=ROUNDS, sendto=ROUNDS)

    def test_level_triggered_request_needs_no_more(self):
        self.serve(HTTP, "--trigger", "level")
        self.expect(self.rounds(), ROUNDS + 1, recvfrom=ROUNDS, sendto=ROUNDS)


class OneWorker(OneProcess):
    """The same of a worker below a master."""

    workers = "1"


if __name__ == "__main__":
    del Calls
    unittest.main(argv=sys.argv[:1])
