"""A small Loki: its paging, its limits in its words, and its faults when asked for them."""

import http.server
import json
import random
import re
import threading
import urllib.parse


class FakeLoki:
    """Keeps streams in memory and answers queries of selectors with filters that an import uses. `faults` is the share of
    requests that fail: with a 500, a 429, a connection that is cut, or one that is cut in the middle of the body."""

    def __init__(self, most=5000, longest_hours=721, faults=0.0, categorizes=True, has_series=True, seed=1):
        self.most, self.longest, self.faults, self.categorizes = most, longest_hours * 3600 * 10**9, faults, categorizes
        self.lines, self.requests, self.random = [], 0, random.Random(seed)
        self.token, self.has_series = None, has_series
        self.lock = threading.Lock()
        handler = type("Handler", (Handler,), {"loki": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def add(self, labels, timestamp, line, metadata=None):
        self.lines.append((timestamp, dict(labels), line, metadata or {}))

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fault(self):
        with self.lock:
            self.requests += 1
            return self.random.choice(["500", "429", "cut", "half"]) if self.random.random() < self.faults else None

    def select(self, query, start, end):
        selector, rest = re.match(r"\s*(\{[^}]*\})(.*)$", query, re.S).groups()
        tests = [(name, operator, json.loads(value)) for name, operator, value in
                 re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")', selector)]
        if not any(operator in ("=", "=~") and value not in ("", ".*") for _, operator, value in tests):
            raise ValueError("parse error : queries require at least one regexp or equality matcher that does not have an "
                             "empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will")
        filters = re.findall(r'(\|~|!~|\|)\s*(?:(\w+)(!?=))?("(?:[^"\\]|\\.)*")', rest)

        def matches(value, operator, wanted):
            return {"=": value == wanted, "!=": value != wanted, "=~": bool(re.fullmatch(wanted, value)),
                    "!~": not re.fullmatch(wanted, value)}[operator]

        def passes(entry):
            _, labels, line, metadata = entry
            for kind, name, operator, text in filters:
                text = json.loads(text)
                if kind == "|":
                    value = labels.get(name, metadata.get(name, ""))
                    if (value == text) != (operator == "="):
                        return False
                    continue
                # Go's notation for Python's.
                text = re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: re.escape(chr(int(m[1], 16))), text).replace("\\z", "\\Z")
                if bool(re.search(text, line)) != (kind == "|~"):
                    return False
            return True

        return [entry for entry in self.lines if start <= entry[0] < end
                and all(matches(entry[1].get(name, ""), operator, value) for name, operator, value in tests) and passes(entry)]


class Handler(http.server.BaseHTTPRequestHandler):
    loki = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, half=False):
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if half else body)
        if half:
            self.close_connection = True

    def do_GET(self):
        loki = self.loki
        path, _, query = self.path.partition("?")
        form = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
        fault = loki.fault()
        if fault == "cut":
            self.close_connection = True
            return
        if fault in ("500", "429"):
            return self.reply(int(fault), "too many outstanding requests" if fault == "429" else "context deadline exceeded")
        if loki.token and self.headers.get("Authorization") != f"Bearer {loki.token}":
            return self.reply(401, "no org id")
        try:
            self.answer(path, form, fault == "half")
        except ValueError as error:
            self.reply(400, str(error))

    def answer(self, path, form, half):
        loki = self.loki
        if path == "/loki/api/v1/series":
            if not loki.has_series:
                raise ValueError("0 matchers in series call")
            start, end = int(form["start"]), int(form["end"])
            if end - start > loki.longest:
                raise ValueError("the query time range exceeds the limit (query length: 1h, limit: 30d1h)")
            seen = {json.dumps(labels, sort_keys=True) for at, labels, _, _ in loki.lines if start <= at < end}
            return self.reply(200, {"status": "success", "data": [json.loads(one) for one in sorted(seen)]}, half)
        if path == "/loki/api/v1/labels":
            start, end = int(form["start"]), int(form["end"])
            names = sorted({name for at, labels, _, _ in loki.lines if start <= at < end for name in labels})
            return self.reply(200, {"status": "success", **({"data": names} if names else {})}, half)
        if path == "/loki/api/v1/query":
            selector, seconds = re.fullmatch(r"sum\(count_over_time\((.*)\[(\d+)s\]\)\)", form["query"], re.S).groups()
            end = int(form["time"])
            count = len(loki.select(selector, end - int(seconds) * 10**9 + 1, end + 1))
            result = [{"metric": {}, "value": [end / 1e9, str(count)]}] if count else []
            return self.reply(200, {"status": "success", "data": {"resultType": "vector", "result": result}}, half)
        if path != "/loki/api/v1/query_range":
            return self.reply(404, "404 page not found")
        start, end, limit = int(form["start"]), int(form["end"]), int(form.get("limit", 100))
        if limit > loki.most:
            raise ValueError(f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {loki.most})")
        if end - start > loki.longest:
            hours = loki.longest // 3600 // 10**9
            raise ValueError(f"the query time range exceeds the limit (query length: {(end - start) // 3600 // 10**9}h0m0s, limit: {hours}h)")
        found = sorted(loki.select(form["query"], start, end), key=lambda entry: entry[0])
        found = found[:limit] if form.get("direction") == "forward" else found[-limit:]
        flags = "categorize-labels" in (self.headers.get("X-Loki-Response-Encoding-Flags") or "") and loki.categorizes
        streams = {}
        for at, labels, line, metadata in found:
            own = labels if flags else {**labels, **metadata}
            value = [str(at), line] + ([{"structuredMetadata": metadata} if metadata else {}] if flags else [])
            streams.setdefault(json.dumps(own, sort_keys=True), []).append(value)
        data = {"resultType": "streams", "result": [{"stream": json.loads(key), "values": values} for key, values in streams.items()]}
        if flags:
            data["encodingFlags"] = ["categorize-labels"]
        self.reply(200, {"status": "success", "data": data}, half)
