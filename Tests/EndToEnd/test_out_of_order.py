"""Samples out of order: what Debian's Prometheus (2.42) and Martlet make of the same ones, and of each other's directories."""

import random
import time

import pytest

from processes import get, http
from remote_write import series, snappy

STEP = 15
ROUNDS = 900
SERIES = 5
HEADERS = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
           "X-Prometheus-Remote-Write-Version": "0.1.0"}
CONFIG = "global: {}\nstorage: {tsdb: {out_of_order_time_window: 6h}}\n"


def value(number, step):
    return (step * 7 + number * 13) % 1009 / 8


def push(base, end):
    """The newest half in order, then the older half in any order, forty samples and series a request."""
    steps = list(range(ROUNDS // 2, ROUNDS))
    older = list(range(ROUNDS // 2))
    random.Random(7).shuffle(older)
    steps += older
    for first in range(0, len(steps), 40):
        body = b"".join(
            series({"__name__": "gauge", "id": str(number)},
                   [((end - (ROUNDS - 1 - step) * STEP) * 1000, value(number, step)) for step in steps[first:first + 40]])
            for number in range(SERIES))
        answer = http("POST", base + "/api/v1/write", snappy(body), HEADERS)
        assert answer.status == 204, answer.text


def ask(base, end):
    answer = get(base + "/api/v1/query", query="gauge[4h]", time=end)
    assert answer.status == 200, answer.text
    return {row["metric"]["id"]: row["values"] for row in answer.json()["data"]["result"]}


def expected(end):
    def text(number):
        return f"{number:.12g}"
    return {str(number): [[end - (ROUNDS - 1 - step) * STEP, text(value(number, step))] for step in range(ROUNDS)]
            for number in range(SERIES)}


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_prometheus_and_martlet_swap_directories(launch, tmp_path, ending):
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG)
    end = int(time.time()) // STEP * STEP
    peer, theirs = launch.prometheus(CONFIG, tmp_path / "theirs", "--web.enable-remote-write-receiver")
    server, ours = launch.server("metrics", tmp_path / "ours", "--config.file", config)
    for base in (theirs, ours):
        push(base, end)
        assert ask(base, end) == expected(end)
    getattr(peer, ending)()
    getattr(server, ending)()
    assert list((tmp_path / "ours" / "wbl").iterdir())
    _, ours = launch.server("metrics", tmp_path / "theirs", "--config.file", config)
    assert ask(ours, end) == expected(end)
    _, theirs = launch.prometheus(CONFIG, tmp_path / "ours", "--web.enable-remote-write-receiver")
    assert ask(theirs, end) == expected(end)
