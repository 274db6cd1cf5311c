# Distributed under the Boost Software License, Version 1.0.
# Tests the master as a process among others: who may listen, who ends when, and what is answered before.
import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from support.client import answer_of, ask, can_connect, connect, free_port, request, version_of
from support.load import Load, failed
from support.master import Folder, Master, alive, children, descendants, serving, wait_until
from support.program import built, run
from support.sanitized import left_out
from support.scale import scaled

WEB, WEB2, RAW, HOSTILE = built("/web.so"), built("/web2.so"), built("/raw.so"), built("/hostile.so")

KEPT = request(fields="")  # its connection stays open

# Each kind of socket with each trigger.
KINDS = [(unix, trigger) for unix in (False, True) for trigger in ("edge", "level")]


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)

    @contextlib.contextmanager
    def serving(self, *words, unix=False, trigger="edge", workers=2, plugin=WEB, **more):
        """A master and where it listens."""
        at = "unix:" + self.folder / "s" if unix else "127.0.0.1:0"
        with Master("--plugin", plugin, "--listen", at, "--workers", str(workers), "--trigger", trigger, *words,
                    **more) as m:
            yield m, at if unix else m.port

    def each_kind(self):
        for unix, trigger in KINDS:
            with self.subTest(unix=unix, trigger=trigger):
                yield {"unix": unix, "trigger": trigger}


class Listening(Case):
    def test_refuses_an_address_where_another_of_ours_listens(self):
        for kind in self.each_kind():
            with self.serving(**kind) as (m, at):
                status, _, said = run("--plugin", WEB, "--listen", at if kind["unix"] else f"127.0.0.1:{at}",
                                      "--pid-file", self.folder / "other")
                self.assertEqual(status, 4, said)
                self.assertIn("cannot listen", said)
                self.assertEqual(version_of(at), "1")  # the first one goes on
                self.assertEqual(m.stop(), 0)

    def test_lets_one_of_two_listen_that_start_at_the_same_moment(self):
        """On a port; and where a dead program has left the file of its socket."""
        path = self.folder / "s"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        for at in ("unix:" + path, f"127.0.0.1:{free_port()}", f":{free_port()}"):
            for _ in range(scaled(3, 60)):
                both = [subprocess.Popen([built("/epollhost"), "--plugin", WEB, "--listen", at, "--workers", "2"],
                                         stderr=subprocess.PIPE) for _ in range(2)]
                with both[0], both[1]:
                    first = [next(line for line in p.stderr if b"listen" in line) for p in both]
                    serve = [b"listens on" in line for line in first]
                    self.assertEqual(sorted(serve), [False, True], (at, first))
                    self.assertIn(b"cannot listen", first[serve.index(False)])
                    self.assertEqual({version_of(at) for _ in range(4)}, {"1"})
                    both[serve.index(True)].terminate()

    def test_serves_several_instances_at_several_addresses(self):
        words = []
        for name, file in (("one", WEB), ("two", WEB), ("three", WEB2)):
            words += ["--plugin", f"{name}={file}", f"--{name}.listen", "127.0.0.1:0", f"--{name}.listen",
                      "unix:" + self.folder / name, f"--{name}.workers", "2"]
        with Master(*words, serves=3) as m:
            for name, version in (("one", "1"), ("two", "1"), ("three", "2")):
                self.assertEqual(len(m.addresses[name]), 2)
                for at in m.addresses[name]:
                    self.assertEqual({version_of(at) for _ in range(8)}, {version})
            self.assertEqual(len(m.workers()), 6)
            m.reload()
            m.wait_for_generations(1)
            for name in ("one", "two", "three"):
                for at in m.addresses[name]:
                    self.assertTrue(can_connect(at))
            self.assertEqual(m.stop(), 0)
        for name in ("one", "two", "three"):
            self.assertFalse(os.path.exists(self.folder / name))


