# Distributed under the Boost Software License, Version 1.0.
# A machine of its own: a real systemd as process 1 of new namespaces, over what is installed here. Nothing that is written
# there reaches the files of this machine.
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.program import DEADLINE_S
from support.worker import wait_until

SYSTEMD = "/lib/systemd/systemd"
UNITS = "/usr/lib/systemd/system"

# The units that the machine has; all others of this machine would start services that no test needs.
NEEDED = """basic.target sysinit.target multi-user.target network-online.target network.target shutdown.target slices.target
    sockets.target timers.target paths.target local-fs.target umount.target -.slice system.slice systemd-journald.service
    systemd-journald.socket systemd-journald-dev-log.socket""".split()

# What is written to goes to memory. The test's target keeps process 1 from starting anything by itself.
BOOT = """set -e
mount -t tmpfs tmpfs /mnt
for folder in etc usr/bin; do
  mkdir -p /mnt/upper/$folder /mnt/work/$folder
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/mnt/upper/$folder,workdir=/mnt/work/$folder" "/$folder"
done
mkdir /mnt/units
for unit in $NEEDED; do [ ! -e "$UNITS/$unit" ] || cp -a "$UNITS/$unit" /mnt/units; done
mount --bind /mnt/units "$UNITS"
rm -rf /etc/systemd/system /etc/machine-id
mkdir /etc/systemd/system
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var
mkdir -p /var/log /var/lib/logrotate /var/cache /var/tmp /run/lock
cp "$PROGRAM" /usr/bin/epollhost
mkdir /usr/bin/plugins
cp "$PLUGIN" /usr/bin/plugins/
printf '[Unit]\\nDefaultDependencies=no\\nWants=systemd-journald.service\\n' > /etc/systemd/system/test.target
exec env -i container=test PATH="$PATH" "$SYSTEMD" --system --unit=test.target --log-target=journal --show-status=no
"""

NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--cgroup", "--net", "--mount-proc",
              "--kill-child=KILL"]


def why_not():
    """Why there can be none; empty if there can."""
    for tool in ("unshare", "nsenter", "systemctl", SYSTEMD):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if os.geteuid() != 0:
        return "only root can boot a systemd"
    if subprocess.run([*NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode:
        return "namespaces and mounts are not allowed here"
    if not Path("/sys/fs/cgroup/systemd").is_dir() and not Path("/sys/fs/cgroup/cgroup.controllers").is_file():
        return "there are no control groups for systemd"
    return ""


class Machine:
    """In a `with` statement it is up. `program` is /usr/bin/epollhost there, with the plugin in its folder."""

    def __init__(self, program, plugin):
        self.output = tempfile.TemporaryFile()
        around = {"PATH": os.environ["PATH"], "PROGRAM": program, "PLUGIN": plugin, "NEEDED": " ".join(NEEDED), "UNITS": UNITS,
                  "SYSTEMD": SYSTEMD}
        self.outer = subprocess.Popen([*NAMESPACES, "sh", "-c", BOOT], env=around, stdin=subprocess.DEVNULL,
                                      stdout=self.output, stderr=self.output)
        self.init = None

    def __enter__(self):
        try:
            wait_until(self.is_up, "systemd is up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.outer.kill()  # takes process 1 with it, and that one all others
        self.outer.wait()
        self.output.seek(0)
        self.said = self.output.read().decode(errors="replace")
        self.output.close()

    def is_up(self):
        if self.outer.poll() is not None:
            self.output.seek(0)
            raise AssertionError("it did not start: " + self.output.read().decode(errors="replace"))
        children = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text().split()
        self.init = int(children[0]) if children else None
        return self.init is not None and self.run("systemctl is-active test.target")[:2] == (0, "active\n")

    def run(self, command, cwd="/"):
        """Runs the line in a shell there; answers status, standard output and standard error."""
        done = subprocess.run(["nsenter", "-t", str(self.init), "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net",
                               f"--wdns={cwd}", "sh", "-c", command], capture_output=True, text=True, timeout=4 * DEADLINE_S,
                              check=False, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr
