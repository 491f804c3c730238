"""martlet-traces fed as Zipkin and Jaeger are, and asked as Jaeger is."""

import gzip
import json
import struct
import time

import grpc
import pytest
from opentelemetry.exporter.zipkin.json import ZipkinExporter

from processes import free_port, get, http, run, wait_for
from test_traces import one_trace, spans

TRACE = 0x5B8EFFF798038103D269B633813FC60C
THRIFT = {"Content-Type": "application/x-thrift"}


@pytest.fixture
def receivers(launch, tmp_path):
    """Base URL of the queries, ports of Zipkin, Jaeger's gRPC and Jaeger's HTTP."""
    zipkin, jaeger_grpc, jaeger_http = free_port(), free_port(), free_port()
    _, base = launch.server(
        "traces", tmp_path / "data", "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
        "--otlp.http-listen-address", f"127.0.0.1:{free_port()}", "--zipkin.listen-address", f"127.0.0.1:{zipkin}",
        "--jaeger.grpc-listen-address", f"127.0.0.1:{jaeger_grpc}",
        "--jaeger.http-listen-address", f"127.0.0.1:{jaeger_http}")
    return base, zipkin, jaeger_grpc, jaeger_http


def one_of_jaeger(base, trace):
    """The only trace of an answer: its spans by name, its processes."""
    answer = wait_for(lambda: (a := get(f"{base}/jaeger/api/traces/{trace}")).status == 200 and a, trace)
    (found,) = answer.json()["data"]
    assert found["traceID"] == trace
    return {span["operationName"]: span for span in found["spans"]}, found["processes"]


def tags(span):
    return {tag["key"]: (tag["type"], tag["value"]) for tag in span["tags"]}


def test_a_trace_from_the_sdk_over_zipkin_comes_back_whole(receivers):
    base, zipkin, _, _ = receivers
    trace = one_trace(ZipkinExporter(endpoint=f"http://127.0.0.1:{zipkin}/api/v2/spans"))
    answer = wait_for(
        lambda: (a := get(f"{base}/api/traces/{trace}")).status == 200 and len(spans(a)) == 2 and a, "both spans")
    found = {span["name"]: (resource, span) for resource, span in spans(answer)}
    resource, child = found["charge card"]
    attributes = {a["key"]: a["value"] for a in resource["resource"]["attributes"]}
    assert attributes["service.name"] == {"stringValue": "checkout"}
    assert attributes["service.version"] == {"stringValue": "1.2.3"}
    scope = resource["scopeSpans"][0]["scope"]
    assert (scope["name"], scope["version"]) == ("shop", "0.1")
    assert child["kind"] == "SPAN_KIND_CLIENT"
    assert (child["status"]["code"], child["status"]["message"]) == ("STATUS_CODE_ERROR", "card declined")
    assert child["parentSpanId"] == found["POST /checkout"][1]["spanId"]
    assert {a["key"] for a in child["attributes"]} == {"amount", "tags"}
    assert child["events"][0]["name"] == "retry"
    assert child["events"][0]["attributes"] == [{"key": "attempt", "value": {"intValue": "2"}}]
    by_query = get(base + "/api/search", q='{ resource.service.name = "checkout" && status = error && kind = client }')
    assert [t["traceID"].rjust(32, "0") for t in by_query.json()["traces"]] == [trace]


def test_zipkin_json_is_taken_plain_and_compressed_and_nonsense_refused(receivers):
    base, zipkin, _, _ = receivers
    url = f"http://127.0.0.1:{zipkin}/api/v2/spans"
    span = {
        "traceId": "463ac35c9f6413ad", "id": "a2fb4a1d1a96d312", "kind": "SERVER", "name": "get /",
        "timestamp": time.time_ns() // 1000, "duration": 1500, "localEndpoint": {"serviceName": "frontend"},
        "remoteEndpoint": {"serviceName": "browser", "ipv4": "10.1.2.3", "port": 40000}, "tags": {"error": "timeout"}}
    assert http("POST", url, json.dumps([span]).encode(), {"Content-Type": "application/json"}).status == 202
    half = {**span, "id": "b2fb4a1d1a96d312", "parentId": span["id"], "name": "inside", "kind": None, "tags": {}}
    packed = gzip.compress(json.dumps([half]).encode())
    assert http("POST", url, packed, {"Content-Type": "application/json", "Content-Encoding": "gzip"}).status == 202
    assert http("POST", url, b"[]").status == 202
    found, _ = one_of_jaeger(base, span["traceId"])
    assert set(found) == {"get /", "inside"}
    assert tags(found["get /"])["otel.status_description"] == ("string", "timeout")
    assert tags(found["get /"])["net.peer.port"] == ("int64", 40000)
    assert tags(found["get /"])["peer.service"] == ("string", "browser")
    assert found["inside"]["references"] == [
        {"refType": "CHILD_OF", "traceID": span["traceId"], "spanID": span["id"]}]
    for broken in (b"", b"{}", b"[{]", json.dumps([{**span, "id": "xyz"}]).encode(), json.dumps([{**span, "tags": 1}]).encode()):
        answer = http("POST", url, broken)
        assert answer.status == 400 and answer.text.strip(), broken
    assert http("POST", url, json.dumps([{"name": "without ids"}]).encode()).status == 400
    assert http("GET", url).status == 405


