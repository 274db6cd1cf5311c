# Distributed under the Boost Software License, Version 1.0.
# The program under the shim: started, looked at, ended.
import contextlib
import os
import select
import signal
import time

from talks import DEADLINE_S, Bad

STATUSES = {0, 2, 3, 4, 5, 6}  # those of the manual page
PROCESSOR_S_MAX = 3            # of a run that does next to nothing; a loop that spins has it soon
TICKS_A_S = os.sysconf("SC_CLK_TCK")


class Host:
    """One start of the program. `words` follow the options that every start has."""

    def __init__(self, program, shim, board, folder, words):
        self.board, self.folder, self.said_at = board, folder, 0
        board.forget_port()
        self.unix = f"{folder}/s"
        for left in ("s", "pid", "pid.control", "log", "board.lock"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{folder}/{left}")
        around = {**os.environ, "LD_PRELOAD": shim, "FAULT_BOARD": board.path}
        command = [program, "--listen", f"unix:{self.unix}", "--listen", "127.0.0.1:0", *words]
        null = (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDWR, 0)
        out = (os.POSIX_SPAWN_OPEN, 1, f"{folder}/stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        err = (os.POSIX_SPAWN_OPEN, 2, f"{folder}/stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self.pid = os.posix_spawn(program, command, around, file_actions=[null, out, err], setpgroup=0)
        self.pidfd = os.pidfd_open(self.pid)
        self.status = None

    def said(self):
        with open(f"{self.folder}/stderr", encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait(self, seconds):
        """Whether it has ended within these."""
        if self.status is None and select.select([self.pidfd], [], [], seconds)[0]:
            _, status, used = os.wait4(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
            self.processor_s = used.ru_utime + used.ru_stime
        return self.status is not None

    def wait_until_it_serves_or_ends(self, answers):
        """True if it serves: one client has its answer."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if self.wait(0.004):
                return False
            if (self.board.port or os.path.exists(self.unix)) and answers(self):
                return True
        raise Bad(f"hang: neither serves nor ends within {DEADLINE_S} s of its start")

    def end(self):
        """Asks it to end, and judges how it did."""
        if self.status is None:
            os.kill(self.pid, signal.SIGTERM)
        self.expect_end()

    def expect_end(self):
        if not self.wait(DEADLINE_S):
            raise Bad(f"hang: does not end within {DEADLINE_S} s of SIGTERM")
        said = self.said()
        if self.status not in STATUSES:
            raise Bad(f"ended with {self.status}: {last_line(said)}")
        if "terminate called" in said or "killed by SIG" in said or "Assertion" in said:
            raise Bad(f"a process crashed: {crash_line(said)}")
        if self.status != 0 and not said.strip():
            raise Bad(f"ended with {self.status} without a word")
        if self.processor_s > PROCESSOR_S_MAX:
            raise Bad(f"spin: {self.processor_s:.1f} s of processor time")

    def kill(self):
        """The end of what is bad: with all its children, which are of its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait(DEADLINE_S)

    def close(self):
        self.kill()
        os.close(self.pidfd)

    # ---- what it has

    def processes(self):
        found, at = [self.pid], 0
        while at < len(found):
            with contextlib.suppress(OSError):
                with open(f"/proc/{found[at]}/task/{found[at]}/children", encoding="ascii") as f:
                    found += [int(word) for word in f.read().split()]
            at += 1
        return found

    def descriptors(self):
        """How many are open, in all of its processes."""
        total = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                total += len(os.listdir(f"/proc/{pid}/fd"))
        return total

    def processor_ticks(self):
        """Of the processes that live; those that have ended and were waited for with their parent."""
        total = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                    total += sum(int(n) for n in f.read().rpartition(")")[2].split()[11:15])
        return total


def last_line(text):
    return (text.strip().splitlines() or ["(nothing was said)"])[-1][:200]


def crash_line(text):
    for line in text.splitlines():
        if "terminate called" in line or "killed by SIG" in line or "Assertion" in line:
            return line[:200]
    return last_line(text)
