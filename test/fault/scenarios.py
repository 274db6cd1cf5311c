# Distributed under the Boost Software License, Version 1.0.
# What is run: programs of each shape, and what their clients say.
import os

import phases
from talks import Echo, Http

BIG = bytes(range(251)) * 2000  # more than a socket takes at once


class Scenario:
    def __init__(self, name, plugin, words=(), talk=None, edge=True, master=False):
        self.name, self.plugin, self.edge, self.master = name, plugin, edge, master
        self.talk = talk or Http("/", b"Hello, world!")
        self.more = list(words)
        self.phases = [phases.Start, phases.Serving, phases.End] + ([phases.Reload] if master else [])

    def words(self, folder):
        out = ["--plugin", self.plugin, "--trigger", "edge" if self.edge else "level"]
        if self.master:
            out += ["--workers", "1", "--pid-file", f"{folder}/pid", "--log-file", f"{folder}/log", "--log-stderr", "on"]
        else:
            out += ["--workers", "0"]
        return out + [word.replace("FOLDER", folder) for word in self.more]


def all_scenarios(plugin):
    """`plugin` answers the file of a plugin's name."""
    big = Http("/big", BIG)
    return [
        Scenario("http", plugin("http")),
        Scenario("http, level", plugin("http"), edge=False),
        Scenario("http, master", plugin("http"), master=True),
        Scenario("http, master, level", plugin("http"), edge=False, master=True),
        Scenario("files", plugin("files"), ["--files.root", "FOLDER/root"], big),
        Scenario("files, level", plugin("files"), ["--files.root", "FOLDER/root"], big, edge=False),
        Scenario("raw", plugin("raw"), talk=Echo()),
        Scenario("raw, level", plugin("raw"), talk=Echo(), edge=False),
    ]


def prepare(folder):
    """What the scenarios' options name."""
    os.makedirs(f"{folder}/root", exist_ok=True)
    os.chmod(folder, 0o755)
    with open(f"{folder}/root/big", "wb") as f:
        f.write(BIG)
