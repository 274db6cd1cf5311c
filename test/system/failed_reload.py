# Distributed under the Boost Software License, Version 1.0.
# Tests that a reload which cannot be done changes nothing, and says why.
import contextlib
import os
import socket
import sys
import unittest

from support.client import version_of
from support.load import Load, failed
from support.master import Master
from support.program import built, run
from support.reloading import Reloading, config


class Failing(Reloading):
    @classmethod
    def setUpClass(cls):
        cls.good = config(listen="127.0.0.1:0", workers=2)
        cls.stack = contextlib.ExitStack()
        cls.master = cls.stack.enter_context(Master(config=cls.good))
        cls.load = cls.stack.enter_context(Load(cls.master.port, clients=20, think_us=1000, seconds=600))
        cls.load.wait_until_ready()

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def check(self, text, *says):
        before = self.master.workers()
        self.master.configure(text)
        line = self.master.reload_fails()
        for part in says:
            self.assertIn(part, line)
        self.assertIn("generation 1 goes on", line)
        self.load.wait_for_answers(100)
        self.assertEqual(version_of(self.master.port), "1")  # the address takes new connections
        self.assertEqual(self.master.workers(), before)
        self.assertEqual(failed(self.load.so_far()), 0)

    def with_hostile(self, deed, file=None):
        return (self.good.replace("[web]", f"plugin = bad={file or built('/hostile.so')}\n[web]") +
                "[bad]\nlisten = 127.0.0.1:0\n" + (f"deed = {deed}\nat = 0\n" if deed else ""))

    def test_says_which_option_is_bad(self):
        self.check(self.good + "head-max = many\n", "config:", "many", "head-max")

    def test_says_that_a_file_is_no_plugin(self):
        self.check(self.with_hostile(None, os.path.abspath(__file__)), "not an ELF")

    def test_says_that_a_file_is_missing(self):
        self.check(self.with_hostile(None, "/nonexistent.so"), "/nonexistent.so")

    def test_says_that_a_plugin_refuses_to_start(self):
        self.check(self.with_hostile("throw"), "hostile.so", "start")

    def test_says_that_a_plugin_crashes_in_start(self):
        self.check(self.with_hostile("segv"), "hostile.so", "SEGV")

    def test_says_that_a_plugin_ends_the_process_in_start(self):
        self.check(self.with_hostile("exit"), "hostile.so", "exit")

    def test_says_that_a_plugin_crashes_in_its_constructor(self):
        self.check(self.with_hostile(None, built("/stillborn.so")), "stillborn.so", "loading", "SEGV")

    def test_says_that_a_plugin_answers_for_its_trial_process(self):
        for name in ("meddler", "meddler-aloud"):
            self.check(self.with_hostile(None, built(f"/{name}.so")), f"{name}.so refused", "leave descriptors alone")

    def test_says_that_the_workers_of_a_plugin_crash(self):
        self.check(self.with_hostile("segv") + "in-run = true\n", "worker", "SEGV")

    def test_says_that_the_run_of_a_plugin_fails(self):
        self.check(self.with_hostile("throw") + "in-run = true\n", "hostile.so failed in its `run`", "the hostile plugin throws")

    def test_says_that_an_address_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.check(self.good + f"listen = 127.0.0.1:{taken.getsockname()[1]}\n", "cannot listen", "in use")

    def test_says_that_a_plugin_hangs_in_start(self):
        self.check(self.with_hostile("loop"), "hostile.so", "longer than")

    def test_zz_has_lost_nothing_and_still_reloads(self):
        self.master.configure(self.good)
        self.master.reload()
        self.load.wait_for_answers(100)
        self.assert_nothing_lost(self.load.stop())
        self.assertEqual(self.master.status()["restarts"], 0)
        self.assertEqual(self.master.stop(), 0)


class Start(unittest.TestCase):
    def test_fails_if_the_run_of_a_plugin_fails(self):
        words = ("--plugin", built("/hostile.so"), "--listen", "127.0.0.1:0", "--hostile.deed", "throw",
                 "--hostile.at", "0", "--hostile.in-run")
        for workers in ("0", "2"):
            status, _, said = run(*words, "--workers", workers)
            self.assertEqual(status, 5, said)
            self.assertIn("failed in its `run`: run threw: the hostile plugin throws", said)
            self.assertNotIn("listens on", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
