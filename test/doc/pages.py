# Distributed under the Boost Software License, Version 1.0.
# The pages under doc/, and the commands that stand on them.
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parent.parent
DOC = TREE / "doc"
PAGES = sorted(DOC.rglob("*.adoc"))

sys.path.insert(0, str(HERE.parent / "system"))  # for support


def blocks(page, kind):
    """The listings of a page that are marked [source,KIND]."""
    return re.findall(rf"^\[source,{kind}\]\n----\n(.*?)^----$", page.read_text(), re.M | re.S)


def listings(page):
    """The files that it shows, by the marks above their listings."""
    return dict(re.findall(r"^// Listing of (\S+)\n(?:.*\n)??\[source,\w+\]\n----\n((?:(?!----\n).*\n)*)----$",
                           page.read_text(), re.M))


def commands(page):
    """Each line of its shell listings."""
    return [line for block in blocks(page, "sh") for line in block.splitlines() if line.strip()]


def prepared(folder, *built):
    """Makes a folder in which the commands of the pages run: with the sources and what the build made, as links."""
    folder = Path(folder)
    for name in ("include", "doc"):
        (folder / name).symlink_to(TREE / name)
    (folder / "bin/plugins").mkdir(parents=True)
    for path in built:
        place = folder / "bin" / ("plugins" if path.endswith(".so") else ".") / os.path.basename(path)
        place.symlink_to(os.path.abspath(path))
    return folder
