# Distributed under the Boost Software License, Version 1.0.
# Tests that the program takes every command line of it that stands on a page.
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

from pages import PAGES, commands, prepared

from support.program import built

ENDS = {"--check-plugin", "--help", "--version", "--check", "--show-config", "--list-plugins"}  # it prints something by itself
ASKS = {"--status", "--signal"}  # of a program that would have to run


def words_of(line):
    """The words behind bin/epollhost, without a redirection or an ampersand."""
    words = shlex.split(re.split(r"\s(?:2?>|&|\|)", line, maxsplit=1)[0])
    return words[words.index("bin/epollhost") + 1:]


class Commands(unittest.TestCase):
    def test_the_program_takes_each_of_them(self):
        with tempfile.TemporaryDirectory() as folder:
            here = prepared(folder, *(built(f"/{name}") for name in ("epollhost", "http.so", "raw.so", "files.so", "echo.so",
                                                                      "lines.so", "chat.so", "proxy.so")))
            for line in (line for page in PAGES for line in commands(page)):
                if re.match(r"(cc|c\+\+) ", line):
                    subprocess.run(shlex.split(line), cwd=here, check=True, timeout=300)
            count = 0
            for page in PAGES:
                for line in commands(page):
                    if "bin/epollhost " not in line:
                        continue
                    words = words_of(line)
                    if ASKS & set(words):
                        continue
                    count += 1
                    more = [] if ENDS & set(words) else ["--check"]
                    with self.subTest(f"{page.name}: {line}"):
                        done = subprocess.run(["bin/epollhost", "--plugin-dir", "bin/plugins", *words, *more], cwd=here,
                                              capture_output=True, text=True, timeout=300)
                        self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertGreater(count, 10)

    def test_the_simulator_takes_each_of_them(self):
        with tempfile.TemporaryDirectory() as folder:
            here = prepared(folder, built("/epollhost-sim"), built("/http.so"), built("/raw.so"), built("/proxy.so"))
            lines = [line for page in PAGES for line in commands(page) if line.startswith("bin/epollhost-sim ")]
            for line in lines:
                with self.subTest(line):
                    words = [*shlex.split(line), "--plugin-dir", "bin/plugins"]
                    done = subprocess.run(words, cwd=here, capture_output=True, text=True, timeout=120)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertGreaterEqual(len(lines), 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
