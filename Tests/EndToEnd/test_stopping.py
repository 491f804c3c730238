"""Servers that send series on end in time, and cleanly, though the receiver takes connections and never answers."""

import http.server
import socket
import threading
import time

import pytest

from processes import free_port, get, http as request, wait_for

LEFT = "it stays in the log on disk and is sent at the next start"


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.received += len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def start_logs(launch, path, url):
    rules = path / "rules" / "fake"
    rules.mkdir(parents=True, exist_ok=True)
    (rules / "r.yml").write_text("groups: [{name: g, interval: 1s, rules: [{record: r, expr: 'vector(1)'}]}]")
    return launch.server("logs", path / "data", "--rules.path", path / "rules", "--rules.remote-write-url", url)


def start_metrics(launch, path, url):
    port, config = free_port(), path / "prometheus.yml"
    config.write_text(f"""
scrape_configs: [{{job_name: own, scrape_interval: 1s, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
remote_write: [{{url: "{url}"}}]
""")
    return launch.server("metrics", path / "data", "--config.file", config, port=port)


def start_traces(launch, path, url):
    config, otlp = path / "tempo.yaml", free_port()
    config.write_text(f"""
metrics_generator: {{registry: {{collection_interval: 1s}}, storage: {{remote_write: [{{url: "{url}"}}]}}}}
overrides: {{defaults: {{metrics_generator: {{processors: [span-metrics]}}}}}}
""")
    process, base = launch.server(
        "traces", path / "data", "--config.file", config, "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
        "--otlp.http-listen-address", f"127.0.0.1:{otlp}")
    now = time.time_ns()
    span = {"traceId": "1" * 32, "spanId": "1" * 16, "name": "GET /", "kind": 2, "startTimeUnixNano": str(now - 10**6),
            "endTimeUnixNano": str(now)}
    answer = request("POST", f"http://127.0.0.1:{otlp}/v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    assert answer.status == 200, answer.text
    return process, base


def pending(base):
    lines = get(base + "/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("prometheus_remote_storage_samples_pending{"))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("start", [start_logs, start_metrics, start_traces], ids=["logs", "metrics", "traces"])
def test_a_receiver_that_never_answers_holds_nobody_up(launch, tmp_path, start, scheme):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process, base = start(launch, tmp_path, f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/write")
        wait_for(lambda: pending(base) > 0, "samples that wait")
        # Long enough for a request to be on its way.
        time.sleep(6)
        asked = time.monotonic()
        assert process.stop() == 0
        # The patience of `martlet up` is 25 s, for all servers together.
        assert time.monotonic() - asked < 15
        assert process.logged().count(LEFT) == 1


@pytest.mark.parametrize("start", [start_logs, start_metrics, start_traces], ids=["logs", "metrics", "traces"])
def test_what_a_silent_receiver_has_not_taken_is_sent_at_the_next_start(launch, tmp_path, start):
    port = free_port()
    url = f"http://127.0.0.1:{port}/write"
    with socket.create_server(("127.0.0.1", port)):
        process, base = start(launch, tmp_path, url)
        wait_for(lambda: pending(base) > 0, "samples that wait")
        assert process.stop() == 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    server.received = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        process, _ = start(launch, tmp_path, url)
        wait_for(lambda: server.received > 0, "samples of the process before")
        assert process.stop() == 0
    finally:
        server.shutdown()
        server.server_close()
