# Distributed under the Boost Software License, Version 1.0.
# What the sweep and the shim share: the plan, and what was called.
import mmap
import os
import re
import struct
from pathlib import Path

CALLS = re.findall(r"CALL\((\w+)\)", (Path(__file__).parent / "calls.h").read_text())
PROCESSES = ["main", "child", "worker", "log"]
FOR_EVER = 2**31
_HEAD = struct.Struct("=7I")
_COUNTS = struct.Struct(f"={len(PROCESSES) * len(CALLS)}I")


class Board:
    """The struct board of shim.c, in a file of its own."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb+") as f:
            f.truncate(mmap.PAGESIZE)
            self.at = mmap.mmap(f.fileno(), mmap.PAGESIZE)

    def plan(self, process, call, first, times, error):
        """From now on, with all counters at 0. The number of the first call is written last: then it holds."""
        self.nothing()
        _COUNTS.pack_into(self.at, _HEAD.size, *[0] * (len(PROCESSES) * len(CALLS)))
        struct.pack_into("=2I", self.at, 0, CALLS.index(call), PROCESSES.index(process))
        struct.pack_into("=3I", self.at, 12, times, error, 0)
        struct.pack_into("=I", self.at, 8, first)

    def nothing(self):
        struct.pack_into("=I", self.at, 8, 0)

    def count_from_here(self):
        self.plan("main", CALLS[0], 0, 0, 0)

    @property
    def fired(self):
        return _HEAD.unpack_from(self.at)[5]

    @property
    def port(self):
        return _HEAD.unpack_from(self.at)[6]

    def forget_port(self):
        struct.pack_into("=I", self.at, 24, 0)

    def counts(self):
        """Of each process and call that was made: how often."""
        all_counts = iter(_COUNTS.unpack_from(self.at, _HEAD.size))
        return {(p, c): n for p in PROCESSES for c in CALLS if (n := next(all_counts))}
