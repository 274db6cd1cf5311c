# Distributed under the Boost Software License, Version 1.0.
# What came of the sweep, as a table.
from board import CALLS


class Result:
    """Of one call, error, phase and scenario, over all numbers."""

    def __init__(self, scenario, phase, process, call, error, lasting):
        self.scenario, self.phase, self.process = scenario, phase, process
        self.call, self.error, self.lasting = call, error, lasting
        self.cases = self.failed_calls = self.went_on = self.refused = 0
        self.slowest_s = 0
        self.bad = []

    def add(self, ended, failed_calls, seconds):
        self.cases += 1
        self.failed_calls += failed_calls
        self.went_on += ended == "went on"
        self.refused += ended == "refused"
        self.slowest_s = max(self.slowest_s, seconds)

    def title(self):
        return (f"{self.scenario} | {self.phase} | {self.process} | {self.call} {self.error}"
                f"{' from then on' if self.lasting else ''}")


def total(results, name):
    return sum(getattr(r, name) for r in results)


def bad_count(results):
    return sum(len(r.bad) for r in results)


def memory(results):
    return [r for r in results if r.call == "allocate"]


def summary(results, seconds):
    slow = sorted(results, key=lambda r: -r.slowest_s)[:3]
    return (f"{total(results, 'cases')} injections, of them {total(memory(results), 'cases')} of memory; "
            f"{total(results, 'failed_calls')} calls failed; {total(results, 'went_on')} went on, "
            f"{total(results, 'refused')} ended with a message, {bad_count(results)} bad; {seconds:.0f} s\n" +
            "".join(f"slowest: {r.slowest_s:.1f} s, {r.title()}\n" for r in slow))


def page(results):
    rows = []
    for call in CALLS:
        of = [r for r in results if r.call == call and r.cases]
        if not of:
            continue
        errors = list(dict.fromkeys(r.error for r in of))
        processes = list(dict.fromkeys(r.process for r in of))
        rows.append(f"| `{call}` | {' '.join(errors)} | {', '.join(processes)} | {total(of, 'cases')} | "
                    f"{total(of, 'went_on')} | {total(of, 'refused')} | {bad_count(of)}\n")
    return HEAD.format(cases=total(results, "cases"), memory=total(memory(results), "cases"), bad=bad_count(results),
                       calls=total(results, "failed_calls")) + "".join(rows) + TAIL


HEAD = """// Distributed under the Boost Software License, Version 1.0.
// What the fault sweep failed, and what came of it. Written by test/fault/sweep.py --page; do not edit.
= The fault sweep

A library that is preloaded into the real program fails its Nth call of a kind with an error, for N = 1, 2, 3 and so on
until there is no Nth call, for each error that the call's manual page lists and that can occur, in each of its processes;
then the same for each allocation of memory. It does so while the program starts, serves, reloads and ends: in one process
and with a master, worker and log process, level- and edge-triggered, for the plugins `http`, `files` and `raw`.

Nothing may crash, hang, spin or leak a descriptor; no client may hear a wrong byte; a client that comes afterwards has to
be served; a start that is refused has to say why and to end with a documented status.

{cases} injections, {memory} of them allocations of memory; {calls} calls failed, since some injections fail every call from
the Nth on. Bad outcomes: {bad}.

`b2 faults` runs it again. What it cannot reach: calls that the C library makes inside itself, and EAGAIN of a socket under
the edge trigger, after which the kernel would announce an edge.

[%autowidth,cols="<,<,<,>,>,>,>"]
|===
| call | errors | processes | injections | went on | ended with a message | bad

"""

TAIL = """|===

== What it has found

Mended since, and failing in the sweep before:

* An allocation that failed in a forked child threw through the master's frames: the child went on as a second master.
* A message from master to worker that the kernel had no memory for was lost: the worker never accepted, or never ended.
* A signal or a worker's message that there was no memory to obey ended the master, as did a log line.
* Where an allocation failed in a destructor at the end (of a loop, a timer, a listening unix socket), the program aborted.
* A trial of a plugin that had one pipe and not the second left the first open, at each reload.
* A log process that could not be started again ended the master; its own lack of memory threw into the master's code.
* A line of the log was dropped where its write was interrupted.
* A connection whose request and reset came in one event, and whose answer was a file, stayed until the send timeout.
"""
