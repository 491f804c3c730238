"""martlet-metrics and Debian's Prometheus send to and read from each other, also when either is killed or away."""

import time

import pytest

from processes import free_port, get, http, wait_for
from remote_write import histogram, series, snappy

NAMES = 40
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
SENDER = """
global: {{external_labels: {{site: one}}}}
remote_write:
  - url: {url}/api/v1/write
    send_native_histograms: true
    queue_config: {{batch_send_deadline: 200ms, max_backoff: 1s, max_samples_per_send: 25, min_shards: 3}}
"""


class Rounds:
    """Samples of `gauge` at known times: a round has one of each series, and their values are the round's number."""

    def __init__(self):
        self.start, self.count = int(time.time() * 1000) - 600_000, 0

    def push(self, base, rounds):
        for _ in range(rounds):
            at = self.start + self.count * 1000
            body = b"".join(series({"__name__": "gauge", "id": f"{number:02}"}, [(at, float(self.count))])
                            for number in range(NAMES))
            answer = http("POST", base + "/api/v1/write", snappy(body), HEADERS)
            assert answer.status == 204, answer.text
            self.count += 1

    def expected(self):
        return {f"{number:02}": [[self.start / 1000 + index, str(index)] for index in range(self.count)]
                for number in range(NAMES)}


def stored(base, name="gauge"):
    answer = get(base + "/api/v1/query", query=f"{name}[1h]").json()
    return {row["metric"].get("id"): row.get("values") for row in answer["data"]["result"]}


def test_it_sends_everything_once_through_kills_and_an_outage(launch, tmp_path):
    port, own_port, rounds = free_port(), free_port(), Rounds()
    config = tmp_path / "martlet.yml"
    config.write_text(SENDER.format(url=f"http://127.0.0.1:{port}"))

    def start_martlet():
        return launch.server("metrics", tmp_path / "ours", "--config.file", config, port=own_port)

    def start_peer():
        return launch.prometheus("global: {}\n", tmp_path / "theirs", "--web.enable-remote-write-receiver", port=port)

    server, ours = start_martlet()
    peer, theirs = start_peer()
    rounds.push(ours, 20)
    wait_for(lambda: stored(theirs), "the first samples")
    peer.kill()
    rounds.push(ours, 20)
    server.kill()
    server, ours = start_martlet()
    rounds.push(ours, 20)
    peer, theirs = start_peer()
    rounds.push(ours, 20)
    # Killed with requests under way: what may have arrived is sent again, and must not take new samples with it.
    server.kill()
    server, ours = start_martlet()
    rounds.push(ours, 20)
    wait_for(lambda: stored(theirs) == rounds.expected(), "all samples at the receiver", 60)
    assert stored(ours) == rounds.expected()
    found = get(theirs + "/api/v1/series", **{"match[]": "gauge"}).json()["data"]
    assert {labels["site"] for labels in found} == {"one"}
    metrics = get(ours + "/metrics").text
    for name in ("samples_total", "samples_pending", "shards", "queue_highest_sent_timestamp_seconds"):
        assert f"prometheus_remote_storage_{name}{{" in metrics, name
    assert server.stop() == 0


