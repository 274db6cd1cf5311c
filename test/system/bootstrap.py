# Distributed under the Boost Software License, Version 1.0.
# Tests bootstrap.sh with stand-ins for the tools that would change the machine.
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.program import built

SCRIPT = Path(built("/bootstrap.sh"))
DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'


class Bootstrap(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        self.calls = self.folder / "calls"
        self.calls.touch()
        for real in ("cat", "env"):
            (self.tools / real).symlink_to(shutil.which(real))
        self.release(DEBIAN_12)
        self.tool("id", "echo 0")
        self.tool("apt-get", f'echo "apt-get $*" >> {self.calls}')
        self.there("all")

    def tearDown(self):
        self.temporary.cleanup()

    def tool(self, name, body):
        file = self.tools / name
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)

    def there(self, *packages):
        """dpkg-query knows these; the last word of its call is the package."""
        if packages == ("all",):
            return self.tool("dpkg-query", "printf installed")
        words = "|".join(packages) or "none"
        self.tool("dpkg-query", f'for last; do :; done\ncase $last in {words}) printf installed;; *) exit 1;; esac')

    def release(self, text):
        """The script, with this text for /etc/os-release."""
        (self.folder / "os-release").write_text(text)
        self.script = self.folder / "bootstrap.sh"
        self.script.write_text(SCRIPT.read_text().replace("/etc/os-release", str(self.folder / "os-release")))

    def run_it(self, *words):
        done = subprocess.run(["/bin/sh", str(self.script), *words], capture_output=True, text=True, timeout=60,
                              env={"PATH": str(self.tools)})
        return done.returncode, done.stdout + done.stderr, self.calls.read_text().splitlines()

    def test_is_a_program(self):
        self.assertTrue(SCRIPT.stat().st_mode & stat.S_IXUSR)

    def test_does_nothing_where_all_is_there(self):
        self.tool("id", "echo 1000")  # needs no root then
        for words in ([], ["test"], ["bench"], ["coverage"]):
            status, said, calls = self.run_it(*words)
            self.assertEqual((status, calls), (0, []), said)
            self.assertIn("all packages are there", said)

    def test_installs_what_is_missing_and_removes_nothing(self):
        self.there("g++", "libfmt-dev", "libspdlog-dev")
        status, said, calls = self.run_it()
        self.assertEqual(status, 0, said)
        self.assertEqual(len(calls), 2, calls)
        self.assertTrue(calls[0].startswith("apt-get update"))
        words = calls[1].split()
        self.assertEqual([w for w in words if not w.startswith("-")],
                         ["apt-get", "install", "libboost1.81-dev", "libboost1.81-tools-dev"])
        for flag in ("-y", "--no-install-recommends", "--no-remove"):
            self.assertIn(flag, words)

    def test_installs_more_for_the_tests(self):
        self.there()
        needed = set(self.run_it()[2][1].split())
        self.calls.write_text("")
        for_tests = set(self.run_it("test")[2][1].split())
        self.assertLess(needed, for_tests)
        self.assertLessEqual({"libboost-test1.81-dev", "curl", "python3"}, for_tests)

    def test_uses_sudo_where_it_is_not_root(self):
        self.there()
        self.tool("id", "echo 1000")
        self.tool("sudo", f'echo "sudo $1" >> {self.calls}; exec "$@"')
        status, said, calls = self.run_it()
        self.assertEqual(status, 0, said)
        self.assertEqual([c for c in calls if c.startswith("sudo")], ["sudo apt-get", "sudo env"])

    def test_says_what_to_run_where_there_is_no_sudo(self):
        self.there()
        self.tool("id", "echo 1000")
        status, said, calls = self.run_it()
        self.assertEqual((status, calls), (1, []))
        self.assertIn("run as root: apt-get install g++ ", said)

    def test_says_so_when_the_installation_fails(self):
        self.there()
        self.tool("apt-get", '[ "$1" = update ]')
        status, said, _ = self.run_it()
        self.assertEqual(status, 1)
        self.assertIn("apt-get could not install", said)

    def test_prints_a_list_on_other_systems(self):
        for release in ("ID=fedora\nVERSION_ID=39\n", "ID=debian\nVERSION_ID=\"11\"\n", "ID=debian\n", ""):
            self.release(release)
            status, said, calls = self.run_it()
            self.assertEqual((status, calls), (1, []), release)
            for word in ("g++ 12", "B2", "Boost 1.81", "fmt", "spdlog", "Boost.Test"):
                self.assertIn(word, said)

    def test_knows_no_other_words(self):
        self.assertEqual(self.run_it("tset")[0], 1)
        self.assertEqual(self.run_it("test", "twice")[0], 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
