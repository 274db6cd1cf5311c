# Distributed under the Boost Software License, Version 1.0.
"""Counts the user-space instructions of a request, with callgrind.

    python3 test/bench/http_instructions.py [--program bin/epollhost] [--plugin bin/plugins/http.so]

The program runs as `--workers 0`, so that one process does everything. Each figure is the difference of two runs with
different numbers of requests, divided by that of the requests: start and stop cancel out. `cpuid` of callgrind tells of
AVX2, so the parser that is measured is the one that runs on today's processors.
"""
import argparse
import collections
import os
import re
import socket
import subprocess
import tempfile

SMALL = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n"
BROWSER = (
    b"GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\n"
    b"Host: www.kittyhell.com\r\n"
    b"User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3 "
    b"Pathtraq/0.9\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\n"
    b"Accept-Encoding: gzip,deflate\r\n"
    b"Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r\n"
    b"Keep-Alive: 115\r\n"
    b"Connection: keep-alive\r\n"
    b"Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; "
    b"__utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.x\r\n\r\n")
END = b"Hello, world!"
DEADLINE_S = 60


def serve(program, plugin, out, talk):
    """Run the program under callgrind, have `talk` with it, and stop it."""
    command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={out}", program, "--plugin", plugin, "--listen",
               "127.0.0.1:0", "--workers", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stderr:
                if found := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
                    break
            else:
                raise SystemExit("the program did not start")
            with socket.create_connection(("127.0.0.1", int(found.group(1))), timeout=DEADLINE_S) as peer:
                talk(peer)
        finally:
            process.terminate()
            process.stderr.read()


def conversation(request, batch, requests):
    """A client that sends `requests` of them, `batch` at a time, and reads all answers before it goes on."""
    def talk(peer):
        for _ in range(requests // batch):
            peer.sendall(request * batch)
            answered, rest = 0, b""
            while answered < batch:
                part = peer.recv(1 << 20)
                if not part:
                    raise SystemExit("the program closed the connection")
                rest += part
                answered += rest.count(END)
                rest = rest[-(len(END) - 1):]
    return talk


def instructions(path):
    """Sum the instructions of each shared object in callgrind's output."""
    names, sums, where, call = {}, collections.Counter(), "", False
    with open(path) as lines:
        for line in lines:
            if found := re.match(r"ob=\((\d+)\)(?: (.*))?", line):
                where = names.setdefault(found[1], os.path.basename(found[2] or ""))
            elif line.startswith("cob="):
                found = re.match(r"cob=\((\d+)\)(?: (.*))?", line)
                names.setdefault(found[1], os.path.basename(found[2] or ""))
            elif line.startswith("calls="):
                call = True  # the next line is the cost of what was called
            elif re.match(r"(0x|[+\-*\d])", line):
                if not call:
                    sums[where] += int(line.split()[-1])
                call = False
    return sums


def measure(arguments, request, batch):
    counts = (2000, 6000)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            out = os.path.join(folder, f"callgrind.{count}")
            serve(arguments.program, arguments.plugin, out, conversation(request, batch, count))
            found.append(instructions(out))
    return {name: (found[1][name] - found[0][name]) / (counts[1] - counts[0]) for name in found[1]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="bin/epollhost")
    parser.add_argument("--plugin", default="bin/plugins/http.so")
    parser.add_argument("--only", choices=("single", "pipelined", "browser"))
    arguments = parser.parse_args()
    cases = {"single": (SMALL, 1), "pipelined": (SMALL, 100), "browser": (BROWSER, 1)}
    print(f"{'request':<12}{'bytes':>6}{'all':>8}  of which")
    for name, (request, batch) in cases.items():
        if arguments.only not in (None, name):
            continue
        parts = measure(arguments, request, batch)
        shares = ", ".join(f"{part} {cost:.0f}" for part, cost in sorted(parts.items(), key=lambda p: -p[1]) if cost >= 1)
        print(f"{name:<12}{len(request):>6}{sum(parts.values()):>8.0f}  {shares}", flush=True)


if __name__ == "__main__":
    main()
