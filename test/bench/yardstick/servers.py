# Distributed under the Boost Software License, Version 1.0.
# The servers that are measured: ours, the floor, and what others have made.
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from yardstick.processes import tree

START_S = 60  # below valgrind too
PAGE = "Hello, world!"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Running:
    """A server that answers. It ends with the `with` statement."""

    def __init__(self, server, below=(), cpu=None, variant="http", workers=1):
        self.folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.port, self.below = None, below
        command = server.command(self, variant, workers)
        pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None
        self.process = subprocess.Popen([*below, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=pin, cwd=self.folder.name)
        if self.port is None:
            self.port = server.read_port(self.process)
        self._wait_for_answer()

    def _wait_for_answer(self):
        end = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.process.kill()
                    raise SystemExit("the server did not start: " + self.process.communicate()[1][-1000:])
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # strace is a parent of the server and would leave it behind; valgrind becomes it.
        family = tree(self.process.pid)
        os.kill(family[1] if self.below and len(family) > 1 else family[0], signal.SIGTERM)
        try:
            self.process.communicate(timeout=START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        self.folder.cleanup()


class Ours:
    """epollhost with http.so or raw.so, as anybody would start it; without a master where one process is to be counted."""

    name, variants = "epollhost", ("http", "echo", "file")

    def __init__(self, program, plugins, *words):
        self.program, self.plugins, self.words = Path(program).resolve(), Path(plugins).resolve(), words

    def missing(self):
        return None if self.program.exists() else f"{self.program} is not built"

    def command(self, running, variant, workers):
        plugin, words = {"http": ("http.so", []), "echo": ("raw.so", []),
                         "file": ("files.so", ["--files.root", running.folder.name])}[variant]
        if variant == "file":
            write_page(running.folder.name)
        return [self.program, "--plugin", self.plugins / plugin, "--listen", "127.0.0.1:0", "--workers", str(workers),
                "--max-connections", "100000", *words, *self.words]

    @staticmethod
    def read_port(process):
        for line in process.stderr:
            if found := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
                return int(found.group(1))
        raise SystemExit("epollhost did not start")


class Small:
    """A server of this folder: it prints its port."""

    def __init__(self, name, program, variants=("http", "echo")):
        self.name, self.program, self.variants = name, Path(program).resolve(), variants

    def missing(self):
        return None if self.program.exists() else f"{self.program.name} is not built; its library is not installed"

    def command(self, _running, variant, _workers):
        return [self.program] + (["--echo"] if variant == "echo" else [])

    @staticmethod
    def read_port(process):
        return int(process.stdout.readline())


class Packaged:
    """A server of a Debian package, with a configuration of our own."""

    def __init__(self, name, package, configuration, command, variants=("http",)):
        self.name, self.package, self.variants = name, package, variants
        self._configuration, self._command = configuration, command

    def missing(self):
        return None if shutil.which(self.name) else f"not installed (apt-get install {self.package})"

    def command(self, running, variant, _workers):
        running.port = free_port()
        write_page(running.folder.name)
        path = Path(running.folder.name) / "configuration"
        path.write_text(self._configuration.format(port=running.port, folder=running.folder.name, page=PAGE))
        return [word.format(path=path, folder=running.folder.name) for word in self._command]


def write_page(folder):
    Path(folder).chmod(0o755)  # h2o that root has started becomes nobody
    Path(folder, "index.txt").write_text(PAGE)
    Path(folder, "100k").write_bytes(b"x" * 102400)


NGINX = Packaged("nginx", "nginx-light", """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit; worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
http {{
  access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on; root {folder};
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port} backlog=4096; default_type text/plain; location = / {{ return 200 "{page}"; }} }}
}}
""", ["nginx", "-c", "{path}", "-p", "{folder}", "-e", "stderr"], ("http", "file"))

HAPROXY = Packaged("haproxy", "haproxy", """
global
  maxconn 9000
  nbthread 1
defaults
  mode http
  timeout client 75s
  timeout http-keep-alive 75s
frontend all
  bind 127.0.0.1:{port} backlog 4096
  http-request return status 200 content-type text/plain string "{page}"
""", ["haproxy", "-db", "-f", "{path}"])

H2O = Packaged("h2o", "h2o", """
num-threads: 1
max-connections: 16000
listen: {{ host: 127.0.0.1, port: {port} }}
hosts:
  default:
    paths:
      "/": {{ file.dir: {folder}, file.index: [index.txt] }}
""", ["h2o", "-c", "{path}"])

LIGHTTPD = Packaged("lighttpd", "lighttpd", """
server.document-root = "{folder}"
server.port = {port}
server.bind = "127.0.0.1"
server.max-fds = 16000
server.max-connections = 8000
server.max-keep-alive-requests = 1000000000
server.listen-backlog = 4096
index-file.names = ( "index.txt" )
mimetype.assign = ( ".txt" => "text/plain" )
""", ["lighttpd", "-D", "-f", "{path}"])


def all_servers(program, plugins, small):
    """The floor first: the others are compared with it."""
    at = Path(small)
    return [Small("floor", at / "floor"), Ours(program, plugins), Small("libuv", at / "uv_server"),
            Small("libevent", at / "event_server"), Small("Asio", at / "asio_server"),
            Small("Beast", at / "beast_server", ("http",)), NGINX, HAPROXY, H2O, LIGHTTPD]