class Workers(Case):
    def test_counts_the_processors_that_it_may_use(self):
        def count(cpus):
            with self.serving(workers="auto", preexec_fn=lambda: os.sched_setaffinity(0, cpus)) as (m, _):
                return len(m.workers())
        usable = os.sched_getaffinity(0)
        self.assertEqual(count({min(usable)}), 1)
        self.assertLessEqual(count(usable), len(usable))  # fewer, where a quota says so

    def test_gives_a_single_worker_plugin_one(self):
        with self.serving(workers=4, plugin=built("/single.so")) as (m, at):
            self.assertEqual(len(m.workers()), 1)
            m.reload()
            m.wait_for_generations(1)
            self.assertEqual(len(m.workers()), 1)
            with contextlib.closing(connect(at)) as s:
                s.sendall(b"hello")
                self.assertEqual(s.recv(100), b"hello")
            self.assertEqual(m.stop(), 0)

    def test_drain_and_end_when_their_master_is_killed(self):
        for kind in self.each_kind():
            with self.serving("--drain-timeout", "20s", **kind) as (m, at), contextlib.ExitStack() as stack:
                workers = m.workers()
                half = stack.enter_context(contextlib.closing(connect(at)))
                half.sendall(request()[:-2])
                m.log.wait_for("listens on")
                wait_until("the half request is accepted", lambda: any(w["open"] for w in m.status()["workers"]))
                everyone = descendants(m.pid)
                m.process.kill()
                m.wait()
                m.log.wait_for("the master has ended")
                half.sendall(b"\r\n")
                self.assertIn(b"200 OK", answer_of(half))
                for pid in workers:
                    wait_until("a worker has ended", lambda pid=pid: not alive(pid))
                for pid in everyone:
                    wait_until("all have ended", lambda pid=pid: not alive(pid))


class Ending(Case):
    def test_answers_what_was_sent_before_it_was_asked_to_end(self):
        """Also what waits in the queues: the workers are stopped while the clients send."""
        for kind in self.each_kind():
            with self.serving(**kind) as (m, at):
                workers = m.workers()
                for pid in workers:
                    os.kill(pid, signal.SIGSTOP)
                waiting = [ask(at) for _ in range(scaled(100, 1000))]
                m.send(signal.SIGTERM)
                m.log.wait_for("ending")
                for pid in workers:
                    os.kill(pid, signal.SIGCONT)
                answers = [answer_of(client) for client in waiting]
                self.assertEqual(sum(b"200 OK" in a for a in answers), len(waiting))
                self.assertEqual(m.wait(), 0)

    def test_answers_what_is_half_sent_when_it_is_asked_to_end(self):
        for kind in self.each_kind():
            with self.serving(**kind) as (m, at):
                halves = [connect(at) for _ in range(20)]
                for s in halves:
                    s.sendall(request()[:20])
                wait_until("all are accepted", lambda: sum(w["open"] for w in m.status()["workers"]) == 20)
                m.send(signal.SIGTERM)
                m.log.wait_for("ending")
                for s in halves:
                    s.sendall(request()[20:])
                    self.assertIn(b"200 OK", answer_of(s))
                self.assertEqual(m.wait(), 0)
                self.assertFalse(can_connect(at))

    def test_answers_what_was_sent_before_its_process_group_was_asked_to_end(self):
        """Master and workers get the same signal, and one after the other learns of it; the master twice, as of
        timeout(1)."""
        for kind in self.each_kind():
            with self.serving(**kind) as (m, at):
                workers = m.workers()
                for pid in workers:
                    os.kill(pid, signal.SIGSTOP)
                waiting = [ask(at) for _ in range(scaled(100, 1000))]
                m.send(signal.SIGTERM)
                os.killpg(m.pid, signal.SIGTERM)
                m.log.wait_for("ending")
                for pid in workers:
                    os.kill(pid, signal.SIGCONT)
                answers = [answer_of(client) for client in waiting]
                self.assertEqual(sum(b"200 OK" in a for a in answers), len(waiting))
                self.assertEqual(m.wait(), 0)
                self.assertEqual(m.log.count("asked again"), 0)

    def test_ends_soon_with_idle_connections_and_leaves_requests_their_time(self):
        for kind in self.each_kind():
            with self.serving("--drain-timeout", "1h", "--idle-drain", "100ms", **kind) as (m, at):
                idle, fresh, half = connect(at), connect(at), connect(at)
                idle.sendall(KEPT)
                self.assertIn(b"200 OK", idle.recv(65536))
                half.sendall(request()[:20])
                wait_until("all are accepted", lambda: sum(w["open"] for w in m.status()["workers"]) == 3)
                m.send(signal.SIGTERM)
                self.assertEqual([idle.recv(1), fresh.recv(1)], [b"", b""])
                idle.close()
                fresh.close()
                half.sendall(request()[20:])
                self.assertIn(b"200 OK", answer_of(half))
                self.assertEqual(m.wait(), 0)
                self.assertEqual(m.log.count("cut off"), 0)

    def test_keeps_idle_connections_at_a_reload(self):
        for kind in self.each_kind():
            with self.serving("--drain-timeout", "1h", "--idle-drain", "0", **kind) as (m, at):
                idle = connect(at)
                idle.sendall(KEPT)
                self.assertIn(b"200 OK", idle.recv(65536))
                m.reload()
                idle.sendall(KEPT)
                self.assertIn(b"Connection: close", answer_of(idle))
                m.wait_for_generations(1)
                self.assertEqual(m.stop(), 0)

    def test_keeps_the_deadline_with_a_client_that_never_finishes(self):
        for kind in self.each_kind():
            with self.serving("--drain-timeout", "1s", **kind) as (m, at), contextlib.closing(connect(at)) as s:
                s.sendall(request()[:20])
                wait_until("it is accepted", lambda: sum(w["open"] for w in m.status()["workers"]) == 1)
                began = time.monotonic()
                self.assertEqual(m.stop(), 0)
                self.assertGreaterEqual(time.monotonic() - began, 1)
                self.assertEqual(m.log.count("the drain timeout has passed: 1 connections"), 1)

    def test_ends_at_once_when_it_is_asked_twice(self):
        for kind in self.each_kind():
            with self.serving("--drain-timeout", "0", **kind) as (m, at), contextlib.closing(connect(at)) as s:
                s.sendall(request()[:20])
                wait_until("it is accepted", lambda: sum(w["open"] for w in m.status()["workers"]) == 1)
                everyone = descendants(m.pid)
                m.send(signal.SIGTERM)
                m.log.wait_for("ending")
                m.send(signal.SIGTERM)
                m.wait()
                m.log.wait_for("asked again")
                for pid in everyone:
                    wait_until("all have ended", lambda pid=pid: not alive(pid))

    def test_ends_under_load_without_losing_what_was_sent(self):
        with self.serving() as (m, at), Load(at, clients=50, think_us=2000, seconds=60, timeout_ms=5000) as load:
            load.wait_until_ready()
            self.assertEqual(m.stop(), 0)
            result = load.stop()
            # Who comes when nobody listens any more is refused; what was sent before is answered.
            self.assertEqual(failed(result) - result["refused"], 0, result)


