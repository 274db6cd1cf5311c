# Distributed under the Boost Software License, Version 1.0.
# Runs the commands of doc/deploy, in the order of the page, on a machine with a real systemd.
import re
import shutil
import sys
import unittest
from pathlib import Path

from support.case import TestCase
from support.machine import Machine, why_not
from support.program import built, program, run
from support.worker import wait_until

UNIT = Path(built("/epollhost.service")).resolve()
ROOT = UNIT.parents[2]
PAGE = (UNIT.parent / "README.adoc").read_text()
CONFIG = "/etc/epollhost/epollhost.conf"
GET = "printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' | nc -N 127.0.0.1 80"


def section(title):
    return PAGE.split(f"\n== {title}\n", 1)[1].split("\n== ", 1)[0]


def blocks(text):
    """Its literal paragraphs, each line begins with a blank."""
    return [re.sub(r"^ ", "", block, flags=re.M) for block in re.findall(r"(?:^ .*\n)+", text, re.M)]


def row(name):
    """The commands of a row of the table."""
    text = re.search(rf"^\| {name} \|(.*?)^(?:\| |\|===)", section("systemd"), re.M | re.S).group(1)
    return [re.sub(r"\s+", " ", c) for c in re.findall(r"`([^`]+)`", text)
            if re.match(r"(systemctl|journalctl|epollhost) ", c)]


NO_MACHINE = why_not()


@unittest.skipIf(NO_MACHINE, NO_MACHINE)
class Service(TestCase):
    """One boot for all: the page's commands lean on one another."""

    @classmethod
    def setUpClass(cls):
        cls.machine = Machine(program(), built("/http.so"))
        cls.machine.__enter__()
        cls.addClassCleanup(cls.machine.__exit__)
        for line in blocks(section("systemd"))[0].splitlines():
            cls.must_run(line)

    @classmethod
    def must_run(cls, line):
        status, out, error = cls.machine.run(line, cwd=ROOT)
        if status:
            journal = cls.machine.run("journalctl -u epollhost --no-pager")[1]
            raise AssertionError(f"{line}: status {status}\n{out}{error}{journal}")
        return out

    def main_pid(self):
        return self.must_run("systemctl show -p MainPID --value epollhost").strip()

    def status_text(self):
        return self.must_run("systemctl show -p StatusText --value epollhost").strip()

    def write_config(self, text):
        self.must_run(f"cat > {CONFIG} <<'END'\n{text}\nEND")

    def reload(self, body):
        self.write_config(f"plugin = http.so\n[http]\nlisten = 80\nbody = {body}")
        for command in row("reload"):
            self.must_run(command)
        wait_until(lambda: body in self.must_run(GET % ""), "the new body is served")

    def test_serves_as_a_user_without_rights(self):
        self.assertIn("200 OK", self.must_run(GET % ""))
        main = self.main_pid()
        users = self.must_run(f"for p in {main} $(cat /proc/{main}/task/{main}/children); do grep ^Uid: /proc/$p/status; done")
        self.assertRegex(users, r"\A(Uid:(\t[1-9]\d*){4}\n){3,}\Z")
        self.assertEqual(self.must_run("systemctl is-enabled epollhost"), "enabled\n")

    def test_reloads(self):
        self.assertEqual(len(row("reload")), 1)
        self.reload("reloaded")

    def test_says_that_a_reload_failed_and_serves_on(self):
        self.reload("before")
        self.write_config("plugin = http.so\n[http]\nlisten = 80\nbodi = x")
        status, _, error = self.machine.run(row("reload")[0])
        self.assertNotEqual(status, 0)
        self.assertIn("failed", error)
        self.assertIn("before", self.must_run(GET % ""))
        self.reload("after")

    def test_says_what_it_does(self):
        commands = row("see what it does")
        self.assertEqual(len(commands), 2)
        said = [self.must_run(c) for c in commands]
        self.assertRegex(said[0], r"generation \d+ serves")
        self.assertRegex(said[1], r"http")

    def test_writes_to_the_journal(self):
        (command,) = row("read the log")
        wait_until(lambda: "listens on" in self.must_run(command + " --no-pager"), "the journal has the start")

    def test_upgrades_in_place(self):
        before = self.main_pid()
        (command,) = row("upgrade the program")
        self.must_run(command)
        wait_until(lambda: "was upgraded to" in self.must_run("journalctl -u epollhost --no-pager"), "it was upgraded")
        self.assertEqual(self.main_pid(), before)
        self.assertIn("200 OK", self.must_run(GET % ""))

    @unittest.skipUnless(shutil.which("logrotate"), "logrotate is not installed")
    def test_rotates_its_logs(self):
        def restart(config):
            self.write_config(config)
            self.must_run("systemctl restart epollhost")

        self.addCleanup(restart, "plugin = http.so\n[http]\nlisten = 80")
        settings, snippet = blocks(section("Rotated logs"))
        restart(f"plugin = http.so\n{settings}\n[http]\nlisten = 80\naccess-log = /var/log/epollhost/access.log")
        self.must_run(f"cat > /etc/logrotate.d/epollhost <<'END'\n{snippet}END")
        folder = "/var/log/epollhost"
        rotate = "logrotate --force --state /var/lib/logrotate/state /etc/logrotate.d/epollhost"

        def logged(file, what):
            return self.machine.run(f"grep -q {what} {folder}/{file}")[0] == 0

        for each in ("one", "two", "three"):
            self.must_run(GET % each)
            wait_until(lambda name=each: logged("access.log", f"/{name}"), "the request is logged to the new file")
            self.assertEqual(self.must_run(rotate + " 2>&1"), "")
            wait_until(lambda: self.machine.run(f"test -e {folder}/access.log -a -e {folder}/epollhost.log")[0] == 0,
                       "both files were opened again")
        # The last one is not compressed yet, since it may be written to until the signal has come.
        self.assertTrue(logged("access.log.1", "/three"))
        self.must_run(f"zgrep -q listens {folder}/epollhost.log.*")
        for number, name in ((2, "two"), (3, "one")):
            self.assertIn(f"/{name} ", self.must_run(f"zcat {folder}/access.log.{number}.gz"))

    def test_stops(self):
        (command,) = row("stop")[:1]
        self.must_run(command)
        self.assertEqual(self.must_run("systemctl show -p Result --value epollhost"), "success\n")
        self.must_run("systemctl start epollhost")
        self.assertIn("200 OK", self.must_run(GET % ""))


class Container(TestCase):
    def test_starts_with_words_that_there_are(self):
        words = re.search(r'^CMD \[(.*)\]$', section("A container"), re.M).group(1)
        words = [word.strip(' "').replace("http.so", built("/http.so")) for word in words.split(",")]
        status, out, error = run(*words, "--check")
        self.assertEqual((status, error), (0, ""), out)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
