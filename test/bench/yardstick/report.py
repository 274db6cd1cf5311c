# Distributed under the Boost Software License, Version 1.0.
# The results as a table, as JSON and as charts.
import json
import os
import platform
import re
import statistics
import time
from pathlib import Path

from yardstick import charts


def median(rounds, key):
    values = [r[key] for r in rounds if r is not None]
    return statistics.median(values) if values else None


def ratio(rounds, floor):
    """The median of the ratios of runs that stood beside each other."""
    pairs = [a["cpu_us"] / b["cpu_us"] for a, b in zip(rounds, floor) if a and b]
    return statistics.median(pairs) if pairs else None


def show(value, form):
    return "-" if value is None else form.format(value)


def processor():
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return found.group(1) if found else platform.machine()


COLUMNS = ["server", "CPU us", "of the floor", "a second", "p50 us", "p99 us", "instructions", "system calls",
           "disturbed runs"]


class Report:
    def __init__(self):
        self.machine = {"processor": processor(), "processors": len(os.sched_getaffinity(0)),
                        "kernel": platform.release(), "date": time.strftime("%Y-%m-%d"),
                        "load at the start": os.getloadavg()[0]}
        self.rounds = {}  # workload -> server -> [run, ...]
        self.counts = {}  # workload -> server -> {"instructions": n, "system_calls": n}
        self.idle = {}    # server -> bytes
        self.other = {}   # title -> value

    def take_times(self, path):
        """Those of an earlier run on this machine."""
        earlier = json.loads(path.read_text())
        self.machine, self.rounds, self.other = earlier["machine"], earlier["rounds"], earlier["other"]

    def rows(self, workload):
        """What there is of each server, in the order of COLUMNS."""
        floor = self.rounds[workload.name].get("floor", [])
        for name, rounds in self.rounds[workload.name].items():
            counts = self.counts.get(workload.name, {}).get(name, {})
            bad = sum(1 for r in rounds if r and r["disturbed"])
            yield [name, show(median(rounds, "cpu_us"), "{:.2f}"), show(ratio(rounds, floor), "{:.2f}"),
                   show(median(rounds, "rate"), "{:,.0f}"), show(median(rounds, "p50_us"), "{:,.0f}"),
                   show(median(rounds, "p99_us"), "{:,.0f}"), show(counts.get("instructions"), "{:,.0f}"),
                   show(counts.get("system_calls"), "{:.2f}"), f"{bad} of {len(rounds)}"]

    def print(self, workloads):
        for workload in workloads:
            if workload.name not in self.rounds:
                continue
            print(f"\n{workload.title}")
            for row in [COLUMNS, *self.rows(workload)]:
                print(f"  {row[0]:10} " + " ".join(f"{cell:>{max(9, len(column))}}" for cell, column in
                                                 zip(row[1:], COLUMNS[1:])))
        if self.idle:
            print("\nuser-space memory of an idle keep-alive connection, bytes")
            for name, size in sorted(self.idle.items(), key=lambda i: i[1]):
                print(f"  {name:10} {size:8.0f}")
        for title, value in self.other.items():
            print(f"\n{title}: {value}")

    def write(self, folder, workloads):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bench.json").write_text(json.dumps(vars(self), indent=1) + "\n")
        self.draw(folder, workloads)

    def draw(self, folder, workloads):
        folder.mkdir(parents=True, exist_ok=True)
        for workload in workloads:
            if workload.name not in self.rounds:
                continue
            rounds = self.rounds[workload.name]
            charts.bars(f"CPU time a request: {workload.title}",
                        [(name, median(runs, "cpu_us"), "") for name, runs in rounds.items()], "us",
                        folder / f"cpu-{workload.name}.svg")
            counts = self.counts.get(workload.name, {})
            charts.bars(f"instructions a request in user space: {workload.title}",
                        [(name, of.get("instructions"), "") for name, of in counts.items()], "",
                        folder / f"instructions-{workload.name}.svg")
        charts.bars("memory of an idle keep-alive connection in user space",
                    [(name, size, "") for name, size in self.idle.items()], "bytes", folder / "idle.svg")
