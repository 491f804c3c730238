"""Blocks of the metric server in an object store: uploaded, compacted there, answered from there."""

import http.server
import json
import threading
import time

import pytest

from bucket import Directory, Seaweed, write_config
from processes import get, http as request, wait_for

from test_blocks import HOUR, STEP, blocks, levels, push, query, questions, settled

CONFIG = "global:\n  external_labels: {cluster: a}\n"


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "prometheus.yml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(params=["s3", "directory"])
def bucket(request, launch, tmp_path):
    return Seaweed(launch, tmp_path / "seaweed") if request.param == "s3" else Directory(tmp_path / "bucket")


def filled(launch, tmp_path, config, *arguments):
    """A server with 13 hours of samples in blocks and log, started anew with the arguments: (process, base, end)."""
    data = tmp_path / "data"
    end = int(time.time()) // STEP * STEP
    server, base = launch.server("metrics", data, "--config.file", config)
    push(base, end - 13 * HOUR, end)
    assert server.stop() == 0
    server, base = launch.server("metrics", data, "--config.file", config, *arguments)
    return server, base, end


def uploaded(bucket, prefix=""):
    """The blocks that the bucket has, by their names."""
    found = {}
    for key in bucket.keys():
        if key.startswith(prefix) and key.endswith("/meta.json"):
            found[key[len(prefix):].split("/")[0]] = json.loads(bucket.read(key))
    return found


def metric(base, name):
    return sum(float(line.rsplit(" ", 1)[1]) for line in get(base + "/metrics").text.splitlines()
               if line.startswith(name))


def test_history_is_answered_from_the_bucket(launch, tmp_path, labelled, bucket):
    config = bucket.config(tmp_path / "bucket.yml", "team/x")
    flags = ["--objstore.config-file", config, "--storage.object-store.interval", "200ms"]
    server, base, end = filled(launch, tmp_path, labelled, *flags)
    wait_for(lambda: max(levels(base), default=0) >= 2 and settled(base), "a compaction")
    # A merge may still take some away before they are sent.
    wait_for(lambda: {block["ulid"] for block in blocks(base)} <= set(uploaded(bucket, "team/x/")) and settled(base),
             "all blocks in the bucket")
    local = {block["ulid"]: block for block in blocks(base)}
    there = uploaded(bucket, "team/x/")
    for name, block in local.items():
        assert {key: there[name][key] for key in block} == block
        assert there[name]["thanos"]["labels"] == {"cluster": "a"}
        sizes = {file["rel_path"]: file.get("size_bytes") for file in there[name]["thanos"]["files"]}
        for file, size in sizes.items():
            content = bucket.read(f"team/x/{name}/{file}")
            assert size is None or len(content) == size
            if file != "meta.json":
                assert content == (tmp_path / "data" / name / file).read_bytes()
    last = max(block["maxTime"] for block in local.values()) // 1000
    asked = [(text, at) for text, at in questions(last - STEP, 12) if at < last]
    expected = [query(base, text, at) for text, at in asked]
    assert all(expected)
    # A process of its own that only reads, with hardly any room for what it reads.
    _, reader = launch.server(
        "metrics", tmp_path / "reader", *flags, "--storage.read-only", "--storage.object-cache.size", "1KB")
    for _ in range(2):
        assert [query(reader, text, at) for text, at in asked] == expected
    names = get(reader + "/api/v1/label/id/values").json()["data"]
    assert names == sorted(str(one) for one in range(12))
    assert request("POST", reader + "/api/v1/write", b"").status == 403
    # And the server itself, once its own copies are gone.
    assert server.stop() == 0
    server, base = launch.server(
        "metrics", tmp_path / "data", "--config.file", labelled, *flags, "--storage.local-retention", "3h")
    wait_for(lambda: len(blocks(base)) <= 2, "blocks to leave the disk")
    assert [query(base, text, at) for text, at in asked] == expected
    wait_for(lambda: len(list((tmp_path / "data").glob("0*/index"))) == len(blocks(base)), "their directories to go")
    # What was uploaded is known after a restart: nothing goes twice.
    assert server.stop() == 0
    server, base = launch.server("metrics", tmp_path / "data", "--config.file", labelled, *flags)
    wait_for(lambda: metric(base, "martlet_metrics_object_store_blocks") >= len(local), "the bucket to be known")
    time.sleep(1)
    assert metric(base, "martlet_metrics_uploaded_blocks_total") == 0
    assert [query(base, text, at) for text, at in asked] == expected


