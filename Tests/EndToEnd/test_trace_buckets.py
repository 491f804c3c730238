"""Parts of the trace server in an object store: uploaded, merged there, answered from there."""

import http.server
import random
import threading
import time

import pytest

from bucket import Directory, Seaweed, write_config
from processes import free_port, get, http as request, wait_for

from test_buckets import Broken, metric
from test_trace_kills import SPANS, TRACES, body, trace_id

FLAGS = ["--storage.object-store.interval", "200ms"]
BATCH = TRACES * SPANS


@pytest.fixture(params=["s3", "directory"])
def bucket(request, launch, tmp_path):
    return Seaweed(launch, tmp_path / "seaweed") if request.param == "s3" else Directory(tmp_path / "bucket")


class Traces:
    """A trace server that is started again and again, and what it was sent."""

    def __init__(self, launch, data, *flags):
        self.launch, self.data, self.flags = launch, data, flags
        self.start = int(time.time()) - 3600
        self.batches = 0
        self.otlp = free_port()

    def server(self, *more):
        return self.launch.server(
            "traces", self.data, "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
            "--otlp.http-listen-address", f"127.0.0.1:{self.otlp}", *self.flags, *more)

    def send(self):
        answer = request("POST", f"http://127.0.0.1:{self.otlp}/v1/traces", body(self.batches, self.start))
        assert answer.status == 200, answer.text
        self.batches += 1

    def parts(self):
        return sorted((self.data / "single-tenant" / "parts").glob("*.part"))

    def part(self, *more):
        """Sends a batch; the next server finds it in the log and writes it to a part at once."""
        server, _ = self.server(*more)
        self.send()
        assert server.stop() == 0

    def count(self, base, selection=""):
        answer = get(base + "/api/metrics/query", q=f"{{ {selection} }} | count_over_time()", start=self.start - 10,
                     end=self.start + 7200)
        assert answer.status == 200, answer.text
        series = answer.json()["series"]
        return int(series[0]["value"]) if series else 0

    def answers(self, base):
        """A question of each kind."""
        found = [self.count(base), self.count(base, 'name = "operation 3"'), self.count(base, "span.batch = 1")]
        times = {"start": self.start - 10, "end": self.start + 7200}
        for path, parameters in [
                ("search", {"q": '{ span.user = "user 7" }'}), ("search", {"q": '{ name = "operation 4" }', "limit": 5}),
                ("search", {"q": '{ name = "operation 0" } >> { name = "operation 2" }', "limit": 50, "spss": 5}),
                ("v2/search/tags", {}), ("v2/search/tag/resource.service.name/values", {}),
                ("v2/search/tag/span.user/values", {}), (f"traces/{trace_id(0, 3)}", {}),
                (f"traces/{trace_id(2, 11)}", {}), ("metrics/query_range", {"q": "{} | rate() by (name)", "step": "60s"})]:
            answer = get(f"{base}/api/{path}", timeout=60, headers={"Accept": "application/json"}, **times, **parameters)
            assert answer.status == 200, answer.text
            data = answer.json()
            data.pop("metrics", None)
            found.append(data)
        return found


def test_spans_are_answered_from_the_bucket(launch, tmp_path, bucket):
    config = bucket.config(tmp_path / "bucket.yml", "team/x")
    flags = ["--objstore.config-file", config, *FLAGS]
    traces = Traces(launch, tmp_path / "data", *flags)
    for _ in range(3):
        traces.part()
    server, base = traces.server()
    wait_for(lambda: len(traces.parts()) == 3, "parts")
    wait_for(lambda: metric(base, "martlet_traces_object_store_objects") == 3, "all parts in the bucket")
    assert traces.count(base) == 3 * BATCH
    questions = traces.answers(base)
    objects = [key for key in bucket.keys() if key.startswith("team/x/single-tenant/traces/")]
    assert {bucket.read(key) for key in objects} == {file.read_bytes() for file in traces.parts()}
    # A process of its own that only reads, with hardly any room for what it reads.
    _, reader = launch.server(
        "traces", tmp_path / "reader", *flags, "--storage.read-only", "--storage.object-cache.size", "1KB")
    for _ in range(2):
        assert traces.answers(reader) == questions
    assert get(reader + "/api/traces/ffff").status == 404
    refused = request("POST", reader + "/v1/traces", b"{}")
    assert (refused.status, "--storage.read-only" in refused.text) == (403, True)
    # And the server itself, once its own copies are gone, also when it starts again.
    assert server.stop() == 0
    for _ in range(2):
        server, base = traces.server("--storage.local-retention", "1s")
        wait_for(lambda: len(traces.parts()) == 1, "parts to leave the disk")
        assert traces.answers(base) == questions
        assert metric(base, "martlet_traces_uploaded_files_total") == 0
        assert server.stop() == 0


