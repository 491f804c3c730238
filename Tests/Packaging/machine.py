"""A plain Debian that boots systemd as its process 1, in namespaces of its own: the units run as they do on a server.

Needs root. Nothing of the host is changed: files go into an overlay, processes and their network end with the machine.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}

# Runs in the new namespaces, and becomes systemd.
BOOT = r"""
set -e
lower=$1 work=$2 packages=$3 name=$4
root=$work/root
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/scratch" "$root"
mkdir -p "$root/old"
if [ -n "$packages" ]; then
    mkdir -p "$root/packages"
    mount --bind -o ro "$packages" "$root/packages"
fi
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
# The kernel's settings are the host's.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
# Without this systemd would find the host's own hierarchies below /sys.
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
echo "$name" >"$root/etc/hostname"
ip link set lo up
cd "$root"
pivot_root . old
umount --lazy /old
# As outside of containers: the mount of a service's credentials must reach the service.
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd systemd.unit=multi-user.target
"""


class Machine:
    """One boot of a root directory.

    - root: a plain Debian, which stays as it is; packages: a directory that the machine sees as /packages, or None.
    - prepare: gets the directory of the files that are this machine's alone, before the boot.
    - attach: gets the machine's first process, whose network namespace is empty but for loopback.
    - settled: waits for all that the boot starts, and not for systemd alone.
    """

    def __init__(self, root: pathlib.Path, packages: pathlib.Path | None, log: pathlib.Path, name="machine", prepare=None, attach=None,
                 settled=True):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="martlet-machine-"))
        for part in ("root", "upper", "scratch"):
            (self.work / part).mkdir()
        if prepare:
            prepare(self.work / "upper")
        self.group = _own_control_group() / f"martlet-machine-{self.work.name.rsplit('-', 1)[-1]}"
        self.group.mkdir()
        command = [
            "unshare", "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--fork", "--kill-child=SIGKILL",
            "--propagation", "private", "bash", "-c", BOOT, "boot", str(root), str(self.work), str(packages or ""), name]
        enter = f'echo $$ >"{self.group}/cgroup.procs"; exec "$@"'
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                # Whatever ends the thread that starts a machine ends the machine, too.
                ["setpriv", "--pdeathsig", "KILL", "bash", "-c", enter, "enter", *command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            self.init = self._first_process()
            if attach:
                attach(self.init)
            self._await_boot(("running", "degraded") if settled else ("starting", "running", "degraded"))
        except BaseException:
            self.close()
            raise

    def run(self, *command, check=True, stdin="", timeout=120):
        """Runs a command in the machine; returns (exit code, what it wrote on both channels)."""
        done = subprocess.run(
            [*self._enter("-m", "-p", "-u", "-i", "-n", "-C"), "env", "-i", *[f"{k}={v}" for k, v in ENVIRONMENT.items()],
             *[str(part) for part in command]],
            input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}")
        return done.returncode, done.stdout

    def output(self, *command, **options):
        return self.run(*command, **options)[1].strip()

    def copy_in(self, file):
        """Copies a file of the host into the machine's /root; returns its name there."""
        target = f"/root/{file.name}"
        with open(file, "rb") as content:
            subprocess.run([*self._enter("-m"), "/bin/sh", "-c", f"cat >{target}"], stdin=content, check=True)
        return target

    def curl(self, *arguments):
        """The host's curl in the machine's network; returns (status, body)."""
        done = subprocess.run(
            [*self._enter("-n"), "curl", "--silent", "--max-time", "20", "--write-out", "\n%{http_code}", *map(str, arguments)],
            capture_output=True, text=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

    def show(self, unit, key):
        return self.output("systemctl", "show", "--property", key, "--value", unit)

    def journal(self, unit):
        self.run("journalctl", "--sync")
        return self.output("journalctl", "--unit", unit, "--output", "cat", "--no-pager")

    def wait(self, condition, what, timeout=120):
        """Polls until `condition()` is truthy and returns that value; an answer that is none yet is no failure."""
        deadline = time.monotonic() + timeout
        last = None
        while time.monotonic() < deadline:
            try:
                if value := condition():
                    return value
                last = value
            except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
                last = error
            time.sleep(0.2)
        raise AssertionError(f"{what}: not within {timeout} s; last seen: {last!r}")

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(60)
        self.wait(self._remove_groups, "the end of the machine's processes")
        shutil.rmtree(self.work, ignore_errors=True)

    def _enter(self, *namespaces):
        return ["nsenter", "--target", str(self.init), *namespaces, "--"]

    def _remove_groups(self):
        """True once the control groups, which a process keeps until it is quite gone, are removed."""
        directories = [path for path in self.group.rglob("*") if path.is_dir()]
        try:
            for directory in [*sorted(directories, reverse=True), self.group]:
                directory.rmdir()
        except OSError:
            return False
        return True

    def _first_process(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for _ in range(1200):
            if found := children.read_text().split():
                return int(found[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError("the machine has no first process")

    def _await_boot(self, states):
        def state():
            assert self.process.poll() is None, "the machine ended while it booted"
            comm = pathlib.Path(f"/proc/{self.init}/comm").read_text().strip()
            return comm == "systemd" and self.output("systemctl", "is-system-running", check=False) in states

        self.wait(state, "the machine's boot")


def _own_control_group() -> pathlib.Path:
    """The control group (v2) of this process."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[fields.index("-") + 1] == "cgroup2":
            entries = pathlib.Path("/proc/self/cgroup").read_text().splitlines()
            mine = next(entry for entry in entries if entry.startswith("0::"))
            return pathlib.Path(fields[4]) / mine.removeprefix("0::").lstrip("/")
    raise AssertionError("control groups of version 2 are not mounted")
