# Distributed under the Boost Software License, Version 1.0.
# Tests the listing of doc/testing.adoc with the commands that stand there, and that the pages know every finding.
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

from pages import DOC, TREE, commands, prepared


class Testing(unittest.TestCase):
    def test_listing_is_built_and_runs(self):
        page = DOC / "testing.adoc"
        self.assertIn("examples/echo_test.cpp", page.read_text())  # listings.py compares what stands there with the file
        with tempfile.TemporaryDirectory() as folder:
            here = prepared(folder)
            build, run = commands(page)
            subprocess.run([*shlex.split(build), "-Wall", "-Wextra", "-Werror"], cwd=here, check=True, timeout=600)
            done = subprocess.run(shlex.split(run), cwd=here, capture_output=True, text=True, timeout=300)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "all is well\n", ""))

    def test_page_has_every_finding_with_its_severity(self):
        source = (TREE / "src/check/finding.cpp").read_text()
        known = re.findall(r'^ +{"([\w-]+)",\s+(error|warning|note),', source, re.M)
        self.assertGreater(len(known), 30)
        on_page = []
        for names, severity in re.findall(r"^(`.*?`) \((\w+)\)::", (DOC / "check-plugin.adoc").read_text(), re.M):
            on_page += [(name, severity) for name in re.findall(r"`([\w-]+)`", names)]
        self.assertEqual(sorted(on_page), sorted(known))

    def test_page_has_every_rule(self):
        header = (TREE / "include/epollhost/testing/detail/rules.hpp").read_text()
        rules = re.findall(r"^///   ([\w-]+(?:, [\w-]+)*)  +\w", header, re.M)
        self.assertGreater(len(rules), 8)
        page = (DOC / "testing.adoc").read_text()
        for rule in ", ".join(rules).split(", "):
            self.assertIn(f"`{rule}`", page)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