def thrift(kind, number, value):
    return struct.pack(">bh", kind, number) + value


def text(number, value):
    return thrift(11, number, struct.pack(">i", len(value.encode())) + value.encode())


def i64(number, value):
    return thrift(10, number, struct.pack(">q", value))


def structs(number, items):
    return thrift(15, number, struct.pack(">bi", 12, len(items)) + b"".join(item + b"\0" for item in items))


def thrift_batch():
    now = time.time_ns() // 1000
    tag = text(1, "http.status_code") + thrift(8, 2, struct.pack(">i", 3)) + i64(6, 503)
    log = i64(1, now) + structs(2, [text(1, "event") + thrift(8, 2, struct.pack(">i", 0)) + text(3, "retry")])
    high, low = TRACE >> 64, TRACE & (1 << 64) - 1
    span = (
        i64(1, low - (1 << 64)) + i64(2, high) + i64(3, 7) + i64(4, 0) + text(5, "fetch") +
        thrift(8, 7, struct.pack(">i", 1)) + i64(8, now) + i64(9, 2500) + structs(10, [tag]) + structs(11, [log]))
    process = text(1, "crawler") + structs(2, [text(1, "hostname") + thrift(8, 2, struct.pack(">i", 0)) + text(3, "h1")])
    return thrift(12, 1, process + b"\0") + structs(2, [span]) + b"\0"


def test_jaeger_thrift_over_http(receivers):
    base, _, _, jaeger = receivers
    url = f"http://127.0.0.1:{jaeger}/api/traces?format=jaeger.thrift"
    assert http("POST", url, thrift_batch(), THRIFT).status == 202
    found, processes = one_of_jaeger(base, f"{TRACE:032x}")
    span = found["fetch"]
    assert (span["duration"], span["flags"]) == (2500, 1)
    assert tags(span)["http.status_code"] == ("int64", 503)
    assert tags(span)["error"] == ("bool", True)
    assert span["logs"][0]["fields"] == [{"key": "event", "type": "string", "value": "retry"}]
    assert processes[span["processID"]] == {
        "serviceName": "crawler", "tags": [{"key": "host.name", "type": "string", "value": "h1"}]}
    for broken in (b"", b"\x1c", thrift_batch()[:-1], thrift_batch() + b"\0"):
        answer = http("POST", url, broken, THRIFT)
        assert answer.status == 400 and answer.text.strip(), broken
    assert http("POST", url, thrift_batch(), {"Content-Type": "application/json"}).status == 415


def field(number, value):
    """A field of protobuf: text, bytes and messages by their bytes, numbers as varints."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def test_jaeger_over_grpc(receivers):
    base, _, jaeger, _ = receivers
    now = time.time()
    reference = field(1, TRACE.to_bytes(16, "big")) + field(2, (6).to_bytes(8, "big"))
    kind = field(1, b"span.kind") + field(3, b"consumer")
    span = (
        field(1, TRACE.to_bytes(16, "big")) + field(2, (7).to_bytes(8, "big")) + field(3, b"handle") +
        field(4, reference) + field(6, field(1, int(now)) + field(2, 5000)) + field(7, field(2, 3_000_000)) +
        field(8, kind))
    request = field(1, field(1, span) + field(2, field(1, b"worker")))
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
        with grpc.insecure_channel(f"127.0.0.1:{jaeger}") as channel:
            post = channel.unary_unary("/jaeger.api_v2.CollectorService/PostSpans")
            assert post(request, timeout=30, compression=compression) == b""
    found, processes = one_of_jaeger(base, f"{TRACE:032x}")
    span = found["handle"]
    assert span["duration"] == 3000
    assert tags(span)["span.kind"] == ("string", "consumer")
    assert span["references"][0]["spanID"] == "0000000000000006"
    assert processes[span["processID"]]["serviceName"] == "worker"
    with grpc.insecure_channel(f"127.0.0.1:{jaeger}") as channel:
        post = channel.unary_unary("/jaeger.api_v2.CollectorService/PostSpans")
        with pytest.raises(grpc.RpcError) as refused:
            post(b"\xff", timeout=30)
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        other = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.RpcError) as refused:
            other(b"", timeout=30)
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_jaegers_api_lists_and_finds(receivers):
    base, zipkin, _, jaeger = receivers
    trace = one_trace(ZipkinExporter(endpoint=f"http://127.0.0.1:{zipkin}/api/v2/spans"))
    http("POST", f"http://127.0.0.1:{jaeger}/api/traces", thrift_batch(), THRIFT)
    api = base + "/jaeger/api"
    wait_for(lambda: get(api + "/services").json()["data"] == ["checkout", "crawler"], "both services")
    assert get(api + "/services/checkout/operations").json()["data"] == ["POST /checkout", "charge card"]
    assert get(api + "/operations", service="checkout").json()["data"] == [
        {"name": "POST /checkout", "spanKind": "server"}, {"name": "charge card", "spanKind": "client"}]

    def search(**parameters):
        answer = get(api + "/traces", **parameters)
        assert answer.status == 200, answer.text
        return [found["traceID"] for found in answer.json()["data"]]

    assert search(service="checkout") == [trace]
    assert search(service="crawler", operation="fetch", minDuration="2ms", maxDuration="3ms") == [f"{TRACE:032x}"]
    assert search(service="checkout", tags=json.dumps({"error": "true", "amount": "12.5"})) == [trace]
    assert search(service="checkout", tags=json.dumps({"amount": "13"})) == []
    hour = 3600 * 1_000_000
    now = time.time_ns() // 1000
    assert search(service="checkout", start=now - hour, end=now, limit=20, lookback="1h") == [trace]
    assert search(service="checkout", start=now - 2 * hour, end=now - hour) == []
    refused = get(api + "/traces")
    assert refused.status == 400 and refused.json()["errors"][0]["msg"] == "parameter 'service' is required"
    assert get(api + "/traces/77").status == 404
    assert get(api + "/dependencies", endTs=now // 1000).json()["data"] == []


@pytest.mark.parametrize("flag", ["--zipkin.listen-address", "--jaeger.http-listen-address", "--jaeger.grpc-listen-address"])
def test_addresses_that_others_reach_need_a_login(executables, tmp_path, flag):
    code, _, error = run([
        executables / "martlet-traces", "--storage.path", tmp_path, "--web.listen-address", "127.0.0.1:0",
        "--otlp.grpc-listen-address", "127.0.0.1:0", "--otlp.http-listen-address", "127.0.0.1:0", flag, "0.0.0.0:0"])
    assert code == 2
    assert flag in error and "--web.config.file" in error and "--web.allow-unauthenticated" in error


def test_a_tempo_file_opens_the_receivers(launch, tmp_path):
    zipkin, jaeger = free_port(), free_port()
    file = tmp_path / "tempo.yml"
    file.write_text(f"""
