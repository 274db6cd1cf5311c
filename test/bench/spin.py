#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0.
# Measures what --spin does to the latency of one connection, and what it costs.
#
#     b2 && b2 test/bench && test/bench/spin.py bin/epollhost bin/plugins/raw.so bin/bench/echo_latency
#
# Without, with, without, with: a drift of the machine shows as a difference between equals. The server has a processor
# of its own and the client another, as such servers are run: on one processor the one who spins only keeps the other
# waiting. On an idle machine blocking is dearer still, since the processor itself must be woken.
import argparse
import os
import re
import signal
import statistics
import subprocess


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0])


def on(processor):
    """What subprocess calls before the program."""
    return lambda: os.sched_setaffinity(0, {processor})


def measure(arguments, spin):
    here, there = (sorted(os.sched_getaffinity(0)) * 2)[:2]
    host = subprocess.Popen([arguments.program, "--plugin", arguments.raw, "--listen", "127.0.0.1:0", "--workers", "0",
                             "--spin", spin], stderr=subprocess.PIPE, text=True, preexec_fn=on(here))
    try:
        port = re.search(r"127\.0\.0\.1:(\d+)", host.stderr.readline()).group(1)
        ask = lambda n: subprocess.run([arguments.client, port, str(n), str(arguments.bytes)], check=True,
                                       capture_output=True, text=True, preexec_fn=on(there)).stdout.split()
        ask(1000)
        before = cpu_ns(host.pid)
        median, high = map(float, ask(arguments.messages))
        return median, high, (cpu_ns(host.pid) - before) / arguments.messages / 1000
    finally:
        host.send_signal(signal.SIGTERM)
        host.communicate(timeout=60)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("raw", help="raw.so")
    p.add_argument("client", help="echo_latency")
    p.add_argument("--spin", default="50us")
    p.add_argument("--messages", type=int, default=20_000)
    p.add_argument("--bytes", type=int, default=64)
    p.add_argument("--times", type=int, default=3)
    arguments = p.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {arguments.messages} messages of "
          f"{arguments.bytes} bytes, one after the other")
    print(f"{'--spin':>8} {'median us':>10} {'99 % us':>10} {'cpu us/message':>15}")
    results = {"0": [], arguments.spin: []}
    for _ in range(arguments.times):
        for spin, all_of in results.items():
            all_of.append(measure(arguments, spin))
            print(f"{spin:>8} {all_of[-1][0]:10.1f} {all_of[-1][1]:10.1f} {all_of[-1][2]:15.2f}")
    without, with_it = (statistics.median(r[0] for r in all_of) for all_of in results.values())
    print(f"median latency: {without / with_it:.2f} times lower with --spin {arguments.spin}")


if __name__ == "__main__":
    main()
