# Distributed under the Boost Software License, Version 1.0.
# Tests files.so in the program: curl and plain sockets ask, and what is not to be had is not had.
import hashlib
import os
import re
import selectors
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.case import TestCase
from support.program import DEADLINE_S, Serving, built, run
from support.sanitized import NO_PIPE, left_out
from support.worker import wait_until, worker

FILES = built("/files.so")
TRIGGERS = ("edge", "level")
MIB = 1024 * 1024


def pattern(size, seed):
    return hashlib.shake_128(seed.encode()).digest(size)


class Folder:
    """What is served, and secrets beside it."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="epollhost-files-"))
        self.root = self.path / "root"
        (self.root / "sub" / "deep").mkdir(parents=True)
        (self.root / "page").mkdir()
        (self.path / "secret").write_text("the secret")
        (self.path / "beside").mkdir()
        (self.path / "beside" / "secret").write_text("the secret")
        self.write("index.html", b"<p>root</p>")
        self.write("page/index.html", b"<p>page</p>")
        self.write("sub/a.css", b"a {}")
        self.write("sub/deep/b.txt", b"b")
        self.write("empty.txt", b"")
        self.write("ten", b"0123456789")
        self.write("a b\u00e4%.txt", b"odd name")
        self.write(".hidden", b"the secret")
        self.write("sub/.git", b"the secret")
        self.write("100k.bin", pattern(102400, "100k"))
        self.write("32k", pattern(32768, "32k"))
        self.write("32k1", pattern(32769, "32k1"))
        self.write("big", pattern(10 * 1000 * 1000, "big"))
        for name, to in (("in.css", "sub/a.css"), ("up", "sub/../ten"), ("out", "../secret"), ("far", "/etc/passwd"),
                         ("beside", "../beside"), ("own", str(self.root / "ten")), ("loop", "loop"),
                         ("nowhere", "nothing"), ("magic", "/proc/self/fd/0"), ("subdir", "sub")):
            (self.root / name).symlink_to(to)
        os.mkfifo(self.root / "fifo")
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(self.root / "socket"))

    def write(self, name, content):
        (self.root / name).write_bytes(content)

    def read(self, name):
        return (self.root / name).read_bytes()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)


class Answer:
    def __init__(self, stream, method):
        line = stream.readline()
        if not line:
            raise AssertionError("the connection has ended, an answer was expected")
        self.status = int(line.split()[1])
        self.fields = {}
        while (line := stream.readline().decode("latin-1").rstrip("\r\n")):
            name, _, value = line.partition(": ")
            self.fields[name.lower()] = value
        if method == "HEAD" or self.status in (204, 304):
            self.content = b""
        elif self.fields.get("transfer-encoding") == "chunked":
            self.content = b"".join(self.chunks(stream))
        else:
            self.content = stream.read(int(self.fields["content-length"]))

    @staticmethod
    def chunks(stream):
        while size := int(stream.readline(), 16):
            yield stream.read(size)
            assert stream.readline() == b"\r\n"
        assert stream.readline() == b"\r\n"


class Client:
    """One connection; nothing between the test and the bytes."""

    def __init__(self, host):
        self.socket = socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S)
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def send(self, path, method="GET", version="1.1", **fields):
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(f"{method} {path} HTTP/{version}\r\nHost: a\r\n{lines}\r\n".encode("latin-1"))

    def ask(self, path, method="GET", **fields):
        self.send(path, method, **fields)
        return Answer(self.stream, method)


def serving(folder, trigger="edge", *more):
    return Serving("--plugin", FILES, "--files.root", str(folder.root), "--listen", "127.0.0.1:0", "--workers", "1",
                   "--trigger", trigger, *more)


class Case(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Folder()
        self.addCleanup(self.folder.__exit__)

    def each(self, *more):
        for trigger in TRIGGERS:
            with serving(self.folder, trigger, *more) as host:
                with self.subTest(trigger=trigger):
                    yield host
                self.assertEqual(host.stop(), 0)

    def one(self, *more):
        host = serving(self.folder, "edge", *more)
        self.addCleanup(host.end)
        return host.__enter__()


class Names(Case):
    def test_serves_files_and_the_index_of_a_folder(self):
        for host in self.each():
            with Client(host) as c:
                for path, content, kind in (
                        ("/", b"<p>root</p>", "text/html; charset=utf-8"),
                        ("/index.html", b"<p>root</p>", "text/html; charset=utf-8"),
                        ("/page/", b"<p>page</p>", "text/html; charset=utf-8"),
                        ("/sub/a.css", b"a {}", "text/css; charset=utf-8"),
                        ("/sub//deep///b.txt", b"b", "text/plain; charset=utf-8"),
                        ("/empty.txt", b"", "text/plain; charset=utf-8"),
                        ("/ten", b"0123456789", "application/octet-stream"),
                        ("/ten?any=query&../..", b"0123456789", "application/octet-stream"),
                        ("/%74en", b"0123456789", "application/octet-stream"),
                        ("/a%20b%C3%A4%25.txt", b"odd name", "text/plain; charset=utf-8"),
                        ("http://a/ten", b"0123456789", "application/octet-stream"),
                        ("/in.css", b"a {}", "text/css; charset=utf-8"),
                        ("/up", b"0123456789", "application/octet-stream"),
                        ("/subdir/a.css", b"a {}", "text/css; charset=utf-8")):
                    got = c.ask(path)
                    self.assertEqual((got.status, got.content, got.fields["content-type"]), (200, content, kind), path)

    def test_lets_nobody_out_of_the_root(self):
        for host in self.each():
            with Client(host) as c:
                for path in ("/../secret", "/..", "/../", "/sub/../../secret", "/%2e%2e/secret", "/.%2e/secret",
                             "/%2E%2E/%2e%2e/etc/passwd", "/..%2fsecret", "/sub/..%2f..%2fsecret", "/%2fetc%2fpasswd",
                             "//etc/passwd", "///etc/passwd", "/..\\secret", "/..%5csecret", "/sub\\..\\..\\secret",
                             "/out", "/far", "/beside/secret", "/own", "/magic", "/loop", "/nowhere",
                             "/.hidden", "/sub/.git", "/%2ehidden", "/./ten", "/sub/./a.css", "/proc/self/environ",
                             "/.../...//secret", "/ten/", "/ten/x", "/index.html/", "/" + "a" * 300, "/" + "a/" * 2000,
                             "/fifo", "/socket", "/sub/", "/ten%0d%0aX:%20y"):
                    got = c.ask(path)
                    self.assertEqual(got.status, 404, path)
                    self.assertNotIn(b"secret", got.content, path)
                for path in ("/%", "/%4", "/%zz", "/ten%00", "/%00", "/ten%00.html", "/%ff%0"):
                    self.assertEqual(c.ask(path).status, 400, path)

    def test_follows_no_link_where_that_is_said(self):
        with Client(self.one("--files.symlinks", "off")) as c:
            for path in ("/in.css", "/up", "/subdir/a.css", "/out"):
                self.assertEqual(c.ask(path).status, 404, path)
            self.assertEqual(c.ask("/sub/a.css").status, 200)

    def test_redirects_a_folder_to_its_own_place_on_this_host(self):
        (self.folder.root / "a \r\nX: y").mkdir()
        (self.folder.root / "evil.com").mkdir()
        with Client(self.one()) as c:
            for path, location in (("/page", "/page/"), ("/page?a=b", "/page/?a=b"), ("//page", "/page/"),
                                   ("//evil.com", "/evil.com/"), ("///evil.com", "/evil.com/"),
                                   ("http://a//evil.com", "/evil.com/"), ("/sub/deep", "/sub/deep/"),
                                   ("/a%20%0D%0AX:%20y", "/a%20%0D%0AX%3A%20y/")):
                got = c.ask(path)
                self.assertEqual((got.status, got.fields["location"]), (301, location), path)
                self.assertNotIn("x", got.fields)

    def test_answers_no_other_method(self):
        with Client(self.one()) as c:
            for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
                got = c.ask("/ten", method)
                self.assertEqual((got.status, got.fields["allow"]), (405, "GET, HEAD"), method)
            got = c.ask("*", "OPTIONS")
            self.assertEqual(got.status, 405)
            got = c.ask("/ten", "TRACE")
            self.assertEqual((got.status, got.fields["allow"]), (405, "GET, HEAD"))
            got = c.ask("a:80", "CONNECT")
            self.assertEqual((got.status, got.fields["allow"]), (405, "GET, HEAD"))

    def test_does_not_open_a_pipe(self):
        """Whose writer waits for a reader: it would go on, and lose what it writes."""
        writer = subprocess.Popen(["sh", "-c", f"echo ready; echo data > '{self.folder.root}/fifo'; echo gone"],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(writer.stdout.close)
        self.addCleanup(writer.wait)
        self.assertEqual(writer.stdout.readline(), "ready\n")
        with Client(self.one("--files.index", "fifo", "--files.listing")) as c:
            for _ in range(20):
                self.assertEqual(c.ask("/fifo").status, 404)
                self.assertEqual(c.ask("/fifo", "HEAD").status, 404)
                self.assertEqual(c.ask("/").status, 200)  # it is no index either
        with open(self.folder.root / "fifo", encoding="ascii") as fifo:
            self.assertEqual(fifo.read(), "data\n")
        self.assertEqual(writer.stdout.read(), "gone\n")

    def test_serves_files_whose_size_is_no_promise(self):
        for root, names in (("/proc", ("version", "cpuinfo", "self/status")),
                            ("/sys", ("kernel/mm/transparent_hugepage/enabled", "kernel/uevent_seqnum", "power/state",
                                      "kernel/fscaps", "devices/system/cpu/online"))):
            host = Serving("--plugin", FILES, "--files.root", root, "--listen", "127.0.0.1:0", "--workers", "1")
            self.addCleanup(host.end)
            with Client(host.__enter__()) as c:
                for name in names:
                    if not os.path.exists(f"{root}/{name}"):
                        continue
                    content = Path(f"{root}/{name}").read_bytes()
                    for fields in ({}, {"Range": "bytes=0-1"}):
                        got = c.ask("/" + name, **fields)
                        self.assertEqual((got.status, got.fields["content-length"]), (200, str(len(got.content))), name)
                        self.assertEqual(got.content[:3], content[:3], name)
                        self.assertNotIn("etag", got.fields)
                    self.assertEqual(c.ask("/" + name, "HEAD").status, 200)

    @left_out(NO_PIPE, "asan")
    def test_says_503_when_it_has_no_descriptor_left_and_recovers(self):
        host = self.one()
        pid = worker(host)
        with Client(host) as c:
            self.assertEqual(c.ask("/ten").status, 200)
            subprocess.run(["prlimit", f"--pid={pid}", "--nofile=3:"], check=True)
            self.assertEqual(c.ask("/ten").status, 503)
            subprocess.run(["prlimit", f"--pid={pid}", "--nofile=1024:"], check=True)
            self.assertEqual(c.ask("/ten").status, 200)
            host.wait_for("can't be opened: Too many open files")

    def test_keeps_the_root_that_it_has_opened_until_a_reload(self):
        host = self.one()
        self.folder.root.rename(self.folder.path / "old")
        self.folder.root.mkdir()
        self.folder.write("ten", b"new")
        with Client(host) as c:
            self.assertEqual(c.ask("/ten").content, b"0123456789")
        host.send(1)  # HUP
        host.wait_for("generation 2")
        wait_until(lambda: self.fresh(host) == b"new", "the new root is served")

    def fresh(self, host):
        with Client(host) as c:
            return c.ask("/ten").content


class Listing(Case):
    def test_lists_a_folder_only_if_that_is_said(self):
        self.folder.write("sub/<b>&.txt", b"")
        with Client(self.one()) as c:
            self.assertEqual(c.ask("/sub/").status, 404)
        with Client(self.one("--files.listing")) as c:
            got = c.ask("/sub/")
            self.assertEqual((got.status, got.fields["content-type"]), (200, "text/html; charset=utf-8"))
            links = re.findall(rb'href="([^"]*)"', got.content)
            self.assertEqual(links, [b"../", b"./%3Cb%3E%26.txt", b"./a.css", b"./deep/"])
            self.assertNotIn(b"<b>", got.content)
            self.assertNotIn(b".git", got.content)
            self.assertEqual(c.ask("/").content, b"<p>root</p>")
            self.assertEqual(c.ask("/sub/", "HEAD").fields["content-length"], str(len(got.content)))
            self.assertEqual(c.ask("/sub/", "TRACE").status, 405)
            for path in ("/beside/", "/ten/", "/fifo/", "/nothing/"):
                self.assertEqual(c.ask(path).status, 404, path)

    def test_lists_as_many_names_as_may_be(self):
        with Client(self.one("--files.listing", "--files.listing-max", "2", "--files.index", "")) as c:
            page = c.ask("/").content
            self.assertEqual(page.count(b"<li>"), 2)
            self.assertIn(b"There are more.", page)


    def test_sends_a_large_folder_part_by_part(self):
        """To a client that reads, to one that does not while others are served, and nearly nothing for HEAD."""
        large = self.folder.root / "large"
        large.mkdir()
        count = 5000
        for i in range(count):
            (large / f"{i:05}-{'n' * 100}").touch()
        for host in self.each("--files.listing", "--files.listing-max", "100000", "--output-max", "128KiB",
                              "--output-high", "64KiB", "--output-low", "32KiB"):
            with Client(host) as c, Client(host) as slow:
                slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
                slow.send("/large/")
                got = c.ask("/large/")
                self.assertEqual((got.status, got.fields["transfer-encoding"]), (200, "chunked"))
                links = re.findall(rb'href="./(\d+)-n+"', got.content)
                self.assertEqual(sorted(links), [b"%05d" % i for i in range(count)])
                self.assertTrue(got.content.endswith(b"</body></html>\n"))
                head = c.ask("/large/", "HEAD")
                self.assertEqual((head.status, head.fields["transfer-encoding"]), (200, "chunked"))
                self.assertEqual(c.ask("/ten").content, b"0123456789")
                self.assertEqual(len(Answer(slow.stream, "GET").content), len(got.content))
                slow.send("/large/", version="1.0")
                old = slow.stream.read()
                self.assertIn(b"Connection: close\r\n", old)
                self.assertEqual(old.partition(b"\r\n\r\n")[2], got.content)

    def test_closes_a_folder_whose_reader_went(self):
        large = self.folder.root / "large"
        large.mkdir()
        for i in range(5000):
            (large / f"{i:05}-{'n' * 200}").touch()
        host = self.one("--files.listing", "--files.listing-max", "100000", "--output-max", "64KiB", "--output-high",
                        "32KiB", "--output-low", "16KiB")
        pid = worker(host)
        with Client(host) as c:
            c.ask("/ten")
            before = len(os.listdir(f"/proc/{pid}/fd"))
            c.send("/large/")
            wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) == before + 1, "the folder is open")
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) == before - 1, "folder and socket are closed")


class Versions(Case):
    def test_never_says_that_a_file_is_of_the_future(self):
        os.utime(self.folder.root / "ten", (4102444800, 4102444800))
        with Client(self.one()) as c:
            got = c.ask("/ten")
            self.assertEqual(got.fields["last-modified"], got.fields["date"])
            self.assertEqual(c.ask("/ten", If_None_Match=got.fields["etag"]).status, 304)

    def test_names_another_version_when_the_time_was_set_back(self):
        os.utime(self.folder.root / "ten", (784111777, 784111777))
        with Client(self.one()) as c:
            tag = c.ask("/ten").fields["etag"]
            self.folder.write("ten", b"9876543210")  # the same file, and its size
            os.utime(self.folder.root / "ten", (784111777, 784111777))
            self.assertNotEqual(c.ask("/ten").fields["etag"], tag)

    def test_takes_no_notice_of_dates_that_are_none(self):
        with Client(self.one()) as c:
            for date in ("Wed, 31 Feb 2099 00:00:00 GMT", "Mon, 01 Jan 2099 00:00:00 GMT", "Thu, 01 Jan 2099 24:00:00 GMT",
                         "Thu, 01 Jan 2099 00:00:00 UTC", "Thu, 1 Jan 2099 00:00:00 GMT", "4070908800", "x"):
                self.assertEqual(c.ask("/ten", If_Modified_Since=date).status, 200, date)
            self.assertEqual(c.ask("/ten", If_Modified_Since="Thu, 01 Jan 2099 00:00:00 GMT").status, 304)

    def test_tells_browsers_to_trust_the_types_where_that_is_said(self):
        for words, expected in (((), None), (("--files.nosniff",), "nosniff")):
            with Client(self.one("--files.listing", *words)) as c:
                for path in ("/ten", "/sub/", "/nothing", "/page", "/"):
                    self.assertEqual(c.ask(path).fields.get("x-content-type-options"), expected, path)

    def test_says_which_version_a_file_is(self):
        os.utime(self.folder.root / "ten", (784111777, 784111777))
        with Client(self.one("--files.cache-control", "max-age=60")) as c:
            got = c.ask("/ten")
            self.assertEqual(got.fields["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT")
            self.assertRegex(got.fields["etag"], r'\A"[0-9a-f]+-a-[0-9a-f]+"\Z')
            self.assertEqual(got.fields["accept-ranges"], "bytes")
            self.assertEqual(got.fields["cache-control"], "max-age=60")
            head = c.ask("/ten", "HEAD")
            for fields in (got.fields, head.fields):
                fields.pop("date")
            self.assertEqual(head.fields, got.fields)
            tag = got.fields["etag"]
            self.folder.write("new", b"9876543210")
            os.utime(self.folder.root / "new", (784111777, 784111777))
            (self.folder.root / "new").rename(self.folder.root / "ten")
            self.assertNotEqual(c.ask("/ten").fields["etag"], tag)  # though time and size are the same

    def test_answers_304_for_a_version_that_is_known(self):
        for host in self.each():
            with Client(host) as c:
                first = c.ask("/100k.bin").fields
                for fields in ({"If_None_Match": first["etag"]}, {"If_None_Match": "*"},
                               {"If_None_Match": f'"x", W/{first["etag"]}'},
                               {"If_Modified_Since": first["last-modified"]},
                               {"If_None_Match": first["etag"], "Range": "bytes=0-1"}):
                    got = c.ask("/100k.bin", **fields)
                    self.assertEqual((got.status, got.fields["etag"]), (304, first["etag"]), fields)
                    self.assertNotIn("content-length", got.fields)
                for fields in ({"If_None_Match": '"x"'}, {"If_None_Match": '"x"', "If_Modified_Since": first["last-modified"]},
                               {"If_Modified_Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, {"If_Modified_Since": "x"}):
                    got = c.ask("/100k.bin", **fields)
                    self.assertEqual((got.status, len(got.content)), (200, 102400), fields)

    def test_answers_412_for_a_version_that_is_another(self):
        with Client(self.one()) as c:
            tag = c.ask("/ten").fields["etag"]
            for fields in ({"If_Match": '"x"'}, {"If_Match": f"W/{tag}"},
                           {"If_Unmodified_Since": "Sun, 06 Nov 1994 08:49:37 GMT"}):
                self.assertEqual(c.ask("/ten", **fields).status, 412, fields)
            for fields in ({"If_Match": tag}, {"If_Match": "*"}, {"If_Unmodified_Since": "Sun, 06 Nov 2094 08:49:37 GMT"}):
                self.assertEqual(c.ask("/ten", **fields).status, 200, fields)


class Ranges(Case):
    def test_answers_one_range(self):
        all_of_it = self.folder.read("100k.bin")
        for host in self.each():
            with Client(host) as c:
                for field, first, last in (("bytes=0-0", 0, 0), ("bytes=0-99", 0, 99), ("bytes=100000-", 100000, 102399),
                                           ("bytes=-1", 102399, 102399), ("bytes=-200000", 0, 102399),
                                           ("bytes=5-999999", 5, 102399), ("bytes=1-65536", 1, 65536)):
                    got = c.ask("/100k.bin", Range=field)
                    self.assertEqual(got.status, 206, field)
                    self.assertEqual(got.fields["content-range"], f"bytes {first}-{last}/102400", field)
                    self.assertEqual(got.content, all_of_it[first:last + 1], field)
                got = c.ask("/100k.bin", "HEAD", Range="bytes=0-0")
                self.assertEqual((got.status, got.fields["content-length"]), (200, "102400"))

    def test_answers_416_for_a_range_that_is_not_there(self):
        with Client(self.one()) as c:
            for field in ("bytes=10-", "bytes=10-20", "bytes=-0"):
                got = c.ask("/ten", Range=field)
                self.assertEqual((got.status, got.fields["content-range"]), (416, "bytes */10"), field)
            self.assertEqual(c.ask("/empty.txt", Range="bytes=0-").status, 416)
            got = c.ask("/empty.txt", Range="bytes=-5")  # the last five of none are there (RFC 9110 section 14.1.2)
            self.assertEqual((got.status, got.content), (200, b""))

    def test_answers_the_whole_for_several_ranges_and_what_is_none(self):
        with Client(self.one()) as c:
            overlapping = "bytes=" + ",".join(["0-"] * 500)
            for field in ("bytes=0-1,3-4", overlapping, "bytes=5-4", "bytes=x", "lines=0-1", "bytes", "0-1"):
                got = c.ask("/ten", Range=field)
                self.assertEqual((got.status, got.content), (200, b"0123456789"), field)
            c.socket.sendall(b"GET /ten HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\nRange: bytes=2-3\r\n\r\n")
            self.assertEqual(Answer(c.stream, "GET").status, 200)

    def test_answers_the_whole_of_another_version(self):
        os.utime(self.folder.root / "ten", (784111777, 784111777))
        with Client(self.one()) as c:
            first = c.ask("/ten").fields
            for condition in (first["etag"], first["last-modified"]):
                self.assertEqual(c.ask("/ten", Range="bytes=0-1", If_Range=condition).content, b"01")
            for condition in ('"x"', "W/" + first["etag"], "Mon, 07 Nov 1994 08:49:37 GMT", "x"):
                self.assertEqual(c.ask("/ten", Range="bytes=0-1", If_Range=condition).status, 200, condition)


class Transfers(Case):
    def test_gives_curl_what_is_in_the_file(self):
        for host in self.each():
            url = f"http://127.0.0.1:{host.port}/"
            curl = lambda *words: subprocess.run(["curl", "-sS", *words], capture_output=True, check=True).stdout
            for name in ("32k", "32k1", "100k.bin", "big"):
                self.assertEqual(curl(url + name), self.folder.read(name), name)
            self.assertEqual(curl("-0", url + "100k.bin"), self.folder.read("100k.bin"))
            self.assertEqual(curl("-r", "5-99", url + "big"), self.folder.read("big")[5:100])
            self.assertEqual(curl("-r", "-5000000", url + "big"), self.folder.read("big")[-5000000:])
            part = self.folder.path / "part"
            part.write_bytes(self.folder.read("big")[:1234567])
            curl("-C", "-", "-o", str(part), url + "big")  # goes on with a download
            self.assertEqual(part.read_bytes(), self.folder.read("big"))
            self.assertEqual(curl("--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", url + "../secret"), b"404")

    def test_answers_pipelined_requests_in_their_order(self):
        names = ["100k.bin", "ten", "32k", "32k1", "empty.txt", "100k.bin", "nothing", "ten"] * 20
        for host in self.each():
            with Client(host) as c:
                c.socket.sendall(b"".join(f"GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for n in names))
                c.socket.shutdown(socket.SHUT_WR)
                for name in names:
                    got = Answer(c.stream, "GET")
                    self.assertEqual(got.status, 404 if name == "nothing" else 200)
                    if name != "nothing":
                        self.assertEqual(got.content, self.folder.read(name), name)
                self.assertEqual(c.stream.read(), b"")

    def test_holds_one_descriptor_for_a_client_that_pipelines_and_does_not_read(self):
        for host in self.each():
            pid = worker(host)
            with Client(host) as c:
                c.ask("/ten")
                before = len(os.listdir(f"/proc/{pid}/fd"))
                c.socket.sendall(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n" * 500)
                wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) == before + 1, "a file is open")
                with Client(host) as other:
                    for _ in range(50):
                        other.ask("/ten")
                    self.assertEqual(len(os.listdir(f"/proc/{pid}/fd")), before + 2)  # with the other's socket
                c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) == before - 1, "file and socket are closed")

    def test_serves_a_hundred_downloads_beside_one_who_reads_slowly(self):
        for host in self.each():
            expected = hashlib.md5(self.folder.read("big")).hexdigest()
            with Client(host) as slow:
                slow.send("/big")
                slow_sum = hashlib.md5()
                head = slow.stream.readline()
                self.assertEqual(head, b"HTTP/1.1 200 OK\r\n")
                self.download(host, 100, expected)
                while slow.stream.readline() != b"\r\n":
                    pass
                slow_sum.update(slow.stream.read(10 * 1000 * 1000))
                self.assertEqual(slow_sum.hexdigest(), expected)

    def download(self, host, count, expected):
        """As many at once; each is read as it comes."""
        buffer = bytearray(256 * 1024)
        with selectors.DefaultSelector() as waiting:
            for _ in range(count):
                s = socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S)
                self.addCleanup(s.close)
                s.sendall(b"GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                waiting.register(s, selectors.EVENT_READ, [b"", hashlib.md5()])
            while waiting.get_map():
                for key, _ in waiting.select(DEADLINE_S):
                    got = memoryview(buffer)[:key.fileobj.recv_into(buffer)]
                    if not got:
                        self.assertEqual(key.data[1].hexdigest(), expected)
                        waiting.unregister(key.fileobj)
                        key.fileobj.close()
                    elif key.data[0] is None:
                        key.data[1].update(got)
                    else:
                        head, end, content = (key.data[0] + bytes(got)).partition(b"\r\n\r\n")
                        key.data[0] = None if end else head
                        key.data[1].update(content)

    def test_resets_who_is_promised_more_than_a_file_has_after_all(self):
        for host in self.each():
            with Client(host) as c:
                c.send("/big")
                self.assertEqual(c.stream.readline(), b"HTTP/1.1 200 OK\r\n")
                os.truncate(self.folder.root / "big", 9_000_000)
                with self.assertRaises(ConnectionResetError):
                    while c.socket.recv(MIB):
                        pass
            host.wait_for("a file could not be sent")
            with Client(host) as c:
                self.assertEqual(len(c.ask("/big").content), 9_000_000)
            self.folder.write("big", pattern(10 * 1000 * 1000, "big"))

    def test_keeps_connections_alive_under_ab(self):
        for host in self.each():
            page = subprocess.run(["ab", "-q", "-k", "-n", "3000", "-c", "20", f"http://127.0.0.1:{host.port}/100k.bin"],
                                  capture_output=True, text=True, check=True).stdout
            for line in (r"Complete requests: +3000\n", r"Failed requests: +0\n", r"Keep-Alive requests: +3000\n",
                         r"HTML transferred: +307200000 bytes"):
                self.assertRegex(page, line)

    def test_lets_a_download_finish_when_it_drains(self):
        for host in self.each():
            with Client(host) as c:
                c.send("/big", Connection="close")
                self.assertEqual(c.stream.readline(), b"HTTP/1.1 200 OK\r\n")
                host.send(15)  # TERM
                host.wait_for("drain")
                while c.stream.readline() != b"\r\n":
                    pass
                self.assertEqual(c.stream.read(10 * 1000 * 1000), self.folder.read("big"))
                self.assertEqual(c.stream.read(), b"")


class Start(Case):
    def refused(self, *words):
        status, _, log = run("--plugin", FILES, *words, "--check")
        self.assertEqual(status, 5, log)
        return log

    def test_refuses_a_root_that_is_none(self):
        root = str(self.folder.root)
        self.assertIn("root is not given", self.refused())
        self.assertIn(f'root "{root}/none": No such file or directory', self.refused("--files.root", root + "/none"))
        self.assertIn(f'root "{root}/ten": Not a directory', self.refused("--files.root", root + "/ten"))

    def test_refuses_values_that_it_could_not_use(self):
        root = ("--files.root", str(self.folder.root))
        self.assertIn('index "a/b" is no plain name', self.refused(*root, "--files.index", "a/b"))
        self.assertIn('index ".x" is no plain name', self.refused(*root, "--files.index", ".x"))
        for option in ("cache-control", "charset", "default-type"):
            self.assertIn(option, self.refused(*root, "--files." + option, "a\nb"))
        self.assertIn("no name of a charset", self.refused(*root, "--files.charset", "utf-8; charset=latin1"))
        self.assertIn("can't be read", self.refused(*root, "--files.types", str(self.folder.root / "none")))

    def test_takes_types_from_a_table_of_ones_own(self):
        table = self.folder.path / "types"
        table.write_text("text/own bin css\ntext/plain;Charset=latin1 txt\n")
        with Client(self.one("--files.types", str(table), "--files.charset", "", "--files.default-type", "a/b")) as c:
            self.assertEqual(c.ask("/100k.bin").fields["content-type"], "text/own")
            self.assertEqual(c.ask("/sub/a.css").fields["content-type"], "text/own")
            self.assertEqual(c.ask("/").fields["content-type"], "text/html")
            self.assertEqual(c.ask("/ten").fields["content-type"], "a/b")
        words = "--files.types", str(table), "--files.default-type", "text/x; charset=koi8-r"
        with Client(self.one(*words)) as c:
            self.assertEqual(c.ask("/empty.txt").fields["content-type"], "text/plain;Charset=latin1")
            self.assertEqual(c.ask("/ten").fields["content-type"], "text/x; charset=koi8-r")
            self.assertEqual(c.ask("/sub/a.css").fields["content-type"], "text/own; charset=utf-8")

    @left_out("is traced, as the sanitizer itself would have to when it looks for leaks", "asan")
    def test_says_what_is_missing_where_openat2_is_refused(self):
        for error in ("ENOSYS", "EPERM"):
            words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=openat2", "-e", f"inject=openat2:error={error}",
                     *[a for a in os.sys.argv[1:] if a.endswith("/epollhost")], "--plugin", FILES, "--files.root",
                     str(self.folder.root), "--check"]
            done = subprocess.run(words, capture_output=True, text=True, timeout=DEADLINE_S)
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn("refuses openat2", done.stderr)
            self.assertIn("Linux 5.6", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=["files"])
