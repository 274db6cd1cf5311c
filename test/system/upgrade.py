# Distributed under the Boost Software License, Version 1.0.
# Tests that another program takes over in place without losing a request, or that nothing happens but a line in the log.
import contextlib
import os
import shutil
import signal
import sys
import unittest

from support.client import version_of
from support.load import MIXES, Load, added, failed
from support.master import Folder, Master, wait_until
from support.program import built
from support.scale import figure, progress, scaled

WEB, HOSTILE = built("/web.so"), built("/hostile.so")


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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
