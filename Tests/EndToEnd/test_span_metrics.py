"""Metrics that martlet-traces makes of spans: by OTLP in, by remote write into martlet-metrics, asked for with PromQL; also
through a kill of either side."""

import time

import pytest

from processes import free_port, get, http, wait_for

CONFIG = """
metrics_generator:
  registry: {{collection_interval: 1s}}
  processor: {{service_graphs: {{wait: 6s}}}}
  storage:
    remote_write_flush_deadline: 1s
    remote_write:
      - url: {url}/api/v1/write
        queue_config: {{batch_send_deadline: 200ms, min_backoff: 100ms, max_backoff: 500ms}}
overrides:
  defaults:
    metrics_generator: {{processors: [span-metrics, service-graphs]}}
"""


def span(trace, number, name, kind, parent="", milliseconds=100, failed=False, attributes=()):
    end = time.time_ns()
    return {
        "traceId": f"{trace:032x}", "spanId": f"{number:016x}", "parentSpanId": parent and f"{parent:016x}",
        "name": name, "kind": kind, "startTimeUnixNano": str(end - milliseconds * 10**6), "endTimeUnixNano": str(end),
        "status": {"code": 2} if failed else {},
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes]}


def send(endpoint, service, spans):
    body = {"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
        "scopeSpans": [{"spans": spans}]}]}
    answer = http("POST", endpoint + "/v1/traces", body)
    assert answer.status == 200, answer.text


def value(metrics, query):
    """The one value that a query has; None when it has none."""
    result = get(metrics + "/api/v1/query", query=query).json()["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def reaches(metrics, query, expected):
    wait_for(lambda: value(metrics, query) == expected, f"{query} = {expected}")


@pytest.fixture
def system(launch, tmp_path):
    """(metrics URL, OTLP endpoint, traces: process and URL, start traces again, metrics process, start metrics again)"""
    metrics_port, traces_port, grpc_port, otlp_port = (free_port() for _ in range(4))
    config = tmp_path / "tempo.yaml"
    config.write_text(CONFIG.format(url=f"http://127.0.0.1:{metrics_port}"))

    def launch_metrics():
        return launch.server("metrics", tmp_path / "metrics", port=metrics_port)

    def launch_traces():
        return launch.server(
            "traces", tmp_path / "traces", "--config.file", config, "--otlp.grpc-listen-address",
            f"127.0.0.1:{grpc_port}", "--otlp.http-listen-address", f"127.0.0.1:{otlp_port}", port=traces_port)

    class System:
        metrics_process, metrics = launch_metrics()
        traces_process, traces = launch_traces()
        endpoint = f"http://127.0.0.1:{otlp_port}"

        def start_metrics(self):
            self.metrics_process, _ = launch_metrics()

        def start_traces(self):
            self.traces_process, _ = launch_traces()

    return System()


CALLS = "sum(traces_spanmetrics_calls_total)"
REQUESTS = 'traces_service_graph_request_total{client="web",server="shop"}'


def test_promql_answers_with_what_was_sent(system):
    send(system.endpoint, "web", [span(n, 1, "GET /cart", 3, milliseconds=300) for n in range(1, 6)])
    send(system.endpoint, "shop", [span(n, 2, "cart", 2, parent=1, failed=n == 1) for n in range(1, 6)])
    send(system.endpoint, "shop", [span(9, 3, "SELECT", 3, parent=2, attributes=[("db.name", "orders")])])
    reaches(system.metrics, CALLS, 11)
    reaches(system.metrics, 'sum(traces_spanmetrics_calls_total{service="shop",status_code="STATUS_CODE_ERROR"})', 1)
    reaches(system.metrics, 'traces_spanmetrics_latency_bucket{service="web",le="0.256"}', 0)
    reaches(system.metrics, 'traces_spanmetrics_latency_bucket{service="web",le="0.512"}', 5)
    reaches(system.metrics, REQUESTS, 5)
    reaches(system.metrics, 'traces_service_graph_request_failed_total{client="web",server="shop"}', 1)
    reaches(system.metrics, 'traces_service_graph_request_total{connection_type="database",server="orders"}', 1)
    # A series begins with zero, so that what it begins with is an increase.
    wait_for(lambda: (value(system.metrics, f"sum(increase({CALLS[4:-1]}[5m]))") or 0) > 0, "an increase")
    text = get(system.traces + "/metrics").text
    assert 'tempo_metrics_generator_spans_received_total{tenant="single-tenant"} 11' in text
    assert "prometheus_remote_storage_samples_total{" in text


def test_counts_go_on_after_a_kill(system):
    send(system.endpoint, "web", [span(n, 1, "GET /", 2) for n in range(1, 8)])
    reaches(system.metrics, CALLS, 7)
    system.traces_process.kill()
    system.start_traces()
    send(system.endpoint, "web", [span(n, 2, "GET /", 2) for n in range(1, 4)])
    reaches(system.metrics, CALLS, 10)
    # The very same series, which has never gone back.
    assert value(system.metrics, "count(traces_spanmetrics_calls_total)") == 1
    assert value(system.metrics, "sum(resets(traces_spanmetrics_calls_total[5m]))") == 0


def test_what_is_counted_at_a_stop_and_during_an_outage_is_sent_afterwards(system):
    send(system.endpoint, "web", [span(1, 1, "GET /", 2)])
    reaches(system.metrics, CALLS, 1)
    system.metrics_process.kill()
    send(system.endpoint, "web", [span(2, 1, "GET /", 2)])
    assert system.traces_process.stop(timeout=90) == 0
    system.start_metrics()
    system.start_traces()
    reaches(system.metrics, CALLS, 2)


def test_a_request_that_is_sent_again_counts_once(system):
    body = [span(1, 1, "GET /", 2), span(1, 2, "GET /", 2)]
    send(system.endpoint, "web", body)
    send(system.endpoint, "web", body)
    send(system.endpoint, "web", [span(2, 1, "GET /", 2)])
    reaches(system.metrics, CALLS, 3)
    assert 'reason="repeated_request"' in get(system.traces + "/metrics").text