def test_a_bucket_out_of_order_holds_up_no_spans_and_is_named_where_it_is_needed(launch, tmp_path):
    bucket = Directory(tmp_path / "bucket")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"), *FLAGS]
    traces = Traces(launch, tmp_path / "data", *flags)
    for _ in range(2):
        traces.part()
    server, base = traces.server("--storage.local-retention", "1s")
    wait_for(lambda: metric(base, "martlet_traces_object_store_objects") == 2, "both parts in the bucket")
    wait_for(lambda: len(traces.parts()) == 1, "a part to leave the disk")
    gone = trace_id(0, 3)
    assert get(f"{base}/api/traces/{gone}").status == 200
    assert server.stop() == 0
    handler = type("Handler", (Broken,), {"hangs": False})
    broken = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=broken.serve_forever, daemon=True).start()
    try:
        config = write_config(tmp_path / "broken.yml", f"127.0.0.1:{broken.server_port}")
        traces.flags = ["--objstore.config-file", config, *FLAGS]
        server, base = traces.server("--storage.local-retention", "1s")
        traces.send()
        # What is here is within this second of the batches' times, as what is there: all of it is needed.
        answer = get(f"{base}/api/traces/{gone}", timeout=60)
        assert answer.status == 503
        assert "single-tenant/traces/" in answer.text
        answer = get(base + "/api/search", q='{ name = "operation 1" }', start=traces.start - 10, end=traces.start + 60)
        assert answer.status == 503
        assert "single-tenant/traces/" in answer.text
        # Times of which nothing is there need no bucket.
        assert get(base + "/api/search", q="{}", start=traces.start + 600, end=traces.start + 660).status == 200
        wait_for(lambda: metric(base, "martlet_traces_upload_failures_total") >= 2, "failures")
        assert server.logged().count("uploading to the object store failed") == 1
        assert server.stop() == 0
    finally:
        broken.shutdown()
        broken.server_close()
    traces.flags = flags
    _, base = traces.server()
    assert traces.count(base) == 3 * BATCH


def test_a_kill_at_any_moment_loses_no_span_and_has_none_twice(launch, tmp_path, pytestconfig):
    seed = pytestconfig.getoption("--seed")
    seed = random.randrange(2**32) if seed is None else seed
    generator = random.Random(seed)
    bucket = Directory(tmp_path / "bucket")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"), "--storage.object-store.interval", "100ms",
             "--storage.object-store.grace", "2s", "--storage.local-retention", "1s"]
    traces = Traces(launch, tmp_path / "data", *flags)
    rounds = 2 * pytestconfig.getoption("--kill-rounds")
    for number in range(rounds):
        server, base = traces.server()
        assert traces.count(base) == traces.batches * BATCH, f"round {number}, seed {seed}"
        traces.send()
        time.sleep(generator.random() * 2)
        server.kill()
    _, base = traces.server()
    assert traces.count(base) == rounds * BATCH, f"seed {seed}"
    chosen = generator.randrange(rounds)
    assert traces.count(base, f"span.batch = {chosen}") == BATCH
    assert get(f"{base}/api/traces/{trace_id(chosen, 1)}").status == 200
    _, reader = launch.server(
        "traces", tmp_path / "reader", "--objstore.config-file", tmp_path / "bucket.yml", *FLAGS, "--storage.read-only")
    wait_for(lambda: traces.count(reader) == rounds * BATCH, f"all spans at a reader, seed {seed}", 60)
    # Objects that a death has left without a name in a manifest go after the grace.
    wait_for(lambda: len([key for key in bucket.keys() if key.startswith("single-tenant/")])
             == metric(reader, "martlet_traces_object_store_objects"), "no more objects than named")
