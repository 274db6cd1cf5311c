# Distributed under the Boost Software License, Version 1.0.
# Tests that another program takes over in place without losing a request, or that nothing happens but a line in the log.
import contextlib
import os
import re
import shutil
import signal
import sys
import unittest
from pathlib import Path

from support.client import connect, request, version_of
from support.load import MIXES, Load, added, failed
from support.master import Folder, Master, descendants, serving, wait_until
from support.program import built
from support.sanitized import left_out
from support.scale import figure, progress, scaled

WEB, HOSTILE = built("/web.so"), built("/hostile.so")
START_CRASHER = built("/start_crasher.so")


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Upgrading(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        self.program = self.folder / "epollhost"
        self.install(built("/epollhost"))

    def install(self, file):
        """Replaces the program by another file, as a package manager does."""
        shutil.copy(file, self.program + ".new")
        os.rename(self.program + ".new", self.program)

    def install_script(self, text):
        self.folder.write("script", "#!/bin/sh\n" + text + "\n")
        os.chmod(self.folder / "script", 0o755)
        self.install(self.folder / "script")

    def config(self, more=""):
        return f"plugin = web={WEB}\n{more}[web]\nlisten = 127.0.0.1:0\nworkers = 2\n"

    def upgrade(self, master):
        mark = len(master.log.lines)
        master.send(signal.SIGUSR2)
        return master.log.wait_for("the program was upgraded", "the upgrade failed", after=mark)

    def check_refused(self, change, *says, config=None, at_last=None):
        with Master(config=self.config(), program=[self.program]) as m, \
                Load(m.port, clients=20, think_us=1000, seconds=300) as load:
            load.wait_until_ready()
            workers = m.workers()
            change()
            if config:
                m.configure(config)
            line = self.upgrade(m)
            for part in ("the upgrade failed", *says):
                self.assertIn(part, line)
            if at_last:
                m.log.wait_for(at_last)
            load.wait_for_answers(100)
            self.assertEqual(version_of(m.port), "1")
            self.assertEqual(m.workers(), workers)  # they never noticed
            self.install(built("/epollhost"))
            m.configure(self.config())
            self.assertIn("the program was upgraded", self.upgrade(m))  # once it is mended
            load.wait_for_answers(100)
            result = load.stop()
            self.assertEqual(failed(result), 0, result)
            self.assertEqual(m.stop(), 0)


class UnderLoad(Upgrading):
    def check(self, name, upgrades, *words, unix=False):
        with contextlib.ExitStack() as stack:
            at = "unix:" + self.folder / "s" if unix else "127.0.0.1:0"
            m = stack.enter_context(Master("--plugin", WEB, "--listen", at, "--workers", "2", *words,
                                           program=[self.program]))
            loads = {mix: stack.enter_context(Load(at if unix else m.port, clients=25, seconds=1800, **options))
                     for mix, options in MIXES.items()}
            for load in loads.values():
                load.wait_until_ready()
            before = m.descriptors()
            for i in range(upgrades):
                self.install(built("/epollhost"))
                self.assertIn("the program was upgraded", self.upgrade(m))
                for load in loads.values():
                    load.wait_for_answers(25)
                progress(f"{name}: {i + 1} upgrades")
            results = {mix: load.stop() for mix, load in loads.items()}
            for mix, result in results.items():
                with self.subTest(mix):
                    self.assertEqual(failed(result), 0, result)
            total = added(results.values())
            figure(f"{upgrades} upgrades, {name}",
                   f"{total['answered']} requests answered, {failed(total)} failed, {total['reset']} resets")
            m.wait_for_generations(1)
            wait_until("as many descriptors, and one for the program to go back to",
                       lambda: m.descriptors() <= before + 1)
            self.assertEqual(m.stop(), 0)

    def test_loses_nothing(self):
        self.check("edge trigger, TCP", scaled(3, 20))

    def test_loses_nothing_over_a_unix_socket_with_the_level_trigger(self):
        self.check("level trigger, unix", scaled(2, 20), "--web.trigger", "level", unix=True)


class Descriptors(Upgrading):
    def test_of_new_workers_are_closed_when_they_execute_a_program(self):
        with Master(config=self.config(), program=[self.program]) as m:
            self.assertIn("the program was upgraded", self.upgrade(m))
            m.wait_for_generations(1)
            workers = [w["process"] for w in m.status()["workers"] if w["phase"] == "serving"]
            self.assertEqual(len(workers), 2)
            for pid in workers:
                for fd in os.listdir(f"/proc/{pid}/fd"):
                    with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as f:
                        flags = int(re.search(r"^flags:\s*([0-7]+)$", f.read(), re.M)[1], 8)
                    self.assertTrue(int(fd) <= 2 or flags & os.O_CLOEXEC, os.readlink(f"/proc/{pid}/fd/{fd}"))


class Refused(Upgrading):
    """The old program goes on, with its workers, and can be upgraded when all is mended."""

    def test_by_a_program_that_refuses_the_options(self):
        self.check_refused(lambda: self.install_script("echo this is not for me >&2; exit 3"), "status 3",
                           "this is not for me")

    def test_by_a_program_that_crashes_in_its_check(self):
        self.check_refused(lambda: self.install_script("kill -SEGV $$"), "SIGSEGV")

    def test_by_a_program_that_is_another_one(self):
        self.check_refused(lambda: self.install_script("exit 0"), "did not say")

    def test_where_there_is_no_program(self):
        self.check_refused(lambda: os.unlink(self.program), "cannot execute")

    def test_by_a_bad_option(self):
        self.check_refused(lambda: None, "head-max", config=self.config() + "head-max = many\n")

    def test_by_workers_that_crash_before_they_are_ready(self):
        """The new program runs already, in this process: it goes back."""
        bad = self.config(f"plugin = bad={HOSTILE}\n") + "[bad]\nlisten = 127.0.0.1:0\ndeed = segv\nin-run = true\n"
        self.check_refused(lambda: None, "going back", config=bad, at_last="Those from before the upgrade serve on")


@left_out("its library cannot be loaded before the sanitizer's")
class GoneBack(Upgrading):
    """The new program passes its --check and fails at its start, in this process."""

    def setUp(self):
        super().setUp()
        self.notes = self.folder / "notes"

    def master(self):
        # The old program has the library too: it notes what it is left with when it is gone back to.
        return Master(config=self.config(), program=[self.program],
                      env={**os.environ, "LD_PRELOAD": START_CRASHER, "START_NOTES": self.notes})

    def install_failing(self, deed):
        """A program that checks well and then does the deed."""
        shutil.copy(built("/epollhost"), self.folder / "real")
        self.install_script(f"""
case "$*" in *--check*) exec {self.folder / "real"} "$@";; esac
START_DEED={deed} exec {self.folder / "real"} "$@" --log-format json
""")

    def noted(self, text):
        return os.path.exists(self.notes) and text in Path(self.notes).read_text()

    def check_goes_back(self, deed, *says):
        with self.master() as m:
            self.install_failing(deed)
            line = self.upgrade(m)
            for part in ("the upgrade failed", *says):
                self.assertIn(part, line)
            self.assertNotIn('"', line)  # of JSON: the old program has the words that it was started with
            m.log.wait_for("serves again")
            self.assertTrue(self.noted("no timer"))  # it would end this program later on
            self.assertEqual(version_of(m.port), "1")
            self.assertEqual(m.log.count("was upgraded"), 0)
            with open(f"/proc/{m.pid}/environ", encoding="utf-8") as f:
                self.assertNotIn("START_DEED", f.read())
            self.assertEqual(m.stop(), 0)

    def test_from_a_crash(self):
        self.check_goes_back("segv", "SIGSEGV")

    def test_from_an_exit(self):
        self.check_goes_back("exit", "it called exit")

    def test_from_an_abort(self):
        self.check_goes_back("abort", "SIGABRT")

    def test_from_an_overflow_of_its_stack(self):
        self.check_goes_back("overflow", "SIGSEGV")

    def test_from_a_handover_that_it_does_not_understand(self):
        self.check_goes_back("format", "left something else")

    def test_from_a_program_that_says_so_when_it_is_checked(self):
        with self.master() as m:
            shutil.copy(built("/epollhost"), self.folder / "real")
            self.install_script(f"_EPOLLHOST_CHECKED_BY='epollhost handover 1' exec {self.folder / 'real'} \"$@\"")
            line = self.upgrade(m)
            self.assertIn("takes over from one that leaves", line)
            self.assertIn("epollhost handover 1", line)
            self.assertEqual(version_of(m.port), "1")
            self.assertEqual(m.stop(), 0)

    def crash_with(self, m, *signals):
        """The new program hangs, gets these signals, and crashes."""
        self.install_failing("hang")
        m.send(signal.SIGUSR2)
        wait_until("the new program hangs", lambda: self.noted("it hangs"))
        self.install(built("/epollhost"))
        for s in signals:
            m.send(s)
        m.send(signal.SIGSEGV)

    def test_with_signals_that_wait(self):
        with self.master() as m:
            self.crash_with(m, signal.SIGUSR1, signal.SIGHUP, signal.SIGCHLD)
            m.log.wait_for("serves again")
            m.log.wait_for(serving(3))  # the one that SIGHUP asks for
            self.assertEqual(version_of(m.port), "1")
            self.assertEqual(m.stop(), 0)

    def test_with_a_request_to_upgrade_that_waits(self):
        with self.master() as m:
            self.crash_with(m, signal.SIGUSR2)
            m.log.wait_for("the program was upgraded")
            self.assertEqual(version_of(m.port), "1")
            self.assertEqual(m.stop(), 0)

    def test_with_a_request_to_end_that_waits(self):
        for end in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            with self.subTest(end), self.master() as m:
                self.crash_with(m, end)
                m.log.wait_for("ending: all workers drain")
                self.assertEqual(m.wait(), 0)
            self.folder.remove()
            os.mkdir(self.folder.path)
            self.install(built("/epollhost"))


class Asked(Upgrading):
    """Something is asked of the new program while its workers are starting."""

    def never_ready(self):
        return (self.config(f"plugin = bad={HOSTILE}\n") +
                "[bad]\nlisten = 127.0.0.1:0\ndeed = loop\nin-run = true\n")

    def test_to_end_and_does_not_go_back(self):
        with Master(config=self.config(), program=[self.program]) as m:
            m.configure(self.never_ready())
            m.send(signal.SIGUSR2)
            wait_until("its workers", lambda: "eh-bad" in map(name_of, descendants(m.pid)))
            m.send(signal.SIGTERM)
            m.log.wait_for("ending: all workers drain")
            self.assertEqual(m.wait(), 0)
            self.assertEqual(m.log.count("going back"), 0)

    def test_to_end_while_its_check_runs(self):
        with Master(config=self.config(), program=[self.program]) as m:
            started, go = self.folder / "started", self.folder / "go"
            os.mkfifo(go)
            shutil.copy(built("/epollhost"), self.folder / "real")
            self.install_script(f"touch {started}; read _ < {go}; exec {self.folder / 'real'} \"$@\"")
            m.send(signal.SIGUSR2)
            wait_until("its check runs", lambda: os.path.exists(started))
            m.send(signal.SIGTERM)
            Path(go).write_text("go\n", encoding="ascii")
            m.log.wait_for("ending: all workers drain")
            self.assertEqual(m.wait(), 0)
            self.assertEqual(m.log.count("the end was asked for meanwhile"), 1)

    def test_to_reload_and_the_program_before_does_it(self):
        with Master(config="ready-timeout = 1s\n" + self.config(), program=[self.program]) as m:
            m.configure("ready-timeout = 1s\n" + self.never_ready())
            m.send(signal.SIGUSR2)
            wait_until("its workers", lambda: "eh-bad" in map(name_of, descendants(m.pid)))
            m.send(signal.SIGHUP)
            m.log.wait_for("the reload waits")
            m.configure(self.config())
            m.log.wait_for("going back")
            m.log.wait_for(serving(3))
            self.assertEqual(version_of(m.port), "1")
            self.assertEqual(m.stop(), 0)


class Draining(Upgrading):
    def test_workers_from_before_keep_their_deadline(self):
        """Also one that drains already, and one that does not hear what it is told."""
        with Master("--plugin", WEB, "--listen", "127.0.0.1:0", "--workers", "1", "--drain-timeout", "1s",
                    program=[self.program]) as m, contextlib.closing(connect(m.port)) as half:
            half.sendall(request()[:20])
            wait_until("it is accepted", lambda: any(w["open"] for w in m.status()["workers"]))
            old, = m.workers()
            m.reload()
            os.kill(old, signal.SIGSTOP)
            self.assertIn("the program was upgraded", self.upgrade(m))
            self.assertEqual(m.stop(), 0)  # one request is enough


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
