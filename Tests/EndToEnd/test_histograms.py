"""Native histograms: what Debian's Prometheus (2.42) and Martlet make of the same ones, and of each other's directories."""

import time

import pytest

from processes import get, http, wait_for
from remote_write import histogram, series, snappy

STEP = 15
ROUNDS = 600
HEADERS = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
           "X-Prometheus-Remote-Write-Version": "0.1.0"}
# At every step, so that every sample and bucket counts. No quantiles and nothing over ranges: what those make of samples
# has changed since 2.42.
PEER = ["--web.enable-remote-write-receiver", "--enable-feature=native-histograms"]
QUESTIONS = ["histogram_count({0})", "histogram_sum({0})", "{0}"]


def sample(kind, at, step):
    """Counts that grow, with a new bucket now and then and a start from nothing in the middle; or gauges."""
    age = step % 350
    counts = [age * (index + 2) % (1000 if kind == "gauge" else 10**9) for index in range(2 + min(age // 100, 2))]
    low = [age // 3]
    if kind == "float":
        counts, low = [count + 0.25 for count in counts], [low[0] / 2]
    return histogram(at, ([(-1, len(counts))], counts), ([(2, 1)], low), zero=age, total=age * 1.5,
                     is_float=kind == "float", hint=3 if kind == "gauge" else 0)


def push(base, end):
    for first in range(0, ROUNDS, 100):
        body = b""
        for kind in ("integer", "float", "gauge"):
            items = [sample(kind, (end - (ROUNDS - 1 - step) * STEP) * 1000, step)
                     for step in range(first, first + 100)]
            body += series({"__name__": kind, "job": "h"}, histograms=items)
        answer = http("POST", base + "/api/v1/write", snappy(body), HEADERS)
        assert answer.status == 204, answer.text


def ask(base, end):
    """Every question of every kind, as text; numbers to twelve digits, since sums are taken in other orders."""
    found = {}
    for kind in ("integer", "float", "gauge"):
        for question in QUESTIONS:
            text = question.format(kind)
            answer = get(base + "/api/v1/query_range", query=text, start=end - ROUNDS * STEP, end=end, step=STEP)
            assert answer.status == 200, answer.text
            found[text] = [plain(row) for row in answer.json()["data"]["result"]]
    assert all(len(found[f"histogram_count({kind})"][0]["values"]) == ROUNDS for kind in ("integer", "float", "gauge"))
    return found


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    try:
        return f"{float(value):.12g}"
    except (TypeError, ValueError):
        return value


@pytest.fixture
def quiet(tmp_path):
    path = tmp_path / "quiet.yml"
    path.write_text("global: {}\n")
    return path


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_prometheus_and_martlet_swap_directories(launch, tmp_path, quiet, ending):
    end = int(time.time()) // STEP * STEP
    peer, theirs = launch.prometheus("global: {}\n", tmp_path / "theirs", *PEER)
    server, ours = launch.server("metrics", tmp_path / "ours", "--config.file", quiet)
    for base in (theirs, ours):
        push(base, end)
    expected = ask(theirs, end)
    assert ask(ours, end) == expected
    getattr(peer, ending)()
    getattr(server, ending)()
    assert list((tmp_path / "theirs" / "chunks_head").iterdir())
    _, ours = launch.server("metrics", tmp_path / "theirs", "--config.file", quiet)
    assert ask(ours, end) == expected
    _, theirs = launch.prometheus("global: {}\n", tmp_path / "ours", *PEER)
    assert ask(theirs, end) == expected


def test_both_read_blocks_that_martlet_has_cut(launch, tmp_path, quiet):
    end = int(time.time()) // STEP * STEP
    data = tmp_path / "data"
    server, base = launch.server("metrics", data, "--config.file", quiet)
    # Old enough for a block, with something newer behind it.
    push(base, end - 4 * 3600)
    push(base, end)
    expected = ask(base, end - 4 * 3600)
    assert server.stop() == 0
    # Housekeeping runs at start.
    server, base = launch.server("metrics", data, "--config.file", quiet)
    blocks = lambda: get(base + "/api/v1/status/tsdb/blocks").json()["data"]["blocks"]
    wait_for(lambda: sum(block["stats"].get("numHistogramSamples", 0) for block in blocks()) > 1000, "a block")
    assert ask(base, end - 4 * 3600) == expected
    assert server.stop() == 0
    _, theirs = launch.prometheus("global: {}\n", data, *PEER)
    assert ask(theirs, end - 4 * 3600) == expected


def test_native_histograms_reach_another_server_by_federation(launch, tmp_path, quiet):
    _, first = launch.server("metrics", tmp_path / "first", "--config.file", quiet)
    config = tmp_path / "second.yml"
    config.write_text(f"""
scrape_configs:
- job_name: federate
  scrape_interval: 1s
  scrape_native_histograms: true
  honor_labels: true
  metrics_path: /federate
  params: {{"match[]": ['{{job="h"}}']}}
  static_configs: [{{targets: ["{first.removeprefix('http://')}"]}}]
""")
    body = series({"__name__": "integer", "job": "h"}, histograms=[sample("integer", int(time.time() * 1000), 120)])
    answer = http("POST", first + "/api/v1/write", snappy(body), HEADERS)
    assert answer.status == 204, answer.text
    _, second = launch.server("metrics", tmp_path / "second", "--config.file", config)

    def buckets(base):
        result = get(base + "/api/v1/query", query="integer").json()["data"]["result"]
        return result and (result[0]["metric"], result[0]["histogram"][1])

    wait_for(lambda: buckets(second), "the histogram to be federated")
    assert buckets(second) == buckets(first)
