# Distributed under the Boost Software License, Version 1.0.
# Tests that the release is built with the flags that make an attack harder, and that the environment's flags are passed on.
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.program import built

JAMROOT = Path(built("/Jamroot"))
FILES = [os.path.abspath(p) for p in sys.argv[1:] if p.endswith((".so", "/epollhost", "/epollhost-sim"))]
PROGRAMS = [p for p in FILES if not p.endswith(".so")]
# It calls no function of libc that has a form with a check.
UNCHECKED = {"echo.so"}


def readelf(*words):
    return subprocess.run(["readelf", "-W", *words], capture_output=True, text=True, check=True).stdout


class Release(unittest.TestCase):
    def test_covers_all(self):
        self.assertEqual(len(PROGRAMS), 2)
        self.assertGreater(len(FILES), 8)

    def test_programs_are_position_independent(self):
        for file in PROGRAMS:
            self.assertRegex(readelf("-d", file), r"FLAGS_1\).*\bPIE\b", file)

    def test_everything_is_bound_at_the_start_and_read_only_then(self):
        for file in FILES:
            self.assertRegex(readelf("-d", file), r"FLAGS_1\).*\bNOW\b", file)
            self.assertIn("GNU_RELRO", readelf("-l", file), file)

    def test_no_stack_is_executable(self):
        for file in FILES:
            self.assertRegex(readelf("-l", file), r"GNU_STACK .* RW +0x", file)

    def test_stacks_are_protected(self):
        for file in FILES:
            self.assertIn("__stack_chk_fail", readelf("--dyn-syms", file), file)

    def test_calls_of_libc_are_checked(self):
        for file in FILES:
            if os.path.basename(file) not in UNCHECKED:
                self.assertRegex(readelf("--dyn-syms", file), r" __\w+_chk@", file)

    def test_has_an_id_that_names_its_debug_file(self):
        for file in FILES:
            self.assertIn("Build ID: ", readelf("-n", file), file)


class Environment(unittest.TestCase):
    def commands(self, **flags):
        """What b2 would run to build everything."""
        done = subprocess.run(["b2", "-n", "-a", "-d2"], cwd=JAMROOT.parent, env={**os.environ, **flags}, text=True,
                              capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        kinds = {"c": r' -c -o .*\.c"$', "c++": r' -c -o .*\.cpp"$', "link": r'"g\+\+" .*-Wl,--start-group'}
        lines = done.stdout.splitlines()
        return {kind: [l for l in lines if re.search(pattern, l)] for kind, pattern in kinds.items()}

    def test_flags_reach_the_commands_they_are_for(self):
        commands = self.commands(CPPFLAGS="-DP=1", CFLAGS="-DC=1", CXXFLAGS="-DX=1 -O1", LDFLAGS="-Wl,--as-needed")
        given = {"c": {"-DP=1", "-DC=1"}, "c++": {"-DP=1", "-DX=1", "-O1"}, "link": {"-Wl,--as-needed"}}
        for kind, lines in commands.items():
            self.assertGreater(len(lines), 0, kind)
            for line in lines:
                found = set(line.split()) & set().union(*given.values())
                self.assertEqual(found, given[kind], line)

    def test_flags_come_after_those_of_the_build(self):
        line = self.commands(CXXFLAGS="-O1 -g3 -fno-stack-protector")["c++"][0]
        for ours, theirs in (("-O3", "-O1"), ("-g1", "-g3"), ("-fstack-protector-strong", "-fno-stack-protector")):
            self.assertLess(line.index(f" {ours} "), line.index(f" {theirs} "))

    def test_warnings_that_they_bring_are_no_errors(self):
        self.assertIn(" -Werror ", self.commands()["c++"][0])
        self.assertNotIn(" -Werror ", self.commands(CXXFLAGS="-Weffc++")["c++"][0])

    def test_their_level_of_fortify_source_replaces_ours(self):
        line = self.commands(CPPFLAGS="-D_FORTIFY_SOURCE=3")["c++"][0]
        self.assertEqual(re.findall(r"_FORTIFY_SOURCE\S*", line), ["_FORTIFY_SOURCE=3"])


class Destination(unittest.TestCase):
    """What `b2 install` puts below DESTDIR, and what `b2 uninstall` leaves there."""

    def b2(self, *words):
        done = subprocess.run(["b2", *words, "--prefix=/opt/eh"], cwd=JAMROOT.parent, text=True, capture_output=True,
                              env={**os.environ, "DESTDIR": self.root}, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def files(self):
        return {str(p.relative_to(self.root)) for p in Path(self.root).rglob("*") if not p.is_dir()}

    def test_uninstall_removes_what_install_has_put_there(self):
        with tempfile.TemporaryDirectory() as self.root:
            self.b2("install")
            files = self.files()
            for name in ("bin/epollhost", "bin/.debug/epollhost.debug", "lib/epollhost/plugins/http.so",
                         "include/epollhost/plugin.h", "share/doc/epollhost/LICENSE"):
                self.assertIn(f"opt/eh/{name}", files)
            self.assertEqual({f for f in files if not f.startswith("opt/eh/")}, set())
            theirs = Path(self.root) / "opt/eh/bin/theirs"
            theirs.touch()
            self.b2("uninstall")
            self.assertEqual(self.files(), {"opt/eh/bin/theirs"})
            self.assertFalse((Path(self.root) / "opt/eh/include/epollhost").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
