"""Segments of the log server in an object store: uploaded, merged there, answered from there."""

import http.server
import random
import threading
import time

import pytest

from bucket import Directory, Seaweed, write_config
from processes import get, http as request, wait_for

from test_buckets import Broken, metric

# A generation of lines ends after an eighth of it: eight pushes.
MEMORY = "64MiB"
LINES = 1100
PUSHES = 8
FILLER = "connection from 10.1.2.3 closed by peer after handshake, waiting for the next one in the pool "
FLAGS = ["--storage.object-store.interval", "200ms", "--memory.limit", MEMORY]


@pytest.fixture(params=["s3", "directory"])
def bucket(request, launch, tmp_path):
    return Seaweed(launch, tmp_path / "seaweed") if request.param == "s3" else Directory(tmp_path / "bucket")


class Pushed:
    """What was pushed: lines with numbers, by pushes of a little more than 1 MiB."""

    def __init__(self):
        self.start = (time.time_ns() - 3600 * 10**9) // 10**9 * 10**9
        self.pushes = 0

    def push(self, base):
        values = [[], []]
        for line in range(LINES):
            n = self.pushes * LINES + line
            values[line % 2].append([
                str(self.start + n * 1_000_000), (f"n={n} id={n * 2654435761 % 2**32:08x} " + FILLER * 12)[:1000]])
        streams = [{"stream": {"app": "sealed", "host": f"host-{host}"}, "values": values[host]} for host in range(2)]
        answer = request("POST", base + "/loki/api/v1/push", {"streams": streams})
        assert answer.status == 204, answer.text
        self.pushes += 1

    def generation(self, base):
        for _ in range(PUSHES):
            self.push(base)

    @property
    def lines(self):
        return self.pushes * LINES


def value(base, query):
    answer = get(base + "/loki/api/v1/query", query=query, time=time.time_ns(), timeout=60)
    assert answer.status == 200, answer.text
    result = answer.json()["data"]["result"]
    return float(result[0]["value"][1]) if result else 0


def totals(base):
    """How many lines there are, and the sum of their numbers, which tells whether they are the right ones."""
    return (value(base, 'sum(count_over_time({app="sealed"}[4h]))'),
            value(base, 'sum(sum_over_time({app="sealed"} | logfmt | unwrap n [4h]))'))


def expected(pushed):
    return pushed.lines, pushed.lines * (pushed.lines - 1) / 2


def answers(base, pushed):
    """A question of each kind."""
    whole = {"start": pushed.start - 1, "end": pushed.start + 3600 * 10**9}
    found = [totals(base)]
    for path, parameters in [
            ("labels", {}), ("label/host/values", {}), ("series", {"match[]": '{app="sealed"}'}),
            ("query_range", {"query": '{host="host-1"} |= "n=77 "'}),
            ("query_range", {"query": '{app="sealed"}', "limit": 20}),
            ("query_range", {"query": '{app="sealed"}', "limit": 20, "direction": "forward"}),
            ("query_range", {"query": 'sum by (host) (rate({app="sealed"} |= "handshake" [1m]))', "step": 60}),
            ("index/volume", {"query": '{app="sealed"}'})]:
        answer = get(f"{base}/loki/api/v1/{path}", timeout=60, **whole, **parameters)
        assert answer.status == 200, answer.text
        data = answer.json()["data"]
        found.append(data["result"] if isinstance(data, dict) else sorted(map(str, data)))
    return found


def segments(data):
    return sorted(data.glob("tenants/fake/segments/*.seg"))


