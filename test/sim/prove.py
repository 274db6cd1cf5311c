# Distributed under the Boost Software License, Version 1.0.
# The long run, `b2 prove`: 10^6 seeds over http.so and raw.so, with the table that doc/proof.adoc shows.
#
#   b2 prove -sprove-seeds=N -sprove-first=N      another number of them, from another one on
import re
import subprocess
import sys
import time

CHUNK = 50_000

program = next(a for a in sys.argv[1:] if a.endswith("epollhost-sim"))
plugins = [a for a in sys.argv[1:] if a.endswith(".so")]
seeds, first = (int(a) for a in sys.argv[1:] if a.isdigit())

start = time.monotonic()
totals = {}
done = 0
while done < seeds:
    plugin = plugins[done // CHUNK % len(plugins)]
    count = min(CHUNK, seeds - done)
    run = subprocess.run([program, "--plugin", plugin, "--first", str(first + done), "--seeds", str(count)],
                         text=True, capture_output=True)
    if run.returncode != 0:
        sys.exit(f"{plugin}:\n{run.stdout}{run.stderr}")
    for name, value in re.findall(r"^ *([a-z -]+?)  +(\d+)", run.stdout, re.M):
        if name not in ("seeds", "input", "output", "simulated time"):
            totals[name] = totals.get(name, 0) + int(value)
    done += count
    print(f"{done} seeds, {done / (time.monotonic() - start):.0f} a second", flush=True)
for name, value in totals.items():
    print(f"{name:<18} {value:>12,}")
