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
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "system"))
from support.calls import Watched  # noqa: E402
from support.http_client import BROWSER, SHORT, Client  # noqa: E402
from support.program import DEADLINE_S  # noqa: E402
from support.worker import memory, worker  # noqa: E402

FEW, MANY = 200, 1200


class Program:
    """One process that serves a plugin, if wanted below another program."""

    def __init__(self, program, plugin, *words, below=()):
        self.process = subprocess.Popen([*below, program, "--plugin", plugin, "--listen", "127.0.0.1:0", "--workers",
                                         "0", *words], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if match := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
                self.port = int(match.group(1))
                return
        raise SystemExit(f"{program} did not start")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=DEADLINE_S)


def talk(port, message, answer_bytes, times):
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(times):
            s.sendall(message)
            left = answer_bytes
            while left:
                left -= len(s.recv(left))


def collect(arguments, plugin, message, answer_bytes, times):
    """Instructions of a run, by function."""
    with tempfile.NamedTemporaryFile() as out:
        program = Program(arguments.program, plugin, below=["valgrind", "-q", "--tool=callgrind", "--compress-strings=no",
                                                            f"--callgrind-out-file={out.name}"])
        talk(program.port, message, answer_bytes, times)
        program.end()
        page = subprocess.run(["callgrind_annotate", "--threshold=100", "--auto=no", out.name], capture_output=True,
                              text=True, check=True).stdout
    counts = collections.Counter()
    for match in re.finditer(r"^ *([\d,]+) \([ \d.]+%\)  (\S.*)$", page, re.M):
        name = re.sub(r" \[.*\]$", "", match.group(2)).split(":", 1)[-1]
        if name != "PROGRAM TOTALS":
            counts[name] += int(match.group(1).replace(",", ""))
    return counts


def instructions(arguments, title, plugin, message, answer_bytes, requests):
    few = collect(arguments, plugin, message, answer_bytes, FEW)
    many = collect(arguments, plugin, message, answer_bytes, MANY)
    each = (MANY - FEW) * requests
    difference = {name: (count - few[name]) / each for name, count in many.items()}
    print(f"{title:42} {sum(difference.values()):8.0f} instructions")
    for name, count in sorted(difference.items(), key=lambda i: -i[1])[:arguments.functions]:
        print(f"    {count:8.1f}  {name[:110]}")


def answer_size(arguments, plugin, message):
    program = Program(arguments.program, plugin)
    with Client(program.port) as client:
        client.send(message)
        size = len(client.socket.recv(65536))
    program.end()
    return size


def system_calls(arguments):
    program = Program(arguments.program, arguments.http)
    size = answer_size(arguments, arguments.http, SHORT)
    for title, depth in (("keep-alive request", 1), ("16 pipelined requests", 16)):
        with socket.create_connection(("127.0.0.1", program.port), timeout=DEADLINE_S):
            talk(program.port, SHORT, size, 1)
            with Watched(program.process.pid) as watched:
                talk(program.port, SHORT * depth, size * depth, 1000)
        count = ", ".join(f"{n / 1000:.3f} {name}" for name, n in sorted(watched.count().items()))
        print(f"{title:42} {count} (1000 times, with accept and close)")
    program.end()


def idle_connections(arguments):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    each = min(5000, (most - 200) // 3)
    program = Program(arguments.program, arguments.http, "--max-connections", "100000")
    pid, clients, sizes = program.process.pid, [], []
    for _ in range(3):
        for _ in range(each):
            client = socket.create_connection(("127.0.0.1", program.port), timeout=DEADLINE_S)
            client.sendall(SHORT)
            client.recv(65536)
            clients.append(client)
        sizes.append(memory(pid))
    print(f"{'idle keep-alive connection':42} {(sizes[2] - sizes[0]) / (2 * each):8.0f} bytes "
          f"(from {each} to {3 * each} connections)")
    for client in clients:
        client.close()
    program.end()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("program")
    p.add_argument("http", help="http.so")
    p.add_argument("raw", help="raw.so")
    p.add_argument("--functions", type=int, default=0, help="show the N dearest functions of each")
    p.add_argument("--only", choices=["instructions", "calls", "memory"])
    arguments = p.parse_args()
    wanted = lambda what: arguments.only in (None, what)
    if wanted("instructions") and shutil.which("valgrind"):
        size = answer_size(arguments, arguments.http, SHORT)
        instructions(arguments, "keep-alive request of 40 bytes", arguments.http, SHORT, size, 1)
        instructions(arguments, "the same, 16 pipelined: each", arguments.http, SHORT * 16, size * 16, 16)
        instructions(arguments, "a browser's request of 620 bytes", arguments.http, BROWSER, size, 1)
        instructions(arguments, "64 bytes echoed by raw.so", arguments.raw, b"x" * 64, 64, 1)
    if wanted("memory"):
        idle_connections(arguments)
    if wanted("calls") and shutil.which("strace"):
        system_calls(arguments)


if __name__ == "__main__":
    main()
