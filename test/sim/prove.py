# Distributed under the Boost Software License, Version 1.0.
# The long run, `b2 prove`: 10^6 seeds over http.so, raw.so, proxy.so and files.so in turn, on all processors, with the
# table that doc/proof.adoc shows between its two marks.
#
#   b2 prove -sprove-seeds=N -sprove-first=N      another number of them, from another one on
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile
import time

CHUNK = 10_000  # seeds of one plugin, then the next one's turn
LONG = {"files": 1000}  # fewer where a seed takes ten times as long, since answers are
PAGE = pathlib.Path(__file__).parents[2] / "doc" / "proof.adoc"
BEGIN, END = "// table of the long run: begin\n", "// table of the long run: end\n"

program = next(a for a in sys.argv[1:] if a.endswith("epollhost-sim"))
plugins = [a for a in sys.argv[1:] if a.endswith(".so")]
seeds, first = (int(a) for a in sys.argv[1:] if a.isdigit())


def options(plugin, root):
    """What this plugin needs beside itself."""
    name = pathlib.Path(plugin).stem
    if name == "proxy":
        return ["--proxy.backends", "192.0.2.1:80,unix:/run/b,b.example:80", "--relayed"]
    return ["--files.root", root, "--files.listing"] if name == "files" else []


def make_files(root):
    """Files with the names that simulated clients ask for."""
    (root / "index.html").write_text("<p>Hello\n")
    (root / "a").write_bytes(bytes(i % 251 for i in range(40_000)))
    (root / "A").write_bytes(b"A" * 5000)


def run(root, totals, by_plugin):
    start, done = time.monotonic(), 0
    for plugin in itertools.cycle(plugins):
        if done == seeds:
            break
        count = min(LONG.get(pathlib.Path(plugin).stem, CHUNK), seeds - done)
        found = subprocess.run([program, "--plugin", plugin, "--first", str(first + done), "--seeds", str(count),
                                *options(plugin, root)], text=True, capture_output=True)
        if found.returncode != 0:
            sys.exit(f"{plugin}:\n{found.stdout}{found.stderr}")
        for name, value in re.findall(r"^ *([a-z -]+?)  *(\d+(?:\.\d+)?)", found.stdout, re.M):
            if name not in ("seeds", "input", "output", "relayed to them"):
                totals[name] = totals.get(name, 0) + float(value)
        done += count
        by_plugin[pathlib.Path(plugin).name] = by_plugin.get(pathlib.Path(plugin).name, 0) + count
        rate = done / (time.monotonic() - start)
        print(f"{done:,} of {seeds:,} seeds, {rate:.0f} a second, {(seeds - done) / rate / 60:.0f} min to go", flush=True)
    return seeds / (time.monotonic() - start)


def table(totals, by_plugin, rate):
    counts = ", ".join(f"{count:,} over `{name}`" for name, count in by_plugin.items())
    rows = "".join(f"|{name} |{value:,.0f}\n" for name, value in totals.items())
    return (f"The last run: {seeds:,} seeds from {first:,} on ({counts}), {rate:.0f} a second. None failed. The simulated\n"
            f"time is in hours.\n\n[cols=\"1,>1\"]\n|===\n|what |count\n\n{rows}|===\n")


def main():
    totals, by_plugin = {}, {}
    with tempfile.TemporaryDirectory() as root:
        make_files(pathlib.Path(root))
        rate = run(root, totals, by_plugin)
    text = table(totals, by_plugin, rate)
    print(text)
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    PAGE.write_text(before + BEGIN + text + END + rest.split(END)[1])


main()
