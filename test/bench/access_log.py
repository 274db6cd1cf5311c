#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0.
# Measures what the access log costs: processor time of worker and log process for a request, with and without.
#
#     b2 && test/bench/access_log.py bin/epollhost bin/plugins/http.so [--requests N] [--rounds N]
#
# Rounds with and without the log take turns, so that what else the machine does meets both alike; the medians count.
# The processor time is the kernel's (schedstat), of user and system together. The load is h2load's.
import argparse
import re
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FORMS = ("common", "combined", "json")


class Program:
    """A master with one worker."""

    def __init__(self, program, plugin, *words):
        self.process = subprocess.Popen([program, "--plugin", plugin, "--listen", "127.0.0.1:0", "--workers", "1",
                                         *words], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if match := re.search(r"listens on (127\.0\.0\.1:\d+)", line):
                self.at = match.group(1)
                return
        raise SystemExit(f"{program} did not start")

    def busy_ns(self):
        """Processor time so far of the worker, and of the log process."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        busy = {Path(f"/proc/{pid}/comm").read_text()[:3]: int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
                for pid in children}
        return busy["eh-"], busy["epo"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)


def load(program, arguments, connections, pipelined):
    """Processor time for a request of worker and log process, in nanoseconds."""
    before = program.busy_ns()
    done = subprocess.run(["h2load", "--h1", "-n", str(arguments.requests), "-c", str(connections), "-m", str(pipelined),
                           "-H", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
                           f"http://{program.at}/index.html"], capture_output=True, text=True, check=True)
    if f" {arguments.requests} succeeded" not in done.stdout:
        raise SystemExit(done.stdout)
    return [(now - then) / arguments.requests for now, then in zip(program.busy_ns(), before)]


def compare(arguments, title, connections, pipelined):
    with tempfile.TemporaryDirectory() as folder:
        hosts = {"none": Program(arguments.program, arguments.plugin)}
        for form in FORMS:
            hosts[form] = Program(arguments.program, arguments.plugin, "--http.access-log", f"{folder}/{form}.log",
                                  "--http.access-log-format", form)
        times = {name: [] for name in hosts}
        for _ in range(arguments.rounds):
            for name, host in hosts.items():
                times[name].append(load(host, arguments, connections, pipelined))
        for host in hosts.values():
            host.end()
    plain = statistics.median(sum(both) for both in times["none"])
    print(f"{title}: {plain:.0f} ns for a request without the log")
    for form in FORMS:
        worker, log = (statistics.median(each) for each in zip(*times[form]))
        ratio = statistics.median(sum(both) / sum(none) for both, none in zip(times[form], times["none"]))
        print(f"    {form:10} worker {worker - plain:+6.0f} ns, log process {log:+6.0f} ns, ratio {ratio:.3f}")
    sys.stdout.flush()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("program")
    p.add_argument("plugin", help="http.so")
    p.add_argument("--requests", type=int, default=200_000)
    p.add_argument("--rounds", type=int, default=7)
    arguments = p.parse_args()
    compare(arguments, "100 connections", 100, 1)
    compare(arguments, "1 connection", 1, 1)
    compare(arguments, "100 connections, 16 requests at once", 100, 16)


if __name__ == "__main__":
    main()
