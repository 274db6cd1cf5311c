# Distributed under the Boost Software License, Version 1.0.
# Tests with abidiff, where it is installed, that plugin.h is the frozen header of golden/1.0 or that with tables which have
# grown at their ends; and that abidiff would see anything else.
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
first, now = here / "golden/1.0", here.parents[1] / "include"
SOURCE = """#include <epollhost/plugin.h>
void use(const eh_plugin* p, const eh_host* h, const eh_io* i);
void use(const eh_plugin* p, const eh_host* h, const eh_io* i) { (void)p, (void)h, (void)i; }
"""
GROWN = "[suppress_type]\n  type_kind = struct\n  has_data_member_inserted_at = end\n"


def described(headers, folder, name):
    """A library whose debug information describes the tables."""
    library = folder / name
    subprocess.run(["gcc", "-g", "-x", "c", "-shared", "-fPIC", "-I", str(headers), "-o", str(library), "-"],
                   input=SOURCE, text=True, check=True)
    return library


def differs(old, new, folder):
    (folder / "grown").write_text(GROWN)
    done = subprocess.run(["abidiff", "--leaf-changes-only", "--suppressions", str(folder / "grown"), str(old), str(new)],
                          capture_output=True, text=True, timeout=300)
    return done.stdout + done.stderr if done.returncode else ""


def changed(folder, name, what, by):
    """The first header with one change in it."""
    place = folder / name / "epollhost"
    shutil.copytree(first / "epollhost", place)
    text = (place / "plugin.h").read_text()
    assert what in text, what
    (place / "plugin.h").write_text(text.replace(what, by, 1))
    return place.parent


def main():
    if not shutil.which("abidiff"):
        print("abidiff is not installed")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        old = described(first, folder, "first.so")
        found = differs(old, described(now, folder, "now.so"), folder)
        if found:
            print(f"plugin.h differs from that of golden/1.0 by more than growth at the ends:\n{found}")
            return 1
        ends = changed(folder, "ends", "  const eh_hooks* hooks;       /**< of accepted",
                       "  const eh_hooks* hooks; void* more; /**< of accepted")
        if differs(old, described(ends, folder, "ends.so"), folder):
            print("growth at the end of a table is taken for a fault")
            return 1
        moved = changed(folder, "moved", "  uint64_t in_len;", "  uint64_t more; uint64_t in_len;")
        if not differs(old, described(moved, folder, "moved.so"), folder):
            print("abidiff does not see a field that has moved")
            return 1
    return 0


sys.exit(main())
