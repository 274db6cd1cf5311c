# Distributed under the Boost Software License, Version 1.0.
# Tests the access log of the program: where its lines come out, whatever happens to the files and processes around it.
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import unittest

from support.calls import Watched, available
from support.case import TestCase
from support.http_client import SHORT, Client
from support.master import Folder, Master, alive, children, wait_until
from support.program import Serving, built, run
from support.sanitized import left_out
from support.worker import stopped, worker

HTTP = built("/http.so")
COMMON = re.compile(r'^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET (\S+) HTTP/1\.1" 200 13$')


def get(target):
    return f"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n".encode()


def lines(path):
    with open(path, encoding="ascii") as f:
        return f.read().splitlines()


def log_process(master):
    for pid in children(master.pid):
        with open(f"/proc/{pid}/comm", encoding="ascii") as f:
            if f.read().strip() == "epollhost-log":
                return pid
    raise AssertionError("there is no log process")


class Case(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.file = self.folder / "access.log"

    @contextlib.contextmanager
    def serving(self, *words, file=None, workers=1, **more):
        """A master that logs, and where it listens."""
        with Master("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", str(workers), "--stall-warn", "0",
                    "--http.access-log", file or self.file, *words, **more) as m:
            yield m, m.port

    def ask(self, port, *targets):
        with Client(port) as client:
            for target in targets:
                self.assertEqual(client.ask(get(target))[0], "HTTP/1.1 200 OK")

    def wait_for_targets(self, path, *targets):
        def all_there():
            found = [m.group(1) for line in lines(path) if (m := COMMON.match(line))]
            return sorted(found) == sorted(targets)
        wait_until(f"the lines of {targets}", all_there)

    def channel(self, master):
        channels = master.status()["channels"]
        self.assertEqual(len(channels), 1)
        return channels[0]


class Upgraded(Case):
    """A worker from before an upgrade writes to the log process from before it, which dies."""

    def test_keeps_the_lines_when_it_dies_after_the_upgrade(self):
        with self.serving() as (m, port), Client(port) as old:
            old.ask(get("/1"))
            first = log_process(m)
            m.send(signal.SIGUSR2)
            m.log.wait_for("the program was upgraded")
            os.kill(first, signal.SIGKILL)
            m.log.wait_for(f"the log process {first} was killed by SIGKILL; another one reads its pipes")
            old.ask(get("/2"))
            self.wait_for_targets(self.file, "/1", "/2")
            self.assertEqual(m.stop(), 0)

    def test_keeps_the_lines_when_it_dies_as_the_upgrade_begins(self):
        with self.serving() as (m, port), Client(port) as old:
            old.ask(get("/1"))
            self.wait_for_targets(self.file, "/1")
            first = log_process(m)
            with stopped(m.pid):  # the signal for an upgrade is read before that of the death
                os.kill(first, signal.SIGKILL)
                m.send(signal.SIGUSR2)
            m.log.wait_for("the program was upgraded")
            old.ask(get("/2"))
            self.wait_for_targets(self.file, "/1", "/2")
            self.assertEqual(m.stop(), 0)

    def test_opens_its_file_again_too(self):
        with self.serving() as (m, port), Client(port) as old:
            old.ask(get("/1"))
            self.wait_for_targets(self.file, "/1")
            m.send(signal.SIGUSR2)
            m.log.wait_for("the program was upgraded")
            os.rename(self.file, self.file + ".1")
            m.send(signal.SIGUSR1)
            wait_until("the file is opened again", lambda: os.path.exists(self.file))
            old.ask(get("/2"))
            self.wait_for_targets(self.file, "/2")
            self.assertEqual(m.stop(), 0)


class Lines(Case):
    def test_has_a_line_for_each_request_of_each_worker(self):
        with self.serving(workers=2) as (m, port):
            targets = [f"/{i}" for i in range(20)]
            for target in targets:
                self.ask(port, target)
            self.wait_for_targets(self.file, *targets)
            channel = self.channel(m)
            self.assertEqual((channel["plugin"], channel["path"], channel["lines"], channel["dropped"]),
                             ("http", self.file, 20, 0))
            self.assertEqual(channel["bytes"], os.path.getsize(self.file))
            self.assertEqual(os.stat(self.file).st_mode & 0o777 & ~0o640, 0)
            self.assertEqual(m.stop(), 0)

    def test_has_ten_thousand_lines_of_valid_json_for_ten_thousand_requests(self):
        hostile = b'GET /"\\ HTTP/1.1\r\nHost: test\r\nUser-Agent: "\\\x80\xff\t\r\nReferer: \xc3\xa4\r\n\r\n'
        with self.serving("--http.access-log-format", "json", workers=2) as (m, port):
            for _ in range(10):
                with Client(port) as client:
                    for _ in range(10):
                        client.send(hostile, 100)
                        for _ in range(100):
                            self.assertEqual(client.answer()[0], "HTTP/1.1 200 OK")
            self.assertEqual(m.stop(), 0)  # what was written is in the file when all have ended
            wait_until("the log process has written the rest", lambda: len(lines(self.file)) >= 10_010)
        events = [json.loads(line) for line in lines(self.file)]
        requests = [e for e in events if e["event"] == "request"]
        self.assertEqual(len(requests), 10_000)
        self.assertEqual(len(events) - len(requests), 10)  # one for each connection
        self.assertEqual({(e["target"], e["user_agent"], e["referer"]) for e in requests},
                         {('/"\\', '"\\\x80\xff', "\xc3\xa4")})
        self.assertEqual(sorted(e["request"] for e in requests), sorted(list(range(1, 1001)) * 10))

    def test_lets_no_address_of_a_unix_peer_forge_a_line(self):
        evil = '1 "\n\x1b[31m\u202e\u009b'
        for form in ("common", "combined", "json"):
            path, file = self.folder / f"{form}.sock", self.folder / f"{form}.log"
            with Master("--plugin", HTTP, "--listen", f"unix:{path}", "--workers", "1", "--http.access-log", file,
                        "--http.access-log-format", form) as m:
                with socket.socket(socket.AF_UNIX) as client:
                    client.bind(f"{self.folder.path}/{form}{evil}")
                    client.connect(path)
                    client.sendall(b"GET /here HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    while client.recv(4096):
                        pass
                wait_until("the lines", lambda: os.path.exists(file) and len(lines(file)) >= (1, 2)[form == "json"])
                self.assertEqual(m.stop(), 0)
            found = lines(file)
            self.assertEqual(len(found), 2 if form == "json" else 1)
            for line in found:
                self.assertTrue(line.isprintable(), line)
                if form == "json":
                    name = json.loads(line)["remote"].encode("latin-1").decode()
                    self.assertTrue(name.endswith(f"/{form}{evil}"), name)
                else:
                    self.assertRegex(line, r'^unix:\S+ - - \[[^]]+\] "GET /here HTTP/1\.1" 200 13')

    def test_writes_to_the_standard_error(self):
        with self.serving(file="-") as (m, port):
            self.ask(port, "/here")
            m.log.wait_for(r'"GET /here HTTP/1\.1" 200 13$')

    def test_logs_in_one_process_and_opens_the_file_again(self):
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", "0", "--http.access-log",
                     self.file) as host:
            self.ask(host.port, "/one")
            self.wait_for_targets(self.file, "/one")
            os.rename(self.file, self.file + ".1")
            host.send(signal.SIGUSR1)
            wait_until("the new file", lambda: os.path.exists(self.file))
            self.ask(host.port, "/two")
            self.wait_for_targets(self.file, "/two")
            self.wait_for_targets(self.file + ".1", "/one")
            self.assertEqual(host.stop(), 0)

    @unittest.skipUnless(os.getuid() == 0, "only root can give up rights")
    def test_logs_where_workers_may_not_write(self):
        with self.serving("--user", "nobody") as (m, port):
            self.assertEqual(os.stat(self.file).st_uid, 0)
            self.ask(port, "/one")
            self.wait_for_targets(self.file, "/one")


class Files(Case):
    def test_opens_the_file_again(self):
        with self.serving() as (m, port):
            self.ask(port, "/one")
            self.wait_for_targets(self.file, "/one")
            os.rename(self.file, self.file + ".1")
            m.send(signal.SIGUSR1)
            wait_until("the new file", lambda: os.path.exists(self.file))
            self.ask(port, "/two")
            self.wait_for_targets(self.file, "/two")
            self.wait_for_targets(self.file + ".1", "/one")

    def test_refuses_a_wrong_path(self):
        wrong = self.folder / "none/access.log"
        for more in ([], ["--check"]):
            status, _, said = run("--plugin", HTTP, "--listen", "127.0.0.1:0", "--http.access-log", wrong, *more)
            self.assertNotEqual(status, 0)
            self.assertIn(f"--http.access-log {wrong}: cannot open the file to append to it: No such file or directory",
                          said)
        status, _, said = run("--plugin", HTTP, "--listen", "127.0.0.1:0", "--http.access-log", wrong, "--workers", "0")
        self.assertEqual(status, 5)
        self.assertIn(f"cannot open the log file {wrong}: No such file or directory", said)

    def test_makes_no_file_to_check_it(self):
        status, said, _ = run("--plugin", HTTP, "--http.access-log", self.file, "--check")
        self.assertEqual((status, said), (0, "the configuration is good\n"))
        self.assertFalse(os.path.exists(self.file))

    def test_goes_on_when_a_reload_has_a_wrong_path(self):
        text = f"plugin = {HTTP}\nlisten = 127.0.0.1:0\nworkers = 1\n[http]\naccess-log = %s\n"
        with Master(config=text % self.file) as m:
            self.ask(m.port, "/one")
            m.configure(text % (self.folder / "none/access.log"))
            self.assertIn("none/access.log: cannot open the file to append to it", m.reload_fails())
            self.ask(m.port, "/two")
            self.wait_for_targets(self.file, "/one", "/two")

    def test_writes_to_another_file_after_a_reload(self):
        text = f"plugin = {HTTP}\nlisten = 127.0.0.1:0\nworkers = 1\n[http]\naccess-log = %s\n"
        with Master(config=text % self.file) as m:
            self.ask(m.port, "/one")
            m.configure(text % "other.log")  # beside the file of options
            m.reload()
            m.wait_for_generations(1)
            self.ask(m.port, "/two")
            self.wait_for_targets(self.file, "/one")
            self.wait_for_targets(m.folder / "other.log", "/two")
            self.assertEqual([c["path"] for c in m.status()["channels"]], [m.folder / "other.log"])
            m.configure(text % self.file)
            m.reload()
            m.wait_for_generations(1)
            self.ask(m.port, "/three")
            self.wait_for_targets(self.file, "/one", "/three")
            self.assertEqual(self.channel(m)["lines"], 2)  # also what the worker counted that has ended
            before = m.descriptors()
            m.reload()
            m.wait_for_generations(1)
            wait_until("no descriptor is left over", lambda: m.descriptors() <= before)


class Processes(Case):
    def test_blocks_nobody_when_the_log_process_stands_still(self):
        with self.serving("--http.access-log-format", "combined") as (m, port):
            logs = log_process(m)
            asked = 0
            with stopped(logs), Client(port) as client:
                request = b"GET /" + b"x" * 4000 + b" HTTP/1.1\r\nHost: test\r\n\r\n"
                while self.channel(m)["dropped"] == 0:
                    client.send(request, 20)
                    for _ in range(20):
                        self.assertEqual(client.answer()[0], "HTTP/1.1 200 OK")
                    asked += 20
            m.log.wait_for(rf"http: \d+ lines for {re.escape(self.file)} were dropped: the log does not take them")
            self.ask(port, "/last")
            wait_until("the last line", lambda: ' "GET /last HTTP/1.1" 200 ' in lines(self.file)[-1])
            written = lines(self.file)
            channel = self.channel(m)
            self.assertEqual(channel["lines"], len(written))
            self.assertEqual(channel["lines"] + channel["dropped"], asked + 1)
            whole = re.compile(r'^127\.0\.0\.1 .* "GET /(x{4000}|last) HTTP/1\.1" 200 13 "-" "-"$')
            self.assertEqual([line for line in written if not whole.match(line)], [])

    def test_loses_no_line_that_waits_when_the_log_process_is_killed(self):
        with self.serving(workers=2) as (m, port):
            logs = log_process(m)
            os.kill(logs, signal.SIGSTOP)  # until it is killed
            self.ask(port, *(f"/{i}" for i in range(50)))
            os.kill(logs, signal.SIGKILL)
            wait_until("it has ended", lambda: not alive(logs))
            self.ask(port, "/later")
            self.wait_for_targets(self.file, "/later", *(f"/{i}" for i in range(50)))
            m.reload()
            self.ask(port, "/after-a-reload")
            wait_until("the new workers log, too", lambda: "/after-a-reload" in lines(self.file)[-1])

    def test_serves_on_while_no_log_process_can_be_started(self):
        folder = self.folder / "logs"
        os.mkdir(folder)
        with self.serving("--log-file", os.path.join(folder, "log"), "--log-stderr") as (m, port):
            os.rename(folder, folder + ".away")
            first = log_process(m)
            os.kill(first, signal.SIGKILL)
            wait_until("it has ended", lambda: first not in children(m.pid))
            self.ask(port, "/in-between")
            os.rename(folder + ".away", folder)
            self.wait_for_targets(self.file, "/in-between")
            self.assertEqual(m.stop(), 0)

    def test_logs_on_when_a_worker_was_killed(self):
        with self.serving() as (m, port):
            self.ask(port, "/one")
            self.wait_for_targets(self.file, "/one")
            first, = m.workers()
            os.kill(first, signal.SIGKILL)
            wait_until("another worker", lambda: m.workers() not in ([], [first]))
            self.ask(port, "/two")
            self.wait_for_targets(self.file, "/one", "/two")

    def test_logs_on_after_an_upgrade(self):
        with self.serving() as (m, port):
            self.ask(port, "/one")
            m.send(signal.SIGUSR2)
            m.log.wait_for("the program was upgraded")
            self.ask(port, "/two")
            self.wait_for_targets(self.file, "/one", "/two")


@left_out("counts system calls")
@unittest.skipUnless(available, "strace is not installed")
class Calls(Case):
    def calls(self, workers, watch):
        with Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", workers, "--stall-warn", "0",
                     "--http.access-log", self.file) as host:
            pid = worker(host)
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(Client(host.port)) for _ in range(20)]
                for client in clients:
                    client.ask()
                with Watched(pid) as watched:
                    watch(pid, clients)
            count = watched.count()
            waits = count.pop("wait", 0)
            return dict(count), waits

    def test_costs_at_most_one_write_for_each_turn(self):
        def one_by_one(_, clients):
            for _ in range(100):
                clients[0].ask()
        for workers in ("0", "1"):
            count, waits = self.calls(workers, one_by_one)
            self.assertLessEqual(count.pop("write", 0), waits)
            self.assertEqual(count, {"recvfrom": 100, "sendto": 100})

    def test_shares_writes_between_all_requests_of_a_turn(self):
        def together(pid, clients):
            with stopped(pid):
                for client in clients:
                    client.send(SHORT, 16)
            for client in clients:
                for _ in range(16):
                    client.answer()
        for workers in ("0", "1"):
            count, _ = self.calls(workers, together)
            self.assertLessEqual(count.pop("write", 0), 2)  # one may be that of the lines before
            self.assertEqual(count, {"recvfrom": 20, "sendto": 20})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
