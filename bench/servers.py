"""The servers that are compared, and what the kernel tells of them."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
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

    def start(self, directory):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        directory.mkdir(parents=True)
        self.log = open(directory / "log", "wb")
        self.data = directory / "data"
        self.process = subprocess.Popen(
            self.command(self.data, self.port), stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            cwd=directory)
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(self.base + self.ready, timeout=1):
                    return
            except (OSError, urllib.error.URLError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"{self.name} does not start: see {directory / 'log'}")
                time.sleep(0.05)

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
        """Waits until the server has used next to nothing for some seconds."""
        since, used = time.monotonic(), self.cpu()
        while time.monotonic() - since < quiet:
            time.sleep(0.25)
            now = self.cpu()
            if now - used > 0.1:
                since, used = time.monotonic(), now

    def memory(self, name):
        """Bytes: `VmHWM` for the most that was resident, `VmRSS` for what is now."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        return 0


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
