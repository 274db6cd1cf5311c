# Distributed under the Boost Software License, Version 1.0.
# Tests the include arrows of the design: base <- net <- loop <- worker <- master <- check <- cli <- sim, main, and plugins
# see only <epollhost/...>. Reads every include line; fails on any other arrow.
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
layers = ["base", "net", "loop", "worker", "master", "check", "cli", "sim"]
line = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
kernel_headers = ["sys/epoll.h", "sys/signalfd.h", "sys/eventfd.h", "sys/timerfd.h", "sys/socket.h",
                  "netinet/in.h", "netinet/tcp.h", "time.h", "ctime", "random"]
failures = []
seen = 0


def includes(file):
    global seen
    for kind, target in line.findall(file.read_text()):
        seen += 1
        yield kind, target


def wrong(file, target, why):
    failures.append(f"{file.relative_to(root)} includes {target}: {why}")


def layer_of(target):
    first = target.split("/")[0]
    return layers.index(first) if "/" in target and first in layers else None


def sources(folder):
    return [p for p in sorted((root / folder).rglob("*")) if p.suffix in (".h", ".hpp", ".cpp", ".c")]


for file in sources("src"):
    parts = file.relative_to(root / "src").parts
    if len(parts) > 1 and parts[0] not in layers:
        failures.append(f"src/{parts[0]} is no layer of the design")
        continue
    own = layers.index(parts[0]) if len(parts) > 1 else len(layers)  # main.cpp is above all
    for kind, target in includes(file):
        layer = layer_of(target)
        if kind == '"':
            if layer is None and not target.startswith("epollhost/"):
                wrong(file, target, "a private header is named from the src folder on")
            elif layer is not None and layer > own:
                wrong(file, target, f"{parts[0]} may not know {layers[layer]}")
            elif layer == layers.index("master") and parts[0] == "sim":
                wrong(file, target, "the simulator has no processes of the host")
            elif layer is not None and not (root / "src" / target).exists():
                wrong(file, target, "there is no such file")
        elif layer is not None and (root / "src" / target).exists():
            wrong(file, target, "a private header is included with quotes")
        below_plugins = own < layers.index("worker")
        shared = ("epollhost/version.h", "epollhost/text.hpp", "epollhost/deadline.hpp")
        if target.startswith("epollhost/") and below_plugins and target not in shared:
            wrong(file, target, "the loop and what is below it know no plugin")
        # What the simulator drives has no other way to the kernel than net.
        if target in kernel_headers and own in (layers.index("loop"), layers.index("worker")):
            wrong(file, target, "all contact with the kernel goes through net")

for file in sources("include/epollhost"):
    for kind, target in includes(file):
        if kind == '"':
            wrong(file, target, "a public header names others as <epollhost/...>")
        elif layer_of(target) is not None or re.match(r"(fmt|boost|spdlog)/", target):
            wrong(file, target, "a plugin sees only <epollhost/...> and the standard library")
        elif target.startswith("epollhost/") and not (root / "include" / target).exists():
            wrong(file, target, "there is no such file")
    if file.suffix == ".h":
        for kind, target in includes(file):
            if not target.endswith(".h"):
                wrong(file, target, "a C header includes C headers")

for file in sources("plugins"):
    for kind, target in includes(file):
        if kind == '"' and not (file.parent / target).exists():
            wrong(file, target, "a plugin sees only <epollhost/...> and its own folder")
        if layer_of(target) is not None or ".." in target:
            wrong(file, target, "a plugin sees nothing of the host")

# The test must be able to see something.
if seen < 300:
    failures.append(f"only {seen} include lines were found")
for failure in failures:
    print(failure)
sys.exit(1 if failures else 0)
