# Distributed under the Boost Software License, Version 1.0.
# What the tests of reloads share: a configuration, and what must be true behind them.
import unittest

from support.load import failed
from support.master import Folder
from support.program import built

WEB = built("/web.so")


def config(plugin=WEB, **options):
    lines = [f"plugin = web={plugin}", "[web]"]
    for name, values in options.items():
        for value in values if isinstance(values, list) else [values]:
            lines.append(f"{name.replace('_', '-')} = {value}")
    return "\n".join(lines) + "\n"


class Reloading(unittest.TestCase):
    def assert_nothing_lost(self, result):
        self.assertEqual(failed(result), 0, result)
        self.assertGreater(result["answered"], 0, result)

    def assert_nothing_died(self, master):
        self.assertEqual(master.status()["restarts"], 0, master.log.lines)
        self.assertEqual(master.log.count("was killed"), 0, master.log.lines)
        self.assertEqual(master.stop(), 0)


class UnixFolder:
    def __init__(self):
        self.folder = Folder()
        self.address = "unix:" + self.folder / "s"

    def close(self):
        self.folder.remove()