def test_lines_are_answered_from_the_bucket(launch, tmp_path, bucket):
    config = bucket.config(tmp_path / "bucket.yml", "team/x")
    flags = ["--objstore.config-file", config, *FLAGS]
    data, pushed = tmp_path / "data", Pushed()
    server, base = launch.server("logs", data, *flags)
    for _ in range(3):
        pushed.generation(base)
    wait_for(lambda: len(segments(data)) == 3, "segments")
    wait_for(lambda: metric(base, "martlet_logs_object_store_objects") == 3, "all segments in the bucket")
    assert totals(base) == expected(pushed)
    questions = answers(base, pushed)
    objects = [key for key in bucket.keys() if key.startswith("team/x/fake/logs/")]
    contents = {file.read_bytes() for file in segments(data)}
    assert {bucket.read(key) for key in objects} == contents
    # A process of its own that only reads, with hardly any room for what it reads.
    _, reader = launch.server(
        "logs", tmp_path / "reader", *flags, "--storage.read-only", "--storage.object-cache.size", "300KB")
    for _ in range(2):
        assert answers(reader, pushed) == questions
    for path in ("/loki/api/v1/push", "/otlp/v1/logs", "/loki/api/v1/delete"):
        refused = request("POST", reader + path, b"{}")
        assert (refused.status, "--storage.read-only" in refused.text) == (403, True)
    # Lines that were to be gone are gone for it as well.
    deleted = request(
        "POST", f"{base}/loki/api/v1/delete?query=%7Bhost%3D%22host-0%22%7D&start={pushed.start // 10**9 - 1}", b"")
    assert deleted.status == 204, deleted.text
    half = value(base, 'sum(count_over_time({app="sealed"}[4h]))')
    assert half == pushed.lines / 2
    wait_for(lambda: value(reader, 'sum(count_over_time({app="sealed"}[4h]))') == half, "the delete at the reader")
    # And the server itself, once its own copies are gone; a fourth file has them merged.
    assert server.stop() == 0
    server, base = launch.server("logs", data, *flags, "--storage.local-retention", "1s")
    wait_for(lambda: len(segments(data)) == 1, "segments to leave the disk")
    assert value(base, 'sum(count_over_time({app="sealed"}[4h]))') == half
    assert server.stop() == 0
    server, base = launch.server("logs", data, *flags, "--storage.local-retention", "1s")
    assert value(base, 'sum(count_over_time({app="sealed"}[4h]))') == half
    assert metric(base, "martlet_logs_uploaded_files_total") == 0


def test_merged_segments_take_the_place_of_small_ones(launch, tmp_path):
    bucket = Directory(tmp_path / "bucket")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"), *FLAGS]
    data, pushed = tmp_path / "data", Pushed()
    _, base = launch.server("logs", data, *flags, "--storage.object-store.grace", "1s")
    for _ in range(3):
        pushed.generation(base)
    wait_for(lambda: len(segments(data)) == 3, "segments")
    pushed.generation(base)
    wait_for(lambda: len(segments(data)) == 1, "a merge")
    wait_for(lambda: [bucket.read(key) for key in bucket.keys() if key.startswith("fake/")]
             == [segments(data)[0].read_bytes()], "the merged segment alone in the bucket")
    _, reader = launch.server("logs", tmp_path / "reader", *flags, "--storage.read-only")
    wait_for(lambda: totals(reader) == expected(pushed), "all lines at a reader")


def test_deleted_lines_leave_the_bucket(launch, tmp_path):
    bucket = Directory(tmp_path / "bucket")
    config = tmp_path / "loki.yaml"
    config.write_text("auth_enabled: false\ncompactor: {delete_request_cancel_period: 1s}\n")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"), "--config.file", config, *FLAGS]
    data, pushed = tmp_path / "data", Pushed()
    _, base = launch.server("logs", data, *flags, "--storage.object-store.grace", "1s")
    _, reader = launch.server("logs", tmp_path / "reader", *flags, "--storage.read-only")
    for _ in range(2):
        pushed.generation(base)
    wait_for(lambda: metric(base, "martlet_logs_object_store_objects") == 2, "all segments in the bucket")
    deleted = request(
        "POST", f"{base}/loki/api/v1/delete?query=%7Bhost%3D%22host-0%22%7D&start={pushed.start // 10**9 - 1}", b"")
    assert deleted.status == 204, deleted.text

    def left(server):
        return value(server, 'sum(count_over_time({app="sealed"}[4h]))')

    wait_for(lambda: left(reader) == pushed.lines / 2, "the delete at the reader")
    wait_for(lambda: get(base + "/loki/api/v1/delete").json()[0]["status"] == "processed",
             "the lines gone, here and there", 60)
    # Nothing hides them any more, and they are in no object: not for a reader that knows of no delete either.
    wait_for(lambda: {bucket.read(key) for key in bucket.keys() if key.startswith("fake/")}
             == {file.read_bytes() for file in segments(data)}, "the objects of before to go")
    _, other = launch.server("logs", tmp_path / "other", *flags, "--storage.read-only")
    wait_for(lambda: [left(server) for server in (base, reader, other)] == [pushed.lines / 2] * 3, "half of the lines everywhere")


