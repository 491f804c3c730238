"""martlet-metrics against Debian's Prometheus, node exporter and promtool, and PyPI's prometheus_client."""

import json
import os
import time

import prometheus_client
import pytest

from processes import free_port, get, http, run, wait_for


def query(base, text, **parameters):
    answer = get(base + "/api/v1/query", query=text, **parameters)
    assert answer.status == 200, answer.text
    return answer.json()["data"]["result"]


@pytest.fixture
def node_exporter(launch):
    port = free_port()
    exporter = launch.start("prometheus-node-exporter", "--web.listen-address", f"127.0.0.1:{port}")
    exporter.wait_http(f"http://127.0.0.1:{port}/metrics")
    return port


SCRAPE = """
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ["127.0.0.1:{node}"]
        labels: {{team: infra, zone: eu-1}}
    relabel_configs:
      - source_labels: [zone]
        regex: "(.*)-(.*)"
        target_label: region
        replacement: "$1"
      - action: labeldrop
        regex: zone
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: "go_.*"
        action: drop
"""


def test_scrapes_the_node_exporter_as_prometheus_does(launch, tmp_path, node_exporter):
    config = tmp_path / "prometheus.yml"
    config.write_text(SCRAPE.format(node=node_exporter))
    _, martlet = launch.server("metrics", tmp_path / "data", "--config.file", config)
    _, peer = launch.prometheus(config.read_text(), tmp_path / "peer")
    for base in (martlet, peer):
        wait_for(lambda: query(base, "up == 1"), f"up at {base}")
        wait_for(lambda: query(base, "count_over_time(node_load1[1m]) > 3"), f"four scrapes at {base}")

    def series(base):
        answer = get(base + "/api/v1/series", **{"match[]": '{job="node"}'})
        return {json.dumps(labels, sort_keys=True) for labels in answer.json()["data"]}

    theirs, ours = series(peer), series(martlet)
    # Series that come and go (interfaces, sockets) may differ; those of the exporter itself may not.
    assert len(ours) > 300
    missing = {s for s in theirs - ours if "scrape_" not in s}
    assert len(missing) <= len(theirs) // 100, sorted(missing)[:5]
    assert query(martlet, "up")[0]["metric"] == {
        "__name__": "up", "instance": f"127.0.0.1:{node_exporter}", "job": "node", "region": "eu", "team": "infra"}
    assert not query(martlet, '{__name__=~"go_.*"}')
    # A scrape that takes longer than it may ends the series for a second.
    for text in ("count by (cpu) (node_cpu_seconds_total)", "count(node_cpu_seconds_total)", "max(node_boot_time_seconds)"):
        wait_for(lambda: (ours := [r["value"][1] for r in query(martlet, text)]) and ours == [r["value"][1] for r in query(peer, text)],
                 f"the same {text}")


def test_prometheus_writes_to_it_over_remote_write(launch, tmp_path, node_exporter):
    _, martlet = launch.server("metrics", tmp_path / "data")
    config = SCRAPE.format(node=node_exporter) + f"""
remote_write:
  - url: {martlet}/api/v1/write
    queue_config: {{batch_send_deadline: 1s}}
"""
    _, peer = launch.prometheus(config, tmp_path / "peer")
    wait_for(lambda: query(martlet, 'count_over_time(node_load1{job="node"}[1m]) > 3'), "samples through remote write")
    text = 'sum by (mode) (node_cpu_seconds_total{job="node"})'

    def is_equal():
        at = time.time() - 2
        return (ours := query(martlet, text, time=at)) and ours == query(peer, text, time=at)

    wait_for(is_equal, "equal sums at one instant")


def test_promtool_and_prometheus_open_its_write_ahead_log(launch, tmp_path, node_exporter):
    config = tmp_path / "prometheus.yml"
    config.write_text(SCRAPE.format(node=node_exporter))
    data = tmp_path / "data"
    server, martlet = launch.server("metrics", data, "--config.file", config)
    wait_for(lambda: query(martlet, "count_over_time(node_load1[1m] offset 3s) > 3"), "four scrapes")
    # No scrape of before that is on its way still.
    at = time.time() - 3
    text = "sum by (job) (count_over_time(node_cpu_seconds_total[1m]))"
    before = query(martlet, text, time=at)
    assert server.stop() == 0
    code, dump, errors = run(["promtool", "tsdb", "dump", data])
    assert code == 0, errors
    assert 'node_load1{instance="' in dump or '"node_load1"' in dump, dump[:500]
    _, reader = launch.prometheus("global: {}\n", data)
    assert query(reader, text, time=at) == before


