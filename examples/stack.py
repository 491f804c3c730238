"""A stack for an example: `martlet up` in a directory that belongs to examples alone, and jobs added to its configuration as a
user would add them."""

import pathlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

PORTS = {"dashboards": 3000, "metrics": 9090, "logs": 3100, "traces": 3200, "alerts": 9093, "agent": 9080, "otlp_grpc": 4317,
         "otlp_http": 4318}


def request(url, method="GET", timeout=5):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=timeout) as answer:
        return answer.status


def wait(url, process, seconds=90):
    """Until a server answers 200; ends the example when its process ends instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"demo: {process.args[0]} ended with {process.returncode}")
        try:
            if request(url) == 200:
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit(f"demo: nothing answers at {url}")


class Stack:
    """Started by `Stack(…)`; `ready` waits for its servers, `stop` ends it."""

    def __init__(self, martlet, data, offset=0):
        self.data, self.offset, self.config = data, offset, data / "config"
        mark = data / "example"
        if data.exists() and any(data.iterdir()) and not mark.exists():
            sys.exit(f"demo: {data} holds something that no example made; choose another --data")
        data.mkdir(parents=True, exist_ok=True)
        mark.write_text("This directory belongs to an example of Martlet; its configuration is written anew at each start.\n")
        # What an earlier run has added goes; `martlet up` writes the files anew.
        for name in ("prometheus.yml", "promtail.yml"):
            (self.config / name).unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [martlet, "up", "--data", data, "--port-offset", str(offset)], start_new_session=True)

    def ready(self):
        for server in ("metrics", "logs", "traces", "alerts", "agent", "dashboards"):
            wait(self.url(server, "/-/ready"), self.process)

    def url(self, server, path=""):
        return f"http://127.0.0.1:{PORTS[server] + self.offset}{path}"

    def add(self, scrape_jobs="", log_jobs="", rules=()):
        """Adds jobs below `scrape_configs:` of prometheus.yml and promtail.yml, and rule files."""
        for file in rules:
            shutil.copy(file, self.config / "rules" / pathlib.Path(file).name)
        for name, jobs in (("prometheus.yml", scrape_jobs), ("promtail.yml", log_jobs)):
            file = self.config / name
            file.write_text(file.read_text().rstrip("\n") + "\n" + jobs)
        for server in ("metrics", "agent"):
            request(self.url(server, "/-/reload"), "POST", timeout=30)

    def stop(self):
        stop(self.process)


def stop(process, seconds=30):
    if process and process.poll() is None:
        process.terminate()
        process.wait(seconds)
