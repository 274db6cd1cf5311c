# Distributed under the Boost Software License, Version 1.0.
# Tests what is served to simulated clients: 10,000 seeds over http.so and raw.so, edge- and level-triggered, and 2,000
# over proxy.so and files.so.
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

SEEDS = 2500  # of each plugin and each trigger
LATER = 500   # of those that need servers or files, whose runs take longer
EVERYWHERE = ("short-read", "late-input", "short-write", "full-buffer", "spurious-event", "repeated-edge", "held-event",
              "shuffled-events", "interrupted-wait", "late-wait", "error-queue", "no-descriptor", "table-full",
              "no-buffers", "no-memory", "accept-aborted", "wall-jump", "watch-no-memory", "watch-no-space",
              "send-no-buffers", "peer-reset", "clock-jump")
CONNECTING = ("slow-connect", "queue-full", "slow-name", "connect-refused", "connect-unreachable", "connect-silent",
              "connect-no-port", "connect-no-descriptor", "connect-reset", "name-fails")
SENDING_FILES = ("short-file", "file-error", "file-shrunk")
program = next(a for a in sys.argv[1:] if a.endswith("epollhost-sim"))
plugins = {name: next(a for a in sys.argv[1:] if a.endswith(f"/{name}.so")) for name in ("http", "raw", "proxy", "files")}


def simulate(*words):
    return subprocess.run([program, *map(str, words)], text=True, capture_output=True)


def figure(report, name):
    return int(re.search(rf"^ *{name} +(\d+)", report, re.M).group(1))


def make_files(root):
    """Files with the names that simulated clients ask for."""
    (root / "index.html").write_text("<p>Hello\n")
    (root / "a").write_bytes(bytes(i % 251 for i in range(40_000)))
    (root / "A").write_bytes(b"A" * 5000)
    for file in (*root.iterdir(), root):  # the simulated clock is behind ours, and Last-Modified is never in the future
        os.utime(file, (1_000_000_000, 1_000_000_000))


class Served(unittest.TestCase):
    def finds_nothing(self, plugin, trigger, *words, seeds=SEEDS, faults=EVERYWHERE):
        start = time.monotonic()
        run = simulate("--plugin", plugins[plugin], "--trigger", trigger, "--seeds", seeds, *words)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(figure(run.stdout, "seeds"), seeds)
        print(f"{plugin} {trigger}: {seeds / (time.monotonic() - start):.0f} seeds a second\n{run.stdout}")
        for kind in faults:  # a kind of fault that never struck would prove nothing
            self.assertGreater(figure(run.stdout, kind), 0, kind)

    def relays(self, trigger):
        self.finds_nothing("proxy", trigger, "--proxy.backends", "192.0.2.1:80,unix:/run/b,b.example:80", "--relayed",
                           seeds=LATER, faults=EVERYWHERE + CONNECTING)

    def sends_files(self, trigger):
        with tempfile.TemporaryDirectory() as root:
            make_files(pathlib.Path(root))
            self.finds_nothing("files", trigger, "--files.root", root, "--files.listing", seeds=LATER,
                               faults=SENDING_FILES)

    def test_proxy_edge(self):
        self.relays("edge")

    def test_proxy_level(self):
        self.relays("level")

    def test_files_edge(self):
        self.sends_files("edge")

    def test_files_level(self):
        self.sends_files("level")

    def test_http_edge(self):
        self.finds_nothing("http", "edge")

    def test_http_level(self):
        self.finds_nothing("http", "level")

    def test_raw_edge(self):
        self.finds_nothing("raw", "edge")

    def test_raw_level(self):
        self.finds_nothing("raw", "level")

    def test_what_a_client_expects_is_not_what_it_says(self):
        with tempfile.NamedTemporaryFile("w", suffix=".script") as script:
            script.write('send "hello"\nexpect "hello"\nsend "more"\nfinish\n')
            script.flush()
            run = simulate("--plugin", plugins["proxy"], "--proxy.backends", "192.0.2.1:80", "--relayed",
                           "--script", script.name, "--seeds", 20)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

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
