"""The metric server on a full disk and on a directory with damage: a clear error, nothing acknowledged lost, the rest readable."""

import os
import random
import subprocess

import pytest

from processes import get, http, wait_for

from test_blocks import HOUR, SERIES, STEP, blocks, filled, push, query, quiet  # noqa: F401

MINUTES = 60


def count(base, at, hours):
    answer = get(base + "/api/v1/query", query=f"sum(count_over_time(gauge[{hours}h]))", time=at)
    return int(answer.json()["data"]["result"][0]["value"][1]) if answer.status == 200 else answer


def points(second, names):
    """Samples of series whose labels do not compress."""
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "gauge", "gauge": {"dataPoints": [
        {"timeUnixNano": str(second * 10**9), "asDouble": number % 7,
         "attributes": [{"key": "id", "value": {"stringValue": f"{number} {random.Random(number).randbytes(100).hex()}"}}]}
        for number in names]}}]}]}]}


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_refuses_samples_and_takes_them_again(launch, tmp_path, quiet):  # noqa: F811
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs here: {mounted.stderr.strip()}")
    try:
        server, base = launch.server("metrics", small / "data", "--config.file", quiet)
        at, acknowledged, refused = 1_700_000_000, 0, None
        while refused is None and acknowledged < 100_000:
            # New series every time: their labels fill the log.
            answer = http("POST", base + "/api/v1/otlp/v1/metrics", points(at, range(acknowledged, acknowledged + 500)))
            if answer.status == 200:
                acknowledged += 500
            else:
                refused = answer
        assert refused is not None and refused.status == 503 and "no space left" in refused.text, refused.text
        assert count(base, at, 1) == acknowledged
        server.kill()
        server, base = launch.server("metrics", small / "data", "--config.file", quiet)
        assert count(base, at, 1) == acknowledged
        subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
        answer = wait_for(
            lambda: http("POST", base + "/api/v1/otlp/v1/metrics", points(at + 60, range(500))).status == 200,
            "samples to be taken again")
        assert answer and count(base, at + 60, 1) == acknowledged + 500
        assert server.stop() == 0
    finally:
        subprocess.run(["umount", "-l", small], check=False)


def test_a_torn_record_at_the_end_of_the_log_costs_no_other(launch, tmp_path, quiet):  # noqa: F811
    data, end = tmp_path / "data", 1_700_000_000
    server, base = launch.server("metrics", data, "--config.file", quiet)
    push(base, end - 3 * HOUR, end)
    whole = count(base, end, 4)
    server.kill()
    log = max((data / "wal").glob("0*"))
    with open(log, "r+b") as file:
        file.truncate(log.stat().st_size - 5)
    server, base = launch.server("metrics", data, "--config.file", quiet)
    # The last request was one record of an hour.
    assert count(base, end, 4) == whole - SERIES * MINUTES
    assert "the write-ahead log is damaged" in server.logged() and str(log) in server.logged()
    push(base, end, end + HOUR)
    server.kill()
    _, base = launch.server("metrics", data, "--config.file", quiet)
    assert count(base, end + HOUR, 5) == whole


@pytest.mark.parametrize("damage", ["flipped bit", "short index", "no chunks", "no description"])
def test_damage_of_a_block_leaves_the_others_readable(launch, tmp_path, quiet, damage):  # noqa: F811
    server, base, end, data = filled(launch, tmp_path, quiet)
    oldest, *_, newest = blocks(base)
    recent = query(base, "sum_over_time(gauge[1h])", end - STEP)
    middle = newest["minTime"] // 1000 + HOUR
    later = query(base, "sum_over_time(gauge[30m])", middle)
    assert server.stop() == 0
    block = data / oldest["ulid"]
    if damage == "flipped bit":
        chunks = block / "chunks/000001"
        content = bytearray(chunks.read_bytes())
        content[len(content) // 2] ^= 4
        chunks.write_bytes(content)
    elif damage == "short index":
        index = block / "index"
        index.write_bytes(index.read_bytes()[:-100])
    elif damage == "no chunks":
        (block / "chunks/000001").unlink()
    else:
        (block / "meta.json").unlink()
    server, base = launch.server("metrics", data, "--config.file", quiet)
    assert query(base, "sum_over_time(gauge[1h])", end - STEP) == recent
    assert query(base, "sum_over_time(gauge[30m])", middle) == later
    answer = get(base + "/api/v1/query", query="sum_over_time(gauge[14h])", time=end - STEP)
    if damage == "flipped bit":
        assert answer.status == 500 and "checksum" in answer.text and str(chunks) in answer.text
    else:
        assert answer.status == 200 and answer.json()["data"]["result"]
        assert "a block is damaged" in server.logged() and (data / f"{oldest['ulid']}.damaged").is_dir()
    assert server.stop() == 0
