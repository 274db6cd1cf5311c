# Distributed under the Boost Software License, Version 1.0.
# Tests what `b2 install` puts into a folder, from a copy of it: nothing in it may know where it was first.
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support.program import Serving, built

FIRST = Path(built("/bin/epollhost")).parent.parent
README = Path(__file__).resolve().parents[2] / "README.md"
MANUAL = Path(built("/epollhost.1.adoc"))
TREE = README.parent


def run(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, **more)
    if done.returncode:
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.prefix = Path(cls.temporary.name) / "moved"
        shutil.copytree(FIRST, cls.prefix)
        cls.program = str(cls.prefix / "bin/epollhost")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def plugin_of_the_readme(self):
        """The C++ of the README as a file, and what g++ is called with there."""
        text = README.read_text()
        source = self.prefix / "capitals.cpp"
        source.write_text(re.search(r"```cpp\n(.*?)```", text, re.S).group(1))
        return source, re.search(r"^    g\+\+ (.*) -Iinclude", text, re.M).group(1).split()

    def serve_capitals(self, plugin):
        import socket
        host = Serving("--plugin", str(plugin), "--listen", "127.0.0.1:0")
        with host, socket.create_connection(("127.0.0.1", host.port), timeout=30) as client:
            client.sendall(b"hello\n")
            self.assertEqual(client.recv(100), b"HELLO\n")

    def test_program_finds_its_plugins(self):
        for name in ("http.so", "raw.so", "files.so"):
            page = run(self.program, "--plugin", name, "--show-config", cwd="/")
            self.assertIn(f"{self.prefix}/lib/epollhost/plugins/{name}", page)

    def test_headers_are_all_of_the_tree(self):
        names = lambda root: sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.suffix in (".h", ".hpp"))
        self.assertEqual(names(self.prefix / "include"), names(TREE / "include"))

    def test_headers_make_the_plugin_of_the_readme(self):
        source, flags = self.plugin_of_the_readme()
        plugin = self.prefix / "capitals.so"
        run("g++", *flags, f"-I{self.prefix}/include", str(source), "-o", str(plugin))
        self.serve_capitals(plugin)

    def test_pkg_config_names_headers_and_version(self):
        around = {**os.environ, "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")}
        flags = run("pkg-config", "--cflags", "epollhost", env=around).split()
        self.assertEqual([os.path.realpath(f[2:]) for f in flags], [os.path.realpath(self.prefix / "include")])
        version = run("pkg-config", "--modversion", "epollhost", env=around).strip()
        self.assertEqual(run(self.program, "--version").split()[1].rstrip(","), version)

    @unittest.skipUnless(shutil.which("cmake"), "cmake is not installed")
    def test_cmake_makes_the_plugin_of_the_readme(self):
        source, _ = self.plugin_of_the_readme()
        (self.prefix / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(x CXX)\nfind_package(epollhost 0.1 REQUIRED)\n"
            f"epollhost_add_plugin(capitals {source.name})\n")
        build = self.prefix / "build"
        run("cmake", "-S", str(self.prefix), "-B", str(build), f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", str(build))
        self.serve_capitals(build / "capitals.so")

    @unittest.skipUnless(shutil.which("cmake"), "cmake is not installed")
    def test_cmake_refuses_another_version(self):
        folder = self.prefix / "newer"
        folder.mkdir()
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(x NONE)\nfind_package(epollhost 99 REQUIRED)\n")
        with self.assertRaisesRegex(AssertionError, "compatible"):
            run("cmake", "-S", str(folder), "-B", str(folder / "b"), f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def complete(self, *words):
        """What bash would offer for the last of the words."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _epollhost; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        file = str(self.prefix / "share/bash-completion/completions/epollhost")
        return run("bash", "-c", script, "bash", file, self.program, *words).split()

    def test_completion_knows_the_options(self):
        self.assertEqual(self.complete("--back"), ["--backlog"])
        self.assertEqual(self.complete("--trigger", ""), ["edge", "level"])
        self.assertEqual(self.complete("--trigger", "=", "l"), ["level"])
        self.assertIn("--http.body", self.complete("--plugin", "http.so", "--http."))
        self.assertIn("--http.body", self.complete("--plugin", "=", "http.so", "--http."))
        self.assertIn("--backlog", self.complete("--plugin", "nonexistent.so", "--b"))

    def test_manual_has_every_option(self):
        page = run(self.program, "--help")
        for option in re.findall(r"^  (--[a-z-]+)", page, re.M):
            self.assertIn(f"*{option}*", MANUAL.read_text())

    @unittest.skipUnless(shutil.which("asciidoctor"), "asciidoctor is not installed")
    def test_manuals_are_pages_for_man(self):
        for name in ("epollhost", "epollhost-sim"):
            page = (self.prefix / f"share/man/man1/{name}.1").read_text()
            self.assertRegex(page, rf'\.TH "{name.upper()}" "1"'.replace("-", r"\\?-"))

    def test_has_license_pages_examples_and_unit(self):
        for name in ("LICENSE", "README.md", "SECURITY.md", "doc/README.adoc", "doc/operation.adoc", "doc/examples/echo.c",
                     "plugins/echo/echo.c"):
            self.assertEqual((self.prefix / "share/doc/epollhost" / name).read_bytes(), (TREE / name).read_bytes())
        self.assertIn("[Service]", (self.prefix / "lib/systemd/system/epollhost.service").read_text())

    def test_programs_are_stripped_and_have_their_debug_file(self):
        for name in ("epollhost", "epollhost-sim"):
            sections = run("readelf", "-SW", str(self.prefix / "bin" / name))
            self.assertNotIn(" .symtab ", sections)
            self.assertNotIn(" .debug_info ", sections)
            self.assertIn(" .gnu_debuglink ", sections)
            sections = run("readelf", "-SW", str(self.prefix / f"bin/.debug/{name}.debug"))
            self.assertIn(" .symtab ", sections)
            self.assertIn(" .debug_line ", sections)

    def test_report_of_a_crash_names_functions_of_the_program(self):
        with Serving("--plugin", "http.so", "--listen", "127.0.0.1:0", "--workers", "1") as host:
            children = Path(f"/proc/{host.process.pid}/task/{host.process.pid}/children").read_text().split()
            worker = next(p for p in children if Path(f"/proc/{p}/comm").read_text().startswith("eh-http"))
            os.kill(int(worker), signal.SIGSEGV)
            self.assertIn("io_context::run", host.wait_for("epollhost!epollhost::loop::io_context::run"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
