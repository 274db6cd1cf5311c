# Distributed under the Boost Software License, Version 1.0.
# Tests that a message costs no more instructions in user space than it did. These do not depend on the machine's load.
import re
import sys
import unittest
from pathlib import Path

from support.case import TestCase
from support.http_client import BROWSER, SHORT
from support.instructions import answer_size, available, of_a_message
from support.program import built, program

HTTP = built("/http.so")
RAW = built("/raw.so")
MARGIN = 1.05

# As measured: g++ 12 on an x86-64 with AVX2. Whoever makes one smaller lowers the figure here, and in doc/performance.adoc.
KEEP_ALIVE, PIPELINED, BROWSERS, ECHO = 641, 364, 2448, 263


def compiler():
    """What the program was compiled with, as it says in itself."""
    found = re.search(rb"GCC: \([^)]*\) (\d+)\.", Path(program()).read_bytes())
    return found and int(found.group(1))


def has_avx2():
    return re.search(r"^flags.* avx2( |$)", Path("/proc/cpuinfo").read_text(), re.M) is not None


@unittest.skipUnless(available, "valgrind is not installed")
@unittest.skipUnless(compiler() == 12, "the figures are those of g++ 12")
@unittest.skipUnless(has_avx2(), "the figures are those of a processor with AVX2")
class Instructions(TestCase):
    def expect(self, measured, plugin, message, answer_bytes, messages=1):
        found = of_a_message(program(), plugin, message, answer_bytes) / messages
        self.assertLessEqual(found, measured * MARGIN,
                             f"it was {measured}; test/bench/figures.py --functions 20 says where they are spent")

    def test_keep_alive_request(self):
        self.expect(KEEP_ALIVE, HTTP, SHORT, answer_size(program(), HTTP, SHORT))

    def test_pipelined_request(self):
        self.expect(PIPELINED, HTTP, SHORT * 16, 16 * answer_size(program(), HTTP, SHORT), 16)

    def test_request_of_a_browser(self):
        self.expect(BROWSERS, HTTP, BROWSER, answer_size(program(), HTTP, SHORT))

    def test_echo(self):
        self.expect(ECHO, RAW, b"x" * 64, 64)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
