# Distributed under the Boost Software License, Version 1.0.
# Tests that a reload loses nothing: under load, with new options, new plugin bytes, other addresses, other workers.
import contextlib
import os
import shutil
import signal
import socket
import stat
import sys
import threading
import time
import unittest

from support.client import answer_of, ask, can_connect, free_port, get, request, version_of
from support.load import MIXES, Load, added, failed
from support.master import Master, wait_until
from support.program import built
from support.reloading import WEB, Reloading, UnixFolder, config
from support.scale import figure, progress, scaled

WEB2 = built("/web2.so")


class Visitor:
    """Comes again and again, with a request each time; keeps what went wrong, but for a refusal."""

    def __init__(self, at):
        self.at = at
        self.answered = 0
        self.wrong = []
        self.leaves = False
        self.thread = threading.Thread(target=self._visit)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end()

    def _visit(self):
        while not self.leaves:
            try:
                answer = get(self.at)
                if b"200 OK" not in answer:
                    self.wrong.append(answer)
                self.answered += 1
            except (ConnectionRefusedError, FileNotFoundError):
                pass
            except OSError as e:
                self.wrong.append(repr(e))

    def end(self):
        self.leaves = True
        self.thread.join()
        return self.wrong


class UnderLoad(Reloading):
    """Four mixes at once, each with its own kind of request that a reload could lose."""

    def check(self, name, reloads, requests, *words, unix=False):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(contextlib.closing(UnixFolder()))
            at = folder.address if unix else "127.0.0.1:0"
            m = stack.enter_context(Master("--plugin", WEB, "--listen", at, "--workers", "2", *words))
            to = at if unix else m.port
            loads = {mix: stack.enter_context(Load(to, clients=25, seconds=1800, **options))
                     for mix, options in MIXES.items()}
            for load in loads.values():
                load.wait_until_ready()
            for i in range(reloads):
                m.reload()
                for load in loads.values():
                    load.wait_for_answers(25)
                if i % 10 == 9:
                    progress(f"{name}: {i + 1} reloads")

            def answered():
                return sum(load.so_far()["answered"] for load in loads.values())
            wait_until("enough requests", lambda: answered() >= requests, deadline_s=1800)
            results = {mix: load.stop() for mix, load in loads.items()}
            for mix, result in results.items():
                with self.subTest(mix):
                    self.assert_nothing_lost(result)
                    self.assertEqual(result["closed_idle"], 0, result)
            total = added(results.values())
            figure(f"{reloads} reloads, {name}",
                   f"{total['answered']} requests answered, {failed(total)} failed, {total['reset']} resets, "
                   f"{total['told_close']} told to close")
            self.assertEqual(m.status()["reloads"], reloads)
            self.assert_nothing_died(m)

    def test_loses_nothing(self):
        self.check("edge trigger, TCP", scaled(5, 100), scaled(2000, 500_000))

    def test_loses_nothing_with_the_level_trigger(self):
        self.check("level trigger, TCP", scaled(3, 30), scaled(1000, 100_000), "--web.trigger", "level")

    def test_loses_nothing_over_a_unix_socket(self):
        self.check("edge trigger, unix", scaled(3, 30), scaled(1000, 100_000), unix=True)

    def test_loses_nothing_over_a_unix_socket_with_the_level_trigger(self):
        self.check("level trigger, unix", scaled(3, 30), scaled(1000, 100_000), "--web.trigger", "level", unix=True)

    def test_closes_idle_connections_without_a_reset_at_the_drain_timeout(self):
        """They think longer than the drain may take, so many are closed while they do. A request that crosses the
        server's FIN is lost: that is HTTP, and rare."""
        reloads = scaled(4, 50)
        with Master("--plugin", WEB, "--listen", "127.0.0.1:0", "--workers", "2", "--drain-timeout", "400ms") as m:
            with Load(m.port, clients=200, think_us=800_000, seconds=1800) as load:
                load.wait_until_ready()
                for _ in range(reloads):
                    m.reload()
                    m.wait_for_generations(1)
                result = load.stop()
            figure(f"{reloads} drains of idle clients", f"{result['closed_idle']} closed while idle, "
                   f"{result['reset']} resets, {result['lost']} requests crossed the close")
            self.assertGreater(result["closed_idle"], 10 * reloads, result)
            self.assertEqual(failed(result) - result["lost"], 0, result)
            self.assertLessEqual(result["lost"], max(3, result["closed_idle"] // 100), result)
            self.assert_nothing_died(m)


class NewBytes(Reloading):
    """The file of the plugin changes; connections accepted after the switch are answered by the new version."""

    def check(self, change, times=6):
        """`change(path, plugin)` makes the file at `path` the other plugin."""
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(contextlib.closing(UnixFolder())).folder
            path = folder / "served.so"
            shutil.copyfile(WEB, folder / "1.so")
            shutil.copyfile(WEB2, folder / "2.so")
            change(path, folder / "1.so")
            m = stack.enter_context(Master(config=config(path, listen="127.0.0.1:0", workers=2)))
            load = stack.enter_context(Load(m.port, clients=20, think_us=1000, seconds=600))
            load.wait_until_ready()
            expected = "1"
            for _ in range(times):
                expected = "2" if expected == "1" else "1"
                change(path, folder / f"{expected}.so")
                load.wait_for_answers(20)  # the old version goes on from its own copy
                m.reload()
                self.assertEqual({version_of(m.port) for _ in range(40)}, {expected})
            result = load.stop()
            self.assert_nothing_lost(result)
            self.assertEqual(set(result["versions"]), {"1", "2"})
            self.assert_nothing_died(m)

    def test_serves_a_file_that_was_replaced_by_rename(self):
        def change(path, plugin):
            shutil.copyfile(plugin, path + ".new")
            os.rename(path + ".new", path)
        self.check(change)

    def test_serves_a_file_that_was_overwritten_in_place(self):
        self.check(lambda path, plugin: shutil.copyfile(plugin, path))

    def test_serves_what_a_symbolic_link_points_to_now(self):
        def change(path, plugin):
            os.symlink(plugin, path + ".new")
            os.rename(path + ".new", path)
        self.check(change)


class HandingOver(Reloading):
    def test_is_said_when_the_old_workers_have_let_go(self):
        """A stopped one is waited for, but not for ever: the new generation serves all the while."""
        with Master("--plugin", WEB, "--listen", "127.0.0.1:0", "--workers", "1") as m:
            old, = m.workers()
            os.kill(old, signal.SIGSTOP)
            began = time.monotonic()
            m.reload()
            self.assertGreaterEqual(time.monotonic() - began, 1)
            self.assertEqual(version_of(m.port), "1")
            os.kill(old, signal.SIGCONT)
            m.log.wait_for("generation 1 has drained")
            self.assert_nothing_died(m)


class Addresses(Reloading):
    def test_adds_removes_and_changes_addresses(self):
        one, two, three = free_port(), free_port(), free_port()
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(contextlib.closing(UnixFolder()))

            def listens(*ports, unix=False):
                return config(listen=[f"127.0.0.1:{p}" for p in ports] + [folder.address] * unix, workers=2)
            m = stack.enter_context(Master(config=listens(one, two)))
            kept = stack.enter_context(Load(two, clients=20, keep=0, seconds=600))
            kept.wait_until_ready()
            self.assertEqual(version_of(one), "1")

            m.configure(listens(two, unix=True))  # one goes, a unix socket comes
            m.reload()
            wait_until("the removed address refuses", lambda: not can_connect(one))
            self.assertEqual(version_of(folder.address), "1")
            kept.wait_for_answers(50)

            m.configure(listens(two, three))  # the unix socket becomes a port
            m.reload()
            wait_until("the removed socket's file is gone", lambda: not os.path.exists(folder.address[5:]))
            self.assertEqual(version_of(three), "1")

            m.configure(listens(one, two, three))  # and the first comes back
            m.reload()
            self.assertEqual({version_of(p) for p in (one, two, three)}, {"1"})
            self.assert_nothing_lost(kept.stop())
            self.assert_nothing_died(m)

    def test_answers_what_waits_at_a_removed_address(self):
        one, two = free_port(), free_port()
        with Master(config=config(listen=[f"127.0.0.1:{one}", f"127.0.0.1:{two}"], workers=1)) as m:
            worker, = m.workers()
            os.kill(worker, signal.SIGSTOP)
            waiting = [ask(one) for _ in range(30)]
            m.configure(config(listen=f"127.0.0.1:{two}", workers=1))
            m.reload()
            os.kill(worker, signal.SIGCONT)
            for client in waiting:
                self.assertIn(b"200 OK", answer_of(client))
            wait_until("the removed address refuses", lambda: not can_connect(one))
            self.assert_nothing_died(m)


    def test_resets_nobody_at_an_address_that_comes_and_goes(self):
        keep, one = free_port(), free_port()
        with contextlib.closing(UnixFolder()) as folder:
            for at in (f"127.0.0.1:{one}", folder.address):
                there = config(listen=[f"127.0.0.1:{keep}", at], workers=2)
                gone = config(listen=f"127.0.0.1:{keep}", workers=2)
                with Master(config=there) as m, contextlib.ExitStack() as stack:
                    clients = [stack.enter_context(Visitor(at)) for _ in range(6)]
                    for _ in range(scaled(4, 50)):
                        m.configure(gone)
                        m.reload()
                        m.configure(there)
                        m.reload()
                        answered = [c.answered for c in clients]
                        for c, before in zip(clients, answered):
                            wait_until("it is served again", lambda c=c, before=before: c.answered > before)
                    self.assert_nothing_died(m)
                    self.assertEqual([c.end() for c in clients], [[]] * len(clients))

    def test_answers_a_client_whose_acknowledgement_is_on_the_way(self):
        """It takes itself for connected, and is in no queue yet when the address is removed."""
        keep, one = free_port(), free_port()
        for family, host, at in ((socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")):
            with Master(config=config(listen=[f"127.0.0.1:{keep}", f"{at}:{one}"], workers=2)) as m:
                with socket.socket(family) as client:
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
                    client.settimeout(30)
                    client.connect((host, one))
                    m.configure(config(listen=f"127.0.0.1:{keep}", workers=2))
                    m.send(signal.SIGHUP)
                    m.log.wait_for("listens on .*, generation 2")
                    client.sendall(request())
                    self.assertIn(b"200 OK", answer_of(client))
                m.generation = 2
                self.assert_nothing_died(m)

    def test_moves_between_an_address_and_all_of_them(self):
        port = free_port()
        with Master(config=config(listen=f":{port}", workers=2)) as m, \
                Load(port, clients=10, keep=0, seconds=600) as load:
            load.wait_until_ready()
            for listen in (f"127.0.0.1:{port}", f":{port}", f"0.0.0.0:{port}", f"127.0.0.1:{port}", f":{port}"):
                m.configure(config(listen=listen, workers=2))
                m.reload()
                load.wait_for_answers(20)
            result = load.stop()
            self.assert_nothing_lost(result)
            self.assert_nothing_died(m)

    def test_knows_a_unix_socket_by_another_name(self):
        with contextlib.closing(UnixFolder()) as folder, Master(config=config(listen=folder.address, workers=1)) as m:
            m.configure(config(listen=folder.address.replace("/s", "/./s"), workers=1))
            m.reload()
            self.assertEqual(version_of(folder.address), "1")
            self.assert_nothing_died(m)

    def test_changes_the_access_to_a_unix_socket_and_makes_a_removed_one_again(self):
        with contextlib.closing(UnixFolder()) as folder:
            path = folder.address[5:]
            with Master(config=config(listen=folder.address, workers=1)) as m:
                owner = {"unix_user": "65534", "unix_group": "65534"} if os.geteuid() == 0 else {}
                m.configure(config(listen=folder.address, workers=1, unix_mode="0604", **owner))
                m.reload()
                about = os.stat(path)
                self.assertEqual(stat.S_IMODE(about.st_mode), 0o604)
                if owner:
                    self.assertEqual((about.st_uid, about.st_gid), (65534, 65534))
                os.remove(path)
                m.reload()
                self.assertEqual(version_of(folder.address), "1")
                self.assert_nothing_died(m)
            self.assertFalse(os.path.exists(path))

    def test_leaves_a_socket_file_alone_that_another_program_has_put_there(self):
        with contextlib.closing(UnixFolder()) as folder:
            path = folder.address[5:]
            with Master(config=config(listen=folder.address, workers=1)) as m:
                os.unlink(path)
                with socket.socket(socket.AF_UNIX) as other:
                    other.bind(path)
                    other.listen()
                    os.chmod(path, 0o640)
                    self.assertIn("cannot listen", m.reload_fails())
                    self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)
                os.unlink(path)
                m.reload()
                self.assertEqual(version_of(folder.address), "1")
                self.assert_nothing_died(m)


class WorkerCount(Reloading):
    """Connections wait in the queues of stopped workers, while their number changes."""

    def check(self, before, after, *, unix=False, trigger="edge"):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(contextlib.closing(UnixFolder()))
            at = folder.address if unix else f"127.0.0.1:{free_port()}"
            m = stack.enter_context(Master(config=config(listen=at, workers=before, trigger=trigger)))
            old = m.workers()
            self.assertEqual(len(old), before)
            for pid in old:
                os.kill(pid, signal.SIGSTOP)
            waiting = [ask(at) for _ in range(scaled(200, 2000))]
            m.configure(config(listen=at, workers=after, trigger=trigger))
            m.reload()
            for pid in old:
                os.kill(pid, signal.SIGCONT)
            answers = [answer_of(client) for client in waiting]
            self.assertEqual(sum(b"200 OK" in a for a in answers), len(waiting))
            self.assertEqual(len(m.workers()), after)
            self.assertEqual({version_of(at) for _ in range(50)}, {"1"})  # no queue is without a reader
            self.assert_nothing_died(m)

    def test_grows(self):
        self.check(1, 4)

    def test_shrinks(self):
        self.check(4, 1)

    def test_grows_over_a_unix_socket(self):
        self.check(1, 4, unix=True)

    def test_shrinks_over_a_unix_socket(self):
        self.check(4, 1, unix=True)

    def test_shrinks_with_the_level_trigger(self):
        self.check(4, 1, trigger="level")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