distributor:
  receivers:
    zipkin: {{endpoint: "127.0.0.1:{zipkin}", parse_string_tags: true}}
    jaeger: {{protocols: {{thrift_http: {{endpoint: "127.0.0.1:{jaeger}"}}, thrift_compact: {{}}}}}}
""")
    process, base = launch.server(
        "traces", tmp_path / "data", "--config.file", file, "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
        "--otlp.http-listen-address", f"127.0.0.1:{free_port()}")
    assert process.logged().count("Thrift over UDP is not supported") == 1
    body = [{"traceId": "ab", "id": "1", "timestamp": time.time_ns() // 1000, "name": "n", "tags": {"k": "7"}}]
    assert http("POST", f"http://127.0.0.1:{zipkin}/api/v2/spans", json.dumps(body).encode()).status == 202
    assert http("POST", f"http://127.0.0.1:{jaeger}/api/traces", thrift_batch(), THRIFT).status == 202
    found, _ = one_of_jaeger(base, "00000000000000ab")
    assert tags(found["n"])["k"] == ("int64", 7)


def test_an_agent_passes_spans_of_zipkin_and_jaeger_on(launch, tmp_path):
    otlp, ports = free_port(), [free_port() for _ in range(3)]
    _, store = launch.server(
        "traces", tmp_path / "store", "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}",
        "--otlp.http-listen-address", f"127.0.0.1:{otlp}")
    (tmp_path / "agent.yml").write_text(
        "host_metrics: {enabled: false}\notlp: {grpc_listen_address: off, http_listen_address: off}\n"
        "exporter: {listen_address: off}\n"
        f"zipkin: {{endpoint: '127.0.0.1:{ports[0]}'}}\n"
        f"jaeger: {{protocols: {{grpc: {{endpoint: '127.0.0.1:{ports[1]}'}}, thrift_http: {{endpoint: '127.0.0.1:{ports[2]}'}}}}}}\n")
    (tmp_path / "promtail.yml").write_text("clients: []\nscrape_configs: []\n")
    launch.server(
        "agent", tmp_path / "agent", "--agent.config.file", tmp_path / "agent.yml", "--config.file", tmp_path / "promtail.yml",
        "--traces.url", f"http://127.0.0.1:{otlp}")
    trace = one_trace(ZipkinExporter(endpoint=f"http://127.0.0.1:{ports[0]}/api/v2/spans"))
    answer = wait_for(
        lambda: (a := get(f"{store}/api/traces/{trace}")).status == 200 and len(spans(a)) == 2 and a, "both spans")
    assert {span["name"] for _, span in spans(answer)} == {"POST /checkout", "charge card"}
    assert http("POST", f"http://127.0.0.1:{ports[2]}/api/traces", b"nonsense", THRIFT).status == 400
    channel = grpc.insecure_channel(f"127.0.0.1:{ports[1]}")
    call = channel.unary_unary("/jaeger.api_v2.CollectorService/PostSpans")
    assert call(b"", timeout=10) == b""
    channel.close()
