# Distributed under the Boost Software License, Version 1.0.
# Tests that the simulated kernel behaves as the real one: both play the same scripts, and what is seen is the same.
import subprocess
import sys

SCRIPTS = 400  # random ones
QUEUES = 11    # about queues that are full
TRIES = 4  # of one script on the real kernel, where a packet may come behind the call that waits for it

on_linux, simulated = sys.argv[1:]


def play(program, *words):
    """What each script printed, by its first line."""
    out = subprocess.run([program, *words], text=True, capture_output=True, check=True).stdout
    scripts = [part.splitlines() for part in ("\n" + out).split("\nscript ")[1:]]
    return {lines[0]: lines[1:] for lines in scripts}


def differs(expected, seen):
    return next((i for i, (a, b) in enumerate(zip(expected, seen)) if a != b), None)


def play_again(program, name):
    number = name.split()[0]
    return play(program, *((number, "1") if number.isdigit() else ("queues",)))[name]


def play_all(program):
    return play(program, "1", str(SCRIPTS)) | play(program, "queues")


failures = 0
real, model = play_all(on_linux), play_all(simulated)
if not real.keys() == model.keys() or len(real) != SCRIPTS + QUEUES:
    sys.exit(f"{SCRIPTS + QUEUES} scripts are expected of each; there are {len(real)} and {len(model)}")
for name, expected in real.items():
    tries = 1
    while expected != model[name] and tries < TRIES:
        expected = play_again(on_linux, name)
        tries += 1
    if expected == model[name]:
        continue
    failures += 1
    at = differs(expected, model[name])
    print(f"script {name}, line {at}:")
    print("\n".join(expected[max(0, at - 12):at]))
    print(f"real:      {expected[at]}\nsimulated: {model[name][at]}")
steps = sum(len(lines) for lines in real.values())
print(f"{len(real)} scripts with {steps} observations, {failures} differ")
sys.exit(1 if failures else 0)