def test_keeps_what_it_acknowledged_when_it_is_killed(launch, tmp_path, node_exporter):
    config = tmp_path / "prometheus.yml"
    config.write_text(SCRAPE.format(node=node_exporter))
    server, martlet = launch.server("metrics", tmp_path / "data", "--config.file", config)
    wait_for(lambda: query(martlet, "count_over_time(node_load1[1m] offset 3s) > 3"), "four scrapes")
    at = time.time() - 3
    text = "count by (__name__) ({job='node'})"
    before = query(martlet, text, time=at)
    server.kill()
    _, martlet = launch.server("metrics", tmp_path / "data")
    assert query(martlet, text, time=at) == before


def test_scrapes_openmetrics_with_exemplars_from_prometheus_client(launch, tmp_path):
    registry = prometheus_client.CollectorRegistry()
    orders = prometheus_client.Counter("orders", "orders placed", ["country"], registry=registry)
    latency = prometheus_client.Histogram("latency_seconds", "latency", buckets=(0.1, 1, 10), registry=registry)
    orders.labels("DE").inc(7, {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"})
    for value in (0.05, 0.5, 5, 50):
        latency.observe(value)
    server, thread = prometheus_client.start_http_server(0, "127.0.0.1", registry=registry)
    try:
        config = tmp_path / "prometheus.yml"
        targets = tmp_path / "targets.json"
        targets.write_text(json.dumps([{"targets": [f"127.0.0.1:{server.server_port}"], "labels": {"env": "test"}}]))
        config.write_text(f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: shop
    file_sd_configs: [{{files: ["{targets}"]}}]
""")
        _, martlet = launch.server("metrics", tmp_path / "data", "--config.file", config)
        result = wait_for(lambda: query(martlet, 'orders_total{country="DE"}'), "orders_total")
        assert result[0]["value"][1] == "7" and result[0]["metric"]["env"] == "test"
        # A scrape that takes longer than it may ends the series for a second.
        for text, value in (('latency_seconds_bucket{le="1.0"}', "2"), ("latency_seconds_count", "4")):
            wait_for(lambda: [r["value"][1] for r in query(martlet, text)] == [value], f"{text} of {value}")
        wait_for(lambda: [t["health"] for t in get(martlet + "/api/v1/targets").json()["data"]["activeTargets"]] == ["up"], "the target")
        # The target goes away: its series end when it has not come back for two intervals.
        targets.write_text("[]")
        wait_for(lambda: not query(martlet, "orders_total"), "the series goes stale")
    finally:
        server.shutdown()
        thread.join(5)


@pytest.mark.parametrize("text, message", [
    ("sum(", "parse error"), ("up{", "parse error"), ("rate(up)", "expected type range vector"), ("", "parse error"),
    ('{job=~"("}', "parse error"),
])
def test_a_wrong_query_gets_prometheus_error_envelope(launch, tmp_path, text, message):
    _, martlet = launch.server("metrics", tmp_path / "data")
    answer = get(martlet + "/api/v1/query", query=text)
    body = answer.json()
    assert (answer.status, body["status"], body["errorType"]) == (400, "error", "bad_data")
    assert message in body["error"]


def test_malformed_writes_are_refused_with_the_reason(launch, tmp_path):
    _, martlet = launch.server("metrics", tmp_path / "data")
    snappy = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
    for body in (b"", b"\xff" * 64, os.urandom(4096), b"\xfe\xff\xff\xff\x0f" + b"a" * 32):
        answer = http("POST", martlet + "/api/v1/write", body, snappy)
        # An empty body is an empty request in snappy's own terms only when it declares a length.
        assert answer.status in (400, 413), (body[:8], answer.status, answer.text)
        assert answer.text.strip(), body[:8]
    assert get(martlet + "/-/healthy").status == 200


def test_a_label_name_in_a_path_must_be_text(launch, tmp_path):
    _, martlet = launch.server("metrics", tmp_path / "data")
    answer = get(martlet + "/api/v1/label/%ff/values")
    assert answer.status == 400
    assert answer.json()["error"] == 'invalid label name: "\\xff"'
