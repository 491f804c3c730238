"""Runs the stack and, beside it, the Flask service under load, until Ctrl-C.

    python examples/flask-app/demo.py --martlet .build/release/martlet

What it does to the stack's configuration is what a user would do: it adds a scrape job and a log file to the files that
`martlet up` wrote, and asks the two servers to read them again.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PORTS = {"metrics": 9090, "agent": 9080, "otlp": 4317}

SCRAPE_JOB = """
  - job_name: flask-app
    scrape_interval: 5s
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""
LOG_JOB = r"""
  - job_name: flask-app
    static_configs:
      - targets: [localhost]
        labels:
          job: flask-app
          __path__: {log}
    pipeline_stages:
      - regex:
          expression: '^\S+ \S+ - \S+ - (?P<level>[A-Z]+) - '
      - labels:
          level:
"""


def request(url, method="GET", timeout=5):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=timeout) as answer:
        return answer.status


def wait(url, process, seconds=90):
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


def add_job(config, marker, job):
    """Appends a job below `scrape_configs:`, once."""
    text = config.read_text()
    if marker not in text:
        config.write_text(text.rstrip("\n") + "\n" + job)


def load(base, stop):
    """A few requests a second, a little like people."""
    while not stop.wait(random.expovariate(6)):
        method, path = random.choices(
            [("GET", "/"), ("GET", "/api/data"), ("POST", "/api/orders"), ("GET", "/health"), ("GET", "/nowhere")],
            [4, 8, 4, 2, 1])[0]
        try:
            request(base + path, method)
        except (urllib.error.URLError, OSError):
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--data", default=".build/demo", type=pathlib.Path)
    parser.add_argument("--port-offset", default=0, type=int, help="added to every port of the stack")
    parser.add_argument("--app-port", default=5000, type=int)
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    log = (options.data / "flask-app.log").resolve()
    ports = {name: port + options.port_offset for name, port in PORTS.items()}

    stack = subprocess.Popen(
        [options.martlet, "up", "--data", options.data, "--port-offset", str(options.port_offset)], start_new_session=True)
    app = None
    stop = threading.Event()
    try:
        for server in ("metrics", "agent"):
            wait(f"http://127.0.0.1:{ports[server]}/-/ready", stack)
        config = options.data / "config"
        add_job(config / "prometheus.yml", "flask-app", SCRAPE_JOB.format(port=options.app_port))
        add_job(config / "promtail.yml", "flask-app", LOG_JOB.format(log=log))
        for server in ("metrics", "agent"):
            request(f"http://127.0.0.1:{ports[server]}/-/reload", "POST")
        app = subprocess.Popen([sys.executable, HERE / "app.py"], start_new_session=True, env={
            **os.environ, "FLASK_APP_PORT": str(options.app_port), "LOG_FILE": str(log),
            "OTLP_ENDPOINT": f"127.0.0.1:{ports['otlp']}"}, stdout=subprocess.DEVNULL)
        base = f"http://127.0.0.1:{options.app_port}"
        wait(base + "/health", app)
        print(f"demo: the Flask service answers at {base}; metrics flask_app_*, logs {{job=\"flask-app\"}}, traces of flask-app")
        threading.Thread(target=load, args=(base, stop), daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        stack.wait()
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        for process in (app, stack):
            if process and process.poll() is None:
                process.terminate()
                process.wait(30)


if __name__ == "__main__":
    main()
