"""`martlet bench`: what it sends arrives, what it tells is true, and it says why when it is not."""

import contextlib
import http.server
import json
import signal
import subprocess
import threading
import time

import pytest

from processes import free_port, get, run
from test_traces import traces  # noqa: F401 (a fixture)

MARK = 'job="martlet-bench"'


@pytest.fixture
def bench(executables):
    """Runs `martlet bench …` to its end and gives its report, or what it said where that is an error."""
    def measure(*arguments, code=0):
        ended, out, errors = run([executables / "martlet", "bench", *arguments, "--output", "json"], timeout=120)
        assert ended == code, errors or out
        if code == 2:
            return errors
        report = json.loads(out)["servers"]
        return (report, errors) if code else report

    return measure


@contextlib.contextmanager
def fake(answer):
    """A server whose answers `answer(number, method, path, headers, body)` gives: status, headers, body."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        count, lock = 0, threading.Lock()

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with Handler.lock:
                Handler.count += 1
                number = Handler.count
            status, headers, text = answer(number, self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def rightly_answered(server, least):
    assert len(server["queries"]) >= least
    for query in server["queries"]:
        assert query["right"] == 2 and query["wrong"] == 0 and "refused" not in query, query
        assert 0 < query["seconds"]["p50"] <= query["seconds"]["max"], query
    assert server["settled_seconds"] is not None


def number(base, path, **parameters):
    result = get(base + path, **parameters).json()["data"]["result"]
    return sum(float(series["value"][1]) for series in result)


def test_samples_arrive_at_martlet_and_at_prometheus(launch, bench, tmp_path):
    process, ours = launch.server("metrics", tmp_path / "ours")
    _, theirs = launch.prometheus("global: {}\n", tmp_path / "theirs", "--web.enable-remote-write-receiver")
    report = bench("metrics", ours, theirs, "--series", 700, "--count", 70_000, "--labels", 2, "--queries", 2, "--run", "one")
    for server in report:
        assert server["sent"] == server["acknowledged"] == 70_000, server
        assert server["problems"] == [] and server["raw_bytes"] > server["wire_bytes"] > 0, server
        assert server["push_seconds"]["p50"] <= server["push_seconds"]["p99"] <= server["push_seconds"]["max"], server
        rightly_answered(server, 9)
        # Found again by the marks, as the documentation says.
        query = 'count(last_over_time({%s,run="one",tag_0=~".+",tag_1=~".+"}[1h]))' % MARK
        assert number(server["url"], "/api/v1/query", query=query) == 700
    one = bench("metrics", ours, "--series", 100, "--duration", "1s", "--rate", 2000, "--queries", 0, "--pid", process.pid)[0]
    assert 1000 <= one["acknowledged"] <= 2000 and one["queries"] == [], one
    assert one["cpu_seconds"] >= 0 and one["peak_rss_bytes"] > 10 << 20, one


def test_lines_arrive(launch, bench, tmp_path):
    _, base = launch.server("logs", tmp_path / "data")
    server = bench("logs", base, "--streams", 23, "--count", 12_345, "--line-bytes", 300, "--queries", 2, "--run", "one")[0]
    assert server["acknowledged"] == 12_345 and server["raw_bytes"] >= 12_345 * 300, server
    rightly_answered(server, 8)
    now = time.time_ns()
    count = number(base, "/loki/api/v1/query", query='sum(count_over_time({%s,run="one"}[2h]))' % MARK, time=now)
    assert count == 12_345
    live = bench("logs", base, "--duration", "1s", "--rate", 3000, "--batch", 100, "--queries", 2)[0]
    assert live["acknowledged"] > 1000
    rightly_answered(live, 8)


def test_spans_arrive(traces, bench):  # noqa: F811
    base, _, otlp, _ = traces
    server = bench("traces", otlp, "--query-url", base, "--count", 9_000, "--services", 4, "--queries", 2, "--run", "one")[0]
    assert 9_000 <= server["acknowledged"] < 9_020, server
    rightly_answered(server, 8)
    found = get(base + "/api/search", q='{ resource.run = "one" && resource.service.namespace = "martlet-bench" }', limit=5).json()
    assert len(found["traces"]) == 5
    live = bench("traces", otlp, "--query-url", base, "--duration", "1s", "--rate", 4000, "--queries", 2)[0]
    rightly_answered(live, 7)


def test_a_server_that_asks_for_patience_gets_it(bench):
    bodies = []

    def answer(number, _, path, headers, body):
        assert path == "/api/v1/write" and headers["Content-Encoding"] == "snappy"
        assert headers["Authorization"] == "Bearer secret" and headers["X-Scope-OrgID"] == "tenant"
        bodies.append(body)
        if number == 1:
            return 429, {"Retry-After": "1"}, b"too fast"
        if number == 2:
            return 503, {}, b'{"error": "later"}'
        return 204, {}, b""

    with fake(answer) as url:
        started = time.monotonic()
        server = bench(
            "metrics", url, "--series", 10, "--count", 30, "--connections", 1, "--queries", 0, "--token", "secret", "--tenant", "tenant")[0]
        assert time.monotonic() - started >= 1
    assert server["acknowledged"] == 30 and server["pushes"] == 3 and server["throttled"] == 2
    assert server["throttled_seconds"] >= 1
    assert [(one["kind"], one["count"], one["first"]) for one in server["problems"]] == [("429", 1, "too fast"), ("503", 1, "later")]
    # The same push again, then the others.
    assert bodies[0] == bodies[1] == bodies[2] and len(set(bodies)) == 3


def test_a_server_that_loses_what_it_takes_is_found_out(bench):
    def answer(_, method, path, *__):
        if path.startswith("/loki/api/v1/push"):
            return 204, {}, b""
        return 200, {"Content-Type": "application/json"}, b'{"status":"success","data":{"resultType":"vector","result":[]}}'

    with fake(answer) as url:
        report, errors = bench("logs", url, "--count", 1000, "--queries", 1, "--settle", "0s", code=1)
    count = report[0]["queries"][0]
    assert (count["name"], count["wrong"], count["got"], count["expected"]) == ("lines", 1, "0 lines", "1000")
    assert report[0]["settled_seconds"] is None and "has not answered rightly: lines" in errors


def test_it_says_why_nothing_could_be_sent(bench, launch, tmp_path):
    report, errors = bench("traces", f"http://127.0.0.1:{free_port()}", code=1)
    assert report[0]["acknowledged"] == 0 and "connection refused: does the server run" in errors
    _, base = launch.server("metrics", tmp_path / "data")
    report, errors = bench("logs", base, code=1)
    assert "answers 404 to all pushes" in errors and report[0]["acknowledged"] == 0
    with fake(lambda *_: (401, {}, b"who are you?")) as url:
        _, errors = bench("metrics", url, code=1)
    assert "answers 401 to all pushes (who are you?)" in errors and "--token" in errors


def test_a_process_must_be_there(executables):
    ended, out, errors = run([executables / "martlet", "bench", "metrics", "http://127.0.0.1:1", "--pid", 999_999_999])
    assert (ended, out) == (1, "") and "there is no process 999999999 on this machine" in errors


@pytest.mark.parametrize("arguments, text", [
    (["metrics"], "Missing expected argument"),
    (["metrics", "http://127.0.0.1:1", "--rate", "0"], "--rate must be 0.001 to"),
    (["logs", "http://127.0.0.1:1", "--connections", "65"], "--connections must be 1 to 64"),
    (["traces", "http://127.0.0.1:1", "--duration", "soon"], "use a duration such as"),
    (["logs", "127.0.0.1:1"], "is no URL of a server"),
    (["logs", "http://127.0.0.1:1", "http://127.0.0.1:2", "--pid", "1"], "--pid must be given once for each"),
    (["logs", "http://127.0.0.1:1", "--run", 'a"b'], "--run takes letters, digits"),
])
def test_wrong_flags(bench, arguments, text):
    assert text in bench(*arguments, code=2)


def test_an_interrupt_ends_the_load_and_not_the_report(launch, executables, tmp_path):
    _, base = launch.server("logs", tmp_path / "data")
    child = subprocess.Popen(
        [executables / "martlet", "bench", "logs", base, "--duration", "60s", "--rate", "5000"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    child.send_signal(signal.SIGINT)
    out, errors = child.communicate(timeout=30)
    assert child.returncode == 0, errors
    assert "acknowledged" in out and out.endswith("\ninterrupted\n") and "query" not in out
    assert "martlet: writing lines of run" in errors
