# Distributed under the Boost Software License, Version 1.0.
# The list of what no test reaches, each line of a source with its reason; and whether it is true.
import collections
import re

from lines import WHOLE

HEAD = re.compile(r"(src/\S+): (\S.*)")
ENTRY = re.compile(r"  ([-?]) (\S.*)")


class Named:
    """{(file, text): how often}. A line is known by its text, so that a change elsewhere in the file moves nothing."""

    def __init__(self, text, folders):
        self.never, self.sometimes = collections.Counter(), collections.Counter()
        self.wrong = []
        file = None
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if head := HEAD.fullmatch(line):
                file = head[1]
                if not file.startswith(tuple(f"{f}/" for f in folders)):
                    self.wrong.append(f"line {number}: {file} is in none of {', '.join(folders)}")
            elif (entry := ENTRY.fullmatch(line)) and file:
                (self.never if entry[1] == "-" else self.sometimes)[file, entry[2]] += 1
            else:
                self.wrong.append(f"line {number} is '{line}', expected 'FILE: REASON', '  - LINE' or '  ? LINE'")


def check(named, sources):
    """What is wrong, as lines to print: what is not reached nor named, and what is named and reached or gone."""
    missed, where = collections.Counter(), collections.defaultdict(list)
    for file, lines in sources.items():
        for at, (state, text) in lines.items():
            if state != WHOLE:
                missed[file, text] += 1
                where[file, text].append(at)
    wrong = list(named.wrong)
    for key in missed:
        if missed[key] > named.never[key] + named.sometimes[key]:
            at = ", ".join(f"{key[0]}:{n}" for n in where[key])
            wrong.append(f"not reached and not named: {at}: {key[1]}")
    for key in named.never:
        if named.never[key] > missed[key]:
            found = f"not reached {missed[key]} times" if missed[key] else "reached, or no longer there"
            wrong.append(f"named {named.never[key]} times, but {found}: {key[0]}: {key[1]}")
    texts = collections.Counter((file, text) for file, lines in sources.items() for _, text in lines.values())
    for key in named.sometimes:
        if named.sometimes[key] > texts[key]:
            wrong.append(f"named, but no longer there: {key[0]}: {key[1]}")
    return wrong
