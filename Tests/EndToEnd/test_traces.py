"""martlet-traces fed by the OpenTelemetry SDK over gRPC and HTTP."""

import json
import time

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GRPCExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HTTPExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

import grpc

from processes import free_port, get, http, wait_for


@pytest.fixture
def traces(launch, tmp_path):
    """(base URL, gRPC endpoint, HTTP endpoint, restart after a kill)"""
    grpc_port, http_port = free_port(), free_port()

    def start():
        return launch.server(
            "traces", tmp_path / "data", "--otlp.grpc-listen-address", f"127.0.0.1:{grpc_port}",
            "--otlp.http-listen-address", f"127.0.0.1:{http_port}")

    process, base = start()

    def restart():
        process.kill()
        return start()[1]

    return base, f"127.0.0.1:{grpc_port}", f"http://127.0.0.1:{http_port}", restart


def exporter(kind, grpc_endpoint, http_endpoint):
    if kind == "grpc":
        return GRPCExporter(endpoint=grpc_endpoint, insecure=True)
    if kind == "grpc-gzip":
        return GRPCExporter(endpoint=grpc_endpoint, insecure=True, compression=grpc.Compression.Gzip)
    compression = Compression.Gzip if kind == "http-gzip" else Compression.NoCompression
    return HTTPExporter(endpoint=http_endpoint + "/v1/traces", compression=compression)


def one_trace(exporter, service="checkout"):
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": "1.2.3"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("shop", "0.1")
    with tracer.start_as_current_span("POST /checkout", kind=SpanKind.SERVER) as root:
        root.set_attribute("http.request.method", "POST")
        root.set_attribute("cart.items", 3)
        with tracer.start_as_current_span("charge card", kind=SpanKind.CLIENT) as child:
            child.set_attribute("amount", 12.5)
            child.set_attribute("tags", ["a", "b"])
            child.add_event("retry", {"attempt": 2})
            child.set_status(Status(StatusCode.ERROR, "card declined"))
    provider.shutdown()
    return f"{root.get_span_context().trace_id:032x}"


def spans(answer):
    body = answer.json()
    resources = body.get("batches") or body.get("resourceSpans") or body.get("trace", {}).get("resourceSpans")
    return [(resource, span) for resource in resources for scope in resource["scopeSpans"] for span in scope["spans"]]


@pytest.mark.parametrize("kind", ["grpc", "grpc-gzip", "http", "http-gzip"])
def test_a_trace_from_the_sdk_comes_back_whole(traces, kind):
    base, grpc_endpoint, http_endpoint, _ = traces
    trace = one_trace(exporter(kind, grpc_endpoint, http_endpoint))
    for path in (f"/api/traces/{trace}", f"/api/v2/traces/{trace}"):
        answer = wait_for(lambda: (a := get(base + path, headers={"Accept": "application/json"})).status == 200 and a, path)
        found = {span["name"]: (resource, span) for resource, span in spans(answer)}
        assert set(found) == {"POST /checkout", "charge card"}
        resource, child = found["charge card"]
        attributes = {a["key"]: a["value"] for a in child["attributes"]}
        assert attributes["amount"] == {"doubleValue": 12.5}
        assert [v["stringValue"] for v in attributes["tags"]["arrayValue"]["values"]] == ["a", "b"]
        assert child["events"][0]["name"] == "retry"
        assert child["status"]["message"] == "card declined"
        assert {a["key"]: a["value"] for a in resource["resource"]["attributes"]}["service.name"] == {"stringValue": "checkout"}


def test_search_finds_by_service_name_duration_and_attribute(traces):
    base, grpc_endpoint, http_endpoint, _ = traces
    ours = one_trace(exporter("grpc", grpc_endpoint, http_endpoint), "checkout")
    other = one_trace(exporter("http", grpc_endpoint, http_endpoint), "billing")

    def search(**parameters):
        answer = get(base + "/api/search", **parameters)
        assert answer.status == 200, answer.text
        return {t["traceID"].rjust(32, "0") for t in answer.json()["traces"]}

    wait_for(lambda: search() == {ours, other}, "both traces")
    assert search(q='{ resource.service.name = "checkout" }') == {ours}
    assert search(tags="service.name=billing") == {other}
    assert search(q='{ name = "charge card" && span.amount > 12 && status = error }') == {ours, other}
    assert search(q='{ span.cart.items = 4 }') == set()
    assert search(minDuration="1h") == set()
    assert search(q='{ name = "POST /checkout" } > { name = "charge card" }') == {ours, other}
    tags = get(base + "/api/search/tags").json()["tagNames"]
    assert {"service.name", "amount", "cart.items"} <= set(tags)
    bad = get(base + "/api/search", q="{ name = ")
    assert bad.status == 400 and bad.text.strip()
    assert get(base + "/api/traces/" + "0" * 31 + "1").status == 404
    assert get(base + "/api/traces/nonsense").status == 400


