# Distributed under the Boost Software License, Version 1.0.
# The short form of a test, for each build, and the long one, for `b2 soak`.
import sys

LONG = "long" in sys.argv


def scaled(short, long):
    return long if LONG else short


def progress(text):
    """Says where a long test is."""
    if LONG:
        print(f"  ... {text}", flush=True)


def figure(name, value):
    """One line of the summary at the end of `b2 soak`."""
    print(f"figure: {name}: {value}", flush=True)
