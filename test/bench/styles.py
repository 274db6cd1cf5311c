# Distributed under the Boost Software License, Version 1.0.
"""Compares what an echoed message costs in each style of plugin: C hooks, a class, a coroutine.

    python3 test/bench/styles.py [--program bin/epollhost] [--goals]

Builds the three plugins below, which do the same: send back what has come. For each it prints

    compile         processor seconds of the compiler for it
    instructions    of user space for a message, with callgrind: the difference of two runs, divided by that of their
                    messages. `plugin` is what was spent in the plugin's file and below what it calls there
    CPU             microseconds of the worker for a message, kernel included
    allocations     on the heap for a message, once it is warm
    idle bytes      of private memory for a connection that waits for input: the slope between 1,000 and 9,000 of them

With --goals it fails unless a class costs what C does within 2 %, a coroutine at most 150 instructions more, and none
allocates.
"""
import argparse
import os
import pathlib
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "test/system"))
from support.instructions import FEW, MANY, by_object, of_a_run  # noqa: E402

MESSAGE = b"x" * 64
DEADLINE_S = 60

CLASS = """
#include <epollhost/plugin.hpp>
namespace eh = epollhost;
struct echo {
  static constexpr auto about = eh::about{"echo", "1.0.0", "sends every byte back", ":7000"};
  struct connection {
    eh::next data(eh::io& io) {
      io.reply(io.take());
      return eh::next::keep;
    }
  };
};
EPOLLHOST_PLUGIN(echo)
"""
COROUTINE = """
#include <epollhost/async.hpp>
namespace eh = epollhost;
static eh::task<> serve(eh::stream peer) {
  while (const auto some = co_await peer.async_read_some()) co_await peer.async_write(*some);
}
EPOLLHOST_COROUTINE(echo, "1.0.0", "sends every byte back", ":7000", serve)
"""


def styles():
    yield "C hooks", "c", (TREE / "plugins/echo/echo.c").read_text()
    yield "class", "cpp", CLASS
    yield "coroutine", "cpp", COROUTINE


def build(folder, name, kind, source):
    """The plugin's path, and the processor time that the compiler took."""
    file, plugin = folder / f"{name}.{kind}", folder / f"{name.replace(' ', '-')}.so"
    file.write_text(source)
    command = ["cc", "-std=c11"] if kind == "c" else ["c++", "-std=c++20"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "-O2", "-g1", "-shared", "-fPIC", "-fvisibility=hidden", f"-I{TREE}/include", str(file),
                    "-o", str(plugin)], check=True, env={**os.environ, "CCACHE_DISABLE": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return plugin, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


class Host:
    """A program in one process, under `around` (a command), with a port of its own."""

    def __init__(self, program, plugin, around=(), **more):
        self.process = subprocess.Popen([*around, program, "--plugin", str(plugin), "--listen", "127.0.0.1:0",
                                         "--workers", "0"], stderr=subprocess.PIPE, text=True, **more)
        for line in self.process.stderr:
            if found := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        sys.exit("the program did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stderr.read()
        self.process.wait()

    def connect(self, source=0):
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_S, source_address=(f"127.0.0.{2 + source}", 0))

    def cpu_s(self):
        """Processor time so far, from the scheduler's own clock."""
        with open(f"/proc/{self.process.pid}/schedstat") as stat:
            return int(stat.read().split()[0]) / 1e9

    def private_bytes(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as rollup:
            return int(re.search(r"Private_Dirty: +(\d+) kB", rollup.read())[1]) * 1024


def talk(peer, messages):
    for _ in range(messages):
        peer.sendall(MESSAGE)
        if len(peer.recv(len(MESSAGE), socket.MSG_WAITALL)) < len(MESSAGE):
            sys.exit("the program closed the connection")


def count_instructions(program, plugin):
    few, many = (of_a_run(program, plugin, MESSAGE, len(MESSAGE), times, by_object) for times in (FEW, MANY))
    each = {name: (many[name] - few[name]) / (MANY - FEW) for name in many}
    return sum(each.values()), each.get(plugin.name, 0)


def count_allocations(program, plugin, folder):
    counter, slots = folder / "counter.so", folder / "slots"
    if not counter.exists():
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", str(TREE / "test/system/support/malloc_counter.c"), "-o",
                        str(counter)], check=True)
    slots.write_bytes(bytes(256 * 16))
    with Host(program, plugin, env={**os.environ, "LD_PRELOAD": str(counter), "EPOLLHOST_ALLOCATIONS": str(slots)}) as host:
        def count():
            return sum(n for pid, n in struct.iter_unpack("=QQ", slots.read_bytes()) if pid == host.process.pid)
        with host.connect() as peer:
            talk(peer, 1000)
            before = count()
            talk(peer, 1000)
            return (count() - before) / 1000


def measure_cpu(program, plugin, messages=20_000):
    with Host(program, plugin) as host, host.connect() as peer:
        talk(peer, 1000)
        best = float("inf")
        for _ in range(5):  # the least disturbed of five
            before = host.cpu_s()
            talk(peer, messages // 5)
            best = min(best, (host.cpu_s() - before) / (messages // 5))
        return best * 1e6


def measure_idle(program, plugin):
    found, peers = [], []
    with Host(program, plugin) as host:
        for count in (1000, 9000):
            while len(peers) < count:
                peers.append(host.connect(len(peers) // 5000))
                talk(peers[-1], 1)
            found.append(host.private_bytes())
    for peer in peers:
        peer.close()
    return (found[1] - found[0]) / 8000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="bin/epollhost")
    parser.add_argument("--goals", action="store_true")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"{'style':<12}{'compile':>9}{'instructions':>14}{'plugin':>8}{'CPU':>9}{'allocations':>13}{'idle bytes':>12}")
    total, allocated = {}, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for style, kind, source in styles():
            plugin, seconds = build(folder, style, kind, source)
            total[style], own = count_instructions(arguments.program, plugin)
            allocations = count_allocations(arguments.program, plugin, folder)
            allocated += allocations
            cpu, idle = measure_cpu(arguments.program, plugin), measure_idle(arguments.program, plugin)
            print(f"{style:<12}{seconds:>7.2f} s{total[style]:>14.0f}{own:>8.0f}{cpu:>6.1f} us{allocations:>13.3f}"
                  f"{idle:>12.0f}", flush=True)
    base = total["C hooks"]
    met = total["class"] <= 1.02 * base and total["coroutine"] <= base + 150 and allocated == 0
    return 1 if arguments.goals and not met else 0


if __name__ == "__main__":
    sys.exit(main())
