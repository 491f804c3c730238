"""Tempo's query API over gRPC on the port of its HTTP API, as Grafana's data source asks."""

import hashlib
import socket
import struct
import time

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from processes import free_port, get, run, wait_for
from tempo_query import SERVICE, Querier
from test_traces import one_trace


def server(launch, data, *arguments):
    """(process, base URL, HOST:PORT of the queries, where OTLP goes)"""
    otlp = free_port()
    process, base = launch.server(
        "traces", data, "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}", "--otlp.http-listen-address",
        f"127.0.0.1:{otlp}", *arguments)
    return process, base, base.removeprefix("http://"), f"http://127.0.0.1:{otlp}/v1/traces"


@pytest.fixture
def traces(launch, tmp_path):
    """A server with a trace of each of three services: base URL, HOST:PORT."""
    _, base, address, otlp = server(launch, tmp_path / "data")
    for service in ("checkout", "billing", "stock"):
        one_trace(OTLPSpanExporter(endpoint=otlp), service)
    wait_for(lambda: len(get(base + "/api/search").json()["traces"]) == 3, "three traces")
    return base, address


def value(any_value):
    kind = any_value.WhichOneof("value")
    return [value(v) for v in any_value.array_value.values] if kind == "array_value" else getattr(any_value, kind)


def json_value(any_value):
    ((kind, found),) = any_value.items()
    if kind == "arrayValue":
        return [json_value(v) for v in found["values"]]
    return int(found) if kind == "intValue" else found


def as_json(trace):
    """A trace of a stream as the HTTP answer has it."""
    def attributes(pairs):
        return {pair.key: value(pair.value) for pair in pairs}

    def span_set(found):
        return found.matched, attributes(found.attributes), [
            (span.span_id, span.name, span.start_time_unix_nano, span.duration_nanos, attributes(span.attributes)) for span in found.spans]

    return (
        trace.trace_id, trace.root_service_name, trace.root_trace_name, trace.start_time_unix_nano, trace.duration_ms,
        [span_set(found) for found in trace.span_sets], span_set(trace.span_set),
        {entry.key: (entry.value.span_count, entry.value.error_count) for entry in trace.service_stats})


def of_json(trace):
    def attributes(pairs):
        return {pair["key"]: json_value(pair["value"]) for pair in pairs}

    def span_set(found):
        return found["matched"], attributes(found.get("attributes", [])), [
            (span["spanID"], span["name"], int(span["startTimeUnixNano"]), int(span["durationNanos"]), attributes(span.get("attributes", [])))
            for span in found["spans"]]

    return (
        trace["traceID"], trace["rootServiceName"], trace.get("rootTraceName", ""), int(trace["startTimeUnixNano"]), trace["durationMs"],
        [span_set(found) for found in trace["spanSets"]], span_set(trace["spanSet"]),
        {name: (stats["spanCount"], stats.get("errorCount", 0)) for name, stats in trace["serviceStats"].items()})


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip, grpc.Compression.Deflate])
@pytest.mark.parametrize("query", ["{ }", '{ span.amount > 1 && status = error } | select(span.tags, kind)', "{ } | count() > 1", "{ name = `none` }"])
def test_a_search_ends_with_what_http_answers(traces, query, compression):
    base, address = traces
    over_http = get(base + "/api/search", q=query, limit=2, spss=1).json()["traces"]
    with Querier(address, compression=compression) as querier:
        last = querier.last("Search", query=query, limit=2, spans_per_span_set=1)
    assert [as_json(trace) for trace in last.traces] == [of_json(trace) for trace in over_http]
    assert last.metrics.completed_jobs == last.metrics.total_jobs > 0


def test_a_search_by_tags_durations_and_times(traces):
    _, address = traces
    now = int(time.time())
    with Querier(address) as querier:
        def services(**fields):
            return [trace.root_service_name for trace in querier.last("Search", **fields).traces]

        assert services(tags=[{"key": "service.name", "value": "BILL"}]) == ["billing"]
        assert services(tags=[{"key": "service.name", "value": "bill"}, {"key": "name", "value": "none"}]) == []
        assert services(min_duration_ms=3600_000) == []
        assert len(services(max_duration_ms=3600_000, start=now - 600, end=now + 600)) == 3
        assert services(start=now - 7200, end=now - 3600) == []


