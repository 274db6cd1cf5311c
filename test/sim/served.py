# Distributed under the Boost Software License, Version 1.0.
# Tests what is served to simulated clients: 10,000 seeds over http.so and raw.so, edge- and level-triggered.
import re
import subprocess
import sys
import time
import unittest

SEEDS = 2500  # of each plugin and each trigger
program = next(a for a in sys.argv[1:] if a.endswith("epollhost-sim"))
plugins = {name: next(a for a in sys.argv[1:] if a.endswith(f"/{name}.so")) for name in ("http", "raw")}


def simulate(*words):
    return subprocess.run([program, *map(str, words)], text=True, capture_output=True)


def figure(report, name):
    return int(re.search(rf"^ *{name} +(\d+)", report, re.M).group(1))


class Served(unittest.TestCase):
    def finds_nothing(self, plugin, trigger):
        start = time.monotonic()
        run = simulate("--plugin", plugins[plugin], "--trigger", trigger, "--seeds", SEEDS)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(figure(run.stdout, "seeds"), SEEDS)
        print(f"{plugin} {trigger}: {SEEDS / (time.monotonic() - start):.0f} seeds a second\n{run.stdout}")
        # A kind of fault that never struck would prove nothing.
        for kind in ("short-read", "late-input", "short-write", "full-buffer", "spurious-event", "repeated-edge",
                     "held-event", "shuffled-events", "interrupted-wait", "late-wait", "error-queue", "no-descriptor",
                     "table-full", "no-buffers", "no-memory", "accept-aborted", "wall-jump", "watch-no-memory",
                     "watch-no-space", "send-no-buffers", "peer-reset", "clock-jump"):
            self.assertGreater(figure(run.stdout, kind), 0, kind)

    def test_http_edge(self):
        self.finds_nothing("http", "edge")

    def test_http_level(self):
        self.finds_nothing("http", "level")

    def test_raw_edge(self):
        self.finds_nothing("raw", "edge")

    def test_raw_level(self):
        self.finds_nothing("raw", "level")

    def test_a_seed_is_the_same_each_time(self):
        traces = {simulate("--plugin", plugins["http"], "--seed", 77).stdout for _ in range(3)}
        self.assertEqual(len(traces), 1)
        self.assertRegex(traces.pop(), r"good; the trace has the hash [0-9a-f]{16}\n$")

    def test_another_seed_is_another(self):
        hashes = {simulate("--plugin", plugins["http"], "--seed", s).stdout.splitlines()[-1] for s in range(1, 21)}
        self.assertEqual(len(hashes), 20)

    def test_what_is_left_out_does_not_happen(self):
        for words in (("--faults", "none"), ("--faults-most", 0)):
            trace = simulate("--plugin", plugins["raw"], "--seed", 5, "--clients", "0", *words).stdout
            self.assertEqual(trace.count("connected"), 1)
            self.assertRegex(trace, r"good; ")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
