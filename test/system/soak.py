# Distributed under the Boost Software License, Version 1.0.
# Runs the long forms of the tests one after the other, says where it is, and ends with a table of what they found.
#
# The build tool keeps what a command says until it has ended, so progress also goes to the terminal, if there is one.
import contextlib
import os
import subprocess
import sys
import time

SCRIPTS = ("reload", "failed_reload", "endurance", "crash", "processes", "upgrade", "chat")


def terminal():
    if not sys.stdout.isatty():
        with contextlib.suppress(OSError):
            return open("/dev/tty", "w", encoding="utf-8")
    return None


def main():
    here, tty = os.path.dirname(os.path.abspath(__file__)), terminal()
    figures, failed, began = [], [], time.monotonic()

    def say(text):
        for out in filter(None, (sys.stdout, tty)):
            print(text, file=out, flush=True)

    for script in SCRIPTS:
        say(f"==== {script}, after {time.monotonic() - began:.0f} s")
        with subprocess.Popen([sys.executable, "-B", f"{here}/{script}.py", *sys.argv[1:], "long"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace") as run:
            for line in run.stdout:
                line = line.rstrip("\n")
                _, mark, rest = line.partition("figure: ")
                if mark:
                    figures.append(rest.partition(": "))
                say(line)
        if run.returncode != 0:
            failed.append(script)

    width = max((len(name) for name, _, _ in figures), default=0)
    say(f"\n==== the figures of {time.monotonic() - began:.0f} s")
    for name, _, value in figures:
        say(f"{name:<{width}}  {value}")
    say(f"failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
