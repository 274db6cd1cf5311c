# Distributed under the Boost Software License, Version 1.0.
"""Measures the user-space memory that an idle keep-alive connection costs a worker.

    python3 test/bench/idle_memory.py [--program bin/epollhost] [--plugin bin/plugins/http.so] [--connections 15000]

Opens the connections in steps, has each answer one request, and reads the worker's private memory (Private_Dirty of
/proc/PID/smaps_rollup) at each step. The cost of one is the slope between the first step, behind which all the worker's
buffers and tables exist, and the last. Fails above --most, or if a connection does not answer a second request at the
end. The kernel's memory for its sockets is not counted: no program can save it.
"""
import argparse
import re
import resource
import socket
import subprocess
import sys

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
END = b"Hello, world!"
DEADLINE_S = 60


def ask(peer):
    peer.sendall(REQUEST)
    answer = b""
    while not answer.endswith(END):
        part = peer.recv(4096)
        if not part:
            sys.exit("a connection was closed")
        answer += part


def private_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return int(re.search(r"Private_Dirty: +(\d+) kB", rollup.read()).group(1)) * 1024


def start(arguments):
    process = subprocess.Popen([arguments.program, "--plugin", arguments.plugin, "--listen", "127.0.0.1:0", "--workers",
                                "0"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if found := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
            return process, int(found.group(1))
    sys.exit("the program did not start")


def measure(arguments, process, port):
    """The private memory at the first and the last step, with the numbers of connections."""
    steps = [arguments.connections // 15 * i for i in range(1, 16)]
    peers, found = [], []
    for step in steps:
        while len(peers) < step:
            # One source address holds some 28,000 ports; several of them leave room.
            source = (f"127.0.0.{2 + len(peers) // 5000}", 0)
            peers.append(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S, source_address=source))
            ask(peers[-1])
        found.append((step, private_bytes(process.pid)))
    for peer in peers:
        ask(peer)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="bin/epollhost")
    parser.add_argument("--plugin", default="bin/plugins/http.so")
    parser.add_argument("--connections", type=int, default=15000)
    parser.add_argument("--most", type=int, default=160, help="bytes for each connection")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    process, port = start(arguments)
    try:
        found = measure(arguments, process, port)
    finally:
        process.terminate()
        process.stderr.read()
        process.wait()
    (first, least), (last, greatest) = found[0], found[-1]
    for step, size in found:
        print(f"{step:>8} connections {size / 1024:>8.0f} KiB")
    each = (greatest - least) / (last - first)
    print(f"{each:.0f} bytes for each connection; {(greatest - least) / 1024:.0f} KiB for {last - first} of them")
    return 1 if each > arguments.most else 0


if __name__ == "__main__":
    sys.exit(main())
