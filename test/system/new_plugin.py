# Distributed under the Boost Software License, Version 1.0.
# Tests that what --new-plugin writes is built, runs and answers, with each way to build it, against installed files only.
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.program import Serving, built

FIRST = Path(built("/bin/epollhost")).parent.parent
NAME = "my-own"
TOOLS = {"make": [["make"], ["make", "test"]], "b2": [["b2"], ["b2", "test"]],
         "cmake": [["cmake", "-B", "build"], ["cmake", "--build", "build"], ["ctest", "--test-dir", "build"]]}


def asked_for_page(at):
    at.sendall(b"GET /world HTTP/1.0\r\n\r\n")
    return at.makefile("rb").read().partition(b"\r\n\r\n")[2]


def asked_for_line(at):
    at.sendall(b"wor")
    at.sendall(b"ld\nagain")
    return at.makefile("rb").readline()


class NewPlugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        os.chmod(cls.temporary.name, 0o755)
        cls.prefix = Path(cls.temporary.name) / "prefix"
        shutil.copytree(FIRST, cls.prefix)
        cls.styles = sorted(p.name for p in (cls.prefix / "share/epollhost/templates").iterdir() if p.name != "common")
        # Nothing of this machine but the tools.
        cls.around = {"PATH": os.environ["PATH"], "HOME": cls.temporary.name, "LANG": "C.UTF-8",
                      "PKG_CONFIG_LIBDIR": str(cls.prefix / "lib/pkgconfig")}

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def run_in(self, folder, *words):
        done = subprocess.run(words, cwd=folder, env=self.around, capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def written(self, style, tool):
        place = Path(self.temporary.name) / f"{style}-{tool}"
        place.mkdir()
        said = self.run_in(place, str(self.prefix / "bin/epollhost"), "--new-plugin", NAME, "--style", style)
        self.assertEqual(len(said.splitlines()), 4)
        return place / NAME

    def check_answer(self, style, folder, plugin):
        words = ["--config", f"{NAME}.conf", f"--{NAME}.listen", "127.0.0.1:0", "--workers", "1"]
        if plugin != folder / f"{NAME}.so":
            shutil.copy(plugin, folder / f"{NAME}.so")
        with Serving(*words, cwd=folder) as host, socket.create_connection(("127.0.0.1", host.port), timeout=30) as at:
            self.assertEqual((asked_for_page if style == "http" else asked_for_line)(at), b"Hello, world!\n")

    def check_tool(self, tool, made):
        if not shutil.which(tool):
            self.skipTest(f"{tool} is not installed")
        for style in self.styles:
            with self.subTest(style):
                folder = self.written(style, tool)
                for command in TOOLS[tool]:
                    said = self.run_in(folder, *command)
                    self.assertNotIn("warning", said)
                    if "test" in command[0] + command[-1]:
                        self.assertRegex(said, r"all tests passed|\*\*passed\*\*|100% tests passed")
                self.check_answer(style, folder, folder / made)

    def test_make_builds_each_style(self):
        self.check_tool("make", f"{NAME}.so")

    def test_b2_builds_each_style(self):
        self.check_tool("b2", f"{NAME}.so")

    def test_cmake_builds_each_style(self):
        self.check_tool("cmake", f"build/{NAME}.so")

    @unittest.skipUnless(shutil.which("clang++"), "clang is not installed")
    def test_fuzzer_of_each_style_finds_nothing(self):
        for style in self.styles:
            with self.subTest(style):
                said = self.run_in(self.written(style, "fuzz"), "make", "fuzz", "FUZZ_SECONDS=2")
                self.assertRegex(said, r"Done \d+ runs")

    def test_test_finds_what_is_wrong(self):
        folder = self.written("class", "wrong")
        source = folder / f"{NAME}.cpp"
        source.write_text(source.read_text().replace('"!\\n"', '"?\\n"'))
        with self.assertRaisesRegex(AssertionError, "this is not so: both are greeted"):
            self.run_in(folder, "make", "test")

    def test_every_style_of_the_program_has_templates(self):
        said = subprocess.run([self.prefix / "bin/epollhost", "--help"], capture_output=True, text=True, check=True)
        self.assertIn("--style " + "|".join(self.styles), said.stdout)

    def test_mark_for_the_name_is_gone(self):
        for style in self.styles:
            for file in self.written(style, "none").iterdir():
                text = file.read_text()
                self.assertNotIn("new-plugin", text, file)
                self.assertNotIn("@PREFIX@", text, file)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
