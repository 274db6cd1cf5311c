# Distributed under the Boost Software License, Version 1.0.
# Counts the instructions that the program spends on a message in user space, with callgrind.
import collections
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from support.program import DEADLINE_S

available = shutil.which("valgrind") is not None
FEW, MANY = 200, 1200


def talk(port, message, answer_bytes, times):
    """Sends the message so often, each time when the answer to the one before has come."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(times):
            s.sendall(message)
            left = answer_bytes
            while left:
                part = s.recv(left)
                if not part:
                    raise AssertionError("the program closed the connection")
                left -= len(part)


class Program:
    """One process that serves a plugin, if wanted below another program. In a `with` statement it is up."""

    def __init__(self, program, plugin, *words, below=()):
        self.process = subprocess.Popen([*below, program, "--plugin", plugin, "--listen", "127.0.0.1:0", "--workers",
                                         "0", *words], stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        said = []
        for line in self.process.stderr:
            said.append(line)
            if match := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
                self.port = int(match.group(1))
                return self
        self.__exit__()
        raise AssertionError(f"the program did not start: {''.join(said)}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=DEADLINE_S)


def answer_size(program, plugin, message):
    with Program(program, plugin) as host, socket.create_connection(("127.0.0.1", host.port)) as client:
        client.settimeout(DEADLINE_S)
        client.sendall(message)
        return len(client.recv(65536))


def of_a_run(program, plugin, message, answer_bytes, times, read):
    """What `read` finds in callgrind's file of a run with so many messages."""
    with tempfile.NamedTemporaryFile("r") as out:
        below = ["valgrind", "-q", "--tool=callgrind", "--compress-strings=no", f"--callgrind-out-file={out.name}"]
        with Program(program, plugin, below=below) as host:
            talk(host.port, message, answer_bytes, times)
        return read(out.name)


def total(path):
    with open(path) as lines:
        for line in lines:
            if match := re.match(r"(?:summary|totals): (\d+)", line):
                return int(match.group(1))
    raise AssertionError("callgrind has written no sum")


def by_object(path):
    """The instructions of each shared object, by its file's name."""
    sums, where, called = collections.Counter(), "", False
    with open(path) as lines:
        for line in lines:
            if line.startswith("ob="):
                where = os.path.basename(line[3:].strip())
            elif line.startswith("calls="):
                called = True  # the next line is the cost of what was called
            elif re.match(r"[+\-*\d]", line):
                if not called:
                    sums[where] += int(line.split()[-1])
                called = False
    return sums


def of_a_message(program, plugin, message, answer_bytes):
    """The difference of a long and a short run: start and end fall out."""
    few, many = (of_a_run(program, plugin, message, answer_bytes, times, total) for times in (FEW, MANY))
    return (many - few) / (MANY - FEW)
