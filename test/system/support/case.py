# Distributed under the Boost Software License, Version 1.0.
# A test case with a deadline for each of its tests.
import signal
import unittest

DEADLINE_S = 60  # generous: the machine may be busy


class TestCase(unittest.TestCase):
    """A test that hangs fails, and its `with` statements end what they have started."""

    def setUp(self):
        def too_late(*_):
            raise AssertionError(f"the test has not ended within {DEADLINE_S} s")
        signal.signal(signal.SIGALRM, too_late)
        signal.alarm(DEADLINE_S)
        self.addCleanup(signal.alarm, 0)
