# Distributed under the Boost Software License, Version 1.0.
# Tests http.so with the clients that people have: curl, a browser, ab, wrk, h2load. No request may fail.
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from support.case import TestCase
from support.http_client import BROWSER, Client
from support.program import Serving, built

HTTP = built("/http.so")
HELLO = "Hello, world!"
PIPELINE = Path(__file__).parent / "support/pipeline.lua"
REQUESTS = 5000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


def run(*words, **more):
    done = subprocess.run(words, capture_output=True, timeout=55, **more)
    out, error = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    if done.returncode:
        raise AssertionError(f"{words} ended with {done.returncode}: {out}{error}")
    return out, error


class Clients:
    def setUp(self):
        super().setUp()
        host = Serving("--plugin", HTTP, "--listen", "127.0.0.1:0", "--workers", "2", "--trigger", self.trigger)
        self.host = host.__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        self.url = f"http://127.0.0.1:{host.port}/"

    def curl(self, *words, **more):
        return run("curl", "-sS", "--noproxy", "*", "--max-time", "30", *words, **more)

    @needs("curl")
    def test_curl_keeps_its_connection(self):
        out, _ = self.curl("-w", " %{num_connects} %{http_version}\n", *[self.url] * 3)
        self.assertEqual(out, f"{HELLO} 1 1.1\n{HELLO} 0 1.1\n{HELLO} 0 1.1\n")

    @needs("curl")
    def test_curl_posts(self):
        body = b"x" * 200_000
        for transfer in ([], ["-H", "Transfer-Encoding: chunked"]):
            out, _ = self.curl("--data-binary", "@-", *transfer, "-w", " %{http_code} %{num_connects}", self.url,
                               "--next", "-sS", "-w", " %{http_code} %{num_connects}", self.url, input=body)
            self.assertEqual(out, f"{HELLO} 200 1{HELLO} 200 0", transfer)

    @needs("curl")
    def test_curl_is_told_to_go_on(self):
        # curl would send the body after a minute too; but 30 s is all it has.
        _, said = self.curl("-v", "-H", "Expect: 100-continue", "--expect100-timeout", "60", "--data-binary", "@-",
                            self.url, input=b"x" * 100_000)
        self.assertRegex(said, "(?s)< HTTP/1.1 100 Continue.*< HTTP/1.1 200 OK")

    @needs("curl")
    def test_curl_asks_for_the_head(self):
        out, _ = self.curl("--head", "-w", "%{num_connects}\n", self.url, self.url)
        heads = out.split("\r\n\r\n")
        self.assertIn("Content-Length: 13", heads[0])
        self.assertTrue(heads[1].startswith("1\nHTTP/1.1 200 OK"), out)
        self.assertEqual(heads[2], "0\n")

    @needs("curl")
    def test_curl_speaks_the_old_version(self):
        out, _ = self.curl("--http1.0", "-i", "-w", "%{num_connects}", self.url)
        self.assertIn("Connection: close", out)
        self.assertTrue(out.endswith(HELLO + "1"), out)

    @needs("nc")
    def test_nc_closes_its_side_first(self):
        request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 3
        out, _ = run("nc", "-N", "127.0.0.1", str(self.host.port), input=request)
        self.assertEqual(out.count(HELLO), 3)
        self.assertTrue(out.endswith(HELLO))

    def test_request_of_a_browser_is_answered_however_it_is_cut(self):
        self.assertEqual(len(BROWSER), 620)
        with Client(self.host.port) as client:
            for cut in (0, 1, 16, 300, 618, 619):
                client.send(BROWSER[:cut])
                client.send(BROWSER[cut:])
                self.assertEqual(client.answer(), ("HTTP/1.1 200 OK", HELLO.encode()), cut)

    @unittest.skipUnless(any(map(shutil.which, BROWSERS)), "no chromium is installed")
    def test_browser_shows_the_page(self):
        browser = next(filter(None, map(shutil.which, BROWSERS)))
        page, _ = run(browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", self.url)
        self.assertIn(HELLO, page)

    def ab(self, *words):
        out, _ = run("ab", "-q", "-n", str(REQUESTS), "-c", "50", *words, self.url)
        self.assertRegex(out, rf"Complete requests: +{REQUESTS}\n", out)
        self.assertRegex(out, r"Failed requests: +0\n", out)
        self.assertNotIn("Non-2xx", out)
        self.assertNotIn("Write errors", out)
        return out

    @needs("ab")
    def test_ab_opens_a_connection_for_each_request(self):
        self.assertNotIn("Keep-Alive requests", self.ab())

    @needs("ab")
    def test_ab_keeps_its_connections(self):
        self.assertRegex(self.ab("-k"), rf"Keep-Alive requests: +{REQUESTS}\n")

    def wrk(self, *words):
        out, _ = run("wrk", "-t", "1", "-c", "50", "-d", "1s", "--timeout", "30s", *words)
        self.assertNotIn("Socket errors", out)
        self.assertNotIn("Non-2xx", out)
        self.assertGreater(int(re.search(r"(\d+) requests in", out).group(1)), 0, out)

    @needs("wrk")
    def test_wrk_keeps_its_connections(self):
        self.wrk(self.url)

    @needs("wrk")
    def test_wrk_sends_16_requests_at_once(self):
        self.wrk("-s", str(PIPELINE), self.url, "--", "16")

    @needs("h2load")
    def test_h2load_keeps_its_connections(self):
        for in_flight in ("1", "8"):
            out, _ = run("h2load", "--h1", "-n", str(REQUESTS), "-c", "20", "-m", in_flight, self.url)
            self.assertIn(f"{REQUESTS} succeeded, 0 failed, 0 errored, 0 timeout", out)


class EdgeTriggered(Clients, TestCase):
    trigger = "edge"


class LevelTriggered(Clients, TestCase):
    trigger = "level"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
