# Distributed under the Boost Software License, Version 1.0.
# Runs epollhost for a test, waits for what it says, and leaves nothing behind.
import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time

DEADLINE_S = 30  # generous: the machine may be busy
GRACE_S = 1      # for the end of a program that no test looks at any more


def built(ends_with):
    """The argument of the script that ends with this: a path that the build made."""
    for path in sys.argv[1:]:
        if path.endswith(ends_with):
            return os.path.abspath(path)
    raise SystemExit(f"{sys.argv[0]}: no argument ends with {ends_with}; run it through b2")


def program():
    """The program that the build made."""
    for path in sys.argv[1:]:
        if path.endswith("/epollhost") and os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise SystemExit(f"{sys.argv[0]}: no argument is the program; run it through b2")


def run(*words, **more):
    """Runs it to its end; answers status, standard output and standard error."""
    done = subprocess.run([program(), *words], capture_output=True, timeout=DEADLINE_S, **more)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def end_soon(process):
    """Asks it to, if it still runs: what it has counted for `b2 coverage` would be lost if it were killed."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_S)


class Serving:
    """A running epollhost. In a `with` statement it is up, and ended at the end."""

    def __init__(self, *words, **more):
        self.lines = []
        self.process = subprocess.Popen([program(), *words], stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, bufsize=0, **more)

    def __enter__(self):
        try:
            line = self.wait_for("listens on")
            self.addresses = re.search(r"listens on (.*), (?:\d+ worker|in this process)", line).group(1).split(", ")
        except BaseException:
            self.end()
            raise
        self.port = next((int(a.rsplit(":", 1)[1]) for a in self.addresses if not a.startswith("unix:")), None)
        return self

    def __exit__(self, *_):
        self.end()

    def wait_for(self, part):
        """The next line of the standard error that has `part`."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if not select.select([self.process.stderr], [], [], end - time.monotonic())[0]:
                break
            line = self.process.stderr.readline().decode(errors="replace")
            if not line:
                break
            self.lines.append(line)
            if part in line:
                return line
        raise AssertionError(f"no line with {part!r} came; there were: {''.join(self.lines)}")

    def send(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Its exit status."""
        return self.process.wait(timeout=DEADLINE_S)

    def end(self):
        end_soon(self.process)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def stop(self):
        """Asks it to end; answers its exit status."""
        self.send(signal.SIGTERM)
        return self.wait()