def test_tags_and_their_values(traces):
    base, address = traces
    with Querier(address) as querier:
        assert list(querier.last("SearchTags").tag_names) == get(base + "/api/search/tags").json()["tagNames"]
        scopes = [(scope.name, list(scope.tags)) for scope in querier.last("SearchTagsV2").scopes]
        assert scopes == [(s["name"], s["tags"]) for s in get(base + "/api/v2/search/tags").json()["scopes"]]
        (scope,) = querier.last("SearchTagsV2", scope="resource", max_tags_per_scope=2).scopes
        assert (scope.name, len(scope.tags)) == ("resource", 2)
        assert list(querier.last("SearchTagValues", tag_name="service.name").tag_values) == ["billing", "checkout", "stock"]
        filtered = querier.last("SearchTagValuesV2", tag_name="resource.service.name", query='{ resource.service.name =~ ".*k.*" }')
        assert [(v.type, v.value) for v in filtered.tag_values] == [("string", "checkout"), ("string", "stock")]
        numbers = querier.last("SearchTagValuesV2", tag_name="span.cart.items", max_tag_values=1)
        assert [(v.type, v.value) for v in numbers.tag_values] == [("int", "3")]
        assert numbers.metrics.completed_jobs == numbers.metrics.total_jobs > 0


def test_metrics_end_with_what_http_answers(traces):
    base, address = traces
    now = int(time.time())
    query = "{ } | rate() by (resource.service.name)"
    with Querier(address) as querier:
        over_range = querier.last("MetricsQueryRange", query=query, start=(now - 600) * 10**9, end=(now + 60) * 10**9, step=60 * 10**9)
        instant = querier.last("MetricsQueryInstant", query=query, start=(now - 600) * 10**9, end=(now + 60) * 10**9)
        few = querier.last("MetricsQueryRange", query=query, max_series=1)
    def labels(series):
        return {pair.key: value(pair.value) for pair in series.labels}

    expected = get(base + "/api/metrics/query_range", q=query, start=now - 600, end=now + 60, step="60s").json()["series"]
    assert len(expected) == 3
    assert [(labels(s), [(p.timestamp_ms, p.value) for p in s.samples]) for s in over_range.series] == [
        ({l["key"]: json_value(l["value"]) for l in s["labels"]}, [(int(p["timestampMs"]), p.get("value", 0)) for p in s["samples"]])
        for s in expected]
    expected = get(base + "/api/metrics/query", q=query, start=now - 600, end=now + 60).json()["series"]
    assert [(labels(s), s.value) for s in instant.series] == [
        ({l["key"]: json_value(l["value"]) for l in s["labels"]}, s["value"]) for s in expected]
    assert (len(few.series), few.status) == (1, 1) and "max_response_series" in few.message


@pytest.mark.parametrize("call, fields, code, words", [
    ("Search", {"query": "{ name = "}, grpc.StatusCode.INVALID_ARGUMENT, "invalid TraceQL query"),
    ("Search", {"query": "{ }", "tags": [{"key": "a", "value": "b"}]}, grpc.StatusCode.INVALID_ARGUMENT, "cannot be used together"),
    ("Search", {"query": "{ }", "limit": 10**9}, grpc.StatusCode.INVALID_ARGUMENT, "query_frontend.search.max_result_limit"),
    ("Search", {"query": "{ .ü = ", "start": 2, "end": 1}, grpc.StatusCode.INVALID_ARGUMENT, "start must be before end"),
    ("Search", {"raw": b"\xff\xff"}, grpc.StatusCode.INVALID_ARGUMENT, "malformed"),
    ("Search", {"raw": b"\x42\x02\xff\xfe"}, grpc.StatusCode.INVALID_ARGUMENT, "UTF-8"),
    ("Search", {"raw": b"\x42\x80\x80\x80\x01" + b" " * (2 << 20)}, grpc.StatusCode.RESOURCE_EXHAUSTED, "limit"),
    ("MetricsQueryRange", {"query": "{ }"}, grpc.StatusCode.INVALID_ARGUMENT, "TraceQL"),
    ("SearchTagValuesV2", {"tag_name": "http.x"}, grpc.StatusCode.INVALID_ARGUMENT, "identifier"),
    ("FindTraceByID", {}, grpc.StatusCode.UNIMPLEMENTED, "404"),
])
def test_what_is_wrong_is_told_in_the_status(traces, call, fields, code, words):
    _, address = traces
    with Querier(address) as querier, pytest.raises(grpc.RpcError) as error:
        list(querier.stream(call, **fields))
    assert error.value.code() == code and words in error.value.details(), error.value


