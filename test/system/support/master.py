# Distributed under the Boost Software License, Version 1.0.
# A master with its workers, whose log, status and processes a test can watch.
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from support.program import DEADLINE_S, built, end_soon


class Folder:
    """A folder of its own, that not everybody may write to: plugins in it are hosted."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="epollhost-test-")
        os.chmod(self.path, 0o755)

    def __truediv__(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        """Replaces the file by rename: whoever reads it sees all of it or nothing."""
        with open(self / (name + ".new"), "w", encoding="utf-8") as out:
            out.write(text)
        os.rename(self / (name + ".new"), self / name)
        return self / name

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Log:
    """Lines of a pipe as they come; whoever waits for one is woken."""

    def __init__(self, pipe):
        self.lines = []
        self.ended = False
        self.pipe = pipe
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.pipe:
            with self.news:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def wait_for(self, *patterns, after=0, times=1, deadline_s=DEADLINE_S):
        """The first line (or the so-manieth) behind the first `after` ones that has one of the patterns."""
        def found():
            lines = [line for line in self.lines[after:] if any(re.search(p, line) for p in patterns)]
            return lines[times - 1] if len(lines) >= times else None
        with self.news:
            self.news.wait_for(lambda: found() is not None or self.ended, deadline_s)
            line = found()
        if line is None:
            raise AssertionError(f"no line with {' or '.join(patterns)} came; there were:\n" +
                                 "\n".join(self.lines[after:][-40:]))
        return line

    def count(self, part, after=0):
        return sum(part in line for line in self.lines[after:])

    def close(self):
        self.thread.join(DEADLINE_S)
        self.pipe.close()


def wait_until(what, condition, deadline_s=DEADLINE_S):
    """Looks again and again, for what tells nobody that it has happened."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {deadline_s} s")
        time.sleep(0.005)


class Master:
    """A running epollhost with workers. In a `with` statement it serves, and is ended at the end with all its children.

    `config` is the text of its file, which the test may change with `configure` before a reload."""

    def __init__(self, *words, config=None, program=None, serves=1, **more):
        self.folder = Folder()
        self.serves = serves  # plugins that say that they listen
        self.pid_file = self.folder / "pid"
        words = list(words)
        if config is not None:
            words += ["--config", self.configure(config)]
        command = list(program or [built("/epollhost")]) + words + ["--pid-file", self.pid_file]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        start_new_session=True, **more)
        self.log = Log(self.process.stderr)

    def configure(self, text):
        return self.folder.write("config", text)

    def __enter__(self):
        try:
            self.generation = 1
            self._learn(0)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def pid(self):
        return self.process.pid

    def _learn(self, after):
        """Reads from the log who listens where."""
        self.addresses = {}
        self.log.wait_for(serving(self.generation), after=after, times=self.serves)
        for line in list(self.log.lines[after:]):
            found = re.search(r"\[?(\S+?)[:\]]? \S+ \S+ listens on (.*), \d+ workers?\b.*, generation \d+$", line)
            if found:
                self.addresses[found.group(1)] = found.group(2).split(", ")
        self.port = next((int(a.rsplit(":", 1)[1]) for all in self.addresses.values() for a in all
                          if not a.startswith("unix:")), None)

    # ---- what it is told

    def send(self, number):
        self.process.send_signal(number)

    def reload(self):
        """Until the new generation serves."""
        mark = len(self.log.lines)
        self.send(signal.SIGHUP)
        line = self.log.wait_for(serving(rf"(?!{self.generation}$)\d+"), "the reload failed", after=mark)
        if "the reload failed" in line:
            raise AssertionError(line)
        self.generation = int(line.rsplit(" ", 1)[1])
        return mark

    def reload_fails(self):
        """Answers why; the old generation goes on."""
        mark = len(self.log.lines)
        self.send(signal.SIGHUP)
        line = self.log.wait_for("the reload failed", serving(rf"(?!{self.generation}$)\d+"), after=mark)
        if "the reload failed" not in line:
            raise AssertionError("the reload did not fail: " + line)
        return line

    def stop(self):
        """Answers its exit status."""
        self.send(signal.SIGTERM)
        return self.wait()

    def wait(self):
        return self.process.wait(timeout=DEADLINE_S)

    def end(self):
        """Ends what is still there of it."""
        end_soon(self.process)
        if self.process.poll() is None:
            for pid in descendants(self.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.kill()
        self.process.wait()
        self.log.close()
        self.folder.remove()

    # ---- what it does

    def status(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(DEADLINE_S)
            s.connect(self.pid_file + ".control")
            s.sendall(b"status json\n")
            return json.loads(s.makefile("rb").read())

    def metrics(self, plugin=None):
        """What the plugins' own metrics have come to, by name."""
        return {m["name"]: m["value"] for m in self.status()["metrics"] if plugin in (None, m["plugin"])}

    def workers(self, plugin=None):
        """Process numbers of those that serve; on a busy machine any of them may look stalled for a moment."""
        return [w["process"] for w in self.status()["workers"]
                if w["phase"] in ("serving", "stalled") and w["generation"] == self.generation and
                plugin in (None, w["plugin"])]

    def wait_for_generations(self, n):
        wait_until(f"{n} generations", lambda: self.status()["generations"] <= n)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory_kb(self):
        """What is resident of it, and what of that is no file."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            found = dict(line.split(":", 1) for line in f)
        return [int(found[name].split()[0]) for name in ("VmRSS", "RssAnon")]


def serving(generation):
    """The line that says so."""
    return rf"listens on .*, generation {generation}$"


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(word) for word in f.read().split()]
    except OSError:
        return []


def descendants(pid):
    out = []
    for child in children(pid):
        out += [child, *descendants(child)]
    return out


def alive(pid):
    """Whether it runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
