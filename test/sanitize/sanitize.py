# Distributed under the Boost Software License, Version 1.0.
# Runs all suites under the sanitizers: that of addresses, leaks and undefined behaviour, then that of threads. Passes if all
# tests do, and if no process that they started has reported anything, also one whose end no test looks at.
import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "test/system"))
from support.counts import counts  # noqa: E402

OUT = ROOT / "out"
REPORTS = OUT / "sanitize"

# What crashes keeps its own signal: the program has a handler for it, and tests look at how a process ended. Nothing else is
# switched off here, and there is no list of what to pass over.
SIGNALS = "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_abort=0"
OPTIONS = {
    "asan": {
        "ASAN_OPTIONS": f"{SIGNALS}:detect_stack_use_after_return=1:check_initialization_order=1:strict_string_checks=1",
        "UBSAN_OPTIONS": f"{SIGNALS}:print_stacktrace=1",
    },
    "tsan": {
        "TSAN_OPTIONS": f"{SIGNALS}:second_deadlock_stack=1",
    },
}
PLANTED = {"asan": ("overflow", "leak", "undefined"), "tsan": ("race",)}
# Beside the unit tests, what runs something of this build.
SUITES = ("test/abi//foreign", "test/abi//golden", "test/abi//exported_symbols.run", "test/fuzz", "test/sim", "test/system",
          "test/doc//commands.run", "test/doc//coroutines.run", "test/doc//examples.run", "test/doc//options.run")


def suites():
    unit = sorted(str(p.parent.relative_to(ROOT)) for p in ROOT.glob("test/unit/**/Jamfile"))
    return [*unit, *SUITES]


def of(variant, suffixes):
    """The files below out/test that were made under this variant."""
    return [p for p in (OUT / "test").rglob("*") if variant in p.parts and p.suffix in suffixes]


def forget_what_has_passed(variant):
    """So that all of it runs, and is counted."""
    for path in of(variant, (".run", ".test", ".output")):
        path.unlink()
    shutil.rmtree(REPORTS / variant, ignore_errors=True)


def environment(variant):
    """Each process writes what it reports into a file of its own; some have no standard error, or other rights."""
    folder = REPORTS / variant
    folder.mkdir(parents=True)
    folder.chmod(0o1777)
    options = {name: f"{value}:log_path={folder}/report" for name, value in OPTIONS[variant].items()}
    return {**os.environ, **options, "SANITIZE_REPORTS": str(folder), "BOOST_TEST_REPORT_LEVEL": "short",
            "BOOST_TEST_COLOR_OUTPUT": "0"}


def blind_for(variant):
    """What is planted and not reported: then it would be no news that nothing else is."""
    subprocess.run(["b2", f"variant={variant}", "test/sanitize//planted"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    program = max((p for p in (OUT / "test/sanitize").rglob("planted") if variant in p.parts and p.is_file()),
                  key=lambda p: p.stat().st_mtime)
    unseen = []
    for deed in PLANTED[variant]:
        around = environment(variant)
        subprocess.run([program, deed], env=around, check=True)
        if not any((REPORTS / variant).iterdir()):
            unseen.append(deed)
        shutil.rmtree(REPORTS / variant)
    return unseen


def left_out(variant):
    """The scripts that this variant does not run."""
    ran = {p.stem for p in of(variant, (".run",))}
    scripts = [p for folder in SUITES for p in (ROOT / folder).rglob("*.py") if "unittest.main(" in p.read_text()]
    return sorted(p.stem for p in scripts if p.stem not in ran)


# ---- a variant

def spent_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(variant, words):
    forget_what_has_passed(variant)
    if unseen := blind_for(variant):
        print(f"{variant}: does not report what is planted: {', '.join(unseen)}")
        return False
    began, spent = time.monotonic(), spent_s()
    command = ["b2", f"variant={variant}", *words]
    built = subprocess.run(command, cwd=ROOT, env=environment(variant), check=False).returncode == 0
    text = "".join(p.read_text(errors="replace") for p in of(variant, (".output",)))
    passed, failed, skipped = counts(text)
    reports = sorted((REPORTS / variant).iterdir())
    for report in reports:
        print(f"---- {report}\n{report.read_text(errors='replace')}")
    for line in sorted(set(re.findall(r"^left out: .*$", text, re.M))):
        print(f"{variant}: {line}")
    print(f"{variant}: these scripts are left out: {', '.join(left_out(variant))}")
    print(f"{variant}: {time.monotonic() - began:.0f} s, of processors {spent_s() - spent:.0f} s")
    # A test that did not compile, or that died without a word, has no count.
    failed += not built and failed == 0
    print(f"{variant}: {passed} tests passed, {failed} failed, {skipped} left out, {len(reports)} reports", flush=True)
    return failed == 0 and passed > 0 and not reports


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--variant", choices=OPTIONS, action="append", help="only this one")
    p.add_argument("words", nargs="*", help="words for b2: which suites (all), -j4")
    options = p.parse_args()
    words = options.words
    if not any(word.startswith("test") for word in words):
        words = [*words, *suites()]
    return not all([run(variant, words) for variant in options.variant or OPTIONS])


if __name__ == "__main__":
    sys.exit(main())