def unkind():
    """What a parent may leave to its child: every signal ignored and blocked, and no umask."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    os.umask(0)


class Inheriting(Case):
    def test_replaces_drains_reloads_and_ends_whatever_its_parent_ignores_and_blocks(self):
        log = self.folder / "log"
        words = ["--log-file", log, "--log-stderr"]
        with self.serving(*words, preexec_fn=unkind) as (m, at):
            known = set(m.workers())
            os.kill(next(iter(known)), signal.SIGKILL)
            wait_until("a replacement", lambda: len(m.workers()) == 2 and set(m.workers()) != known)
            m.reload()
            m.wait_for_generations(1)
            self.assertEqual(version_of(at), "1")
            os.rename(log, log + ".1")
            m.send(signal.SIGUSR1)
            wait_until("the log is opened again", lambda: os.path.exists(log))
            self.assertEqual(os.stat(log).st_mode & 0o022, 0)
            self.assertEqual(m.stop(), 0)

    def test_closes_what_its_parent_has_left_open(self):
        ours, theirs = os.pipe()
        with open(ours, "rb", closefd=True) as end, self.serving(pass_fds=[theirs]) as (m, at):
            os.close(theirs)
            self.assertEqual(end.read(), b"")  # else it would wait as long as the program runs
            self.assertEqual(version_of(at), "1")
            self.assertEqual(m.stop(), 0)

    def test_reads_a_file_that_it_was_given_open(self):
        text = f"plugin = {WEB}\n[web]\nlisten = 127.0.0.1:0\nworkers = 1\n"
        with open(self.folder.write("given", text), "rb") as given:
            with Master("--config", f"/dev/fd/{given.fileno()}", pass_fds=[given.fileno()]) as m:
                m.reload()
                self.assertEqual(version_of(m.port), "1")
                self.assertEqual(m.stop(), 0)


def may_unshare():
    return shutil.which("unshare") and subprocess.run(
        ["unshare", "--pid", "--fork", "--mount-proc", "true"], capture_output=True, check=False).returncode == 0


@unittest.skipUnless(may_unshare(), "this user may not make a process namespace")
class FirstProcess(Case):
    """As in a container: process 1, to which every orphan falls, and which default signals do not end."""

    def setUp(self):
        super().setUp()
        self.program = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", built("/epollhost")]

    def test_is_told_to_end_from_outside_where_its_number_is_another(self):
        """The pid file says 1, which is another process out here."""
        with Master("--plugin", WEB, "--listen", "127.0.0.1:0", "--workers", "1", program=self.program) as m:
            with open(m.pid_file, encoding="ascii") as f:
                self.assertEqual(f.read(), "1\n")
            status, _, said = run("--signal", "reload", "--wait", "--pid-file", m.pid_file)
            self.assertEqual(status, 0, said)
            status, _, said = run("--signal", "stop", "--pid-file", m.pid_file)
            self.assertEqual(status, 0, said)
            self.assertEqual(m.wait(), 0)

    def test_serves_reloads_reaps_orphans_and_ends(self):
        with Master("--plugin", f"bad={HOSTILE}", "--listen", "127.0.0.1:0", "--workers", "1", "--bad.deed",
                    "orphan", program=self.program) as m:
            first, = descendants(m.pid)[:1]  # unshare's child is process 1 in there
            with contextlib.closing(connect(m.port)) as s:
                s.sendall(b"hello")
                self.assertEqual(s.recv(100), b"hello")
            wait_until("the orphan is reaped", lambda: len(children(first)) == 2)  # worker and log
            os.kill(first, signal.SIGHUP)
            m.log.wait_for(serving(2))
            with contextlib.closing(connect(m.port)) as s:
                s.sendall(b"hello")
                self.assertEqual(s.recv(100), b"hello")
            os.kill(first, signal.SIGTERM)
            self.assertEqual(m.wait(), 0)


def works(*words):
    return shutil.which(words[0]) and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0


class Surroundings(Case):
    """What a container or an old kernel may lack."""

    def check(self, *below):
        status = subprocess.run([*below, built("/epollhost"), "--version"], capture_output=True, check=False)
        self.assertEqual(status.returncode, 0, status.stderr)
        with Master("--plugin", WEB, "--listen", "127.0.0.1:0", "--workers", "1",
                    program=[*below, built("/epollhost")]) as m:
            self.assertEqual(version_of(m.port), "1")
            m.log.lines.clear()
            worker, = m.workers()
            os.kill(worker_outside(m.pid), signal.SIGKILL)
            m.log.wait_for("was killed by SIGKILL")
            self.assertEqual(version_of(m.port), "1")  # the next one has loaded the same bytes
            self.assertNotEqual(m.workers(), [worker])

    @left_out("looks for leaks in /proc", "asan")
    @unittest.skipUnless(works("unshare", "--mount", "sh", "-c", "umount -l /proc"),
                         "this user may not unmount")
    def test_serves_without_proc(self):
        before = set(os.listdir("/run")) | set(os.listdir("/tmp"))
        self.check("unshare", "--mount", "sh", "-c", 'umount -l /proc && exec "$0" "$@"')
        after = set(os.listdir("/run")) | set(os.listdir("/tmp"))
        self.assertFalse([name for name in after - before if name.startswith("epollhost-plugin-")])

    @unittest.skipUnless(works("unshare", "--pid", "--fork"), "this user may not make a process namespace")
    def test_serves_with_the_proc_of_another_process_namespace(self):
        self.check("unshare", "--pid", "--fork", "--kill-child")

    @left_out("finds leaks with ptrace, which strace has taken", "asan")
    @unittest.skipUnless(works("strace", "-o", "/dev/null"), "strace cannot trace here")
    def test_closes_what_is_open_and_no_more_where_close_range_is_missing(self):
        calls = self.folder / "calls"
        below = ["strace", "-f", "-o", calls, "-e", "trace=close,close_range", "-e", "inject=close_range:error=ENOSYS"]
        done = subprocess.run([*below, built("/epollhost"), "--check", "--plugin", WEB, "--listen", "127.0.0.1:0"],
                              capture_output=True, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000)))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(calls, encoding="ascii") as f:
            lines = f.readlines()
        self.assertTrue(any("close_range" in line for line in lines))
        self.assertLess(len(lines), 1000)


class FileSizes(Case):
    def test_need_no_more_than_the_plugin(self):
        """`ulimit -f`: only its sealed copy and 8 KiB a worker count."""
        most = os.path.getsize(WEB) + 65536
        with self.serving(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))) as (m, at):
            self.assertEqual(version_of(at), "1")
            m.reload()
            self.assertEqual(version_of(at), "1")
            self.assertEqual(m.stop(), 0)

    def test_are_named_where_the_plugin_is_too_large(self):
        status, _, said = run("--plugin", WEB, "--listen", "127.0.0.1:0", preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(status, 5, said)
        self.assertIn("File too large", said)


def worker_outside(pid):
    """The worker by the number that it has in this namespace."""
    found = []
    for child in descendants(pid):
        with open(f"/proc/{child}/comm", encoding="ascii") as f:
            if f.read().startswith("eh-"):
                found.append(child)
    worker, = found
    return worker


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
