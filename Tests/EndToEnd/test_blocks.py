"""The metric store's blocks against Debian's promtool and Prometheus, in both directions."""

import time

import pytest

from processes import free_port, get, http, run, wait_for

HOUR = 3600
STEP = 60
SERIES = 12


def value(series, second):
    return (second // STEP * 7 + series * 13) % 1009 / 8


def push(base, start, end, headers=None):
    """Gauges through OTLP, one sample a minute and series, an hour a request, as a scraper would have brought them."""
    for hour in range(start, end, HOUR):
        points = [
            {"timeUnixNano": str(second * 10**9), "asDouble": value(series, second),
             "attributes": [{"key": "id", "value": {"stringValue": str(series)}}]}
            for second in range(hour, min(hour + HOUR, end), STEP) for series in range(SERIES)]
        body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "gauge", "gauge": {"dataPoints": points}}]}]}]}
        answer = http("POST", base + "/api/v1/otlp/v1/metrics", body, headers)
        assert answer.status == 200 and "rejected" not in answer.text.lower(), answer.text


def query(base, text, at, headers=None):
    answer = get(base + "/api/v1/query", headers=headers, query=text, time=at)
    assert answer.status == 200, answer.text
    return sorted((sorted(r["metric"].items()), r["value"][1]) for r in answer.json()["data"]["result"])


def questions(at, hours):
    return [
        (f"count_over_time(gauge[{hours}h])", at), (f"sum_over_time(gauge[{hours}h])", at),
        (f"last_over_time(gauge[{hours}h])", at), ("sum(gauge)", at - 5 * HOUR), ('gauge{id=~"1|3|11"}', at - 9 * HOUR),
        ('count(gauge{id!~"1.*"})', at - 4 * HOUR)]


def blocks(base):
    return get(base + "/api/v1/status/tsdb/blocks").json()["data"]["blocks"]


def settled(base):
    """Whether merges have left the blocks alone for half a second: one may follow the other until housekeeping is through."""
    before = blocks(base)
    time.sleep(0.5)
    return blocks(base) == before


def levels(base):
    return {block["compaction"]["level"] for block in blocks(base)}


@pytest.fixture
def quiet(tmp_path):
    """A configuration without targets, so that nothing but what the test pushes is stored."""
    path = tmp_path / "quiet.yml"
    path.write_text("global: {}\n")
    return path


def filled(launch, tmp_path, quiet, *arguments):
    """A server whose directory holds 13 hours of samples, in blocks and in the log: (process, base, end, data)."""
    data = tmp_path / "data"
    end = int(time.time()) // STEP * STEP
    server, base = launch.server("metrics", data, "--config.file", quiet)
    push(base, end - 13 * HOUR, end)
    asked = [query(base, text, at) for text, at in questions(end - STEP, 13)]
    assert all(asked)
    # Housekeeping runs at start.
    assert server.stop() == 0
    server, base = launch.server("metrics", data, "--config.file", quiet, *arguments)
    # Which blocks are merged depends on the time of day: 13 hours have a whole cell of the 6 h grid, and may reach into
    # two of the 18 h grid.
    wait_for(lambda: len(blocks(base)) >= 3 and max(levels(base)) >= 2 and settled(base), "blocks, merged by levels")
    assert [query(base, text, at) for text, at in questions(end - STEP, 13)] == asked
    return server, base, end, data


