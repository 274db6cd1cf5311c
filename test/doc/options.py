# Distributed under the Boost Software License, Version 1.0.
# Tests that doc/options.adoc and --help name the same options with the same defaults.
import re
import sys
import unittest

from pages import DOC

from support.program import built, run

PAGE = (DOC / "options.adoc").read_text()


def help_of(*plugins):
    words = [word for plugin in plugins for word in ("--plugin", built(plugin))]
    status, text, complaints = run("--help", *words)
    assert status == 0, complaints
    return text


class Options(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.help = help_of("/http.so", "/raw.so", "/files.so", "/chat.so", "/proxy.so")

    def entries(self):
        """Name and explanation of each option in --help, without those that say where one plugin listens, and those
        that files.so has from the HTTP library as http.so has."""
        out = []
        for line in self.help.splitlines():
            if name := re.match(r"  --([\w.-]+)(.*)", line):
                out.append([name.group(1), name.group(2).strip()])
            elif out and line.startswith(" " * 20):
                out[-1][1] += " " + line.strip()
        self.assertGreater(len(out), 40)
        words = lambda text: " ".join(text.split())
        of_http = {(name.partition(".")[2], words(text)) for name, text in out if name.startswith("http.")}
        own = lambda name, text: not name.startswith("files.") or (name.partition(".")[2], words(text)) not in of_http
        return [(name, text) for name, text in out if not name.endswith(".listen") and own(name, text)]

    def test_page_and_help_name_the_same(self):
        on_page = re.findall(r"^`--([\w.-]+)`", PAGE, re.M)
        self.assertEqual(sorted(on_page), sorted(name for name, _ in self.entries()))

    def test_page_has_the_defaults_of_help(self):
        on_page = dict(re.findall(r"^`--([\w.-]+)`.*? \[([^\]]*)\]::", PAGE, re.M))
        for name, text in self.entries():
            notes = re.search(r"\[([^\[]*)\]$", text)
            if notes and not re.match(r"\S+ to ", notes.group(1)):  # that is a range alone
                with self.subTest(name):
                    self.assertEqual(on_page.get(name, "").strip('"'), notes.group(1).split(";")[0].strip('"'))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
