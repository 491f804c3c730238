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
import urllib.error

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from stack import Stack, request, stop, wait  # noqa: E402

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


def load(base, ended):
    """A few requests a second, a little like people."""
    while not ended.wait(random.expovariate(6)):
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
    parser.add_argument("--data", default=".build/flask-app", type=pathlib.Path)
    parser.add_argument("--port-offset", default=0, type=int, help="added to every port of the stack")
    parser.add_argument("--app-port", default=5000, type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))

    stack = app = None
    ended = threading.Event()
    try:
        stack = Stack(options.martlet, options.data, options.port_offset)
        stack.ready()
        log = (options.data / "flask-app.log").resolve()
        stack.add(SCRAPE_JOB.format(port=options.app_port), LOG_JOB.format(log=log))
        app = subprocess.Popen([sys.executable, HERE / "app.py"], start_new_session=True, env={
            **os.environ, "FLASK_APP_PORT": str(options.app_port), "LOG_FILE": str(log),
            "OTLP_ENDPOINT": stack.url("otlp_grpc").removeprefix("http://")}, stdout=subprocess.DEVNULL)
        base = f"http://127.0.0.1:{options.app_port}"
        wait(base + "/health", app)
        print(f"demo: the Flask service answers at {base}; metrics flask_app_*, logs {{job=\"flask-app\"}}, traces of flask-app")
        threading.Thread(target=load, args=(base, ended), daemon=True).start()
        stack.process.wait()
    except KeyboardInterrupt:
        pass
    finally:
        ended.set()
        stop(app)
        if stack:
            stack.stop()


if __name__ == "__main__":
    main()