def test_one_port_serves_both_protocols_with_users_tenants_and_tls(launch, tmp_path):
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"])
    token = hashlib.sha256(b"reader-token").hexdigest()
    (tmp_path / "web.yml").write_text(
        f"tls_server_config: {{cert_file: {tmp_path}/cert.pem, key_file: {tmp_path}/key.pem}}\n"
        f"tokens:\n  - {{name: reader, token_sha256: {token}, access: read}}\n")
    (tmp_path / "tempo.yml").write_text("multitenancy_enabled: true\n")
    port = free_port()
    process = launch.start(
        "martlet-traces", "--storage.path", tmp_path / "data", "--web.listen-address", f"127.0.0.1:{port}",
        "--web.config.file", tmp_path / "web.yml", "--config.file", tmp_path / "tempo.yml",
        "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}", "--otlp.http-listen-address", f"127.0.0.1:{free_port()}")
    wait_for(lambda: "ready" in process.logged() or process.child.poll() is not None, "start")
    credentials = grpc.ssl_channel_credentials((tmp_path / "cert.pem").read_bytes())
    authorization = ("authorization", "Bearer reader-token")
    with Querier(f"localhost:{port}", credentials) as querier:
        def code(metadata):
            try:
                list(querier.stream("Search", query="{ }", metadata=metadata))
                return grpc.StatusCode.OK
            except grpc.RpcError as error:
                return error.code()

        wait_for(lambda: code([authorization, ("x-scope-orgid", "team")]) == grpc.StatusCode.OK, "an answer")
        assert code([]) == grpc.StatusCode.UNAUTHENTICATED
        assert code([("authorization", "Bearer nonsense"), ("x-scope-orgid", "team")]) == grpc.StatusCode.UNAUTHENTICATED
        assert code([authorization]) == grpc.StatusCode.UNAUTHENTICATED
        assert code([authorization, ("x-scope-orgid", "a|b")]) == grpc.StatusCode.INVALID_ARGUMENT
    for version in ("--http1.1", "--http2"):
        status, out, _ = run(["curl", "-s", "--cacert", tmp_path / "cert.pem", version, "-H", "Authorization: Bearer reader-token",
                              "-H", "X-Scope-OrgID: team", "-w", "%{http_version}", f"https://localhost:{port}/api/echo"])
        assert (status, out) == (0, "echo" + ("1.1" if version == "--http1.1" else "2"))


def test_http_goes_on_beside_grpc_on_plain_connections(traces):
    base, address = traces
    for version in ("--http1.0", "--http1.1", "--http2-prior-knowledge", "--http2"):
        for path, words in (("/api/search?limit=1", '"traces":[{'), ("/api/traces/77", "404")):
            status, out, _ = run(["curl", "-s", version, "-w", " %{http_code}", base + path])
            assert status == 0 and words in out, (version, out)
    # Large bodies, HEAD, and what is refused.
    status, out, _ = run(["curl", "-s", "--http2-prior-knowledge", "--compressed", base + "/metrics"])
    assert status == 0 and "martlet_" in out
    status, out, _ = run(["curl", "-sI", "--http2-prior-knowledge", base + "/api/echo"])
    assert status == 0 and out.startswith("HTTP/2 200")
    status, out, _ = run(["curl", "-s", "--http2-prior-knowledge", "-X", "PUT", "-w", " %{http_code}", base + "/api/search"])
    assert status == 0 and "405" in out


# MARK: Hostile clients

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8


def frame(kind, stream=0, payload=b"", flags=0):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def fields(*pairs):
    """HPACK: literals without indexing."""
    def text(value):
        assert len(value) < 127
        return bytes([len(value)]) + value.encode()

    return b"".join(b"\0" + text(name) + text(value) for name, value in pairs)


def call_headers(stream, flags=4, path=f"/{SERVICE}/Search", more=()):
    return frame(HEADERS, stream, fields(
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), ("content-type", "application/grpc"),
        ("te", "trailers"), *more), flags)


def request(stream, message=b"", end=True):
    return call_headers(stream) + frame(DATA, stream, b"\0" + struct.pack(">I", len(message)) + message, 1 if end else 0)


class Raw:
    """A connection on which frames are sent as a test likes."""

    def __init__(self, address, settings=b""):
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.buffer = b""
        self.send(PREFACE + frame(SETTINGS, payload=settings))

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def frames(self, seconds=60):
        """(kind, flags, stream, payload) until the server closes."""
        deadline = time.monotonic() + seconds
        while True:
            while len(self.buffer) >= 9 and len(self.buffer) >= 9 + (length := int.from_bytes(self.buffer[:3], "big")):
                head, payload, self.buffer = self.buffer[:9], self.buffer[9:9 + length], self.buffer[9 + length:]
                yield head[3], head[4], int.from_bytes(head[5:9], "big"), payload
            try:
                self.socket.settimeout(max(0.1, deadline - time.monotonic()))
                more = self.socket.recv(65536)
            except TimeoutError:
                raise AssertionError("the server neither says anything nor closes") from None
            except OSError:
                more = b""
            if not more:
                return
            self.buffer += more

    def until(self, kind, stream=None):
        for found in self.frames():
            if found[0] == kind and stream in (None, found[2]):
                return found
        return None