def test_compare_tells_what_failed_spans_have_and_others_have_not(traces):
    base, grpc_endpoint, http_endpoint, _ = traces
    one_trace(exporter("grpc", grpc_endpoint, http_endpoint), "checkout")
    one_trace(exporter("http", grpc_endpoint, http_endpoint), "billing")
    now = int(time.time())
    query = "{ } | compare({ status = error }, 1)"

    def compare():
        answer = get(base + "/api/metrics/query_range", q=query, start=now - 600, end=now + 60, step="60s")
        assert answer.status == 200, answer.text
        counts = {}
        for series in answer.json()["series"]:
            (what, mark), (attribute, value) = [(label["key"], next(iter(label["value"].values()))) for label in series["labels"]]
            assert what in ("__meta_type", "__meta_error")
            counts[mark, attribute, str(value)] = sum(sample.get("value", 0) for sample in series["samples"])
        return counts

    counts = wait_for(lambda: (c := compare()).get(("baseline_total", "name", "nil")) == 2 and c, "both traces")
    assert counts["selection_total", "name", "nil"] == 2
    assert counts["baseline", "name", "POST /checkout"] == 2
    assert counts["selection", "name", "charge card"] == 2
    assert counts["selection", "statusMessage", "card declined"] == 2
    assert counts["selection", "span.amount", "12.5"] == 2
    assert counts["baseline", "span.cart.items", "3"] == 2
    assert ("selection_total", "span.cart.items", "nil") not in counts
    assert counts["__too_many_values__", "resource.service.name", "nil"] == 0
    assert sum(1 for key in counts if key[:2] == ("selection", "resource.service.name")) == 1
    refused = get(base + "/api/metrics/query_range", q=query + " | topk(1)")
    assert refused.status == 400 and "line 1, col 7: compare() must be the last stage" in refused.text


def test_spans_survive_a_kill(traces):
    base, grpc_endpoint, http_endpoint, restart = traces
    ids = [one_trace(exporter("http", grpc_endpoint, http_endpoint)) for _ in range(10)]
    base = restart()
    for trace in ids:
        assert len(spans(get(f"{base}/api/traces/{trace}", headers={"Accept": "application/json"}))) == 2


def test_otlp_json_is_taken_and_nonsense_refused(traces):
    base, _, http_endpoint, _ = traces
    now = time.time_ns()
    body = {"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "curl"}}]},
        "scopeSpans": [{"spans": [{
            "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "by hand", "kind": 2,
            "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 1_000_000)}]}]}]}
    assert http("POST", http_endpoint + "/v1/traces", body).status == 200
    assert get(base + "/api/traces/5b8efff798038103d269b633813fc60c").status == 200
    json_headers = {"Content-Type": "application/json"}
    for broken in (b"{", b"[]", json.dumps(body).encode()[:-9], b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}'):
        answer = http("POST", http_endpoint + "/v1/traces", broken, json_headers)
        assert answer.status == 400 and answer.body, broken
    proto = {"Content-Type": "application/x-protobuf"}
    assert http("POST", http_endpoint + "/v1/traces", b"\x0a\xff\xff\xff\xff\x7f", proto).status == 400
    deep = b""
    for _ in range(3000):
        deep = b"\x2a" + _varint(len(deep) + 1 + len(_varint(len(deep)))) + b"\x0a" + _varint(len(deep)) + deep
    attribute = b"\x0a\x01k\x12" + _varint(len(deep)) + deep
    resource = b"\x0a" + _varint(len(attribute)) + attribute
    request = b"\x0a" + _varint(len(resource) + 1 + len(_varint(len(resource)))) + b"\x0a" + _varint(len(resource)) + resource
    assert http("POST", http_endpoint + "/v1/traces", request, proto).status == 400


def _varint(number):
    out = bytearray()
    while True:
        byte = number & 0x7F
        number >>= 7
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)