def test_a_reader_asks_the_writers_for_what_is_not_in_the_bucket(launch, tmp_path, labelled):
    bucket = Directory(tmp_path / "bucket")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"), "--storage.object-store.interval", "200ms"]
    server, base, end = filled(launch, tmp_path, labelled, *flags)
    wait_for(lambda: {block["ulid"] for block in blocks(base)} <= set(uploaded(bucket)) and len(blocks(base)) >= 3 and settled(base),
             "all blocks in the bucket")
    sealed = {"tenant": "anonymous", "sealedBeforeMs": max(block["maxTime"] for block in blocks(base))}
    wait_for(lambda: get(base + "/api/v1/status/sealed").json()["data"] == sealed, "the time before which all is there")
    reader, other = launch.server("metrics", tmp_path / "reader", *flags, "--storage.read-only", "--query.writers", base)
    _, alone = launch.server("metrics", tmp_path / "alone", *flags, "--storage.read-only")
    asked = questions(end - STEP, 13) + [("gauge", end - STEP), ("count_over_time(gauge[1h])", end - STEP)]
    expected = [query(base, text, at) for text, at in asked]
    assert all(expected) and query(alone, "gauge", end - STEP) == []
    assert [query(other, text, at) for text, at in asked] == expected
    # What comes now is there at once, with its labels.
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "fresh", "gauge": {"dataPoints": [
        {"timeUnixNano": str(end * 10**9), "asDouble": 5, "attributes": [{"key": "id", "value": {"stringValue": "new"}},
                                                                         {"key": "colour", "value": {"stringValue": "blue"}}]}]}}]}]}]}
    assert request("POST", base + "/api/v1/otlp/v1/metrics", body).status == 200
    assert [labels for labels, _ in query(other, "fresh", end)] == [
        [("__name__", "fresh"), ("colour", "blue"), ("id", "new")]]
    names = lambda base, path, **given: get(base + path, **given).json()["data"]
    assert names(other, "/api/v1/label/id/values") == sorted([str(one) for one in range(12)] + ["new"])
    assert names(other, "/api/v1/labels") == ["__name__", "colour", "id"]
    assert names(other, "/api/v1/series", **{"match[]": "fresh"}) == [{"__name__": "fresh", "colour": "blue", "id": "new"}]
    assert metric(other, "martlet_metrics_query_writer_up") == 1
    server.kill()
    at = sealed["sealedBeforeMs"] // 1000

    def missed():
        # Of a connection from before the reader may not know at once that it is none any more.
        answer = get(other + "/api/v1/query", query="count_over_time(gauge[3h])", time=end - STEP).json()
        assert answer["data"]["result"] and len(answer["warnings"]) == 1
        assert answer["warnings"][0].startswith(f"the writer {base} gives no answer (")
        return "(connection refused" in answer["warnings"][0] and answer

    answer = wait_for(missed, "a refused connection")
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    assert answer["warnings"][0].endswith(f"what it has since {since} is missing"), answer["warnings"]
    assert base in get(other + "/api/v1/labels").json()["warnings"][0]
    # What is in the bucket needs no writer.
    answer = get(other + "/api/v1/query", query="count_over_time(gauge[3h])", time=at - STEP).json()
    assert "warnings" not in answer and len(answer["data"]["result"]) == 12
    wait_for(lambda: metric(other, "martlet_metrics_query_writer_up") == 0, "the writer to be missed")
    again = get(other + "/api/v1/query", query="count_over_time(gauge[3h])", time=end - STEP).json()
    assert len(again["data"]["result"]) == 12 and again["warnings"][0].startswith(f"the writer {base} gives no answer")
    # It is asked again once it is back.
    server, _ = launch.server("metrics", tmp_path / "data", "--config.file", labelled, *flags, port=int(base.rsplit(":", 1)[1]))
    wait_for(lambda: metric(other, "martlet_metrics_query_writer_up") == 1, "the writer to be known again")
    assert [query(other, text, at) for text, at in asked] == expected
    assert reader.stop() == 0


def test_blocks_of_the_head_go_up_before_they_are_compacted(launch, tmp_path, labelled):
    bucket = Directory(tmp_path / "bucket")
    config = bucket.config(tmp_path / "bucket.yml")
    _, base, _ = filled(
        launch, tmp_path, labelled, "--objstore.config-file", config, "--storage.upload", "level1",
        "--storage.object-store.interval", "200ms")
    wait_for(lambda: len(uploaded(bucket)) >= 5, "blocks in the bucket")
    assert {block["compaction"]["level"] for block in uploaded(bucket).values()} == {1}


