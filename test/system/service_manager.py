# Distributed under the Boost Software License, Version 1.0.
# Tests what a service manager such as systemd is told, and the sockets that it passes.
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from support.case import TestCase
from support.program import Serving, built, program


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.folder.cleanup()

    def hears(self, part):
        """The next message that has `part`; those before it are let go."""
        while True:
            message = self.socket.recv(4096).decode()
            if part in message:
                return message


def passed(listening, *words, **more):
    """Runs the program with a listening socket named "web", as systemd would: as descriptor 3, for this process."""
    start = 'exec 3<&"$1"; shift; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec "$@"'
    return subprocess.Popen(["bash", "-c", start, "bash", str(listening.fileno()), program(), *words],
                            pass_fds=(listening.fileno(),), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, bufsize=0,
                            **more)


def get(address, family=socket.AF_INET):
    with socket.socket(family) as client:
        client.settimeout(30)
        client.connect(address)
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while part := client.recv(4096):
            answer += part
        return answer


class Journal(TestCase):
    """The journal is a socket or pipe whose device and inode stand in JOURNAL_STREAM."""

    def lines(self, *words, named=True):
        reads, writes = os.pipe()
        s = os.fstat(writes)
        where = f"{s.st_dev}:{s.st_ino}" if named else "1:1"
        process = subprocess.Popen([program(), "--plugin", built("/http.so"), "--listen", "127.0.0.1:0", *words],
                                   stderr=writes, stdin=subprocess.DEVNULL, env=dict(os.environ, JOURNAL_STREAM=where))
        os.close(writes)
        with open(reads, encoding="utf-8") as out:
            said = []
            for line in out:
                said.append(line.rstrip("\n"))
                if "listens on" in line:
                    process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)
        return said, process.pid

    def test_gets_priorities_processes_and_no_time(self):
        for workers in ("1", "0"):
            said, pid = self.lines("--workers", workers)
            for line in said:
                self.assertRegex(line, r"^<[3467]>[a-z]+\[\d+\]: ")
            self.assertRegex("\n".join(said), rf"<6>http\[{pid}\]: http \S+ listens on")

    def test_gets_json_with_priorities(self):
        said, _ = self.lines("--log-format", "json")
        for line in said:
            self.assertRegex(line, r'^<[3467]>\{"time"')

    def test_is_not_taken_for_another_file(self):
        said, _ = self.lines(named=False)
        for line in said:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d info ")
        self.assertIn("epollhost", said[0])


class Notify(TestCase):
    def test_is_told_when_it_serves_reloads_and_ends(self):
        with Manager() as manager:
            environment = dict(os.environ, NOTIFY_SOCKET=manager.path)
            with Serving("--plugin", built("/http.so"), "--listen", "127.0.0.1:0", env=environment) as host:
                self.assertIn("generation 1", manager.hears("READY=1"))
                host.send(signal.SIGHUP)
                self.assertRegex(manager.hears("RELOADING=1"), r"MONOTONIC_USEC=\d+")
                self.assertIn("generation 2", manager.hears("READY=1"))
                host.send(signal.SIGTERM)
                manager.hears("STOPPING=1")
                self.assertEqual(host.wait(), 0)

    def test_is_told_that_it_serves_on_after_a_reload_that_failed(self):
        with Manager() as manager, tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "conf")
            good = f"plugin = {built('/http.so')}\n[http]\nlisten = 127.0.0.1:0\n"
            with open(file, "w", encoding="utf-8") as out:
                out.write(good)
            with Serving("--config", file, env=dict(os.environ, NOTIFY_SOCKET=manager.path)) as host:
                manager.hears("READY=1")
                with open(file, "a", encoding="utf-8") as out:
                    out.write("nonsense = 1\n")
                host.send(signal.SIGHUP)
                manager.hears("RELOADING=1")
                self.assertIn("generation 1", manager.hears("READY=1"))
                self.assertIn("nonsense", host.wait_for("the reload failed"))

    def test_is_told_of_a_reload_that_waits_and_fails_in_time(self):
        with Manager() as manager, Serving(
                "--plugin", built("/http.so"), "--listen", "127.0.0.1:0", "--workers", "1", "--drain-timeout", "0",
                "--generations-max", "1", "--reload-timeout", "1s",
                env=dict(os.environ, NOTIFY_SOCKET=manager.path)) as host:
            manager.hears("READY=1")
            with socket.create_connection(("127.0.0.1", host.port), timeout=30) as old:
                old.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertIn(b"200 OK", old.recv(4096))
                host.send(signal.SIGHUP)
                manager.hears("RELOADING=1")
                self.assertIn("generation 2", manager.hears("READY=1"))
                host.send(signal.SIGHUP)
                manager.hears("RELOADING=1")
                self.assertIn("generation 2", manager.hears("READY=1"))
                self.assertIn("--reload-timeout", host.wait_for("the reload failed"))
                host.send(signal.SIGHUP)
                manager.hears("RELOADING=1")
            self.assertIn("generation 3", manager.hears("READY=1"))  # the old generation has ended

    def test_has_its_watchdog_called(self):
        with Manager() as manager:
            environment = dict(os.environ, NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="200000")
            with Serving("--plugin", built("/http.so"), "--listen", "127.0.0.1:0", env=environment):
                for _ in range(3):
                    manager.hears("WATCHDOG=1")


class Passed(TestCase):
    def serve(self, listening):
        process = passed(listening, "--plugin", built("/http.so"), "--listen", "fd:web")
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        line = next(line.decode() for line in process.stderr if b" starts as process " not in line)
        self.assertIn("listens on fd:web (", line)
        return process

    def test_serves_on_a_socket_that_was_passed_also_after_a_reload(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            process = self.serve(listening)
            self.assertIn(b"Hello, world!", get(listening.getsockname()))
            process.send_signal(signal.SIGHUP)
            while "generation 2" not in process.stderr.readline().decode():
                self.assertIsNone(process.poll())
            self.assertIn(b"Hello, world!", get(listening.getsockname()))

    def test_leaves_the_file_of_a_passed_unix_socket_alone(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
            path = os.path.join(folder, "web")
            listening.bind(path)
            listening.listen()
            process = self.serve(listening)
            self.assertIn(b"Hello, world!", get(path, socket.AF_UNIX))
            process.terminate()
            self.assertEqual(process.wait(30), 0)
            self.assertTrue(os.path.exists(path))

    def test_says_that_no_socket_has_that_name(self):
        done = subprocess.run([program(), "--plugin", built("/http.so"), "--listen", "fd:web"], capture_output=True,
                              timeout=60)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"no socket named 'web' was passed", done.stderr)
        self.assertIn(b"FileDescriptorName=web", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
