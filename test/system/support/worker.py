# Distributed under the Boost Software License, Version 1.0.
# The process that serves a plugin: finds it, stops it for a moment, looks at it.
import contextlib
import ctypes
import os
import signal
import socket
import time
from pathlib import Path

from support.program import DEADLINE_S

PIDFD_GETFD = 438  # the same number on every architecture


def wait_until(true, what):
    """Asks again and again, for states that nobody announces."""
    end = time.monotonic() + DEADLINE_S
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it did not come to this: {what}")
        time.sleep(0.005)


def workers(host):
    """The numbers of the processes that serve; with --workers 0 of the program itself."""
    main = host.process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    found = [int(c) for c in children if Path(f"/proc/{c}/comm").read_text().startswith("eh-")]
    return found or [main]


def worker(host):
    found = workers(host)
    assert len(found) == 1, f"one worker was expected, there are {found}"
    return found[0]


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@contextlib.contextmanager
def stopped(pid):
    """The process sleeps within the `with`, so that what is sent meanwhile is there when it wakes."""
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: state(pid) in "Tt", "the process is stopped")
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def connections(pid):
    """Copies of the connected TCP sockets of the process. Raises PermissionError where the kernel does not allow it."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(pid)
    try:
        for entry in os.listdir(f"/proc/{pid}/fd"):
            try:
                if not os.readlink(f"/proc/{pid}/fd/{entry}").startswith("socket:"):
                    continue
            except FileNotFoundError:
                continue
            fd = libc.syscall(PIDFD_GETFD, pidfd, int(entry), 0)
            if fd < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            s = socket.socket(fileno=fd)
            with s:
                if s.family in (socket.AF_INET, socket.AF_INET6):
                    with contextlib.suppress(OSError):
                        s.getpeername()
                        yield s
    finally:
        os.close(pidfd)


def memory(pid):
    """Bytes of the memory of its own that the process has touched."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("smaps_rollup has no line Anonymous")
