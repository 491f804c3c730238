"""The servers that are compared, and what the kernel tells of them."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid
import urllib.error
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, name, version, command, write, ready):
        self.name, self.version, self.command, self.write, self.ready = name, version, command, write, ready

    def start(self, directory, group=None):
        self.directory, self.group = directory, group
        directory.mkdir(parents=True)
        self.data = directory / "data"
        self.launch()

    def launch(self):
        """Starts the process on its directory, and waits until it is ready."""
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(
            self.command(self.data, self.port), stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            cwd=self.directory, preexec_fn=self.group.enter if self.group else None)
        deadline = time.monotonic() + 300
        while True:
            try:
                with urllib.request.urlopen(self.base + self.ready, timeout=1):
                    return
            except (OSError, urllib.error.URLError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"{self.name} does not start: {(self.directory / 'log').read_text()[-2000:]}")
                time.sleep(0.05)

    @contextlib.contextmanager
    def running(self, options, limit=None):
        """A process on a fresh directory; with a limit, in a control group that may have so much memory."""
        group = ControlGroup(limit) if limit else None
        directory = options.scratch / f"{self.name}-{uuid.uuid4()}"
        self.start(directory, group)
        try:
            yield self
        finally:
            self.stop()
            shutil.rmtree(directory, ignore_errors=True)
            if group:
                group.remove()

    def restart(self):
        """The same data, nothing in memory."""
        self.stop()
        self.launch()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def size(self):
        """Bytes of the directory on the disk."""
        return sum(path.stat().st_blocks * 512 for path in self.data.rglob("*") if path.is_file())

    def block_size(self):
        """Bytes of the files of Prometheus' blocks in the directory."""
        return sum(path.stat().st_size for meta in self.data.glob("*/meta.json")
                   for path in meta.parent.rglob("*") if path.is_file())

    def forget_peak(self):
        """`VmHWM` counts from now on: see proc(5), clear_refs."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    @contextlib.contextmanager
    def watching(self, name):
        """Looks at a figure of memory every tenth of a second; gives a function for the most that was seen."""
        most, done = [0], threading.Event()

        def watch():
            while not done.wait(0.1):
                most[0] = max(most[0], self.memory(name))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield lambda: most[0]
        finally:
            done.set()
            watcher.join()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def cpu(self):
        """Seconds of CPU that the server used so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def settle(self, quiet=3.0):
        """Waits until the server has used next to nothing, a twentieth of a core at most, for some seconds."""
        since, used = time.monotonic(), self.cpu()
        while time.monotonic() - since < quiet:
            time.sleep(0.25)
            now = self.cpu()
            if now - used > 0.1 + (time.monotonic() - since) / 20:
                since, used = time.monotonic(), now

    def memory(self, name):
        """Bytes: `VmHWM` for the most that was resident, `VmRSS` for what is now."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        return 0


class ControlGroup:
    """A control group with a limit of memory; needs root. Within the group of this process, or at the top of the tree
    where the kernel has version 2 only, whose groups have either processes or groups in them."""

    def __init__(self, limit):
        tree = pathlib.Path("/sys/fs/cgroup")
        if (tree / "cgroup.controllers").exists():
            name, parent = "memory.max", tree
        else:
            own = next(line.split(":", 2)[2] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines()
                       if ":memory:" in line)
            name, parent = "memory.limit_in_bytes", tree / "memory" / own.lstrip("/")
        self.path = parent / f"martlet-bench-{os.getpid()}"
        self.path.mkdir()
        (self.path / name).write_text(limit)

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        self.path.rmdir()


def version(command):
    done = subprocess.run(command, capture_output=True, text=True)
    text = (done.stdout or done.stderr).strip().splitlines()
    return text[0] if text else "version unknown"


def martlet(executables):
    path = pathlib.Path(executables).resolve() / "martlet-metrics"
    if not path.exists():
        raise SystemExit(f"{path} is not there: make build")
    return Server(
        "martlet", version([path, "--version"]),
        lambda data, port: [path, "--storage.path", data, "--web.listen-address", f"127.0.0.1:{port}",
                            "--config.file", write_empty(data)],
        "/api/v1/write", "/-/ready")


def prometheus(path):
    return Server(
        "prometheus", version([path, "--version"]),
        lambda data, port: [path, f"--storage.tsdb.path={data}", f"--web.listen-address=127.0.0.1:{port}",
                            f"--config.file={write_empty(data)}", "--web.enable-remote-write-receiver"],
        "/api/v1/write", "/-/ready")


def victoria_metrics(path):
    return Server(
        "victoria-metrics", version([path, "--version"]),
        # Otherwise the newest half minute is not answered.
        lambda data, port: [path, f"-storageDataPath={data}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=10y",
                            "-search.latencyOffset=0s", "-search.disableCache", "-search.maxUniqueTimeseries=10000000"],
        "/api/v1/write", "/health")


def write_empty(data):
    path = data.parent / "empty.yml"
    path.write_text("global: {}\n")
    return path


def available(names, executables):
    found = []
    for name in names:
        if name == "martlet":
            found.append(martlet(executables))
        elif path := shutil.which(name):
            found.append({"prometheus": prometheus, "victoria-metrics": victoria_metrics}[name](path))
        else:
            print(f"{name}: not installed, left out")
    return found
