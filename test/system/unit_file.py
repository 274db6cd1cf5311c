# Distributed under the Boost Software License, Version 1.0.
# Tests the unit file for systemd: that systemd understands it, that it is hardened, that the program can live in it.
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.program import built, run

UNIT = Path(built("/epollhost.service"))
EXPOSURE_MAX = 2.0

# What the program calls that a filter may well leave out.
NEEDED_CALLS = """accept4 capset clone3 close_range epoll_ctl epoll_pwait2 eventfd2 execve fcntl flock getrandom memfd_create
    pidfd_open pidfd_send_signal pipe2 prctl prlimit64 rt_sigtimedwait sendfile sigaltstack signalfd4 splice tgkill
    timerfd_create waitid""".split()


def analyze(*words):
    return subprocess.run(["systemd-analyze", "--no-pager", *words], capture_output=True, text=True, timeout=60)


def values(key):
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(), re.M)


def calls_of(word):
    """The system calls that a word of SystemCallFilter= stands for."""
    if not word.startswith("@"):
        return {word}
    lines = analyze("syscall-filter", word).stdout.splitlines()[1:]
    names = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return set().union(*(calls_of(name) for name in names))


def allowed_calls():
    allowed = set()
    for line in values("SystemCallFilter"):
        for word in line.lstrip("~").split():
            allowed = allowed - calls_of(word) if line.startswith("~") else allowed | calls_of(word)
    return allowed


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
class UnitFile(unittest.TestCase):
    def test_exposes_little(self):
        said = analyze("security", "--offline=true", str(UNIT)).stdout
        exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said).group(1))
        self.assertLessEqual(exposure, EXPOSURE_MAX, said)

    def test_is_understood_by_systemd(self):
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder) / UNIT.name
            text = UNIT.read_text().replace("/usr/bin/epollhost", built("/epollhost"))
            here.write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.M))  # the manual may not be installed
            done = analyze("verify", str(here))
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_allows_what_the_program_calls(self):
        self.assertEqual([], sorted(set(NEEDED_CALLS) - allowed_calls()))

    def test_forbids_what_it_does_not_call(self):
        self.assertEqual(set(), {"mount", "ptrace", "init_module", "setuid", "reboot", "bpf"} & allowed_calls())


class CommandLines(unittest.TestCase):
    def test_use_options_that_there_are(self):
        status, help_text, _ = run("--help")
        self.assertEqual(status, 0)
        lines = [line for key in ("ExecStart", "ExecReload") for line in values(key) if "epollhost" in line]
        for option in re.findall(r"(--[a-z-]+)", " ".join(lines)):
            self.assertIn(option, help_text)

    def test_name_exit_statuses_that_mend_by_hand_only(self):
        self.assertEqual(values("RestartPreventExitStatus"), ["2 3 5"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
