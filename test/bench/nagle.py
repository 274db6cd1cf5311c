#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0.
# Measures what TCP_NODELAY does for small messages that are sent one by one: the gaps between raw.so's ticks.
#
#     b2 && test/bench/nagle.py bin/epollhost bin/plugins/raw.so
#
# Without TCP_NODELAY a message waits until the one before is acknowledged (Nagle), and a peer that has answered lately
# delays its acknowledgement, since the next answer could carry it: by 40 ms on Linux. So messages come in heaps, and
# late. The client here answers now and then, as a player or a trader does. The delay is the time from the tick, which
# the message carries, to its arrival; both processes read the same clock.
import argparse
import re
import signal
import socket
import struct
import subprocess
import time


def measure(arguments, nodelay):
    host = subprocess.Popen([arguments.program, "--plugin", arguments.raw, "--listen", "127.0.0.1:0", "--workers", "0",
                             "--raw.tick", arguments.tick, "--raw.tick-size", str(arguments.size), "--raw.nodelay",
                             nodelay], stderr=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r"127\.0\.0\.1:(\d+)", host.stderr.readline()).group(1))
        arrivals, delays = [], []
        with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pending, answer = b"", b"\xff" * arguments.size
            while len(arrivals) < arguments.messages:
                part = s.recv(65536)
                now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
                pending += part
                while len(pending) >= arguments.size:
                    message, pending = pending[:arguments.size], pending[arguments.size:]
                    if message == answer:  # echoed
                        continue
                    arrivals.append(now)
                    delays.append(now - struct.unpack(">Q", message[8:16])[0])
                    if len(arrivals) % arguments.answer_every == 0:
                        s.sendall(answer)
    finally:
        host.send_signal(signal.SIGTERM)
        host.communicate(timeout=60)
    return [b - a for a, b in zip(arrivals, arrivals[1:])], delays


def show(nodelay, what, values):
    values = sorted(values)
    at = lambda part: values[int(part * (len(values) - 1))] / 1e6
    print(f"--raw.nodelay {nodelay:3}  {what:24} {at(0.5):8.3f} {at(0.9):8.3f} {at(0.99):8.3f} {at(1):8.3f}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("raw", help="raw.so")
    p.add_argument("--tick", default="5ms")
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--messages", type=int, default=600)
    p.add_argument("--answer-every", type=int, default=10, metavar="N", help="the client answers each Nth message")
    arguments = p.parse_args()
    print(f"{arguments.messages} messages of {arguments.size} bytes, one each {arguments.tick}")
    print(f"{'milliseconds':43} {'50 %':>8} {'90 %':>8} {'99 %':>8} {'most':>8}")
    for nodelay in ("on", "off"):
        gaps, delays = measure(arguments, nodelay)
        show(nodelay, "between two messages", gaps)
        show(nodelay, "from tick to arrival", delays)


if __name__ == "__main__":
    main()
