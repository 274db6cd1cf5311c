# Distributed under the Boost Software License, Version 1.0.
# Tests that --status shows what plugins count: over all workers, reloads, crashes and upgrades, and whatever they overwrite.
import contextlib
import os
import signal
import sys
import unittest

from support.client import connect
from support.master import Master, wait_until
from support.program import built, run

HOSTILE = built("/hostile.so")


class Case(unittest.TestCase):
    def serving(self, *words, workers=1):
        return Master("--plugin", HOSTILE, "--listen", "127.0.0.1:0", "--stall-warn", "0", "--workers", str(workers), *words)

    def client(self, master):
        s = connect(master.port)
        self.addCleanup(s.close)
        return s

    def say(self, client):
        client.sendall(b"x")
        self.assertEqual(client.recv(1), b"x")  # so it was counted


class Sums(Case):
    def test_are_over_all_workers(self):
        with self.serving(workers=2) as m:
            clients = []
            while any(w["accepted"] == 0 for w in m.status()["workers"]):
                clients.append(self.client(m))
                self.say(clients[-1])
            self.say(clients[0])
            self.assertEqual(m.metrics(), {"messages": len(clients) + 1, "connections": len(clients)})
            for client in clients[1:]:
                client.close()
            wait_until("one is left", lambda: m.metrics()["connections"] == 1)
            self.assertEqual(m.metrics()["messages"], len(clients) + 1)

    def test_have_all_that_a_plugin_says_of_them(self):
        with self.serving() as m:
            client = self.client(m)
            self.say(client)
            self.assertEqual(m.status()["metrics"],
                             [{"plugin": "hostile", "name": "connections", "kind": "gauge",
                               "help": "who is connected now", "value": 1},
                              {"plugin": "hostile", "name": "messages", "kind": "counter",
                               "help": "messages that came", "value": 1}])
            status, out, error = run("--status", "--pid-file", m.pid_file)
            self.assertEqual((status, error), (0, ""))
            self.assertRegex(out, r"(?m)^metric of +value kind +name +help$")
            self.assertRegex(out, r"(?m)^hostile +1 gauge +connections +who is connected now$")
            self.assertRegex(out, r"(?m)^hostile +1 counter +messages +messages that came$")
            client.close()
            self.assertEqual(m.stop(), 0)

    def test_are_of_each_instance_by_itself(self):
        with Master("--plugin", f"one={HOSTILE}", "--plugin", f"two={HOSTILE}", "--one.listen", "127.0.0.1:0",
                    "--two.listen", "127.0.0.1:0", "--workers", "1", serves=2) as m:
            client = connect(m.addresses["two"][0])
            self.addCleanup(client.close)
            self.say(client)
            self.assertEqual(m.metrics("one"), {"messages": 0, "connections": 0})
            self.assertEqual(m.metrics("two"), {"messages": 1, "connections": 1})


class Endings(Case):
    def test_keep_what_was_counted_and_no_gauge_when_workers_die_or_are_replaced(self):
        said = 0
        with self.serving(workers=2) as m:
            for i in range(6):
                for _ in range(4):
                    with contextlib.closing(connect(m.port)) as client:
                        self.say(client)
                        said += 1
                        self.assertEqual(m.metrics()["messages"], said)
                known = set(m.workers())
                if i % 2:
                    m.reload()
                else:
                    os.kill(min(known), signal.SIGKILL)
                    wait_until("a replacement", lambda known=known: len(set(m.workers()) - known) == 1)
                self.assertEqual(m.metrics()["messages"], said)
                wait_until("nobody is connected", lambda: m.metrics()["connections"] == 0)

    def test_count_the_connections_of_a_worker_that_drains(self):
        with self.serving() as m:
            old = self.client(m)
            self.say(old)
            m.reload()
            new = self.client(m)
            self.say(new)
            self.say(old)
            self.assertEqual(m.metrics(), {"messages": 3, "connections": 2})
            old.close()
            m.wait_for_generations(1)
            self.assertEqual(m.metrics(), {"messages": 3, "connections": 1})

    def test_have_the_message_that_the_worker_died_of(self):
        with self.serving("--hostile.deed", "segv", "--hostile.at", "3") as m:
            client = self.client(m)
            self.say(client)
            self.say(client)
            client.sendall(b"x")
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(client.recv(1), b"")
            m.log.wait_for("died of SIGSEGV")
            wait_until("a replacement", lambda: m.metrics()["connections"] == 0 and m.workers())
            self.assertEqual(m.metrics()["messages"], 3)
            self.say(self.client(m))
            self.assertEqual(m.metrics(), {"messages": 4, "connections": 1})

    def test_have_the_workers_of_the_program_before_an_upgrade(self):
        with self.serving() as m:
            old = self.client(m)
            self.say(old)
            m.send(signal.SIGUSR2)
            m.log.wait_for("the program was upgraded")
            self.say(self.client(m))
            self.assertEqual(m.metrics(), {"messages": 2, "connections": 2})


class Overwritten(Case):
    def test_do_no_harm_to_the_master(self):
        with self.serving("--hostile.deed", "scribble") as m:
            client = self.client(m)
            self.say(client)
            self.assertEqual(m.metrics(), {})
            client.close()
            m.reload()
            m.wait_for_generations(1)
            self.assertEqual(m.metrics(), {"messages": 0, "connections": 0})
            self.assertEqual(m.stop(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
