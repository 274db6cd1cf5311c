# Distributed under the Boost Software License, Version 1.0.
# Fails the Nth call of each kind with each error that it may give, N = 1, 2, 3 ... until none is left, in the real
# program; then the same for memory. Passes if nothing crashes, hangs, spins, leaks, or ends without saying why.
import argparse
import multiprocessing
import os
import sys
import tempfile
import time

from board import FOR_EVER, Board
from phases import errors_of
from scenarios import all_scenarios, prepare
from talks import Bad
from table import Result, page, summary

BAD_MAX = 3          # of one plan's kind; then the rest of it is left
SLICE = 200          # calls of one kind that one task takes
SHORT_ALLOCATIONS = 40


class Task:
    """All errors of one call in one phase, for first calls in a range."""

    def __init__(self, scenario, phase, process, call, numbers):
        self.scenario, self.phase, self.process, self.call, self.numbers = scenario, phase, process, call, numbers


def set_up(options):
    """In each process of the pool: a board and a folder of its own."""
    global own
    folder = tempfile.mkdtemp(prefix="epollhost-fault-", dir=options.folder)
    prepare(folder)
    own = options, Board(f"{folder}/board"), folder


def built(options, name):
    for path in options.built:
        if path.endswith(f"/{name}"):
            return os.path.abspath(path)
    raise SystemExit(f"no argument ends with /{name}; run it through b2")


def scenarios(options):
    return all_scenarios(lambda name: built(options, f"{name}.so"))


def phase_of(task_scenario, name):
    options, board, folder = own
    scenario = scenarios(options)[task_scenario]
    kind = next(p for p in scenario.phases if p.name == name)
    return kind(scenario, built(options, "epollhost"), built(options, "shim.so"), board, folder)


def count(at):
    """How often each process makes each call in this phase."""
    phase = phase_of(*at)
    try:
        return at, phase.count()
    finally:
        phase.close()


def run(task):
    phase, results = phase_of(task.scenario, task.phase), []
    try:
        for name, error in errors_of(phase.scenario, task.call)[:1 if own[0].short else None]:
            for times in phase.times(task.call)[:1 if own[0].short else None]:
                results.append(run_numbers(phase, task, name, error, times))
    finally:
        phase.close()
    return results


def run_numbers(phase, task, name, error, times):
    result = Result(phase.scenario.name, phase.name, task.process, task.call, name, times == FOR_EVER)
    for number in task.numbers:
        began = time.monotonic()
        try:
            ended = phase.case(task.process, task.call, number, times, error)
        except Bad as bad:
            ended = None
            said = "\n" + phase.said() if own[0].tell else ""
            result.bad.append(f"call {number}: {bad}{said}")
        fired = phase.board.fired
        if ended and not fired:
            break
        result.add(ended, fired, time.monotonic() - began)
        if len(result.bad) >= BAD_MAX:
            break
    return result


def tasks_of(at, counts, options):
    scenario, phase = at
    for (process, call), n in sorted(counts.items(), key=lambda i: -i[1]):
        if (options.only and call not in options.only) or options.process not in (None, process):
            continue
        if options.number:
            yield Task(scenario, phase, process, call, [options.number])
            continue
        if options.short or options.few:
            yield Task(scenario, phase, process, call, range(1, n + 1, max(2, n // 4)) if call != "allocate" else
                       range(1, n + 1, max(1, n // SHORT_ALLOCATIONS)))
            continue
        # Behind the last that was counted: there may be more the next time, and the first that is missing ends it.
        for first in range(1, n + 1, SLICE):
            last = first + SLICE <= n
            yield Task(scenario, phase, process, call, range(first, first + SLICE if last else n + SLICE))


def parse():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("built", nargs="+", help="the program, the shim, plugins: what the build made")
    p.add_argument("--short", action="store_true", help="a sample")
    p.add_argument("--few", action="store_true", help="of each call and error a sample, edge-triggered")
    p.add_argument("--page", help="write the table here")
    p.add_argument("--only", nargs="*", help="these calls")
    p.add_argument("--scenario", help="scenarios whose name is this, or begins with it and a star")
    p.add_argument("--phase", help="this phase")
    p.add_argument("--process", help="this process")
    p.add_argument("--number", type=int, help="this call alone")
    p.add_argument("--tell", action="store_true", help="with what is bad, all that the program has said")
    p.add_argument("--jobs", type=int, default=4, help="how many programs at once")
    return p.parse_args()


def chosen(options):
    for index, scenario in enumerate(scenarios(options)):
        wanted = options.scenario
        if wanted and not (scenario.name == wanted or wanted.endswith("*") and scenario.name.startswith(wanted[:-1])):
            continue
        if (options.short and index not in (1, 2)) or (options.few and not scenario.edge):
            continue
        for phase in scenario.phases:
            if options.phase in (None, phase.name):
                yield index, phase.name


def main():
    options, began = parse(), time.monotonic()
    results = []
    with tempfile.TemporaryDirectory(prefix="epollhost-faults-") as options.folder, \
            multiprocessing.get_context("fork").Pool(options.jobs, set_up, [options]) as pool:
        tasks = [t for at, counts in pool.imap_unordered(count, chosen(options)) for t in tasks_of(at, counts, options)]
        for done in pool.imap_unordered(run, tasks):
            results += done
            for result in done:
                for bad in result.bad:
                    print(f"BAD {result.title()}, {bad}", flush=True)
    print(summary(results, time.monotonic() - began))
    if options.page:
        with open(options.page, "w", encoding="utf-8") as f:
            f.write(page(results))
    return any(r.bad for r in results)


if __name__ == "__main__":
    sys.exit(main())
