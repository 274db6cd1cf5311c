# Distributed under the Boost Software License, Version 1.0.
# Tests that the simulator finds what is planted: plugins, relays and loops, each wrong in one point.
import re
import shlex
import subprocess
import sys
import time
import unittest

SEEDS = 20_000  # at most; each bug is found in far fewer
SECONDS = 60    # for each
CONTROL = 400   # seeds in which nothing is found where nothing is planted

program = next(a for a in sys.argv[1:] if a.endswith("epollhost-sim"))
loop_program = next(a for a in sys.argv[1:] if a.endswith("planted-loop"))
plugins = {re.search(r"planted-([a-z-]+)\.so$", a).group(1): a for a in sys.argv[1:] if a.endswith(".so")}

# By which rule each is found; some show in more than one way.
PLUGINS = {
    "split": "output", "split-end": "output", "overread": "crash", "shared-state": "output", "kept-input": "output|crash",
    "use-after-close": "crash", "lost-output": "output", "clock": "nondeterminism", "overconsume": "contract",
    "never-ends": "stuck|left open", "abort": "reset|output", "double-free": "crash", "leak": "leak", "spin": "loop",
}
# They connect: what they were told must arrive, and a server's silence is no excuse for theirs.
RELAYS = {
    "relay-failed-state": "crash", "relay-failure-untold": "stuck", "relay-no-deadline": "stuck",
    "relay-double-end": "relayed|output|reset|stuck", "relay-lost-end": "stuck|reset", "relay-early-end": "output|relayed",
    "relay-dropped": "output|relayed", "relay-wrong-client": "relayed", "relay-one-way": "relayed",
}
RELAYED = ("--talk", "bytes", "--relayed", "--answer-within", "30s")
LOOPS = {
    "lost-edge": "stuck", "forgotten-rdhup": "stuck", "lost-rest": "output", "forgotten-out": "stuck",
    "double-close": "kernel", "close-in-set": "kernel", "use-after-close": "kernel", "accept-once": "stuck",
    "accept-gives-up": "stuck", "accept-spins": "loop", "error-is-fatal": "reset", "hang-up-spins": "loop",
    "close-with-unread": "reset|output",
    "relay-unwatched": "stuck", "relay-failed-twice": "kernel", "relay-closed-twice": "kernel",
    "relay-lost-end": "stuck", "relay-short-splice": "stuck", "relay-lost-pipe": "output|relayed|stuck",
    "relay-no-splice": "output|reset",
}


def run(*words):
    return subprocess.run([str(w) for w in words], text=True, capture_output=True, timeout=SECONDS)


class Planted(unittest.TestCase):
    def finds(self, found, name, rules, start):
        self.assertEqual(found.returncode, 1, f"{name} was not found:\n{found.stdout}{found.stderr}")
        self.assertRegex(found.stdout, rf"FAILED \(({rules})\)")
        seed = re.search(r"seed (\d+) fails", found.stdout).group(1)
        why = re.search(r"FAILED.*", found.stdout).group(0)
        print(f"{name}: seed {seed}, {time.monotonic() - start:.1f} s: {why}")

    def finds_all(self, bugs, *words):
        for name, rules in bugs.items():
            with self.subTest(name):
                start = time.monotonic()
                found = run(program, "--plugin", plugins[name], *words, "--seeds", SEEDS)
                self.finds(found, name, rules, start)
                if rules == "nondeterminism":
                    continue  # one run alone does not show it
                command = shlex.split(found.stdout.splitlines()[-1])
                self.assertEqual(command[0], "epollhost-sim")
                again = run(program, *command[1:])
                self.assertRegex(again.stdout, rf"FAILED \(({rules})\)", "the replay does not show it")

    def test_plugins(self):
        self.finds_all(PLUGINS, "--talk", "lines")

    def test_relays(self):
        self.finds_all(RELAYS, *RELAYED)

    def test_loops(self):
        for name, rules in LOOPS.items():
            with self.subTest(name):
                start = time.monotonic()
                self.finds(run(loop_program, name, SEEDS), name, rules, start)

    def test_nothing_is_found_where_nothing_is_planted(self):
        for found in (run(program, "--plugin", plugins["none"], "--talk", "lines", "--seeds", CONTROL),
                      run(program, "--plugin", plugins["relay-none"], *RELAYED, "--seeds", CONTROL),
                      run(loop_program, "none", CONTROL), run(loop_program, "relay-none", CONTROL)):
            self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_all_that_is_planted_is_looked_for(self):
        self.assertEqual(set(plugins), {"none", *PLUGINS, "relay-none", *RELAYS})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
