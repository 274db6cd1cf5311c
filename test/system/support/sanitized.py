# Distributed under the Boost Software License, Version 1.0.
# Leaves tests out where the program was built with a sanitizer, and says so: what counts memory or system calls, of which it
# makes its own, and what takes from it what it needs.
import unittest
from pathlib import Path

from support.program import program

# That of undefined behaviour opens a pipe when it looks at the type of an object for the first time; so this is one reason.
NO_PIPE = "finds no descriptor for a pipe of its own"
MARKS = {"asan": b"__asan_init", "tsan": b"__tsan_init"}
SANITIZER = next((name for name, mark in MARKS.items() if mark in Path(program()).read_bytes()), None)


def left_out(why, *under):
    """For a test or a class of them: under these sanitizers, or under each. `b2 sanitize` shows the line."""
    left = SANITIZER in (under or MARKS)

    def decorate(test):
        if left:
            print(f"left out: {test.__qualname__}: {why}", flush=True)
        return unittest.skipIf(left, why)(test)
    return decorate
