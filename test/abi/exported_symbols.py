# Distributed under the Boost Software License, Version 1.0.
# Tests what the built files export and import: each plugin exports its table and nothing else, a program nothing; and
# each program is linked with one kernel, the real or the simulated one.
import pathlib
import subprocess
import sys

failures = []


def exported(file):
    out = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", file], text=True, capture_output=True, check=True)
    return {line.split()[0].split("@")[0]: line.split()[1] for line in out.stdout.splitlines()}


def sanitized(file):
    return any(name.startswith(("__asan", "__tsan", "__ubsan")) for name in exported(file) | imported(file))


def imported(file):
    out = subprocess.run(["nm", "-D", "--undefined-only", "--format=posix", file], text=True, capture_output=True, check=True)
    return {line.split()[0].split("@")[0]: line.split()[1] for line in out.stdout.splitlines()}


plugins = [f for f in sys.argv[1:] if f.endswith(".so")]
programs = [f for f in sys.argv[1:] if pathlib.Path(f).name in ("epollhost", "epollhost-sim")]
if len(plugins) < 2 or len(programs) != 2:
    failures.append(f"two plugins and both programs are expected, not {sys.argv[1:]}")
for file in plugins:
    names = exported(file)
    if "epollhost_plugin" not in names:
        failures.append(f"{file} does not export epollhost_plugin")
    # Weak symbols are copies of the standard library's templates, of which no two plugins share one (RTLD_LOCAL).
    for name, kind in names.items():
        if name not in ("epollhost_plugin", "__odr_asan.epollhost_plugin") and kind not in "WVw":
            failures.append(f"{file} exports {name} ({kind})")
        if kind == "u":
            failures.append(f"{file} exports {name} as STB_GNU_UNIQUE: it is shared with every other library")
    for name in imported(file):
        if name.startswith(("eh_", "epollhost", "_ZN9epollhost")):
            failures.append(f"{file} needs {name} from the host, which exports nothing")
for file in programs:
    if sanitized(file):
        continue  # the sanitizer's own runtime is exported there
    # Copy relocations of the libraries' objects (std::cout, vtables, stderr) are theirs, not ours.
    for name, kind in exported(file).items():
        if kind not in "BVWRDvw" or "epollhost" in name:
            failures.append(f"{file} exports {name} ({kind})")
# What the layers above the seam link with is seen in what the program needs of libc.
kernel_calls = {"epoll_create1", "epoll_ctl", "epoll_wait", "accept4", "recv", "sendmsg", "eventfd", "signalfd"}
for file in programs:
    called = kernel_calls & set(imported(file))
    if pathlib.Path(file).name == "epollhost-sim" and called:
        failures.append(f"{file} calls the real kernel: {sorted(called)}")
    if pathlib.Path(file).name == "epollhost" and called != kernel_calls:
        failures.append(f"{file} does not call {sorted(kernel_calls - called)}: which kernel is it linked with?")
for failure in failures:
    print(failure)
sys.exit(1 if failures else 0)
