# Distributed under the Boost Software License, Version 1.0.
# Tests what must stay the same however often is reloaded: streams, memory, descriptors.
import contextlib
import signal
import sys
import unittest

from support.load import Load, added, failed
from support.master import Master, serving, wait_until
from support.program import built
from support.sanitized import left_out
from support.scale import figure, progress, scaled

WEB, RAW = built("/web.so"), built("/raw.so")


class Streams(unittest.TestCase):
    """A thousand connections live through all generations; each number they send comes back in its order."""

    def check(self, name, reloads, *words):
        with contextlib.ExitStack() as stack:
            m = stack.enter_context(Master("--plugin", RAW, "--listen", "127.0.0.1:0", "--workers", "2",
                                           "--drain-timeout", "0", "--generations-max", "60", *words))

            def streams(n):
                load = stack.enter_context(Load(m.port, mode="stream", clients=n, pause_us=200_000, piece=4,
                                                seconds=1800))
                load.wait_until_ready()
                return load
            each = 10  # that begin in each later generation, so that all generations live on
            first = streams(1000 - each * reloads)
            loads = [first]
            for i in range(reloads):
                m.reload()
                loads.append(streams(each))
                first.wait_for_answers(2000)
                if i % 10 == 9:
                    progress(f"{name}: {i + 1} reloads")
            self.assertEqual(m.status()["generations"], reloads + 1)
            total = added([load.stop() for load in loads])
            figure(f"1000 streams, {reloads} reloads, {name}",
                   f"{total['answered']} numbers back in order, {failed(total)} gaps or ends")
            self.assertEqual(failed(total), 0, total)
            self.assertEqual(total["connected"], 1000)
            m.wait_for_generations(1)
            self.assertEqual(m.stop(), 0)

    def test_have_no_gap(self):
        self.check("edge trigger", scaled(5, 50))

    def test_have_no_gap_with_the_level_trigger(self):
        self.check("level trigger", scaled(2, 50), "--raw.trigger", "level")


class Waiting(unittest.TestCase):
    def test_makes_one_of_the_reloads_that_wait_for_old_generations(self):
        with Master("--plugin", RAW, "--listen", "127.0.0.1:0", "--workers", "1", "--drain-timeout", "0",
                    "--generations-max", "2") as m:
            with Load(m.port, mode="stream", clients=50, pause_us=20_000, seconds=300) as load, \
                    Load(m.port, mode="stream", clients=50, pause_us=20_000, seconds=300) as more:
                load.wait_until_ready()
                more.wait_until_ready()  # else some of its connections would come to the second
                m.reload()  # two hold the first generation ...
                with Load(m.port, mode="stream", clients=50, pause_us=20_000, seconds=300) as later:
                    later.wait_until_ready()
                    m.reload()  # ... and one the second: there are two old ones
                    mark = len(m.log.lines)
                    for _ in range(5):
                        m.send(signal.SIGHUP)
                        load.wait_for_answers(50)
                    m.log.wait_for("the reload waits", after=mark)
                    self.assertEqual(m.status()["generation"], 3)
                    self.assertEqual(failed(later.stop()), 0)
                m.generation = 4
                m.log.wait_for(serving(4), after=mark)  # as soon as one has drained
                self.assertEqual(failed(load.stop()), 0)
                self.assertEqual(failed(more.stop()), 0)
            m.wait_for_generations(1)
            self.assertEqual(m.status()["generation"], 4)  # five became one
            self.assertEqual(m.log.count("the reload waits"), 1)
            self.assertEqual(m.stop(), 0)


class Memory(unittest.TestCase):
    @left_out("measures memory")
    def test_stays_the_same(self):
        first, all_of_them = scaled(5, 10), scaled(30, 500)
        with Master("--plugin", WEB, "--web.listen", "127.0.0.1:0", "--plugin", RAW, "--raw.listen", "127.0.0.1:0",
                    "--workers", "2", serves=2) as m:
            known = m.descriptors()

            def at_rest():
                m.wait_for_generations(1)
                workers = m.status()["workers"]
                # What serves the question is closed a moment after its answer.
                wait_until("as many descriptors as before", lambda: m.descriptors() <= known)
                return m.memory_kb(), m.descriptors(), len(workers)

            with Load(m.addresses["web"][0], clients=10, think_us=20_000, seconds=1800) as load:
                load.wait_until_ready()
                for _ in range(first):
                    m.reload()
                memory, descriptors, workers = at_rest()
                for i in range(first, all_of_them):
                    m.reload()
                    m.wait_for_generations(3)
                    if i % 50 == 49:
                        progress(f"{i + 1} reloads: {m.memory_kb()[1]} KiB, {m.descriptors()} descriptors")
                after = at_rest()
                self.assertEqual(failed(load.stop()), 0)
            figure(f"memory of the master, {first} and {all_of_them} reloads",
                   f"{memory[0]} and {after[0][0]} KiB resident, {memory[1]} and {after[0][1]} KiB of that no file, "
                   f"{descriptors} and {after[1]} descriptors")
            for then, now in zip(memory, after[0]):
                self.assertLessEqual(now, then * 1.1)
            self.assertEqual(after[1:], (descriptors, workers))
            self.assertEqual(m.stop(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
