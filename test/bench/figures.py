#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0.
# Counts what a request costs: instructions in user space, system calls, and the memory of an idle connection.
#
#     b2 && test/bench/figures.py bin/epollhost bin/plugins/http.so bin/plugins/raw.so [--functions N]
#
# Instructions are those of callgrind, as the difference between a long and a short run of the same program, so that
# start and end fall out. They do not depend on the machine's load; they do on compiler and options.
import argparse
import collections
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from support.calls import Watched  # noqa: E402
from support.http_client import BROWSER, SHORT  # noqa: E402
from support.instructions import FEW, MANY, Program, answer_size, available, of_a_run, talk  # noqa: E402


def by_function(path):
    page = subprocess.run(["callgrind_annotate", "--threshold=100", "--auto=no", path], capture_output=True, text=True,
                          check=True).stdout
    counts = collections.Counter()
    for match in re.finditer(r"^ *([\d,]+) \([ \d.]+%\)  (\S.*)$", page, re.M):
        name = re.sub(r" \[.*\]$", "", match.group(2)).split(":", 1)[-1]
        if name != "PROGRAM TOTALS":
            counts[name] += int(match.group(1).replace(",", ""))
    return counts


def instructions(arguments, title, plugin, message, answer_bytes, requests):
    few, many = (of_a_run(arguments.program, plugin, message, answer_bytes, times, by_function) for times in (FEW, MANY))
    each = (MANY - FEW) * requests
    difference = {name: (count - few[name]) / each for name, count in many.items()}
    print(f"{title:42} {sum(difference.values()):8.0f} instructions")
    for name, count in sorted(difference.items(), key=lambda i: -i[1])[:arguments.functions]:
        print(f"    {count:8.1f}  {name[:110]}")


def system_calls(arguments):
    size = answer_size(arguments.program, arguments.http, SHORT)
    with Program(arguments.program, arguments.http) as host:
        for title, depth in (("keep-alive request", 1), ("16 pipelined requests", 16)):
            talk(host.port, SHORT, size, 1)
            with Watched(host.process.pid) as watched:
                talk(host.port, SHORT * depth, size * depth, 1000)
            count = ", ".join(f"{n / 1000:.3f} {name}" for name, n in sorted(watched.count().items()))
            print(f"{title:42} {count} (1000 times, with accept and close)")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("program")
    p.add_argument("http", help="http.so")
    p.add_argument("raw", help="raw.so")
    p.add_argument("--functions", type=int, default=0, help="show the N dearest functions of each")
    p.add_argument("--only", choices=["instructions", "calls", "memory"])
    arguments = p.parse_args()
    wanted = lambda what: arguments.only in (None, what)
    if wanted("instructions") and available:
        size = answer_size(arguments.program, arguments.http, SHORT)
        instructions(arguments, "keep-alive request of 40 bytes", arguments.http, SHORT, size, 1)
        instructions(arguments, "the same, 16 pipelined: each", arguments.http, SHORT * 16, size * 16, 16)
        instructions(arguments, "a browser's request of 620 bytes", arguments.http, BROWSER, size, 1)
        instructions(arguments, "64 bytes echoed by raw.so", arguments.raw, b"x" * 64, 64, 1)
    if wanted("memory"):
        subprocess.run([sys.executable, HERE / "idle_memory.py", "--program", arguments.program, "--plugin", arguments.http])
    if wanted("calls") and shutil.which("strace"):
        system_calls(arguments)


if __name__ == "__main__":
    main()
