# Distributed under the Boost Software License, Version 1.0.
# Tests configurations that are drawn by seed: each is served, and reloaded to the next one.
import os
import random
import re
import signal
import sys
import unittest

from support.case import TestCase
from support.client import free_port, version_of
from support.master import Folder, Master
from support.program import built, run
from support.scale import scaled

VERSIONS = {"1": built("/web.so"), "2": built("/web2.so")}
OPTIONS = {"trigger": ("edge", "level"), "nodelay": ("on", "off"), "cork": ("on", "off"), "backlog": ("16", "4096"),
           "drain-timeout": ("1s", "30s"), "stall-warn": ("0", "1s"), "output-high": ("64KiB", "256KiB"),
           "max-connections": ("10", "1000"), "write-policy": ("turn", "now")}


class Drawn:
    """A configuration, and what it should come to: the version that each instance answers."""

    def __init__(self, rng, addresses):
        addresses = rng.sample(addresses, len(addresses))
        self.versions, blocks = {}, []
        for name in rng.sample(["one", "two", "three"], rng.randint(1, 3)):
            self.versions[name] = rng.choice(list(VERSIONS))
            lines = [f"[{name}]", f"workers = {rng.randint(1, 3)}"]
            lines += [f"listen = {addresses.pop()}" for _ in range(rng.randint(1, 3))]
            lines += ["listen = 127.0.0.1:0"] * rng.randint(0, 2)
            lines += [f"{o} = {rng.choice(v)}" for o, v in OPTIONS.items() if rng.random() < 0.3]
            blocks.append("\n".join(lines))
        plugins = [f"plugin = {name}={VERSIONS[v]}" for name, v in self.versions.items()]
        self.text = "\n".join(plugins + blocks) + "\n"


class Configurations(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Folder()
        self.addCleanup(self.folder.remove)

    def pool(self):
        """Addresses that come and go."""
        out = [f"unix:{self.folder / name}" for name in "abcd"]
        out += [f"unix:@epollhost-{os.getpid()}-{name}" for name in "ab"]
        return out + [f"127.0.0.1:{free_port()}" for _ in range(4)]

    def check(self, master, drawn):
        for name, version in drawn.versions.items():
            for at in master.addresses[name]:
                self.assertEqual(version_of(at), version, f"{at} of {drawn.text}")

    def test_are_served_and_reloaded(self):
        for seed in range(scaled(4, 100)):
            rng = random.Random(seed)
            pool = self.pool()
            drawn = Drawn(rng, pool)
            with self.subTest(seed=seed), Master(config=drawn.text, serves=len(drawn.versions)) as m:
                self.check(m, drawn)
                for _ in range(4):
                    drawn = Drawn(rng, pool)
                    m.configure(drawn.text)
                    mark = m.reload()
                    m.serves = len(drawn.versions)
                    m._learn(mark)
                    self.check(m, drawn)
                self.assertEqual(m.status()["restarts"], 0)
                self.assertEqual(m.log.count(" error "), 0, m.log.lines)
                self.assertEqual(m.stop(), 0)

    def test_with_more_addresses_than_a_plugin_can_have_are_refused(self):
        listen = "listen = 127.0.0.1:0\n" * 1025
        file = self.folder.write("config", f"plugin = web={VERSIONS['1']}\n[web]\nworkers = 1\n" + listen)
        for more in ([], ["--check"]):
            status, _, said = run("--config", file, *more)
            self.assertEqual(status, 3)
            self.assertIn("web: listen has 1025 addresses, and one plugin can have at most 1024", said)

    def test_with_as_many_addresses_as_a_plugin_can_have_are_served_and_reloaded(self):
        listen = "listen = 127.0.0.1:0\n" * 1024
        text = f"plugin = web={VERSIONS['1']}\n[web]\nworkers = 1\n{listen}"
        m = Master(config=text)
        self.addCleanup(m.end)
        # The line is longer than a line of the log: its end is cut off.
        first = re.search(r"listens on 127\.0\.0\.1:(\d+)", m.log.wait_for("listens on")).group(1)
        self.assertEqual(version_of(first), "1")
        mark = len(m.log.lines)
        m.send(signal.SIGHUP)
        self.assertNotIn("failed", m.log.wait_for("listens on", "the reload failed", after=mark))
        self.assertEqual(version_of(first), "1")
        self.assertEqual(m.stop(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