class Broken(http.server.BaseHTTPRequestHandler):
    """A bucket out of order."""

    protocol_version = "HTTP/1.1"
    hangs = False

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if type(self).hangs:
            time.sleep(3)
        body = b"<Error><Code>InternalError</Code><Message>out of order</Message></Error>"
        self.send_response(500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("hangs", [False, True])
def test_a_bucket_out_of_order_is_tried_again_and_costs_no_sample(launch, tmp_path, labelled, hangs):
    handler = type("Handler", (Broken,), {"hangs": hangs})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        config = write_config(tmp_path / "bucket.yml", f"127.0.0.1:{server.server_port}")
        process, base, end = filled(
            launch, tmp_path, labelled, "--objstore.config-file", config, "--storage.local-retention", "3h",
            "--storage.object-store.interval", "100ms")
        wait_for(lambda: metric(base, 'martlet_object_storage_requests_total{operation="list",outcome="retry"}') > 2,
                 "retries")
        if not hangs:
            wait_for(lambda: metric(base, "martlet_metrics_upload_failures_total") > 0, "failures")
            wait_for(lambda: metric(base, "martlet_metrics_upload_pending_blocks") > 0, "blocks that wait")
        # What is on the disk needs no bucket; what is older than that may be in it.
        counts = query(base, "count_over_time(gauge[11h])", end - STEP)
        assert [row[1] for row in counts] == [str(11 * 60)] * 12
        answer = get(base + "/api/v1/query", query="count_over_time(gauge[20h])", time=end - STEP)
        assert answer.status == 422 and "could not be read yet" in answer.text
        wait_for(lambda: len(list((tmp_path / "data").glob("0*/index"))) >= 3, "blocks")
        assert process.stop() == 0
    finally:
        server.shutdown()
        server.server_close()
    _, base = launch.server("metrics", tmp_path / "data", "--config.file", labelled)
    counts = query(base, "count_over_time(gauge[13h])", end - STEP)
    assert [row[1] for row in counts] == [str(13 * 60)] * 12


def test_each_tenant_has_its_part_of_the_bucket(launch, tmp_path, labelled, bucket):
    flags = ["--config.file", labelled, "--auth.multitenancy-enabled", "--storage.object-store.interval", "200ms",
             "--objstore.config-file", bucket.config(tmp_path / "bucket.yml", "team/x")]
    end = int(time.time()) // STEP * STEP
    spans = {"blue": 13 * HOUR, "green": 7 * HOUR}
    headers = {tenant: {"X-Scope-OrgID": tenant} for tenant in (*spans, "anonymous", "stranger")}
    server, base = launch.server("metrics", tmp_path / "data", *flags)
    for tenant, span in spans.items():
        push(base, end - span, end, headers[tenant])
    assert server.stop() == 0
    server, base = launch.server("metrics", tmp_path / "data", *flags)

    def local(tenant):
        answer = get(base + "/api/v1/status/tsdb/blocks", headers=headers[tenant]).json()
        return {block["ulid"]: block for block in answer["data"]["blocks"]}

    def is_settled(tenant):
        before = local(tenant)
        time.sleep(0.5)
        return local(tenant) == before

    for tenant in spans:
        wait_for(lambda: local(tenant) and set(local(tenant)) <= set(uploaded(bucket, f"team/x/{tenant}/")) and is_settled(tenant),
                 f"the blocks of {tenant} in the bucket")
    assert {key.split("/")[2] for key in bucket.keys() if key.endswith("/meta.json")} == set(spans)
    last = {tenant: max(block["maxTime"] for block in local(tenant).values()) // 1000 for tenant in spans}
    _, reader = launch.server("metrics", tmp_path / "reader", *flags, "--storage.read-only")
    for tenant, span in spans.items():
        asked = [(text, at) for text, at in questions(last[tenant] - STEP, 12) if at < last[tenant]]
        expected = [query(base, text, at, headers[tenant]) for text, at in asked]
        assert any(expected)
        assert [query(reader, text, at, headers[tenant]) for text, at in asked] == expected
    at = min(last.values()) - STEP
    counts = {tenant: query(reader, "sum(count_over_time(gauge[20h]))", at, header) for tenant, header in headers.items()}
    assert counts["blue"] != counts["green"] and all(counts[tenant] for tenant in spans)
    assert counts["anonymous"] == counts["stranger"] == []
    # Who asks for a tenant that is nowhere leaves nothing behind.
    assert {path.name for path in (tmp_path / "reader" / "tenants").iterdir()} == set(spans)
    assert get(reader + "/api/v1/query", query="gauge").status == 401
