# Distributed under the Boost Software License, Version 1.0.
# The parts of the program's life in which calls are failed: start, serving, reload, end.
import os
import re
import signal
import time

from board import FOR_EVER
from faults import AGAIN, ERRORS
from host import TICKS_A_S, Host
from talks import DEADLINE_S, Bad

# What a start may lack from one moment on, and not just once.
LASTING = {"allocate", "socket", "open", "fopen", "pipe2", "socketpair", "epoll_create1", "eventfd", "signalfd",
           "memfd_create", "mmap", "fork"}
SPIN_TICKS = 2 * TICKS_A_S  # of processor time in one round, which needs a hundredth of it


def errors_of(scenario, call):
    return [e for e in ERRORS.get(call, []) if not (e[0] == "EAGAIN" and call in AGAIN and scenario.edge)]


def until(what, true, seconds=DEADLINE_S):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise Bad(what())
        time.sleep(0.003)


class Phase:
    """One plan after the other. `case` answers what came of it: how many calls were failed, and in which words it ended."""

    def __init__(self, scenario, program, shim, board, folder):
        self.scenario, self.board, self.folder = scenario, board, folder
        self.new_host = lambda: Host(program, shim, board, folder, scenario.words(folder))
        self.host = None

    def close(self):
        if self.host:
            self.host.close()
        self.host = None

    def said(self):
        """What its last host has said on the standard error."""
        with open(f"{self.folder}/stderr", encoding="utf-8", errors="replace") as f:
            return f.read()

    def started(self):
        """A host that serves, with nothing failed."""
        self.close()
        self.board.nothing()
        self.host = self.new_host()
        if not self.host.wait_until_it_serves_or_ends(self.scenario.talk.answers):
            raise RuntimeError(f"it does not even start unharmed: {self.host.said()}")
        return self.host

    def times(self, call):
        return [1]


class Start(Phase):
    name = "start"

    def count(self):
        self.board.count_from_here()
        self.run()
        return self.board.counts()

    def times(self, call):
        return [1, FOR_EVER] if call in LASTING else [1]

    def case(self, *plan):
        self.board.plan(*plan)
        return self.run(lasting=plan[3] > 1)

    def run(self, lasting=False):
        self.host = host = self.new_host()

        def answers(h):
            if lasting:
                self.board.nothing()
            return self.scenario.talk.answers(h)
        try:
            served = host.wait_until_it_serves_or_ends(answers)
            self.board.nothing()
            if not served:
                host.expect_end()
                if host.status == 0:
                    raise Bad("ended with 0 and did not serve")
                return "refused"
            host.end()
            return "went on"
        finally:
            self.close()


class End(Phase):
    name = "end"

    def count(self):
        host = self.started()
        self.board.count_from_here()
        host.end()
        return self.board.counts()

    def case(self, *plan):
        host = self.started()
        try:
            self.board.plan(*plan)
            host.end()
            return "went on" if host.status == 0 else "refused"
        finally:
            self.board.nothing()
            self.close()


class Living(Phase):
    """What one host survives again and again. A round of `work` ends in the state in which it began."""

    def warm(self):
        self.started()
        for _ in range(2):
            self.work()
        self.usual = self.settled()

    def settled(self):
        """Descriptors, when their number does not change any more."""
        last, same = self.host.descriptors(), 0
        end = time.monotonic() + DEADLINE_S
        while same < 10 and time.monotonic() < end:
            time.sleep(0.005)
            now = self.host.descriptors()
            same, last = (same + 1 if now == last else 0), now
        return last

    def count(self):
        self.warm()
        self.board.count_from_here()
        self.work()
        return self.board.counts()

    def case(self, *plan):
        if self.host is None or self.host.status is not None:
            self.warm()
        host, before = self.host, self.host.processor_ticks()
        try:
            self.board.plan(*plan)
            self.work()
            self.board.nothing()
            if host.wait(0):
                host.expect_end()
                raise Bad(f"stopped serving, with status {host.status}: {host.said().strip().splitlines()[-1]}")
            until(lambda: "no client is served afterwards", lambda: self.scenario.talk.answers(host))
            until(lambda: f"leak: {host.descriptors()} descriptors are open, there were {self.usual}",
                  lambda: host.descriptors() <= self.usual)
            if host.processor_ticks() - before > SPIN_TICKS:
                raise Bad("spin: too much processor time")
            return "went on"
        except Bad:
            self.close()
            raise
        finally:
            self.board.nothing()


class Serving(Living):
    name = "serving"

    def work(self):
        self.scenario.talk.talk(self.host)


class Reload(Living):
    name = "reload"
    done = re.compile(r"listens on .*generation|reload failed|has drained|no memory was left")

    def work(self):
        host = self.host
        mark = os.path.getsize(f"{host.folder}/stderr")
        os.kill(host.pid, signal.SIGHUP)
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end and not host.wait(0.004):
            if self.done.search(host.said()[mark:]):
                break
        else:
            if host.status is None:
                raise Bad(f"a reload neither fails nor succeeds: {host.said()[mark:].strip()[-200:]}")
        self.scenario.talk.talk(host)
