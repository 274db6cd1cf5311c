# Distributed under the Boost Software License, Version 1.0.
# Writes down the system calls of a running process, through strace.
import collections
import re
import shutil
import signal
import subprocess
import tempfile

from support.program import DEADLINE_S
from support.worker import state, wait_until

Call = collections.namedtuple("Call", "name words result")
available = shutil.which("strace") is not None
WAITS = ("epoll_wait", "epoll_pwait", "epoll_pwait2")


class Watched:
    """Within the `with` statement the calls of the process are written down; afterwards they are in `calls`."""

    def __init__(self, pid):
        self.pid = pid
        self.calls = []

    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile("r")
        self.process = subprocess.Popen(["strace", "-f", "-s", "0", "-p", str(self.pid), "-o", self.file.name],
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        if "attached" not in line:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"strace cannot attach: {line}")
        return self

    def __exit__(self, *_):
        # It sleeps nowhere but where it waits. A call that strace leaves unfinished would not be counted.
        wait_until(lambda: state(self.pid) == "S", "the process waits")
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=DEADLINE_S)
        for line in self.file.read().splitlines():
            line = re.sub(r"^\d+ +", "", line)
            # "call(... <unfinished ...>" when strace left, "<... call resumed>" when it came in the middle
            if match := re.match(r"(?:<\.\.\. )?(\w+)(?:\((.*)\)| resumed>.*\)) += (-?\w+)", line):
                name, words, result = match.groups()
                self.calls.append(Call(name, words or "", -1 if result in ("-1", "?") else int(result, 0)))
        self.file.close()

    def count(self):
        """How often each call was made; all that waits is "wait"."""
        out = collections.Counter("wait" if c.name in WAITS + ("restart_syscall",) else c.name for c in self.calls)
        # What a process does when somebody stops and continues it.
        out.pop("rt_sigreturn", None)
        return out
