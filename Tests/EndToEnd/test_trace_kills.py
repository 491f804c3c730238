"""The trace server killed at random moments: while it takes spans, writes parts, merges them and cuts its log. What it
acknowledged is there, once.

A few rounds run with the other tests; `make test-kills` runs hundreds. The seed of a failure is printed."""

import random
import threading
import time

from processes import free_port, get, http

TRACES = 20
SPANS = 5


def trace_id(batch, number):
    return f"{batch + 1:016x}{number + 1:016x}"


def body(batch, start):
    """A batch of traces; the second resource holds the spans that come late in each."""
    def span(number, index):
        begin = start * 10**9 + batch * 10**6 + number * 1000 + index
        return {
            "traceId": trace_id(batch, number), "spanId": f"{index + 1:016x}",
            "parentSpanId": "" if index == 0 else f"{index:016x}", "name": f"operation {index}", "kind": 1 + index % 5,
            "startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + 1000 * (index + 1)),
            "attributes": [{"key": "batch", "value": {"intValue": str(batch)}},
                           {"key": "user", "value": {"stringValue": f"user {batch * TRACES + number}"}}]}

    return {"resourceSpans": [
        {"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": f"service {service}"}}]},
         "scopeSpans": [{"spans": [span(number, index) for number in range(TRACES) for index in range(service, SPANS, 2)]}]}
        for service in range(2)]}


class Writer(threading.Thread):
    """Sends batch after batch until the server is gone; knows what was acknowledged."""

    def __init__(self, endpoint, first, start):
        super().__init__(daemon=True)
        self.endpoint, self.acknowledged, self.start_time, self.refused = endpoint, first, start, None

    def run(self):
        while True:
            try:
                answer = http("POST", self.endpoint + "/v1/traces", body(self.acknowledged, self.start_time), timeout=20)
            except (OSError, EOFError):
                return
            if answer.status != 200 or "rejected" in answer.text.lower():
                self.refused = f"{answer.status}: {answer.text}"
                return
            self.acknowledged += 1


class Killing:
    def __init__(self, launch, directory, seed):
        self.launch, self.data = launch, directory / "data"
        self.random = random.Random(seed)
        self.start = int(time.time()) - 3600
        self.acknowledged = 0
        self.otlp = free_port()

    def server(self):
        return self.launch.server(
            "traces", self.data, "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
            "--otlp.http-listen-address", f"127.0.0.1:{self.otlp}")

    def count(self, base, selection):
        answer = get(
            base + "/api/metrics/query", q=f"{{ {selection} }} | count_over_time()", start=self.start - 10,
            end=self.start + 7200)
        assert answer.status == 200, answer.text
        series = answer.json()["series"]
        return int(series[0]["value"]) if series else 0

    def check(self, base):
        """All that was acknowledged is there once; a batch that was on its way is there whole or not at all."""
        batch = TRACES * SPANS
        found = self.count(base, "")
        assert found in (self.acknowledged * batch, (self.acknowledged + 1) * batch), (found, self.acknowledged)
        self.acknowledged = found // batch
        for _ in range(min(5, self.acknowledged)):
            chosen, number = self.random.randrange(self.acknowledged), self.random.randrange(TRACES)
            answer = get(base + f"/api/traces/{trace_id(chosen, number)}", headers={"Accept": "application/json"})
            assert answer.status == 200, f"trace {number} of batch {chosen} is gone: {answer.text}"
            spans = [span for resource in answer.json()["batches"] for scope in resource["scopeSpans"]
                     for span in scope["spans"]]
            assert sorted(span["name"] for span in spans) == [f"operation {index}" for index in range(SPANS)]
            assert self.count(base, f'span.user = "user {chosen * TRACES + number}"') == SPANS
            assert self.count(base, f"span.batch = {chosen}") == batch

    def round(self):
        server, base = self.server()
        self.check(base)
        writer = Writer(f"http://127.0.0.1:{self.otlp}", self.acknowledged, self.start)
        writer.start()
        # What the log held goes into a part right after the start, and parts are merged: short lives end within that.
        time.sleep(self.random.choice([0.02, 0.1, 0.4, 1.0]) * self.random.random())
        server.kill()
        writer.join(60)
        assert writer.refused is None, writer.refused
        self.acknowledged = writer.acknowledged


def test_a_kill_at_any_moment_costs_no_acknowledged_span(launch, tmp_path, pytestconfig):
    seed = pytestconfig.getoption("--seed")
    seed = random.randrange(2**32) if seed is None else seed
    rounds = pytestconfig.getoption("--kill-rounds")
    killing = Killing(launch, tmp_path, seed)
    for number in range(1, rounds + 1):
        try:
            killing.round()
        except AssertionError as error:
            raise AssertionError(f"round {number} of {rounds}, seed {seed}: {error}") from error
    _, base = killing.server()
    killing.check(base)
    parts = len(list((killing.data / "single-tenant" / "parts").glob("*.part")))
    assert parts > 0
    print(f"{rounds} kills, seed {seed}: {killing.acknowledged * TRACES * SPANS} spans acknowledged, all there once, in {parts} parts")
