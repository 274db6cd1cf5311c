# Distributed under the Boost Software License, Version 1.0.
# One measurement each: CPU time, system calls, instructions, memory.
import json
import os
import re
import shutil
import subprocess
import tempfile

from yardstick.processes import Machine, cpu_s, private_bytes
from yardstick.servers import Running
from yardstick.workloads import split

LOAD_S = 300            # the longest that one run of the generator may take
FOREIGN_MOST = 0.10     # of a processor: above, a run was disturbed
TRIES = 4               # of a disturbed run; then the least disturbed one counts, and is marked

# Requests of the short and of the long run whose difference is counted; both multiples of what is sent at once.
FEW, MANY = 1280, 6400
IDLE_FEW, IDLE_MANY = 1000, 5000


def processors():
    """One for the server and one for the generator."""
    return (sorted(os.sched_getaffinity(0)) * 2)[:2]


def worst(said):
    """Of several generators: what all have done, in the time that the slowest took."""
    return {"requests": sum(each["requests"] for each in said),
            **{key: max(each[key] for each in said) for key in ("seconds", "p50_us", "p99_us")}}


class Generator:
    def __init__(self, program):
        self.program = program

    def run(self, port, words, cpu=None, copies=1):
        """Run it to its end, or several at once. Answers what they print and the CPU time that they used."""
        pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None
        before = os.times()
        running = [subprocess.Popen([self.program, "--port", str(port), *words], stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True, preexec_fn=pin) for _ in range(copies)]
        said = [process.communicate(timeout=LOAD_S) for process in running]
        if any(process.returncode != 0 for process in running):
            raise RuntimeError("; ".join(err.strip() for _, err in said))
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return worst([json.loads(out) for out, _ in said]), used

    def hold(self, port, words):
        """Run it until all is answered and keep its connections. End it by closing its standard input."""
        process = subprocess.Popen([self.program, "--port", str(port), "--hold", *words], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not process.stdout.readline():
            raise RuntimeError(process.communicate()[1].strip())
        return process


def timed(generator, server, workload, workers=1, copies=1):
    """CPU time a request in microseconds, requests a second, latency. Done again if others disturbed it. With several
    copies of the generator, which part its connections among them, all share the processors."""
    ours, theirs = processors() if copies == 1 else (None, None)
    load = lambda requests: split(workload.words, requests, copies)
    best = None
    for _ in range(TRIES):
        with Running(server, cpu=ours, variant=workload.variant, workers=workers) as running:
            pid = running.process.pid
            generator.run(running.port, load(workload.requests // 8), theirs, copies)  # warm
            machine, before = Machine(), cpu_s(pid)
            said, load_s = generator.run(running.port, load(workload.requests), theirs, copies)
            used = cpu_s(pid) - before
            foreign = machine.foreign_share(used + load_s)
        found = {"cpu_us": used / workload.requests * 1e6, "rate": said["requests"] / said["seconds"],
                 "p50_us": said["p50_us"], "p99_us": said["p99_us"], "foreign": foreign}
        if best is None or foreign < best["foreign"]:
            best = found
        if foreign <= FOREIGN_MOST:
            break
    best["disturbed"] = best["foreign"] > FOREIGN_MOST
    return best


def _difference(generator, server, workload, below, read):
    """What `read` finds below a tool, of a long run less that of a short one, for each request."""
    found = []
    for requests in (FEW, MANY):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            out = os.path.join(folder, "out")
            with Running(server, below=[w.format(out=out) for w in below], variant=workload.variant,
                         workers=0) as running:
                generator.run(running.port, workload.counted(requests))
            found.append(read(out))
    return (found[1] - found[0]) / (MANY - FEW)


def system_calls(generator, server, workload):
    if not shutil.which("strace"):
        return None

    def total(path):
        with open(path) as file:
            return int(re.search(r"([\d]+)\s+(?:\d+\s+)?total$", file.read(), re.M).group(1))

    return _difference(generator, server, workload, ["strace", "-f", "-c", "-o", "{out}", "--"], total)


def instructions(generator, server, workload):
    if not shutil.which("valgrind"):
        return None

    def total(path):
        with open(path) as file:
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M).group(1))

    return _difference(generator, server, workload,
                       ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file={out}"], total)


def idle_bytes(generator, server):
    """User-space memory of an idle keep-alive connection."""
    with Running(server) as running:
        sizes, held = [], []
        try:
            for count in (IDLE_FEW, IDLE_MANY):
                held.append(generator.hold(running.port, split(["--get=/", f"--connections={count}"], count)))
                sizes.append(private_bytes(running.process.pid))
        finally:
            for process in held:
                process.communicate()
    return (sizes[1] - sizes[0]) / IDLE_MANY