def test_it_takes_what_prometheus_sends_while_it_is_killed(launch, tmp_path):
    exporter_port, port = free_port(), free_port()
    exporter = launch.start("prometheus-node-exporter", "--web.listen-address", f"127.0.0.1:{exporter_port}")
    exporter.wait_http(f"http://127.0.0.1:{exporter_port}/metrics")
    server, ours = launch.server("metrics", tmp_path / "ours", port=port)
    _, theirs = launch.prometheus(f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs: [{{job_name: node, static_configs: [{{targets: ["127.0.0.1:{exporter_port}"]}}]}}]
remote_write: [{{url: "{ours}/api/v1/write", queue_config: {{batch_send_deadline: 200ms, max_backoff: 500ms}}}}]
""", tmp_path / "theirs")
    text = 'node_load1{job="node"}[1h]'

    def samples(base, at):
        result = get(base + "/api/v1/query", query=text, time=at).json()["data"]["result"]
        return result[0]["values"] if result else []

    wait_for(lambda: len(samples(ours, time.time())) > 3, "samples through remote write")
    server.kill()
    wait_for(lambda: len(samples(theirs, time.time())) > 8, "scrapes during the outage")
    server, ours = launch.server("metrics", tmp_path / "ours", port=port)
    at = time.time()
    wait_for(lambda: samples(theirs, at) and samples(ours, at) == samples(theirs, at), "equal samples", 60)


@pytest.mark.parametrize("reader", ["martlet", "prometheus"])
def test_each_reads_what_the_other_has(launch, tmp_path, reader):
    rounds = Rounds()
    peer_flags = ["--web.enable-remote-write-receiver", "--enable-feature=native-histograms"]
    if reader == "martlet":
        _, source = launch.prometheus("global: {}\n", tmp_path / "source", *peer_flags)
    else:
        _, source = launch.server("metrics", tmp_path / "source")
    rounds.push(source, 50)
    at = rounds.start + 20_000
    body = series({"__name__": "native"}, histograms=[histogram(at, (((0, 2),), (3, 4)), total=9.0)])
    assert http("POST", source + "/api/v1/write", snappy(body), HEADERS).status == 204
    config = f'remote_read: [{{url: "{source}/api/v1/read", read_recent: true}}]\n'
    if reader == "martlet":
        file = tmp_path / "martlet.yml"
        file.write_text(config)
        _, base = launch.server("metrics", tmp_path / "reader", "--config.file", file)
    else:
        _, base = launch.prometheus(config, tmp_path / "reader", *peer_flags)
    assert stored(base) == rounds.expected()
    # Debian's Prometheus asks for histograms, but does not read them; and its rates stop elsewhere than those of 3.x.
    texts = ["sum(gauge)", "max_over_time(gauge[30s])", "last_over_time(gauge[30s]) - gauge"]
    for text in texts + (["histogram_count(native)"] if reader == "martlet" else []):
        window = {"query": text, "start": rounds.start / 1000, "end": rounds.start / 1000 + 60, "step": 5}
        ours, theirs = (get(url + "/api/v1/query_range", **window).json()["data"]["result"] for url in (base, source))
        key = lambda row: sorted(row["metric"].items())
        assert sorted(ours, key=key) == sorted(theirs, key=key) != [], text


def test_a_query_is_counted_as_prometheus_counts_it(launch, tmp_path):
    """`stats=all` of the same samples; only the timings differ, and the peak, which is each engine's own."""
    _, ours = launch.server("metrics", tmp_path / "ours")
    _, theirs = launch.prometheus(
        "global: {}\n", tmp_path / "theirs", "--web.enable-remote-write-receiver",
        "--enable-feature=promql-per-step-stats")
    rounds = Rounds()
    rounds.push(ours, 60)
    rounds.count = 0
    rounds.push(theirs, 60)
    end = rounds.start / 1000 + 59

    def counted(base, path, **parameters):
        samples = get(base + path, stats="all", **parameters).json()["data"]["stats"]["samples"]
        return samples["totalQueryableSamples"], samples["totalQueryableSamplesPerStep"]

    for query in ("gauge", "sum by (id) (rate(gauge[20500ms]))", "max_over_time(gauge[20s:5s])", "gauge[30500ms]",
                  "max_over_time(rate(gauge[10500ms])[20s:5s])", "gauge @ end() + gauge", "vector(1)", "gauge[20s:5s]"):
        parameters = {"query": query, "time": end}
        assert counted(ours, "/api/v1/query", **parameters) == counted(theirs, "/api/v1/query", **parameters), query
        if query.endswith("]"):
            continue
        parameters = {"query": query, "start": end - 30, "end": end, "step": 7}
        path = "/api/v1/query_range"
        assert counted(ours, path, **parameters) == counted(theirs, path, **parameters), query
    assert "stats" not in get(ours + "/api/v1/query", query="gauge").json()["data"]
    assert "totalQueryableSamplesPerStep" not in get(
        ours + "/api/v1/query", query="gauge", stats="true").json()["data"]["stats"]["samples"]
