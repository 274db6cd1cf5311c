# Distributed under the Boost Software License, Version 1.0.
# Tests that a worker which dies or misbehaves takes nothing with it but what was on it, and is named.
import contextlib
import os
import re
import shutil
import signal
import socket
import sys
import time
import unittest

from support.client import answer_of, ask, connect, content, get, request
from support.load import MIXES, Load, added, failed
from support.master import Folder, Master, alive, descendants, wait_until
from support.program import built
from support.sanitized import NO_PIPE, left_out
from support.reloading import UnixFolder
from support.scale import figure, progress, scaled

WEB, HOSTILE = built("/web.so"), built("/hostile.so")


class Killed(unittest.TestCase):
    """Workers are killed from outside."""

    def test_fails_only_what_was_on_the_worker(self):
        kills = scaled(10, 200)
        with contextlib.ExitStack() as stack:
            m = stack.enter_context(Master("--plugin", WEB, "--listen", "127.0.0.1:0", "--workers", "3"))
            mixes = ("connections", "keep-alive", "bodies")
            loads = [stack.enter_context(Load(m.port, clients=20, seconds=1800, **MIXES[mix])) for mix in mixes]
            for load in loads:
                load.wait_until_ready()
            times = []
            for i in range(kills):
                if i % 3 == 0 and i > 0:
                    m.reload()  # begins anew: one that dies again and again is replaced later each time
                    m.wait_for_generations(1)
                known = set(m.workers())
                self.assertEqual(len(known), 3)
                began = time.monotonic()
                os.kill(sorted(known)[i % 3], signal.SIGKILL)
                wait_until("a replacement that serves", lambda: len(set(m.workers()) - known) == 1)
                times.append(time.monotonic() - began)
                for load in loads:
                    load.wait_for_answers(20)
                if i % 20 == 19:
                    progress(f"{i + 1} workers killed")
            total = added([load.stop() for load in loads])
            times.sort()
            in_flight = total["lost"] + total["cut"] + total["reset"]
            figure(f"{kills} workers killed", f"{total['answered']} requests answered, {in_flight} were in flight, "
                   f"{total['refused']} refused; the replacement served after "
                   f"{times[len(times) // 2] * 1000:.0f} ms (median), {times[-1] * 1000:.0f} ms (longest)")
            self.assertEqual(failed(total), in_flight, total)  # none refused, none waited for ever, none wrong
            self.assertLessEqual(in_flight, kills * 20 * len(loads), total)
            self.assertEqual(m.status()["restarts"], kills)
            self.assertEqual(m.log.count("was killed by SIGKILL"), kills)
            self.assertEqual(m.stop(), 0)

    def check_others(self, *words, unix=False):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(contextlib.closing(UnixFolder()))
            m = stack.enter_context(Master("--plugin", WEB, "--listen", folder.address if unix else "127.0.0.1:0",
                                           "--workers", "2", *words))
            at = folder.address if unix else m.port
            on = self.check_them(m, at)
            for s in [s for all_of_one in on.values() for s in all_of_one]:
                s.close()
            self.assertEqual(m.stop(), 0)

    def check_them(self, m, at):
        """Answers the connections, which stay."""
        on = {}
        for _ in range(100):  # connections that stay, by their worker
            for s in [connect(at) for _ in range(10)]:
                on.setdefault(process_of(s), []).append(s)
            if len(on) == 2 and min(map(len, on.values())) >= 5:
                break
        self.assertEqual(set(on), set(m.workers()), "not all workers accept")
        victim, other = on
        os.kill(victim, signal.SIGSTOP)
        # Some of these wait in the queue of the stopped worker, and were not accepted when it dies.
        waiting = [ask(at, "/process") for _ in range(60)]
        os.kill(victim, signal.SIGKILL)
        answers = {int(content(answer_of(client))) for client in waiting}
        self.assertNotIn(victim, answers)
        for s in on[other]:
            self.assertEqual(process_of(s), other)
        return on

    def test_loses_nothing_of_others_nor_what_waits_in_the_queue(self):
        self.check_others()

    def test_loses_nothing_of_others_with_the_level_trigger(self):
        self.check_others("--web.trigger", "level")

    def test_loses_nothing_of_others_over_a_unix_socket(self):
        self.check_others(unix=True)

    def test_loses_nothing_of_others_over_a_unix_socket_with_the_level_trigger(self):
        self.check_others("--web.trigger", "level", unix=True)


