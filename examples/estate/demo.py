"""Runs the stack and the estate beside it until Ctrl-C.

    python3 examples/estate/demo.py --martlet .build/release/martlet

What follows the options of this program goes to the estate: `demo.py --martlet … --incident payments`.
"""

import argparse
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from estate.knobs import INCIDENTS, MEANINGS  # noqa: E402
from stack import Stack, stop, wait  # noqa: E402

# Exporters by the job that scrapes them. An instance is what the exporter would be on a network of its own.
JOBS = {
    "postgres": {"webstore-db": "webstore-db:9187", "deyehard-db": "deyehard-db:9187"},
    "redis": {"webstore-redis": "webstore-redis:9121"}, "cadvisor": {"cadvisor": "cadvisor:8080"},
    "otel-collector": {"otel-collector": "otel-collector:8888"}, "flask-app": {"flask-app": "flask-app:5000"},
}

LOG_JOB = r"""
  - job_name: flask-app
    static_configs:
      - targets: [localhost]
        labels:
          job: flask-app
          service_name: flask-app
          __path__: {log}
    pipeline_stages:
      - regex:
          expression: '^\S+ \S+ - \S+ - (?P<level>[A-Z]+) - .*trace_id=(?P<trace_id>[0-9a-f]+)'
      - labels:
          level:
      - structured_metadata:
          trace_id:
"""


def scrape_jobs(port):
    text = ""
    for job, exporters in JOBS.items():
        for exporter, instance in exporters.items():
            name = job if len(exporters) == 1 else f"{job}-{exporter}"
            text += f"""
  - job_name: {name}
    scrape_interval: 10s
    metrics_path: /metrics/{exporter}
    static_configs:
      - targets: ["127.0.0.1:{port}"]
        labels: {{job: {job}, instance: "{instance}"}}
"""
    return text


def introduction(stack, knobs):
    turn = f"curl -X POST {knobs}/knobs -d"
    lines = ["The estate runs: a shop, a payment gateway, a trading engine, a solar installation, a Flask service.", "",
             f"  boards      {stack.url('dashboards', '/dashboards')}",
             f"  traces      {stack.url('dashboards', '/explore/traces')}",
             f"  logs        {stack.url('dashboards', '/explore/logs')}",
             f"  alerts      {stack.url('dashboards', '/alerts')}",
             f"  all knobs   {knobs}/knobs", "", "Turn an incident on:", ""]
    lines += [f"  {turn} '{{\"incidents\": [\"{name}\"]}}'\n      {MEANINGS[name]}" for name in INCIDENTS]
    lines += ["", "and all off:", "", f"  {turn} '{{\"incidents\": []}}'", "", "Ctrl-C stops it all.", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--data", default=".build/estate", type=pathlib.Path, help="where everything is kept (%(default)s)")
    parser.add_argument("--port-offset", default=0, type=int, help="added to every port of the stack")
    parser.add_argument("--estate-port", default=5100, type=int, help="the port of the knobs and of what is scraped")
    options, others = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))

    stack = estate = None
    try:
        stack = Stack(options.martlet, options.data, options.port_offset)
        stack.ready()
        log = (options.data / "flask-app.log").resolve()
        estate = subprocess.Popen(
            [sys.executable, "-m", "estate", "--otlp", stack.url("otlp_http"), "--logs", stack.url("logs"), "--log-file", log,
             "--listen", f"127.0.0.1:{options.estate_port}", *others], cwd=HERE, start_new_session=True)
        knobs = f"http://127.0.0.1:{options.estate_port}"
        wait(knobs + "/knobs", estate, 20)
        stack.add(scrape_jobs(options.estate_port), LOG_JOB.format(log=log), sorted(HERE.parents[1].glob("rules/*.yml")))
        print(introduction(stack, knobs), flush=True)
        while stack.process.poll() is None and estate.poll() is None:
            time.sleep(0.5)
        sys.exit("demo: the stack has ended" if estate.poll() is None else "demo: the estate has ended")
    except KeyboardInterrupt:
        pass
    finally:
        stop(estate)
        if stack:
            stack.stop()


if __name__ == "__main__":
    main()
