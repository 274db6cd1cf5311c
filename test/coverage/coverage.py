# Distributed under the Boost Software License, Version 1.0.
# Runs all tests in the build that counts, shows what they reach as HTML and in figures, and compares what they do not
# reach with the list of it. Passes if both are the same.
import argparse
import collections
import shutil
import subprocess
import sys
from pathlib import Path

import lines
import named

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "out"
FOLDERS = ("src/net", "src/loop", "src/worker", "src/master")
LIST = HERE / "unreached.txt"


def suites():
    unit = sorted(str(p.parent.relative_to(ROOT)) for p in ROOT.glob("test/unit/**/Jamfile"))
    return unit + ["test/sim", "test/system", "test/fault//each_call.run"]


def forget_what_was_counted():
    """And what has passed, so that all of it runs."""
    for path in OUT.rglob("*"):
        if "counted" in path.parts and path.suffix in (".gcda", ".run", ".test", ".output"):
            path.unlink()


def run_tests(words):
    return subprocess.run(["b2", "variant=counted", *words, *suites()], cwd=ROOT, check=False).returncode == 0


def write_html(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(["gcovr", "--root", ROOT, "--filter", f"{ROOT}/src/", "--exclude-throw-branches",
                    "--exclude-unreachable-branches", "--gcov-ignore-parse-errors", "--html-details",
                    folder / "index.html", "--html-title", "epollhost", OUT], cwd=ROOT, check=True)


def folder_of(file):
    return file.rpartition("/")[0]


def table(sources):
    """How many lines each folder has, and in how many something is not reached."""
    count, missed = collections.Counter(), collections.Counter()
    for file, found in sources.items():
        count[folder_of(file)] += len(found)
        missed[folder_of(file)] += sum(state != lines.WHOLE for state, _ in found.values())
    out = [f"{'folder':<16}{'lines':>7}{'reached':>9}{'named':>7}"]
    for folder in sorted(count):
        reached = count[folder] - missed[folder]
        out.append(f"{folder:<16}{count[folder]:>7}{100 * reached / count[folder]:>8.1f}%{missed[folder]:>7}")
    return "\n".join(out)


def report():
    sources = lines.read(OUT, ROOT, FOLDERS)
    write_html(OUT / "coverage")
    print(table(sources))
    wrong = named.check(named.Named(LIST.read_text(encoding="utf-8"), FOLDERS), sources)
    for line in wrong:
        print(f"WRONG {line}")
    if wrong:
        print(f"{len(wrong)} are wrong. Test what is not reached, or name it in {LIST.relative_to(ROOT)} with the reason;"
              " take out what is reached")
    print("All lines: out/coverage/index.html")
    return not wrong


def main():
    p = argparse.ArgumentParser(description=__doc__, epilog="Further words are for b2, such as -j4.")
    p.add_argument("--report", action="store_true", help="of what has been counted already; run nothing")
    options, words = p.parse_known_args()
    passed = True
    if not options.report:
        forget_what_was_counted()
        passed = run_tests(words)
    good = report()
    if not passed:
        print("a test has failed, above; so less may be reached than usual")
    return not (passed and good)


if __name__ == "__main__":
    sys.exit(main())