def process_of(s):
    """Who serves this connection, which stays open."""
    s.sendall(request("/process", ""))
    got = b""
    while not (found := re.search(rb"Content-Length: (\d+)\r\n.*\r\n\r\n(\d+)", got, re.S)) or \
            len(found.group(2)) < int(found.group(1)):
        part = s.recv(4096)
        if not part:
            raise AssertionError(f"closed after {got!r}")
        got += part
    return int(found.group(2))


def echo(at, text=b"hello"):
    """One message on a connection of its own; empty if it is closed without an answer."""
    with contextlib.closing(connect(at)) as s:
        return echo_on(s, text)


def echo_on(s, text=b"hello"):
    s.sendall(text)
    got = b""
    try:
        while len(got) < len(text):
            part = s.recv(4096)
            if not part:
                break
            got += part
    except ConnectionError:
        pass
    return got


class Hostile(unittest.TestCase):
    """One plugin does its worst at its third message. The other one beside it loses nothing."""

    @contextlib.contextmanager
    def host(self, deed, *words, workers=2, at=3):
        with Master("--plugin", WEB, "--web.listen", "127.0.0.1:0", "--web.workers", "1", "--plugin",
                    f"bad={HOSTILE}", "--bad.listen", "127.0.0.1:0", "--bad.workers", str(workers), "--bad.at", str(at),
                    "--bad.deed", deed, *words, serves=2) as m:
            bad = m.addresses["bad"][0]
            with Load(m.addresses["web"][0], clients=10, think_us=1000, seconds=300) as load:
                load.wait_until_ready()
                yield m, bad
                load.wait_for_answers(20)
                beside = load.stop()
            self.assertEqual(failed(beside), 0, beside)
            web = [w for w in m.status()["workers"] if w["plugin"] == "web"]
            self.assertEqual(len(web), 1)
            self.assertNotRegex("\n".join(m.log.lines), r"error web")
            self.assertEqual(m.stop(), 0)

    def provoke(self, m, bad, *says):
        """Messages on one connection, so in one worker, until it happens; the log line with all the parts."""
        mark = len(m.log.lines)
        with contextlib.closing(connect(bad)) as s:
            for _ in range(2):
                self.assertEqual(echo_on(s), b"hello")
            answer = echo_on(s)
        line = m.log.wait_for(says[0], after=mark)
        for part in says:
            self.assertIn(part, line)
        return line, answer

    def serves_again(self, m, bad):
        wait_until("two workers of the bad plugin", lambda: len(m.workers(plugin="bad")) == 2)
        self.assertEqual(echo(bad), b"hello")

    def check_death(self, deed, how):
        with self.host(deed) as (m, bad):
            line, answer = self.provoke(m, bad, how, "hostile", "1.0.0", "'data'", "connection 0x", "replaced")
            self.assertEqual(answer, b"")
            self.assertIn(os.path.basename(HOSTILE), line)
            self.serves_again(m, bad)
            self.assertEqual(m.status()["restarts"], 1)

    def test_names_a_plugin_that_raises_sigsegv(self):
        self.check_death("segv", "SIGSEGV")

    def test_names_a_plugin_that_writes_to_nowhere(self):
        self.check_death("null", "SIGSEGV")

    def test_names_a_plugin_that_aborts(self):
        self.check_death("abort", "SIGABRT")

    def test_names_a_plugin_that_calls_exit(self):
        self.check_death("exit", "exited with status 0")

    def test_names_a_plugin_that_ends_the_process(self):
        self.check_death("quick-exit", "exited with status 3")

    def test_names_a_plugin_that_closes_the_descriptors_of_the_host(self):
        with self.host("close") as (m, bad):
            before = set(m.workers(plugin="bad"))
            with contextlib.closing(connect(bad)) as s:
                for _ in range(3):
                    echo_on(s)
            line = m.log.wait_for("worker .* of plugin hostile 1.0.0 ")
            self.assertIn("hostile.so", line)
            wait_until("the worker is gone", lambda: len(before - set(m.workers(plugin="bad"))) == 1)
            self.serves_again(m, bad)

    def test_replaces_a_worker_whose_plugin_has_closed_its_channel(self):
        """It serves on, but would never hear that it is to drain."""
        with self.host("deaf") as (m, bad):
            _, answer = self.provoke(m, bad, "was killed by SIGKILL", "hostile", "replaced")
            self.assertEqual(answer, b"hello")
            self.serves_again(m, bad)

    def test_keeps_what_a_plugin_throws_to_its_connection(self):
        with self.host("throw", workers=1) as (m, bad):
            with contextlib.closing(connect(bad)) as other:
                self.assertEqual(echo_on(other), b"hello")
                with contextlib.closing(connect(bad)) as s:
                    self.assertEqual(echo_on(s), b"hello")
                    self.assertEqual(echo_on(s), b"")  # it throws at this one
                line = m.log.wait_for("the hostile plugin throws")
                self.assertIn("bad", line)
                self.assertEqual(echo_on(other), b"hello")
            bad_now = next(p for p in m.status()["plugins"] if p["name"] == "bad")
            self.assertEqual(bad_now["failures"], 1)
            self.assertEqual(m.status()["restarts"], 0)

    def test_reports_and_replaces_a_plugin_that_loops_for_ever(self):
        with self.host("loop", "--bad.stall-kill", "2s") as (m, bad):
            with contextlib.closing(connect(bad)) as s:
                for _ in range(2):
                    echo_on(s)
                s.sendall(b"now")
                line = m.log.wait_for("has not turned its loop")
                for part in ("hostile", "'data'", "connection 0x"):
                    self.assertIn(part, line)
                self.assertEqual(echo(bad), b"hello")  # its slots have moved, or soon will
                m.log.wait_for("was killed by SIGKILL")
            self.serves_again(m, bad)
            self.assertGreaterEqual(m.status()["stalls"], 1)

    def test_keeps_what_a_plugin_writes_into_shared_memory_to_its_own_worker(self):
        with self.host("fill", "--bad.stall-kill", "2s", "--web.stall-kill", "2s", "--drain-timeout", "1s") as (m, bad):
            web = m.workers("web")
            with contextlib.closing(connect(bad)) as s:
                for _ in range(4):
                    self.assertEqual(echo_on(s), b"hello")
                for w in m.status()["workers"] + m.status()["plugins"]:
                    for name, value in w.items():
                        if isinstance(value, int):
                            self.assertLess(value, 1 << 53, name)
                self.assertEqual(m.workers("web"), web)
                self.assertNotIn("web: worker", "\n".join(m.log.lines))

    def test_ends_all_workers_with_their_master_whatever_a_plugin_has_overwritten(self):
        with Master("--plugin", WEB, "--web.listen", "127.0.0.1:0", "--plugin", f"bad={HOSTILE}", "--bad.listen",
                    "127.0.0.1:0", "--bad.at", "1", "--bad.deed", "fill", "--bad.workers", "1", "--drain-timeout", "1s",
                    serves=2) as m, contextlib.closing(connect(m.addresses["bad"][0])) as s:
            self.assertEqual(echo_on(s), b"hello")
            everyone = descendants(m.pid)
            m.process.kill()
            m.wait()
            for pid in everyone:
                wait_until("all have ended", lambda pid=pid: not alive(pid))

    def test_kills_a_plugin_that_loops_without_a_warning_before(self):
        with self.host("loop", "--bad.stall-warn", "0", "--bad.stall-kill", "500ms") as (m, bad):
            with contextlib.closing(connect(bad)) as s:
                for _ in range(2):
                    echo_on(s)
                s.sendall(b"now")
                m.log.wait_for("for --stall-kill")
                m.log.wait_for("was killed by SIGKILL")
            self.serves_again(m, bad)
            self.assertEqual(m.status()["stalls"], 0)

    def test_names_the_place_of_a_crash_that_comes_after_a_short_stall(self):
        with self.host("obey", "--bad.stall-warn", "1ms", workers=1) as (m, bad):
            with contextlib.closing(connect(bad)) as s:
                wait_until("a stall that is over when the master looks again", lambda: echo_on(s, b"doze") and any(
                    "bad: worker" in line and "has not turned" in line for line in m.log.lines))
                line = m.log.wait_for("bad: worker .* has not turned its loop")
                self.assertNotIn("Others serve", line)  # there are none
                s.sendall(b"crash")
                m.log.wait_for("died of SIGSEGV")
            self.assertEqual(echo(bad), b"hello")

    @left_out(NO_PIPE, "asan")
    def test_lives_with_a_plugin_that_leaks_descriptors(self):
        with self.host("leak", workers=1) as (m, bad):
            with contextlib.closing(connect(bad)) as s:
                for _ in range(3):
                    self.assertEqual(echo_on(s), b"hello")
                with contextlib.closing(connect(bad)) as waiting:
                    line = m.log.wait_for("cannot accept")
                    self.assertIn("bad", line)
                    self.assertIn("ulimit", line)
                    self.assertEqual(echo_on(s), b"hello")  # who is accepted is served
                    m.reload()  # the way out: a fresh process takes what waits
                    self.assertEqual(echo_on(waiting), b"hello")
            m.wait_for_generations(1)

    def test_lives_with_a_plugin_that_forks(self):
        with self.host("fork", workers=1) as (m, bad):
            with contextlib.closing(connect(bad)) as s:
                for _ in range(3):
                    self.assertEqual(echo_on(s), b"hello")
                worker, = m.workers(plugin="bad")
                forked, = descendants(worker)
                try:
                    m.reload()
                    s.close()
                    self.assertEqual(echo(bad), b"hello")
                    m.wait_for_generations(1)
                    wait_until("the old worker is gone", lambda: not alive(worker))
                    self.assertTrue(alive(forked))
                    self.assertEqual(echo(bad), b"hello")
                finally:
                    os.kill(forked, signal.SIGKILL)

    def test_ends_a_copy_of_the_worker_that_a_plugin_makes(self):
        with self.host("copy", workers=1) as (m, bad):
            worker, = m.workers(plugin="bad")
            with contextlib.closing(connect(bad)) as s:
                for _ in range(3):
                    self.assertEqual(echo_on(s), b"hello")
                line = m.log.wait_for("would be a second worker")
                for part in (f"in process {worker}", "'data'"):
                    self.assertIn(part, line)
                wait_until("the copy has ended", lambda: not any(map(alive, descendants(worker))))
                s.shutdown(socket.SHUT_WR)
                self.assertEqual(s.recv(100), b"")  # the copy has answered nothing
            self.assertEqual(m.workers(plugin="bad"), [worker])

    def test_names_functions_of_a_program_that_was_replaced(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        program = folder / "epollhost"
        shutil.copy(built("/epollhost"), program)
        with Master("--plugin", f"bad={HOSTILE}", "--listen", "127.0.0.1:0", "--workers", "1", "--bad.deed", "null",
                    program=[program]) as m:
            shutil.copy("/bin/true", program + ".new")
            os.rename(program + ".new", program)
            for _ in range(2):  # a worker from before the replacement, and one that is forked after it
                mark = len(m.log.lines)
                wait_until("a worker", lambda: len(m.workers()) == 1)
                echo(m.port)
                m.log.wait_for(r"#\d+ epollhost!\S+", after=mark)
            self.assertEqual(m.log.count("(deleted)"), 0)
            self.assertEqual(m.stop(), 0)

    def test_backs_off_from_a_plugin_that_dies_again_and_again(self):
        with self.host("segv", at=1) as (m, bad):
            for _ in range(8):
                self.assertEqual(echo(bad), b"")
            m.log.wait_for("It is replaced in 40 ms")
            get(m.addresses["web"][0])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
