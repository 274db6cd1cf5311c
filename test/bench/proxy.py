#!/usr/bin/env python3
# Distributed under the Boost Software License, Version 1.0.
"""CPU time of a TCP proxy for each GiB: proxy.so beside haproxy in TCP mode and nginx's stream, in turn.

    b2 && test/bench/proxy.py [--gib 2] [--rounds 3]

One connection carries half of it each way, both at once, and every byte is compared. The figure is the proxy's own CPU
time as the kernel accounts it; each has one process or thread that serves. What is not installed is left out (Debian:
haproxy, nginx with libnginx-mod-stream)."""
import argparse
import contextlib
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
MIB = 1 << 20
PATTERN = os.urandom(MIB)
TWICE = memoryview(PATTERN + PATTERN)
TICKS = os.sysconf("SC_CLK_TCK")
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


def stream(peer, size):
    """Sends and receives so many bytes; any that is not the pattern's ends the program."""
    def send():
        for _ in range(size // MIB):
            peer.sendall(PATTERN)
        peer.shutdown(socket.SHUT_WR)
    sender = threading.Thread(target=send)
    sender.start()
    buffer, got = memoryview(bytearray(MIB)), 0
    while n := peer.recv_into(buffer):
        if buffer[:n] != TWICE[got % MIB:got % MIB + n]:
            raise SystemExit(f"a byte is wrong between {got} and {got + n}")
        got += n
    sender.join()
    if got != size:
        raise SystemExit(f"{got} bytes came instead of {size}")


def accept_one(listener, size):
    stream(listener.accept()[0], size)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def epollhost(folder, port, backend):
    return [TOP / "bin/epollhost", "--plugin", TOP / "bin/plugins/proxy.so", "--workers", "1", "--listen",
            f"127.0.0.1:{port}", "--proxy.backends", f"127.0.0.1:{backend}", "--proxy.check-interval", "0"]


def haproxy(folder, port, backend):
    (folder / "haproxy.cfg").write_text(f"""global
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
listen one
  bind 127.0.0.1:{port}
  server backend 127.0.0.1:{backend}
""", encoding="ascii")
    return ["haproxy", "-db", "-f", folder / "haproxy.cfg"]


def nginx(folder, port, backend):
    (folder / "nginx.conf").write_text(f"""load_module {STREAM_MODULE};
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
stream {{ server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{backend}; proxy_half_close on; }} }}
""", encoding="ascii")
    return ["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]


def family(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid] + [p for c in children for p in family(int(c))]


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mib(pid):
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")) / 1024


def connected(port):
    end = time.monotonic() + 10
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port))
        if time.monotonic() > end:
            raise SystemExit("the proxy does not listen")
        time.sleep(0.02)


def measure(command, size):
    """CPU seconds for each GiB, and the largest process's peak of memory in MiB."""
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as listener:
        port = free_port()
        words = command(Path(name), port, listener.getsockname()[1])
        backend = multiprocessing.Process(target=accept_one, args=(listener, size // 2))
        backend.start()
        with open(os.devnull, "wb") as nothing:
            proxy = subprocess.Popen(list(map(str, words)), stdout=nothing, stderr=nothing)
        try:
            with connected(port) as client:
                stream(client, size // 2)
            backend.join()
            if backend.exitcode:
                raise SystemExit("the backend did not get what was sent")
            all_of_it = family(proxy.pid)
            return sum(map(cpu_s, all_of_it)) / (size / (1 << 30)), max(map(peak_mib, all_of_it))
        finally:
            backend.kill()
            proxy.send_signal(signal.SIGTERM)
            proxy.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    size = int(arguments.gib * 512) * 2 * MIB
    proxies = {"epollhost proxy.so": epollhost}
    if shutil.which("haproxy"):
        proxies["haproxy, TCP mode"] = haproxy
    if shutil.which("nginx") and STREAM_MODULE.exists():
        proxies["nginx stream"] = nginx
    taken = {name: [] for name in proxies}
    for _ in range(arguments.rounds):
        for name, command in proxies.items():
            taken[name].append(measure(command, size))
    for name, all_of_it in taken.items():
        seconds = [s for s, _ in all_of_it]
        print(f"{name:<20} {statistics.median(seconds):6.3f} s of CPU for each GiB ({min(seconds):.3f} to "
              f"{max(seconds):.3f}), {max(m for _, m in all_of_it):.1f} MiB at most")


if __name__ == "__main__":
    main()
