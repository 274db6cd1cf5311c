# Distributed under the Boost Software License, Version 1.0.
# Runs the load generator beside a test.
import json
import subprocess

from support.program import DEADLINE_S, built
from support.master import wait_until

FAILURES = ("lost", "cut", "reset", "refused", "timeout", "wrong")

# The four mixes under which a reload has to lose nothing.
MIXES = {
    "connections": {"keep": 0},
    "keep-alive": {"think_us": 3000},
    "bodies": {"body": 6000, "piece": 1500, "pause_us": 2000},
    "slow readers": {"pipeline": 8, "answer": 60000, "read": 16384, "pause_us": 500},
}


class Load:
    """A load that goes on until stop(). In a `with` statement it never outlives the test."""

    def __init__(self, to, **options):
        to = to if isinstance(to, str) else f"127.0.0.1:{to}"
        words = [f"{name}={value}" for name, value in {"to": to, **options}.items()]
        self.process = subprocess.Popen([built("/load"), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def so_far(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def wait_until_ready(self):
        """Until each client has had an answer."""
        wait_until("every client served", lambda: self.so_far()["ready"])

    def wait_for_answers(self, more):
        """Until so many more requests have been answered."""
        enough = self.so_far()["answered"] + more
        wait_until(f"{more} answers more", lambda: self.so_far()["answered"] >= enough)

    def stop(self):
        """Waits for what is under way; the counts of all."""
        self.process.stdin.close()
        return self.result()

    def result(self):
        """The same where it ends by itself."""
        lines = self.process.stdout.read().splitlines()
        self.process.wait(DEADLINE_S)
        if not lines:
            raise AssertionError(f"the load ended with status {self.process.returncode}")
        return json.loads(lines[-1])


def failed(result):
    return sum(result[name] for name in FAILURES)


def added(results):
    """The sum of several results, and the first problem of any."""
    out = {name: sum(r[name] for r in results) for name in (*FAILURES, "answered", "connected", "told_close")}
    out["problem"] = next((r["problem"] for r in results if r["problem"]), "")
    return out
