# Distributed under the Boost Software License, Version 1.0.
# What the counters of a run say of each line: reached, in part, or not at all.
import collections
import concurrent.futures
import json
import os
import subprocess
from pathlib import Path

NOT, PART, WHOLE = range(3)
FILES_A_CALL = 20


def notes(out):
    """What the compiler has written beside each object that counts; the counters lie there too, once it has run."""
    return sorted(p for p in Path(out).rglob("*.gcno") if "counted" in p.parts)


def ask_gcov(objects):
    """A description of all source lines in these objects, one JSON document each."""
    said = subprocess.run(["gcov", "--json-format", "--stdout", *(str(p.with_suffix(".gcda")) for p in objects)],
                          capture_output=True, text=True, check=False).stdout
    return [json.loads(line) for line in said.splitlines() if line]


def state(line):
    """A block that an exception alone enters counts for nothing: each call has one, and none is written in the text."""
    if line["count"] == 0:
        return NOT
    return PART if line["unexecuted_block"] else WHOLE


def is_text_of_its_own(text, found):
    """Cleaning up at a brace is of no line, and the failing side of an assertion is what no test may reach."""
    return text not in ("}", "});", "};", "} else {") and not (found == PART and text.startswith("assert("))


def read(out, root, folders):
    """For each source of the folders the lines that count: {file: {number: (state, text)}}.

    A template is compiled often; its line is as good as in the best of them.
    """
    best = collections.defaultdict(dict)
    objects = notes(out)
    parts = [objects[i:i + FILES_A_CALL] for i in range(0, len(objects), FILES_A_CALL)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for document in (d for part in pool.map(ask_gcov, parts) for d in part):
            for source in document["files"]:
                name = os.path.relpath(os.path.join(root, source["file"]), root)
                if not name.startswith(tuple(f"{f}/" for f in folders)) or not os.path.exists(os.path.join(root, name)):
                    continue  # not ours, or of an object that was left behind
                for line in source["lines"]:
                    at = line["line_number"]
                    best[name][at] = max(best[name].get(at, NOT), state(line))
    return {name: with_text(root, name, best[name]) for name in sorted(best)}


def with_text(root, name, states):
    text = Path(root, name).read_text(encoding="utf-8").splitlines()
    lines = {at: (found, text[at - 1].strip()) for at, found in sorted(states.items())}
    return {at: line for at, line in lines.items() if is_text_of_its_own(line[1], line[0])}