def test_promtool_and_prometheus_open_its_blocks(launch, tmp_path, quiet):
    server, base, end, data = filled(launch, tmp_path, quiet)
    asked = [query(base, text, at) for text, at in questions(end - STEP, 13)]
    assert server.stop() == 0
    code, listing, errors = run(["promtool", "tsdb", "list", data])
    assert code == 0 and len(listing.splitlines()) >= 4, errors
    code, analysis, errors = run(["promtool", "tsdb", "analyze", data])
    assert code == 0 and f"Series: {SERIES}" in analysis, errors
    code, dump, errors = run(["promtool", "tsdb", "dump", data])
    assert code == 0, errors
    found = set()
    for line in dump.splitlines():
        labels, number, at = line.rsplit(" ", 2)
        found.add((int(labels.split('id="')[1].split('"')[0]), int(at) // 1000, float(number)))
    expected = {(series, second, value(series, second))
                for second in range(end - 13 * HOUR, end, STEP) for series in range(SERIES)}
    assert found == expected
    _, peer = launch.prometheus("global: {}\n", data)
    assert [query(peer, text, at) for text, at in questions(end - STEP, 13)] == asked


def test_opens_the_directory_that_prometheus_filled(launch, tmp_path, quiet):
    data = tmp_path / "data"
    end = int(time.time()) // (2 * HOUR) * (2 * HOUR) - 2 * HOUR
    lines = [f'gauge{{id="{series}"}} {value(series, second)} {second}'
             for series in range(SERIES) for second in range(end - 10 * HOUR, end, STEP)]
    (tmp_path / "input.om").write_text("\n".join(["# TYPE gauge gauge", *lines, "# EOF\n"]))
    code, _, errors = run(["promtool", "tsdb", "create-blocks-from", "openmetrics", tmp_path / "input.om", data])
    assert code == 0, errors
    port = free_port()
    config = f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: self
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
    peer, theirs = launch.prometheus(config, data, port=port)
    wait_for(lambda: query(theirs, "count_over_time(up[1m] offset 3s) > 3", time.time()), "four scrapes")
    # No scrape of before that is on its way still.
    now = int(time.time()) - 3
    asking = questions(end - STEP, 10) + [("count({__name__=~'prometheus.*'})", now), ("sum by (job) (count_over_time(up[1m]))", now)]
    asked = [query(theirs, text, at) for text, at in asking]
    assert all(asked)
    assert peer.stop() == 0
    server, base = launch.server("metrics", data, "--config.file", quiet)
    assert [query(base, text, at) for text, at in asking] == asked
    names = get(base + "/api/v1/label/__name__/values").json()["data"]
    assert "gauge" in names and "up" in names
    # And back again.
    assert server.stop() == 0
    _, peer = launch.prometheus("global: {}\n", data)
    assert [query(peer, text, at) for text, at in asking] == asked


def test_the_admin_api_deletes_cleans_up_and_takes_snapshots(launch, tmp_path, quiet):
    _, base, end, data = filled(launch, tmp_path, quiet, "--web.enable-admin-api")
    admin = base + "/api/v1/admin/tsdb/"
    whole = query(base, "count_over_time(gauge[13h])", end - STEP)
    name = http("POST", admin + "snapshot").json()["data"]["name"]
    matches = "?match[]=gauge%7Bid%3D%223%22%7D"
    assert http("POST", admin + "delete_series").status == 400
    assert http("POST", admin + "delete_series" + matches).status == 204
    left = [row for row in whole if ("id", "3") not in row[0]]
    assert query(base, "count_over_time(gauge[13h])", end - STEP) == left and len(left) == SERIES - 1
    assert http("PUT", admin + "clean_tombstones").status == 204
    assert all("numTombstones" not in block["stats"] for block in blocks(base))
    assert query(base, "count_over_time(gauge[13h])", end - STEP) == left
    _, copy = launch.server("metrics", data / "snapshots" / name, "--config.file", quiet)
    assert query(copy, "count_over_time(gauge[13h])", end - STEP) == whole
    refused = http("POST", copy + "/api/v1/admin/tsdb/snapshot")
    assert refused.status == 503 and refused.json()["errorType"] == "unavailable"


def test_a_kill_at_any_moment_neither_loses_nor_doubles_samples(launch, tmp_path, quiet):
    data = tmp_path / "data"
    end = int(time.time()) // STEP * STEP
    start = end - 16 * HOUR
    server, base = launch.server("metrics", data, "--config.file", quiet)
    for hour in range(16):
        push(base, start + hour * HOUR, start + (hour + 1) * HOUR)
        if hour % 4 == 3:
            # Housekeeping begins with the start: the kill meets it somewhere between the first block and the last.
            server.kill()
            server, base = launch.server("metrics", data, "--config.file", quiet)
            server.kill()
            server, base = launch.server("metrics", data, "--config.file", quiet)
        at = start + (hour + 1) * HOUR - STEP
        counts = query(base, "count_over_time(gauge[16h])", at)
        assert [row[1] for row in counts] == [str((hour + 1) * 60)] * SERIES, hour
    sums = dict((dict(row[0])["id"], float(row[1])) for row in query(base, "sum_over_time(gauge[16h])", end - STEP))
    assert sums == {str(series): sum(value(series, second) for second in range(start, end, STEP))
                    for series in range(SERIES)}