def test_a_damaged_object_is_named_and_costs_no_other(launch, tmp_path):
    bucket = Directory(tmp_path / "bucket")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"), *FLAGS]
    data, pushed = tmp_path / "data", Pushed()
    _, base = launch.server("logs", data, *flags)
    pushed.generation(base)
    wait_for(lambda: metric(base, "martlet_logs_object_store_objects") == 1, "a segment in the bucket")
    first = pushed.lines
    pushed.generation(base)
    wait_for(lambda: metric(base, "martlet_logs_object_store_objects") == 2, "another segment in the bucket")
    broken = sorted(key for key in bucket.keys() if key.startswith("fake/"))[0]
    path = tmp_path / "bucket" / broken
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    _, reader = launch.server("logs", tmp_path / "reader", *flags, "--storage.read-only")
    answer = get(reader + "/loki/api/v1/query", time=pushed.start + first * 1_000_000,
                 query='sum(sum_over_time({app="sealed"} | logfmt | unwrap n [4h]))')
    assert answer.status == 500
    assert broken in answer.text
    later = get(reader + "/loki/api/v1/query_range", query='{app="sealed"}', limit=100,
                start=pushed.start + first * 1_000_000, end=pushed.start + 3600 * 10**9, direction="forward")
    assert sum(len(stream["values"]) for stream in later.json()["data"]["result"]) == 100


@pytest.mark.parametrize("hangs", [False, True])
def test_a_bucket_out_of_order_holds_up_neither_pushes_nor_queries(launch, tmp_path, hangs):
    handler = type("Handler", (Broken,), {"hangs": hangs})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        config = write_config(tmp_path / "bucket.yml", f"127.0.0.1:{server.server_port}")
        pushed, data = Pushed(), tmp_path / "data"
        process, base = launch.server(
            "logs", data, "--objstore.config-file", config, "--storage.local-retention", "1s", *FLAGS)
        pushed.generation(base)
        wait_for(lambda: metric(base, 'martlet_object_storage_requests_total{operation="list",outcome="retry"}') > 2,
                 "retries")
        pushed.generation(base)
        assert totals(base) == expected(pushed)
        if not hangs:
            wait_for(lambda: metric(base, "martlet_logs_upload_failures_total") >= 2, "failures")
            assert process.logged().count("uploading to the object store failed") == 1
        wait_for(lambda: len(segments(data)) == 2, "both generations on disk")
        assert process.stop() == 0
    finally:
        server.shutdown()
        server.server_close()


def test_a_kill_at_any_moment_loses_no_line_and_has_none_twice(launch, tmp_path, pytestconfig):
    seed = pytestconfig.getoption("--seed")
    seed = random.randrange(2**32) if seed is None else seed
    generator = random.Random(seed)
    bucket = Directory(tmp_path / "bucket")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"), "--storage.object-store.interval", "100ms",
             "--storage.object-store.grace", "2s", "--memory.limit", MEMORY]
    data, pushed = tmp_path / "data", Pushed()
    for number in range(pytestconfig.getoption("--kill-rounds")):
        server, base = launch.server("logs", data, *flags, "--storage.local-retention", "1s")
        assert totals(base) == expected(pushed), f"round {number}, seed {seed}"
        pushed.generation(base)
        time.sleep(generator.random() * 3)
        server.kill()
    _, base = launch.server("logs", data, *flags, "--storage.local-retention", "1s")
    assert totals(base) == expected(pushed), f"seed {seed}"
    _, reader = launch.server("logs", tmp_path / "reader", *flags, "--storage.read-only")
    wait_for(lambda: totals(reader) == expected(pushed), f"all lines at a reader, seed {seed}", 60)
    # Objects that a death has left without a name in a manifest go after the grace.
    wait_for(lambda: len([key for key in bucket.keys() if key.startswith("fake/")])
             == metric(reader, "martlet_logs_object_store_objects"), "no more objects than named")
