# Distributed under the Boost Software License, Version 1.0.
# Tests that an idle keep-alive connection costs a worker no more memory than it did.
import resource
import subprocess
import sys
import unittest
from pathlib import Path

from support.case import TestCase
from support.program import built, program

SCRIPT = Path(__file__).resolve().parent.parent / "bench" / "idle_memory.py"
CONNECTIONS = 15000
MEASURED = 149
MARGIN = 1.05


class IdleMemory(TestCase):
    @unittest.skipIf(resource.getrlimit(resource.RLIMIT_NOFILE)[1] < CONNECTIONS + 100, "too few descriptors: ulimit -Hn")
    def test_idle_connection(self):
        done = subprocess.run([sys.executable, "-B", SCRIPT, "--program", program(), "--plugin", built("/http.so"),
                               "--connections", str(CONNECTIONS), "--most", str(int(MEASURED * MARGIN))],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"it was {MEASURED}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
