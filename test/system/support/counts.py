# Distributed under the Boost Software License, Version 1.0.
"""How many tests passed, failed and were left out, by what they have written. As a program: of the standard input."""
import re
import sys


def sum_of(pattern, text):
    return sum(map(int, re.findall(pattern, text, re.M)))


def counts(text):
    """How many tests passed, failed, and were left out: Boost.Test's words, and Python's."""
    failed = sum_of(r"^ +(\d+) test cases? out of \d+ (?:failed|aborted)", text)
    skipped = sum_of(r"^(?:OK|FAILED) \(.*skipped=(\d+)", text)
    aside = sum_of(r"^ +(\d+) test cases? out of \d+ skipped", text)
    broken = sum_of(r"^FAILED \(.*failures=(\d+)", text) + sum_of(r"^FAILED \(.*errors=(\d+)", text)
    passed = sum_of(r"^ +(\d+) test cases? out of \d+ passed", text) + sum_of(r"^Ran (\d+) tests? in", text)
    return passed - skipped - broken, failed + broken, skipped + aside


if __name__ == "__main__":
    print(*counts(sys.stdin.buffer.read().decode(errors="replace")))
