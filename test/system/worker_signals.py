# Distributed under the Boost Software License, Version 1.0.
# Tests which signals reach a worker of a master: the terminal sends its own to all processes of the program.
import contextlib
import os
import signal
import socket
import sys
import unittest
from pathlib import Path

from support.master import children
from support.program import Serving, built

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def workers_of(process):
    return [pid for pid in children(process.pid) if "eh-http" in Path(f"/proc/{pid}/comm").read_text()]


class WorkerSignals(unittest.TestCase):
    def test_a_worker_ignores_the_signals_of_the_terminal(self):
        host = Serving("--plugin", built("/http.so"), "--listen", "127.0.0.1:0", "--workers", "1")
        with host, socket.create_connection(("127.0.0.1", host.port), timeout=30) as client:
            client.sendall(ASK)
            self.assertIn(b"200 OK", client.recv(4096))
            worker, = workers_of(host.process)
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
                os.kill(worker, number)
            client.sendall(ASK)
            answer = client.recv(4096)
            self.assertIn(b"200 OK", answer)
            self.assertNotIn(b"Connection: close", answer)  # it would say so while it drains
            self.assertEqual(workers_of(host.process), [worker])

    def check_term(self, workers):
        """While one of them drains, held by a half request, everybody else is answered."""
        host = Serving("--plugin", built("/http.so"), "--listen", "127.0.0.1:0", "--workers", str(workers))
        with host, contextlib.ExitStack() as stack:
            def client(text):
                s = stack.enter_context(socket.create_connection(("127.0.0.1", host.port), timeout=30))
                s.sendall(text)
                return s
            halves = [client(ASK[:-2]) for _ in range(8 * workers)]
            for s in [client(ASK) for _ in range(8 * workers)]:
                self.assertIn(b"200 OK", s.recv(4096))  # the halves are accepted, too
            worker = workers_of(host.process)[0]
            os.kill(worker, signal.SIGTERM)
            self.assertIn("replaced", host.wait_for(f"process {worker}"))
            for s in [client(ASK) for _ in range(8 * workers)]:
                self.assertIn(b"200 OK", s.recv(4096))
            self.assertIn(worker, workers_of(host.process))  # it has not ended yet
            for s in halves:
                s.sendall(ASK[-2:])
                self.assertIn(b"200 OK", s.recv(4096))
            self.assertNotIn("error", "".join(host.lines))

    def test_the_slots_of_a_worker_that_is_stopped_are_served_by_others(self):
        """It sleeps, so that nothing about its loop is odd; the kernel spreads the connections over both slots."""
        host = Serving("--plugin", built("/http.so"), "--listen", "127.0.0.1:0", "--workers", "2")
        with host, contextlib.ExitStack() as stack:
            stopped, other = workers_of(host.process)
            os.kill(stopped, signal.SIGSTOP)
            self.assertIn("Others serve its slots", host.wait_for("was stopped by SIGSTOP"))
            for _ in range(40):
                s = stack.enter_context(socket.create_connection(("127.0.0.1", host.port), timeout=30))
                s.sendall(ASK)
                self.assertIn(b"200 OK", s.recv(4096))
            os.kill(stopped, signal.SIGCONT)
            host.wait_for(f"(process {stopped}) was continued")
            self.assertEqual(sorted(workers_of(host.process)), sorted([stopped, other]))

    def test_a_stopped_worker_alone_is_named(self):
        host = Serving("--plugin", built("/http.so"), "--listen", "127.0.0.1:0", "--workers", "1")
        with host:
            worker, = workers_of(host.process)
            os.kill(worker, signal.SIGSTOP)
            self.assertIn("No other worker serves", host.wait_for("was stopped by SIGSTOP"))
            os.kill(worker, signal.SIGCONT)
            host.wait_for(f"(process {worker}) was continued")
            with socket.create_connection(("127.0.0.1", host.port), timeout=30) as s:
                s.sendall(ASK)
                self.assertIn(b"200 OK", s.recv(4096))

    def test_a_worker_drains_at_term_and_is_replaced(self):
        self.check_term(1)

    def test_others_serve_the_slots_of_one_that_drains(self):
        self.check_term(3)

    def test_all_of_them_end_when_the_signal_is_for_the_whole_group(self):
        host = Serving("--plugin", built("/http.so"), "--listen", "127.0.0.1:0", "--workers", "3",
                       start_new_session=True)
        with host:
            os.killpg(host.process.pid, signal.SIGTERM)
            self.assertEqual(host.wait(), 0)
            self.assertNotIn("replaced", host.process.stderr.read().decode())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
