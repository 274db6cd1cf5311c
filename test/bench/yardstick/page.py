# Distributed under the Boost Software License, Version 1.0.
# The results as a page of the documentation, with charts.
from yardstick.report import COLUMNS

HEAD = """// Distributed under the Boost Software License, Version 1.0.
// This program beside others, under the same load. Written by test/bench/bench.py --publish; do not edit.
= Beside others
:toc:

The server has one processor and the load generator another, over loopback. The servers ran in turn, {rounds} rounds of each; a
run that other programs disturbed was done again. CPU time is the server's own, user and kernel, for each request: the
median. "Of the floor" is the median of its ratios to the run of the floor in the same round; the floor is a bare loop over
epoll that looks at nothing but the ends of requests (`test/bench/servers/floor.c`). Ratios closer than 3 % to each other
should not be told apart. Instructions in user space (callgrind) and system calls (strace) are counts: they do not depend
on the machine's load.

`./bootstrap.sh bench && b2 bench` does it again, with what is installed; `test/bench` has every server's configuration.
Each is one thread of one process, says the same 13 bytes and writes no log. Those over Asio, Beast, libuv and libevent are
small servers of our own writing, which have neither limits nor deadlines.

{machine}
"""


def table(columns, rows):
    """An AsciiDoc table: the first column is text, all others are numbers."""
    widths = ",".join(["<"] + [">"] * (len(columns) - 1))
    lines = [f'[%autowidth,cols="{widths}"]', "|===", "| " + " | ".join(columns), ""]
    return "\n".join(lines + ["| " + " | ".join(row) for row in rows] + ["|==="])


def workload_section(report, workload):
    title = workload.title[0].upper() + workload.title[1:]
    counted = bool(report.counts.get(workload.name))
    charts = [f"image::charts/{kind}-{workload.name}.svg[]\n" for kind in ["cpu"] + ["instructions"] * counted]
    return "\n".join([f"== {title}", "", *charts, table(COLUMNS, report.rows(workload)), ""])


def write(report, workloads, path):
    machine = report.machine
    rounds = max(len(runs) for of in report.rounds.values() for runs in of.values())
    parts = [HEAD.format(rounds=rounds, machine=f"Measured on {machine['processor']}, {machine['processors']} processors, "
                                                f"kernel {machine['kernel']}, {machine['date']}.")]
    parts += [workload_section(report, w) for w in workloads if w.name in report.rounds]
    if report.idle:
        rows = [[name, f"{size:,.0f}"] for name, size in sorted(report.idle.items(), key=lambda i: i[1])]
        parts.append("== An idle connection\n\nKeep-alive, after one request, user space only.\n\n"
                     f"image::charts/idle.svg[]\n\n{table(['server', 'bytes'], rows)}\n")
    if report.other:
        parts.append("== And\n\n" + "\n".join(f"* {title}: {value}" for title, value in report.other.items()) + "\n")
    path.write_text("\n".join(parts))
