#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0.
"""The yardstick: epollhost beside a bare epoll loop and beside other servers, under the same load.

    b2 bench                                        builds what it needs and runs all of it
    test/bench/bench.py --rounds 3 --only echo      a part, with what is built

The server has one processor and the load generator another. Servers run in turn, A B C A B C, so that a drift of the
machine meets all; a run during which other programs used more than a tenth of a processor is done again, and marked if
that does not help. CPU time is the server's own, as the kernel accounts it, for each request; the column "of floor" is
the median of its ratios to the floor's run of the same round. Instructions (callgrind) and system calls (strace) are the
difference of two runs of different length, so that start and end fall out; they do not depend on the machine's load.
A table is printed; bench.json and the charts go to --out.
"""
import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from yardstick import measure, page  # noqa: E402
from yardstick.report import Report  # noqa: E402
from yardstick.servers import Ours, all_servers  # noqa: E402
from yardstick.workloads import ONE_ECHO, WORKLOADS  # noqa: E402


class Progress:
    """One line that says what is going on; a line for each step where nobody watches."""

    def __init__(self, steps):
        self.steps, self.done = steps, 0

    def __call__(self, what):
        self.done += 1
        line = f"[{self.done}/{self.steps}] {what}"
        print(f"\r\033[K{line}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n",
              file=sys.stderr, flush=True)


def present(servers):
    out = []
    for server in servers:
        if why := server.missing():
            print(f"{server.name}: left out, {why}", file=sys.stderr)
        else:
            out.append(server)
    return out


def attempt(what, f, *arguments):
    """None where a server can't do it: the others are measured all the same."""
    try:
        return f(*arguments)
    except (RuntimeError, OSError, SystemExit, ValueError, AttributeError) as e:
        print(f"\n{what}: {e}", file=sys.stderr)
        return None


def run(arguments, report, generator, servers, workloads):
    plan = [(w, [s for s in servers if w.variant in s.variants]) for w in workloads]
    pairs = sum(len(some) for _, some in plan)
    counted = 0 if arguments.times_only else 2 * pairs + len(servers)
    step = Progress(pairs * arguments.rounds + counted)
    for workload, some in plan:
        rounds = report.rounds.setdefault(workload.name, {s.name: [] for s in some})
        for i in range(arguments.rounds):
            for server in some:
                step(f"{workload.title}, round {i + 1}: {server.name}")
                rounds[server.name].append(attempt(server.name, measure.timed, generator, server, workload))
    if arguments.times_only:
        return
    for workload, some in plan:
        for server in some:
            counts = report.counts.setdefault(workload.name, {}).setdefault(server.name, {})
            step(f"{workload.title}: instructions of {server.name}")
            counts["instructions"] = attempt(server.name, measure.instructions, generator, server, workload)
            step(f"{workload.title}: system calls of {server.name}")
            counts["system_calls"] = attempt(server.name, measure.system_calls, generator, server, workload)
    for server in servers:
        step(f"idle connections: {server.name}")
        if "http" in server.variants and (size := attempt(server.name, measure.idle_bytes, generator, server)):
            report.idle[server.name] = size


def two_workers(report, generator, ours, workload, rounds):
    """CPU time a request of two workers against one, on processors that all share with two generators."""
    pairs = []
    for _ in range(rounds):
        one, two = (attempt(ours.name, measure.timed, generator, ours, workload, n, 2) for n in (1, 2))
        if one and two:
            pairs.append(two["cpu_us"] / one["cpu_us"])
    if pairs:
        report.other["CPU time a request of 2 workers against 1, processors shared with two generators"] = (
            f"{sorted(pairs)[len(pairs) // 2]:.3f} (median of {len(pairs)})")


def spinning(report, generator, floor, ours, rounds):
    """The latency of one connection with --spin, against the floor, which sleeps."""
    pairs = []
    for _ in range(rounds):
        slept, spun = (attempt(s.name, measure.timed, generator, s, ONE_ECHO) for s in (floor, ours))
        if slept and spun:
            pairs.append((slept["p50_us"], spun["p50_us"]))
    if pairs:
        slept, spun = (sorted(each)[len(pairs) // 2] for each in zip(*pairs))
        report.other["median latency of an echo, 1 connection, with --spin 50us against the floor, which sleeps"] = (
            f"{spun:.1f} us against {slept:.1f}: {spun / slept:.2f}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", default="bin/epollhost")
    p.add_argument("--plugins", default="bin/plugins")
    p.add_argument("--bench", default="bin/bench", help="the folder of the load generator and the small servers")
    p.add_argument("--rounds", type=int, default=11)
    p.add_argument("--only", action="append", choices=[w.name for w in WORKLOADS], help="this workload; may be repeated")
    p.add_argument("--servers", help="these servers, parted by commas; the floor always")
    p.add_argument("--times-only", action="store_true", help="no counts of instructions, system calls and memory")
    p.add_argument("--times", type=Path, metavar="FILE", help="take them from this bench.json, and only count")
    p.add_argument("--publish", type=Path, metavar="FOLDER", help="write benchmarks.adoc and its charts there, too")
    p.add_argument("--out", type=Path, default=Path("out/bench"))
    arguments = p.parse_args()
    servers = present(all_servers(arguments.program, arguments.plugins, arguments.bench))
    if arguments.servers:
        wanted = {"floor", *arguments.servers.split(",")}
        servers = [s for s in servers if s.name in wanted]
    workloads = [w for w in WORKLOADS if arguments.only is None or w.name in arguments.only]
    if not (Path(arguments.plugins) / "files.so").exists():
        workloads = [w for w in workloads if w.variant != "file"]
    report = Report()
    if arguments.times:
        arguments.rounds = 0
        report.take_times(arguments.times)
    generator = measure.Generator(str(Path(arguments.bench).resolve() / "load_generator"))
    run(arguments, report, generator, servers, workloads)
    ours = [s for s in servers if s.name == "epollhost"]
    if ours and arguments.rounds and workloads[0].name == "keep-alive":
        two_workers(report, generator, ours[0], workloads[0], arguments.rounds)
        spinning(report, generator, servers[0], Ours(arguments.program, arguments.plugins, "--spin", "50us"),
                 arguments.rounds)
    print(file=sys.stderr)
    report.print(workloads)
    report.write(arguments.out, workloads)
    if arguments.publish:
        report.draw(arguments.publish / "charts", workloads)
        page.write(report, workloads, arguments.publish / "benchmarks.adoc")
    print(f"\nbench.json and the charts are in {arguments.out}")


if __name__ == "__main__":
    main()
