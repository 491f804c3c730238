"""`martlet logs|traces|dashboards import`: moving in from Loki, Tempo and Grafana, cut off in the middle and gone on with."""

import http.server
import json
import random
import subprocess
import threading
import time

import pytest

from fake_grafana import FakeGrafana
from fake_loki import FakeLoki
from fake_tempo import FakeTempo, trace
from processes import free_port, get, http as request, run

NOW = int(time.time()) // 60 * 60
OPEN = "auth_enabled: false\nlimits_config: {reject_old_samples: false}\n"


@pytest.fixture
def loki():
    made = []

    def make(**options):
        made.append(FakeLoki(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def tempo():
    made = []

    def make(**options):
        made.append(FakeTempo(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


class Gate:
    """Stands before a server and answers some requests itself, as `refuse` says: (status, headers) or None."""

    def __init__(self, base, refuse):
        gate = self
        self.seen = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                gate.seen += 1
                refusal = refuse(gate.seen, self.path)
                if refusal:
                    status, headers = refusal
                    answer, kind = b"come again", "text/plain"
                else:
                    headers = {}
                    sent = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
                    got = request(self.command, base + self.path, body if self.command == "POST" else None, sent)
                    status, answer, kind = got.status, got.body, got.headers.get("Content-Type", "text/plain")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", kind)
                if status != 204:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(answer)

            do_GET = do_POST = handle_one

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


def moved(executables, *arguments, timeout=900):
    code, out, errors = run([executables / "martlet", *arguments], timeout=timeout)
    return code, out + errors


def cut_off(command, state, chance, longest):
    """Runs an import up to six times and kills it: after a random time, but not before it has got further than the one before
    it, however slow the machine is. How many it killed before it had ended."""
    kills = 0
    for _ in range(6):
        known = state.read_text() if state.exists() else ""
        with subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            moment = time.monotonic() + chance.uniform(0.15, longest)
            while child.poll() is None and (time.monotonic() < moment or (state.read_text() if state.exists() else "") == known):
                time.sleep(0.01)
            if child.poll() is None:
                child.kill()
                kills += 1
            child.wait()
        if not child.returncode:
            break
    return kills


def logs_server(launch, tmp_path, name="new"):
    config = tmp_path / f"{name}.yaml"
    config.write_text(OPEN)
    return launch.server("logs", tmp_path / name, "--config.file", config)


def everything(base, selector, start, end, flags=True):
    """All lines of a martlet-logs as (time, labels, line, metadata), read with its own pages."""
    headers = {"X-Loki-Response-Encoding-Flags": "categorize-labels"} if flags else {}
    lines, cursor = [], ""
    while cursor is not None:
        data = get(base + "/loki/api/v1/query_range", query=selector, start=start * 10**9, end=end * 10**9, limit=5000,
                   direction="forward", cursor=cursor, headers=headers).json()["data"]
        for stream in data["result"]:
            for at, line, *more in stream["values"]:
                metadata = dict(more[0].get("structuredMetadata", {})) if more else {}
                metadata.pop("detected_level", None)
                lines.append((int(at), json.dumps(stream["stream"], sort_keys=True), line, json.dumps(metadata, sort_keys=True)))
        cursor = data.get("cursor")
    return sorted(lines)


def wanted(loki):
    return sorted((at, json.dumps(labels, sort_keys=True), line, json.dumps(metadata, sort_keys=True))
                  for at, labels, line, metadata in loki.lines)


def awkward(loki, count, start, seed=3):
    """Streams without a label in common, crowds in one nanosecond at the edges of pages, hours without a line."""
    chance = random.Random(seed)
    streams = [{"service_name": "shop", "app": "shop"}, {"service_name": "till", "job": "till"}, {"service_name": "x", "unit": "a.service"}]
    at = start * 10**9
    for number in range(count):
        at += chance.choice([0, 0, 0, 1, 1000, 10**6, 10**9])
        if number % (count // 4) == count // 8:
            at += 7 * 3600 * 10**9
        labels = chance.choice(streams)
        line = chance.choice(["level=info", "{\"a\": \"é\\n\"}", "plain \t text", "wörter"]) + f" {number}"
        loki.add(labels, at, line, {"trace_id": f"{number:x}"} if number % 5 == 0 else None)


def test_logs_arrive_once_whatever_the_source_does(launch, executables, tmp_path, loki):
    old = loki(most=50, longest_hours=30, faults=0.1)
    awkward(old, 3000, NOW - 3 * 86400)
    _, base = logs_server(launch, tmp_path)
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--from", "4d", "--until", str(NOW),
                       "--state", tmp_path / "state")
    assert code == 0, said
    assert "moved 3000 lines" in said and "verified: 3000 lines on both sides" in said
    assert everything(base, '{service_name=~".+"}', NOW - 5 * 86400, NOW + 1) == wanted(old)
    # Once more: nothing to do, and nothing changes.
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--until", str(NOW), "--state", tmp_path / "state")
    assert code == 0 and "has ended before" in said, said
    # Nothing has come since, which is no failure.
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--until", str(NOW + 5), "--state", tmp_path / "state")
    assert code == 0 and "nothing has come since" in said, said
    # What has come since.
    old.add({"service_name": "shop", "app": "shop"}, NOW * 10**9 + 5, "new")
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--until", str(NOW + 10), "--state", tmp_path / "state")
    assert code == 0 and "moving what has come since" in said, said
    assert everything(base, '{service_name=~".+"}', NOW - 5 * 86400, NOW + 10) == wanted(old)


def test_more_lines_in_a_nanosecond_than_an_answer_has_room_for(launch, executables, tmp_path, loki):
    old = loki(most=40)
    at = (NOW - 3600) * 10**9
    for number in range(300):
        old.add({"service_name": "a"}, at, f"2026-11-29 12:00:00 [INFO] (x) {number}")
    for pod in range(50):
        old.add({"service_name": "b", "pod": str(pod)}, at, "the same in all", {"n": str(pod % 2)})
    old.add({"service_name": "a"}, at + 1, "after")
    _, base = logs_server(launch, tmp_path)
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--from", str(NOW - 7200), "--until", str(NOW),
                       "--state", tmp_path / "state")
    assert code == 0 and "moved 351 lines" in said, said
    assert everything(base, '{service_name=~".+"}', NOW - 7200, NOW) == wanted(old)


def test_a_busy_target_is_waited_for_and_order_is_kept(launch, executables, tmp_path, loki):
    old = loki()
    for number in range(20000):
        old.add({"service_name": "a"}, (NOW - 3600) * 10**9 + number * 10**6, f"line {number}")
    _, base = logs_server(launch, tmp_path)
    gate = Gate(base, lambda seen, path: path.endswith("/push") and seen % 3 and (503 if seen % 2 else 429, {"Retry-After": "1"}))
    code, said = moved(executables, "logs", "import", old.url, "--to", gate.url, "--from", "2h", "--until", str(NOW),
                       "--state", tmp_path / "state")
    assert code == 0 and "moved 20000 lines" in said, said
    assert everything(base, '{service_name="a"}', NOW - 7200, NOW) == wanted(old)


def test_an_import_of_logs_is_killed_and_gone_on_with(launch, executables, tmp_path):
    """From our own server: 200,000 lines, killed again and again."""
    _, source = logs_server(launch, tmp_path, "old")
    start = NOW - 2 * 86400
    total = 200_000
    for first in range(0, total, 20_000):
        streams = {}
        for number in range(first, first + 20_000):
            # 40 lines share each time.
            at = start * 10**9 + number // 40 * 30 * 10**6 * 40
            streams.setdefault(number % 7, []).append([str(at), f"level=info n={number}", {"n": str(number)}])
        body = {"streams": [{"stream": {"app": f"app-{key}"}, "values": values} for key, values in streams.items()]}
        assert request("POST", source + "/loki/api/v1/push", body).status == 204
    _, base = logs_server(launch, tmp_path, "new")
    state = tmp_path / "state"
    command = [executables / "martlet", "logs", "import", source, "--to", base, "--from", str(start - 60), "--until", str(NOW),
               "--state", state, "--lines", "1000"]
    kills = cut_off(command, state, random.Random(5), 0.8)
    assert kills >= 2
    before = json.loads(state.read_text())
    assert sum(before["lines"].values()) > 0
    code, said = moved(executables, *command[1:])
    assert code == 0, said
    assert f"moved {total} lines" in said and f"verified: {total} lines on both sides" in said, said
    lines = everything(base, '{app=~".+"}', start - 60, NOW)
    assert len(lines) == total and lines == everything(source, '{app=~".+"}', start - 60, NOW)


def test_what_goes_wrong_with_logs_is_said(launch, executables, tmp_path, loki):
    old = loki()
    old.add({"service_name": "a"}, (NOW - 20 * 86400) * 10**9, "old")
    old.add({"service_name": "a"}, (NOW - 60) * 10**9, "x" * 300_000)
    _, base = launch.server("logs", tmp_path / "strict")
    command = ["logs", "import", old.url, "--to", base, "--until", str(NOW), "--state", tmp_path / "state"]
    code, said = moved(executables, *command)
    assert code == 1 and "refuses lines older than 1w" in said and "reject_old_samples to false" in said, said
    code, said = moved(executables, *command, "--from", "1d")
    assert code == 1 and "max entry size" in said and "--skip-refused" in said, said
    code, said = moved(executables, *command, "--from", "1d", "--skip-refused")
    assert code == 1 and "fewer lines" in said and "1 lines in the old server, 1 moved, 0 in the new one" in said, said
    code, said = moved(executables, *command, "--selector", '{app="x"}')
    assert code == 1 and "state of another import" in said, said
    code, said = moved(executables, "logs", "import", f"http://127.0.0.1:{free_port()}", "--to", base, "--from", "1h",
                       "--patience", "1s", "--state", tmp_path / "none")
    assert code == 1 and "connection refused" in said and "Run the same command again" in said, said
    old.token = "secret"
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--from", "1h", "--state", tmp_path / "none")
    assert code == 1 and "does not accept the credentials" in said, said
    (tmp_path / "token").write_text("secret\n")
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--from", "1h", "--until", str(NOW - 3600),
                       "--token", f"@{tmp_path / 'token'}", "--state", tmp_path / "none")
    assert code == 2 and "--from must be before --until" in said, said
    code, said = moved(executables, "logs", "import", old.url, "--from", "yesterday")
    assert code == 2 and "an age such as 30d" in said, said
    code, said = moved(executables, "logs", "import", "loki:3100")
    assert code == 2 and "no URL of a server" in said, said


def test_an_old_loki_mixes_metadata_into_labels_and_that_is_said(launch, executables, tmp_path, loki):
    old = loki(categorizes=False, has_series=False)
    for number, labels in enumerate([{"job": "a"}, {"app": "b", "job": "c"}, {"app": "d"}, {"unit": "e"}]):
        old.add(labels, (NOW - 60) * 10**9 + number, f"line {number}")
    _, base = logs_server(launch, tmp_path)
    code, said = moved(executables, "logs", "import", old.url, "--to", base, "--from", "1h", "--until", str(NOW),
                       "--state", tmp_path / "state")
    assert code == 0 and "does not tell structured metadata from labels" in said and "verified: 4 lines" in said, said
    assert [line for _, _, line, _ in everything(base, '{service_name=~".+"}', NOW - 3600, NOW)] == [f"line {n}" for n in range(4)]


def traces_server(launch, tmp_path, name="new-traces"):
    otlp = free_port()
    _, base = launch.server("traces", tmp_path / name, "--otlp.http-listen-address", f"127.0.0.1:{otlp}",
                            "--otlp.grpc-listen-address", f"127.0.0.1:{free_port()}")
    return base, f"http://127.0.0.1:{otlp}"


def spans(base, number):
    """Span ids of a trace in a server that speaks Tempo's API."""
    answer = get(f"{base}/api/traces/{number:032x}")
    if answer.status != 200:
        return []
    return sorted(span["spanId"] for resource in answer.json()["batches"] for scope in resource["scopeSpans"] for span in scope["spans"])


@pytest.mark.parametrize("options", [
    {"faults": 0.1, "partial": 0.05}, {"has_v2": False, "counts": False}, {"most": 60},
], ids=["faults", "old", "limit"])
def test_traces_arrive_whole_and_once(launch, executables, tmp_path, tempo, options):
    old = tempo(**options)
    chance = random.Random(7)
    for number in range(1, 901):
        # Some in crowds, some longer than a search's range.
        second = NOW - 7200 + (number // 100 * 400 if number % 3 else chance.randrange(0, 6000))
        old.add(number, second * 10**9 + number, spans=chance.choice([1, 3, 3, 400 if number % 90 == 0 else 2]))
    base, otlp = traces_server(launch, tmp_path)
    command = ["traces", "import", old.url, "--to", otlp, "--to-api", base, "--from", str(NOW - 86400), "--until", str(NOW),
               "--state", tmp_path / "state", "--traces", "100"]
    code, said = moved(executables, *command)
    if options.get("most"):
        # A second has more traces than this Tempo tells, which is said.
        assert code == 1 and "more traces begin in this second than a search tells" in said, said
        return
    assert code == 0, said
    count = sum(len(old.bounds(data)[2]) for data in old.traces.values())
    assert f"moved 900 traces with {count} spans" in said, said
    assert f"verified: {count} spans" in said and ("not counted" in said) == (not options.get("counts", True)), said
    for number in list(range(1, 901, 37)) + [90, 180]:
        assert len(spans(base, number)) == len(old.bounds(old.traces[number])[2])
    code, said = moved(executables, *command)
    assert code == 0 and "has ended before" in said, said


def test_an_import_of_traces_is_killed_and_gone_on_with(launch, executables, tmp_path):
    """From our own server: 20,000 traces, killed again and again."""
    source, source_otlp = traces_server(launch, tmp_path, "old-traces")
    total = 20_000
    for first in range(1, total + 1, 1000):
        body = b"".join(trace(number, (NOW - 5000) * 10**9 + number * 2 * 10**8).SerializeToString() for number in range(first, first + 1000))
        assert request("POST", source_otlp + "/v1/traces", body, {"Content-Type": "application/x-protobuf"}).status == 200
    base, otlp = traces_server(launch, tmp_path)
    state = tmp_path / "state"
    command = [executables / "martlet", "traces", "import", source, "--to", otlp, "--to-api", base, "--from", str(NOW - 6000),
               "--until", str(NOW), "--state", state, "--traces", "400"]
    kills = cut_off(command, state, random.Random(9), 1.2)
    assert kills >= 2
    code, said = moved(executables, *command[1:])
    assert code == 0, said
    assert f"moved {total} traces with {3 * total} spans" in said and f"verified: {3 * total} spans" in said, said
    for number in random.Random(1).sample(range(1, total + 1), 100):
        assert spans(base, number) == spans(source, number) != []


@pytest.fixture
def grafana():
    made = []

    def make(**options):
        made.append(FakeGrafana(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_dashboards_become_files_that_our_server_reads(launch, executables, tmp_path, grafana):
    old = grafana(token="glsa_x")
    code, said = moved(executables, "dashboards", "import", old.url, "--token", "glsa_x", "--into", tmp_path / "in")
    assert code == 0, said
    for line in ["wrote 3 dashboards", "panel type geomap (1)", "transformation regression (1)", "data source type mysql (1)",
                 "Prometheus (prometheus, uid PBFA97CFB590B2093): moved; Grafana does not give out: basic auth of alice",
                 "Sales (mysql, uid sql-1): not supported"]:
        assert line in said, said
    files = sorted(str(path.relative_to(tmp_path / "in")) for path in (tmp_path / "in").rglob("*.*"))
    assert files == ["dashboards/At the top.json", "dashboards/Inner/Shop- overview.json", "dashboards/Ops - Team/Shop- overview.json",
                     "provisioning/dashboards/imported.yaml", "provisioning/datasources/imported.yaml"]
    model = json.loads((tmp_path / "in/dashboards/Ops - Team/Shop- overview.json").read_text())
    assert model["panels"][1] == {"type": "stat", "title": "Shared", "targets": [{"refId": "A", "expr": "up"}], "id": 2,
                                  "gridPos": {"h": 4, "w": 6, "x": 12, "y": 0}}
    port = free_port()
    launch.start("martlet-dashboards", "--storage.path", tmp_path / "data", "--web.listen-address", f"127.0.0.1:{port}",
                 "--dashboards.no-bundled", "--provisioning.path", tmp_path / "in/provisioning").wait_http(f"http://127.0.0.1:{port}/api/health")
    password = (tmp_path / "data" / "initial-admin-password").read_text().strip()
    login = request("POST", f"http://127.0.0.1:{port}/api/login", {"user": "admin", "password": password}, {"X-Requested-With": "x"})
    headers = {"Cookie": login.headers["Set-Cookie"].split(";")[0]}
    rows = get(f"http://127.0.0.1:{port}/api/search", headers=headers, type="dash-db").json()
    assert sorted(row["uid"] for row in rows) == ["old", "root", "shop"], rows
    sources = {row["uid"]: row for row in get(f"http://127.0.0.1:{port}/api/datasources", headers=headers).json()}
    assert sources["PBFA97CFB590B2093"]["url"] == "http://127.0.0.1:9090" and sources["loki-1"]["type"] == "loki"
    assert get(f"http://127.0.0.1:{port}/api/provisioning/errors", headers=headers).json() == []
    # Files as a source: what was written is read again.
    code, said = moved(executables, "dashboards", "import", tmp_path / "in" / "dashboards", "--into", tmp_path / "again")
    assert code == 0 and (tmp_path / "again/dashboards/Inner/Shop- overview.json").exists(), said


def test_dashboards_go_into_a_server_with_grafanas_api(executables, tmp_path, grafana):
    old, new = grafana(is_admin=False), grafana(token="t", boards={})
    command = ["dashboards", "import", old.url, "--to", new.url, "--to-token", "t"]
    for _ in range(2):
        code, said = moved(executables, *command)
        assert code == 1 and "only a token of an administrator" in said and "stored 3 dashboards and 2 folders" in said, said
    assert new.folders == {"ops": {"title": "Ops / Team", "parentUid": None}, "inner": {"title": "Inner", "parentUid": "ops"}}
    assert new.stored["shop"]["folderUid"] == "ops" and new.stored["old"]["folderUid"] == "inner"
    assert "folderUid" not in new.stored["root"] and "id" not in new.stored["root"]["dashboard"]
    code, said = moved(executables, "dashboards", "import", old.url, "--to", grafana(writable=False).url)
    assert code == 1 and "--into DIR" in said, said


def test_dashboards_that_cannot_be_moved_are_named(executables, tmp_path, grafana):
    boards = {"gone": ({"uid": "gone", "title": "G", "panels": [{"libraryPanel": {"uid": "nope"}}]}, None),
              "v2": ({"elements": {}, "layout": {}, "title": None}, None)}
    old = grafana(boards=boards)
    code, said = moved(executables, "dashboards", "import", old.url, "--into", tmp_path / "in")
    assert code == 1 and "there is no library panel nope" in said and "wrote 2 dashboards" in said, said
    (tmp_path / "x.json").write_text("{\"a\": 1}")
    code, said = moved(executables, "dashboards", "import", tmp_path / "x.json", "--into", tmp_path / "in2")
    assert code == 1 and "is no dashboard" in said, said
    code, said = moved(executables, "dashboards", "import", old.url)
    assert code == 2 and "--into DIR" in said, said
    code, said = moved(executables, "dashboards", "import", tmp_path / "absent", "--into", tmp_path / "in3")
    assert code == 1 and "absent" in said, said


def test_dashboards_go_into_our_server(launch, tmp_path, executables, grafana):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    launch.start("martlet-dashboards", "--storage.path", tmp_path / "data", "--web.listen-address", f"127.0.0.1:{port}",
                 "--dashboards.no-bundled").wait_http(base + "/api/health")
    password = (tmp_path / "data" / "initial-admin-password").read_text().strip()
    login = request("POST", base + "/api/login", {"user": "admin", "password": password}, {"X-Requested-With": "x"})
    headers = {"Cookie": login.headers["Set-Cookie"].split(";")[0], "X-Requested-With": "x"}
    account = request("POST", base + "/api/serviceaccounts", {"name": "mover", "role": "Editor"}, headers)
    if account.status == 404:
        pytest.skip("this server does not store dashboards")
    token = request("POST", f"{base}/api/serviceaccounts/{account.json()['id']}/tokens", {"name": "import"}, headers).json()["key"]
    for _ in range(2):
        code, said = moved(executables, "dashboards", "import", grafana().url, "--to", base, "--to-token", token)
        assert code == 0 and "stored 3 dashboards and 2 folders" in said, said
    rows = {row["uid"]: row for row in get(base + "/api/search", headers=headers).json()}
    assert rows["shop"]["folderUid"] == "ops" and rows["old"]["folderUid"] == "inner" and rows["inner"]["title"] == "Inner"
    stored = get(base + "/api/dashboards/uid/shop", headers=headers).json()["dashboard"]
    assert stored["panels"][1]["title"] == "Shared" and stored["panels"][1]["id"] == 2
