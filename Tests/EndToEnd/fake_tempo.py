"""A small Tempo: a search that gives the first traces it finds, traces by id in protobuf, and faults when asked for them."""

import http.server
import json
import random
import threading
import urllib.parse

from opentelemetry.proto.trace.v1.trace_pb2 import TracesData


def trace(number, start_ns, spans=3, service="shop"):
    """A trace of spans a second apart; its id tells its number."""
    data = TracesData()
    resource = data.resource_spans.add()
    attribute = resource.resource.attributes.add()
    attribute.key, attribute.value.string_value = "service.name", service
    scope = resource.scope_spans.add()
    for index in range(spans):
        span = scope.spans.add()
        span.trace_id = number.to_bytes(16, "big")
        span.span_id = (number * 100 + index + 1).to_bytes(8, "big")
        if index:
            span.parent_span_id = (number * 100 + 1).to_bytes(8, "big")
        span.name, span.kind = f"operation {index}", 2
        span.start_time_unix_nano = start_ns + index * 10**9
        span.end_time_unix_nano = start_ns + index * 10**9 + 5 * 10**6
    return data


class FakeTempo:
    """`faults` is the share of requests that fail; without `has_v2` it is a Tempo of before 2.7, without `counts` one whose
    metrics are off, and `partial` of its searches say that they have not looked everywhere and leave traces out."""

    def __init__(self, faults=0.0, has_v2=True, counts=True, most=262144, partial=0.0, seed=1):
        self.faults, self.has_v2, self.counts, self.most, self.partial = faults, has_v2, counts, most, partial
        self.traces, self.requests, self.random, self.lock = {}, 0, random.Random(seed), threading.Lock()
        handler = type("Handler", (Handler,), {"tempo": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def add(self, number, start_ns, **more):
        self.traces[number] = trace(number, start_ns, **more)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def chance(self, share):
        with self.lock:
            return self.random.random() < share

    def bounds(self, data):
        spans = [span for resource in data.resource_spans for scope in resource.scope_spans for span in scope.spans]
        return min(span.start_time_unix_nano for span in spans), max(span.end_time_unix_nano for span in spans), spans


class Handler(http.server.BaseHTTPRequestHandler):
    tempo = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, kind="application/json"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        tempo = self.tempo
        tempo.requests += 1
        path, _, query = self.path.partition("?")
        form = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
        if tempo.chance(tempo.faults):
            fault = tempo.random.choice([500, 429, None])
            if fault is None:
                self.close_connection = True
                return None
            return self.reply(fault, b"job queue full", "text/plain")
        if path == "/api/search":
            return self.search(form)
        if path == "/api/metrics/query_range":
            return self.count(form)
        for prefix, wraps in (("/api/v2/traces/", True), ("/api/traces/", False)):
            if path.startswith(prefix) and (tempo.has_v2 or not wraps):
                data = tempo.traces.get(int(path[len(prefix):], 16))
                body = data.SerializeToString() if data else b""
                if wraps:
                    size, length = len(body), b""
                    while size > 127:
                        length, size = length + bytes([size & 127 | 128]), size >> 7
                    return self.reply(200, b"\x0a" + length + bytes([size]) + body, "application/protobuf")
                return self.reply(200 if data else 404, body, "application/protobuf")
        return self.reply(404, b"404 page not found", "text/plain")

    def search(self, form):
        tempo = self.tempo
        start, end, limit = int(form["start"]), int(form["end"]), int(form.get("limit", 20))
        if limit > tempo.most:
            return self.reply(400, f"limit {limit} exceeds max_result_limit {tempo.most}".encode(), "text/plain")
        found = []
        for number, data in tempo.traces.items():
            first, last, spans = tempo.bounds(data)
            if first <= end * 10**9 and last >= start * 10**9:
                found.append({
                    "traceID": f"{number:x}", "rootServiceName": "shop", "rootTraceName": "operation 0",
                    "startTimeUnixNano": str(first), "durationMs": (last - first) // 10**6})
        # Not the first by time: those that happened to be found first.
        tempo.random.shuffle(found)
        total, done = 10, 10
        if len(found) > limit or found and tempo.chance(tempo.partial):
            done, found = 4, found[:limit] if len(found) > limit else found[:len(found) // 2]
        self.reply(200, {"traces": found, "metrics": {"completedJobs": done, "totalJobs": total}})

    def count(self, form):
        tempo = self.tempo
        if not tempo.counts:
            return self.reply(400, b"localblocks processor not found", "text/plain")
        start, end = int(form["start"]) * 10**9, int(form["end"]) * 10**9
        count = sum(start <= span.start_time_unix_nano < end
                    for data in tempo.traces.values() for span in tempo.bounds(data)[2])
        return self.reply(200, {"series": [{"labels": [], "samples": [{"timestampMs": str(end // 10**6), "value": count}]}]})
