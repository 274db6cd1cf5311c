# Distributed under the Boost Software License, Version 1.0.
# Processes as the kernel accounts them: their trees, their CPU time, their memory.
import os
import time
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def tree(pid):
    """The process and all that descend from it."""
    out = [pid]
    for one in out:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            out += map(int, task.read_text().split())
    return out


def cpu_s(pid):
    """CPU time of the process's threads and of its descendants, in seconds, to the nanosecond that the kernel counts."""
    total = 0
    for one in tree(pid):
        for task in Path(f"/proc/{one}/task").glob("*/schedstat"):
            total += int(task.read_text().split()[0])
    return total / 1e9


def private_bytes(pid):
    """Memory that the process and its descendants have touched and share with nobody's file."""
    total = 0
    for one in tree(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                total += int(line.split()[1]) * 1024
    return total


class Machine:
    """What all processors did since it was made."""

    def __init__(self):
        self.began, self.busy = time.monotonic(), self._busy_s()

    @staticmethod
    def _busy_s():
        words = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
        idle = int(words[3]) + int(words[4])
        return (sum(map(int, words)) - idle) * TICK_S

    def foreign_share(self, ours_s):
        """The part of a processor's time that went to others than us, who used `ours_s`."""
        elapsed = max(time.monotonic() - self.began, 1e-6)
        return max(0.0, self._busy_s() - self.busy - ours_s) / elapsed
