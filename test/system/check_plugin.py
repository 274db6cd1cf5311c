# Distributed under the Boost Software License, Version 1.0.
# Tests --check-plugin: each flaw of a plugin is found by its name, and good plugins have none.
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.program import built, program
from support.sanitized import left_out

TREE = Path(__file__).resolve().parents[2]
SOURCE = TREE / "test/system/plugins/flawed.c"
FLAGS = ["-std=c11", "-O1", "-g1", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread", f"-I{TREE / 'include'}"]
DEADLINE_S = 300  # a plugin that hangs is given its time, and the machine may be busy


def check(*words):
    done = subprocess.run([program(), "--check-plugin", *map(str, words)], capture_output=True, timeout=DEADLINE_S)
    out, error = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    return done.returncode, out, error


def findings(text):
    return dict((name, kind) for kind, name in re.findall(r"^(error|warning|note): ([\w-]+)$", text, re.M))


class CheckPlugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.here = Path(cls.temporary.name)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def build(self, name, *more, flags=FLAGS):
        file = self.here / f"{name}.so"
        subprocess.run(["cc", *flags, str(SOURCE), "-o", str(file), *more], check=True, timeout=DEADLINE_S,
                       stderr=subprocess.DEVNULL)
        return file

    def library(self, soname):
        """An empty library of that name, to be found where it lies."""
        source = self.here / "other.c"
        source.write_text("int other(void) { return 1; }\n")
        subprocess.run(["cc", "-shared", "-fPIC", str(source), f"-Wl,-soname,{soname}", "-o", str(self.here / soname)],
                       check=True, timeout=DEADLINE_S)
        return ["-DOTHER", str(self.here / soname), f"-Wl,-rpath,{self.here}"]

    def expect(self, name, severity, file, *words, others=()):
        """Exactly these are found, and the exit status goes with the severity."""
        status, out, error = check(file, *words)
        found = findings(out)
        self.assertEqual(found.get(name), severity, out + error)
        self.assertEqual(set(found) - {name} - set(others), set(), out)
        self.assertEqual(status, 5 if "error" in found.values() else 0, out + error)
        for line in ("  found: ", "  why it matters: ", "  remedy: "):
            self.assertEqual(out.count(line), len(found), out)
        return out

    # ---- good ones

    @left_out("finds the libraries and constructors of the sanitizer")
    def test_finds_nothing_in_good_plugins(self):
        for file, words in ((built("/http.so"), []), (built("/raw.so"), []), (built("/raw.so"), ["--raw.tick", "10ms"]),
                            (self.build("good"), [])):
            status, out, error = check(file, *words)
            self.assertEqual((status, error, findings(out)), (0, "", {}), out)
            self.assertRegex(out, r"\d{3,} conversations; errors: 0, warnings: 0, notes: 0\n$")

    # ---- the file

    def test_finds_what_is_exported(self):
        self.assertIn("another_name", self.expect("exported-symbols", "warning", self.build("exports", "-DEXPORTS")))
        self.assertIn("one_for_all", self.expect("unique-symbols", "warning", self.build("unique", "-DUNIQUE")))

    def test_finds_how_it_was_built(self):
        self.expect("static-tls", "error", self.build("tls", "-DSTATIC_TLS"))
        self.expect("text-relocations", "error", self.build("textrel", "-DTEXTREL", "-Wl,-z,notext"))
        self.expect("executable-stack", "error", self.build("stack", "-Wl,-z,execstack"))
        bare = self.build("bare", flags=[f for f in FLAGS if f != "-g1"])
        self.expect("no-debug-lines", "note", bare)

    def test_finds_what_runs_by_itself(self):
        self.assertIn("early", self.expect("constructors", "warning", self.build("constructor", "-DCONSTRUCTOR")))

    def test_finds_exit_handlers(self):
        status, out, _ = check(self.build("atexit", "-DATEXIT"))
        self.assertEqual(findings(out).get("exit-handlers"), "warning", out)

    def test_finds_libraries(self):
        self.expect("libraries", "note", self.build("library", *self.library("libother.so.1")), others=["library-path"])
        self.expect("old-openssl", "warning", self.build("openssl", *self.library("libssl.so.1.1")),
                    others=["library-path", "libraries"])
        self.expect("second-runtime", "warning", self.build("libcxx", *self.library("libc++.so.1")),
                    others=["library-path", "libraries"])
        self.expect("library-path", "warning", self.build("origin", "-Wl,-rpath,$ORIGIN"))

    def test_finds_why_a_plugin_does_not_load(self):
        for name, file in (("no-table", self.build("no-table", "-DTABLE=another_table")), ("new-glibc", self.newer())):
            status, out, error = check(file)
            self.assertEqual((status, findings(out).get(name)), (5, "error"), out + error)
            self.assertRegex(error, r"^epollhost: plugin \S+ refused: ")

    def newer(self):
        """One that asks for a C library of the future."""
        file = self.build("newer")
        bytes = file.read_bytes()
        self.assertIn(b"GLIBC_2.2.5\0", bytes)
        file.write_bytes(bytes.replace(b"GLIBC_2.2.5\0", b"GLIBC_2.999\0"))
        return file

    # ---- the run

    def test_finds_rules_that_are_broken(self):
        for name in ("in-used", "out-used", "answer", "state-overflow", "invalid-argument", "never-rests",
                     "changed-reference"):
            with self.subTest(name):
                file = self.build(name, "-D" + name.upper().replace("-", "_"))
                self.expect(name, "error", file, others=["depends-on-cuts"])

    @left_out("counts threads, and the sanitizer has one", "tsan")
    def test_finds_the_wrong_thread(self):
        self.expect("wrong-thread", "error", self.build("wrong-thread", "-DWRONG_THREAD"), others=["depends-on-cuts"])

    def test_finds_memory_that_is_misused(self):
        for name in ("held-pointer", "read-past-input", "wrote-input", "wrote-past-output"):
            with self.subTest(name):
                file = self.build(name, "-D" + name.upper().replace("-", "_"))
                out = self.expect(name, "error", file)
                self.assertIn("SIGSEGV at address", out)
                self.assertIn("in data", out)
                self.assertIn(f"{file.name}!data", out)

    def test_finds_what_comes_of_the_input(self):
        self.expect("depends-on-cuts", "warning", self.build("cuts", "-DDEPENDS_ON_CUTS"))
        self.expect("unwritten-output", "error", self.build("unwritten", "-DUNWRITTEN_OUTPUT"))
        self.expect("failed", "warning", self.build("failed", "-DFAILED"), others=["depends-on-cuts"])

    @left_out("counts threads, and the sanitizer has one", "tsan")
    def test_finds_what_start_and_stop_leave(self):
        self.expect("start-has-effects", "warning", self.build("thread", "-DSTART_THREAD"))
        self.expect("start-has-effects", "warning", self.build("file", "-DSTART_FILE"))
        self.expect("after-stop", "error", self.build("after", "-DAFTER_STOP"))

    def test_survives_a_crash_and_shows_where(self):
        out = self.expect("crash", "error", self.build("crash", "-DCRASH"))
        self.assertRegex(out, r"SIGSEGV at address 0x0, in data\n +the peer sends \"\{")
        self.assertIn("crash.so!data", out)

    def test_survives_a_hang_and_shows_where(self):
        out = self.expect("hang", "error", self.build("hang", "-DHANG"))
        self.assertRegex(out, r"s of the processor, in data\n +the peer sends \"\{")

    # ---- the command

    def test_takes_one_plugin_and_its_options(self):
        status, _, error = check(built("/raw.so"), "--plugin", built("/http.so"))
        self.assertEqual(status, 2, error)
        self.assertIn("leave out --plugin", error)
        status, _, error = check(built("/raw.so"), "--raw.tik", "1s")
        self.assertEqual(status, 2, error)
        status, _, error = check(built("/http.so"), "--http.header", "no colon")
        self.assertEqual(status, 5, error)
        self.assertIn("refused to start", error)

    def test_takes_any_bytes_for_a_file(self):
        good = self.build("sound").read_bytes()
        seed = random.randrange(2**32)
        chance = random.Random(seed)
        file = self.here / "unsound.so"
        for _ in range(60):
            bytes = bytearray(good[:chance.choice([len(good), chance.randrange(len(good))])])
            for _ in range(chance.randrange(1, 30)):
                bytes[chance.randrange(min(len(bytes), 4096))] = chance.randrange(256)
            file.write_bytes(bytes)
            status, out, error = check(file)
            self.assertIn(status, (0, 5, 6), (seed, out, error))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
