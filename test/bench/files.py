#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0.
# Compares the processor time of files.so for a file with that of nginx with sendfile, both with one worker.
#
#     b2 && test/bench/files.py bin/epollhost bin/plugins/files.so [--bytes 102400] [--rounds 5] [--requests 20000]
#
# Both serve the same folder, keep connections alive and write no access log. wrk cannot stop after a count, so ab asks.
# The rounds alternate, and what counts is user and system time of the worker alone, from /proc: the client's share and
# whatever else runs change neither much. The median of the rounds' ratios is the figure. Without nginx (Debian:
# nginx-light) it says so and shows files.so alone.
import argparse
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

DEADLINE_S = 60
NGINX = """daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;
{user}events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type application/octet-stream;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def child_of(pid, wanted):
    """The process below this one whose command line `wanted` likes; waits until it is there."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if wanted(Path(f"/proc/{child}/cmdline").read_bytes()):
                return int(child)
    raise SystemExit("no worker came")


def cpu_ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]), int(fields[12])


class Server:
    def __init__(self, name, process, port, worker):
        self.name, self.process, self.port, self.worker = name, process, port, worker

    def cost(self, path, arguments):
        """Microseconds of user and of system time for a request."""
        before = cpu_ticks(self.worker)
        page = subprocess.run(["ab", "-q", "-k", "-n", str(arguments.requests), "-c", str(arguments.connections),
                               f"http://127.0.0.1:{self.port}{path}"], capture_output=True, text=True, check=True).stdout
        after = cpu_ticks(self.worker)
        if not re.search(r"Failed requests: +0\n", page) or "Non-2xx" in page:
            raise SystemExit(f"{self.name}: {page}")
        tick_us = 1e6 / os.sysconf("SC_CLK_TCK") / arguments.requests
        return (after[0] - before[0]) * tick_us, (after[1] - before[1]) * tick_us

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=DEADLINE_S)


def epollhost(arguments, folder):
    process = subprocess.Popen([arguments.program, "--plugin", arguments.plugin, "--listen", "127.0.0.1:0", "--workers",
                                "0", "--files.root", f"{folder}/root"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if match := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
            return Server("files.so", process, int(match.group(1)), process.pid)
    raise SystemExit(f"{arguments.program} did not start")


def nginx(folder):
    port = free_port()
    user = "user root;\n" if os.geteuid() == 0 else ""
    Path(f"{folder}/nginx.conf").write_text(NGINX.format(folder=folder, port=port, user=user))
    process = subprocess.Popen(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
    return Server("nginx", process, port, child_of(process.pid, lambda words: b"worker process" in words))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("plugin", help="files.so")
    p.add_argument("--bytes", type=int, default=102400)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--requests", type=int, default=20000)
    p.add_argument("--connections", type=int, default=8)
    arguments = p.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    with tempfile.TemporaryDirectory() as folder:
        Path(f"{folder}/root").mkdir()
        Path(f"{folder}/root/file").write_bytes(os.urandom(arguments.bytes))
        servers = [epollhost(arguments, folder)]
        if shutil.which("nginx"):
            servers.append(nginx(folder))
        else:
            print("nginx is not here (Debian: nginx-light); only files.so is measured")
        try:
            measure(servers, arguments)
        finally:
            for server in servers:
                server.end()


def measure(servers, arguments):
    ratios = []
    for number in range(arguments.rounds + 1):
        costs = [server.cost("/file", arguments) for server in servers]
        if number == 0:
            continue  # to warm up
        for server, (user, system) in zip(servers, costs):
            print(f"{server.name:10} {user + system:7.2f} us a request ({user:.2f} user, {system:.2f} system)")
        if len(costs) == 2:
            ratios.append(sum(costs[0]) / sum(costs[1]))
    if ratios:
        print(f"files.so needs {statistics.median(ratios):.2f} of nginx's processor time for {arguments.bytes} bytes "
              f"(rounds: {', '.join(f'{r:.2f}' for r in sorted(ratios))})")


if __name__ == "__main__":
    main()
