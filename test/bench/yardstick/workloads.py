# Distributed under the Boost Software License, Version 1.0.
# What the servers are given to do.
from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    words: tuple          # for the load generator
    requests: int         # a run
    depth: int = 1
    variant: str = "http"  # of the server

    def counted(self, requests):
        """The same with at most 64 connections and this many requests, for slow ways of counting."""
        return split(["--connections=64" if w.startswith("--connections=") else w for w in self.words], requests)


def split(words, requests, copies=1):
    """The words for each of several generators that do the work together."""
    out = []
    for word in [*words, f"--requests={requests // copies}"]:
        name, *value = word.split("=", 1)
        out += [name, str(int(value[0]) // copies)] if name == "--connections" else [name, *value]
    return out


ONE_ECHO = Workload("one-echo", "64 bytes echoed, 1 connection", ("--echo=64", "--connections=1"), 20_000, 1, "echo")

WORKLOADS = [
    Workload("keep-alive", "keep-alive, 64 connections", ("--get=/", "--connections=64"), 64_000),
    Workload("keep-alive-1000", "keep-alive, 1,000 connections", ("--get=/", "--connections=1000"), 64_000),
    Workload("pipelined", "16 pipelined, 64 connections", ("--get=/", "--connections=64", "--depth=16"), 512_000, 16),
    Workload("browser", "a browser's 620 bytes, 64 connections", ("--browser=/", "--connections=64"), 64_000),
    Workload("close", "HTTP/1.0, a connection each, 100 at once", ("--get=/", "--connections=100", "--close"), 16_000),
    Workload("echo", "64 bytes echoed, 64 connections", ("--echo=64", "--connections=64"), 64_000, 1, "echo"),
    Workload("file", "a file of 100 KiB, 16 connections", ("--get=/100k", "--connections=16"), 8_000, 1, "file"),
]