def resident(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


@pytest.fixture
def target(launch, tmp_path):
    process, base, address, _ = server(launch, tmp_path / "data")
    yield process, base, address
    # Whatever was done to it, it answers others.
    assert process.child.poll() is None, process.logged()[-3000:]
    assert get(base + "/api/echo").text == "echo"
    with Querier(address) as querier:
        assert len(querier.last("Search", query="{ }").traces) == 0


@pytest.mark.parametrize("what", [
    frame(99, 1, b"x") + frame(DATA, 1, b"x"),  # DATA on a stream that was never opened
    frame(HEADERS, 1, b"\xff" * 40, 4),  # no HPACK
    frame(HEADERS, 2, b"", 4),  # an even stream
    frame(SETTINGS, 0, b"x"),  # half a setting
    struct.pack(">I", 0xFFFFFF)[1:] + bytes([DATA, 0]) + struct.pack(">I", 1) + b"x" * 70000,  # beyond the largest frame
    frame(WINDOW, 0, struct.pack(">I", 0x7FFFFFFF)),  # more than a window may be
    frame(PING, 0, b"12345678") * 20000,
    frame(SETTINGS) * 20000,
])
def test_frames_that_cannot_be_end_the_connection(target, what):
    connection = Raw(target[2])
    connection.send(what)
    kinds = [kind for kind, *_ in connection.frames()]
    assert GOAWAY in kinds or not kinds, kinds


@pytest.mark.parametrize("what", [
    frame(HEADERS, 1, fields((":method", "POST")), 4),
    frame(HEADERS, 1, fields((":method", "POST"), (":scheme", "http"), (":path", ""), (":authority", "x")), 4),
    frame(HEADERS, 1, fields((":method", "CONNECT"), (":authority", "x")), 4),
    call_headers(1, more=[("connection", "close")]),
    call_headers(1, more=[("Upper", "x")]),
    call_headers(1) + call_headers(1),  # trailers that do not end the stream
])
def test_a_malformed_request_ends_its_stream_or_the_connection(target, what):
    connection = Raw(target[2])
    connection.send(what)
    assert any(kind in (RST, GOAWAY) for kind, *_ in connection.frames())


@pytest.mark.parametrize("body", [
    b"", b"\0\0\0\0", b"\0\0\0\0\5abc", b"\0\0\0\0\1a\0\0\0\0\1b", b"\7\0\0\0\0", b"\1\0\0\0\1a",
    b"\0\xff\xff\xff\xff" + b"x" * 1000,
])
def test_a_body_that_is_no_message_is_refused(target, body):
    connection = Raw(target[2])
    connection.send(call_headers(1) + frame(DATA, 1, body, 1))
    kinds = [f for f in _until_end(connection, 1)]
    assert kinds[-1][0] == HEADERS and kinds[-1][1] & 1


def _until_end(connection, stream):
    for found in connection.frames():
        if found[2] == stream:
            yield found
            if found[0] == RST or found[1] & 1:
                return


def test_ten_thousand_streams_on_one_connection(target):
    process, _, address = target
    before = resident(process)
    connection = Raw(address)
    # Calls whose message never ends.
    connection.send(b"".join(request(stream, b"x" * 100, end=False)[:-50] for stream in range(1, 20001, 2)))
    time.sleep(1)
    assert resident(process) - before < 64 << 20
    connection.socket.close()


def test_a_flood_of_resets(target):
    process, _, address = target
    before = resident(process)
    for _ in range(20):
        connection = Raw(address)
        connection.send(b"".join(
            request(stream) + frame(RST, stream, struct.pack(">I", 8)) for stream in range(1, 10001, 2)))
        assert GOAWAY in [kind for kind, *_ in connection.frames()]
    assert resident(process) - before < 64 << 20


def test_a_client_that_does_not_read_costs_bounded_memory(launch, tmp_path):
    process, base, address, otlp = server(launch, tmp_path / "data")
    for _ in range(20):
        one_trace(OTLPSpanExporter(endpoint=otlp))
    wait_for(lambda: len(get(base + "/api/search", limit=100).json()["traces"]) == 20, "the traces")
    with Querier(address) as querier:
        querier.last("Search", query="{ }", limit=100)
    before = resident(process)
    connections = []
    for _ in range(20):
        # Windows of no bytes: nothing of an answer may be sent.
        connection = Raw(address, settings=struct.pack(">HI", 4, 0))
        connection.send(b"".join(request(stream, b"\x20\x64") for stream in range(1, 200, 2)))
        connections.append(connection)
    time.sleep(2)
    assert resident(process) - before < 128 << 20
    assert get(base + "/api/echo").text == "echo"
    for connection in connections:
        connection.socket.close()
