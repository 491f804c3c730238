"""The drill: a stack under load is backed up twice, killed, loses its data directory, and comes back from the backup with
everything that was acknowledged before the backup began. Measures how much is lost (RPO) and how long it takes (RTO)."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import threading
import time

import pytest

from bucket import BUCKET, KEY, SECRET, Directory, Seaweed
from conftest import STACK_PORTS
from processes import can_be_bound, free_port, free_port_offset, get, http, run, wait_for
from remote_write import series, snappy

# What is there before the first backup, so that the second can show how little is new.
MASS_LINES, MASS_BYTES = 12_000, 800
SERVERS = ("metrics", "logs", "traces", "alerts", "dashboards")


class Writer(threading.Thread):
    """Sends numbered things one after the other and remembers when each was acknowledged."""

    def __init__(self, send):
        super().__init__(daemon=True)
        self.send, self.acknowledged, self.refused, self.ended = send, [], None, threading.Event()

    def run(self):
        number = 0
        while not self.ended.is_set():
            try:
                answer = self.send(number)
            except OSError:
                return
            if answer.status >= 300:
                self.refused = f"{answer.status}: {answer.text}"
                return
            self.acknowledged.append(time.time())
            number += 1
            time.sleep(0.02)

    def before(self, moment):
        """How many had been acknowledged by a moment."""
        return sum(1 for at in self.acknowledged if at < moment)


def write(base, value, at, tenant=None):
    """A sample by remote write."""
    body = series({"__name__": "drill_total", "job": "drill"}, [(at, float(value))])
    return http("POST", base + "/api/v1/write", snappy(body), {
        "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0", **({"X-Scope-OrgID": tenant} if tenant else {})})


class Drill:
    def __init__(self, launch, data, offset):
        self.launch, self.data, self.offset = launch, data, offset
        self.start = int(time.time()) - 1800

    def url(self, server, path=""):
        return f"http://127.0.0.1:{STACK_PORTS[server] + self.offset}{path}"

    def up(self):
        process = self.launch.start("martlet", "up", "--data", self.data, "--port-offset", self.offset)
        for server in (*SERVERS, "agent"):
            process.wait_http(self.url(server, "/-/ready"))
        return process

    # What is sent

    def sample(self, number):
        return write(self.url("metrics"), number, self.start * 1000 + number * 100)

    def line(self, number):
        return http("POST", self.url("logs", "/loki/api/v1/push"), {"streams": [{
            "stream": {"app": "drill"}, "values": [[str(self.start * 10**9 + number * 10**6), f"n={number}"]]}]})

    def trace(self, number):
        begin = self.start * 10**9 + number * 10**6
        return http("POST", self.url("traces_otlp_http", "/v1/traces"), {"resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "drill"}}]},
            "scopeSpans": [{"spans": [{
                "traceId": f"{number + 1:032x}", "spanId": f"{number + 1:016x}", "name": f"n{number}", "kind": 1,
                "startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + 1000)}]}]}]})

    def silence(self, number):
        return http("POST", self.url("alerts", "/api/v2/silences"), {
            "matchers": [{"name": "alertname", "value": f"n{number}", "isRegex": False}], "createdBy": "drill",
            "comment": f"n={number}", "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2036-01-01T00:00:00Z"})

    def mass(self):
        """Lines that cannot be compressed, in segments of the log that no later backup has to store again."""
        rng = random.Random(1)
        values = [[str(self.start * 10**9 - 10**9 + n), rng.randbytes(MASS_BYTES // 2).hex()] for n in range(MASS_LINES)]
        for first in range(0, MASS_LINES, 1000):
            answer = http("POST", self.url("logs", "/loki/api/v1/push"), {"streams": [{
                "stream": {"app": "mass"}, "values": values[first:first + 1000]}]})
            assert answer.status == 204, answer.text
        # A snapshot ends the segment of the record log, which then becomes a file; until then it would be stored as both.
        name = http("POST", self.url("logs", "/-/snapshots")).json()["data"]["name"]
        assert http("DELETE", self.url("logs", f"/-/snapshots?name={name}")).status == 204
        wait_for(lambda: list((self.data / "logs").rglob("*.seg")), "a segment file", 60)
        wait_for(lambda: not list((self.data / "logs" / "tenants" / "fake" / "wal").glob("00000000")), "the log's end", 60)

    # What is found

    def samples(self):
        answer = get(self.url("metrics", "/api/v1/query"), query="drill_total[2h]").json()
        result = answer["data"]["result"]
        return [int(float(value)) for _, value in result[0]["values"]] if result else []

    def lines(self, app="drill"):
        answer = get(self.url("logs", "/loki/api/v1/query"), query=f'count_over_time({{app="{app}"}}[3h])',
                     time=time.time_ns()).json()
        return sum(int(stream["value"][1]) for stream in answer["data"]["result"])

    def has_trace(self, number):
        return get(self.url("traces", f"/api/traces/{number + 1:032x}")).status == 200

    def silences(self):
        found = get(self.url("alerts", "/api/v2/silences")).json()
        return {int(item["comment"][2:]) for item in found if item["createdBy"] == "drill"}


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_everything(process, ports):
    """Supervisor and servers, none of which may end in order: all are stopped before the first dies. A process that counts as
    dead may have threads that still hold its ports for a moment."""
    victims = [*children(process.pid)]
    for pid in [process.pid, *victims]:
        os.kill(pid, signal.SIGSTOP)
    for pid in [process.pid, *victims]:
        os.kill(pid, signal.SIGKILL)
    process.child.wait(10)
    wait_for(lambda: can_be_bound(*ports), f"the ports {ports} to be free")


class Tool:
    """`martlet` against one repository."""

    def __init__(self, executables, place, env=None):
        self.program, self.place, self.env = executables / "martlet", place, env

    def __call__(self, *arguments, expected=0, env=None):
        code, out, errors = run(
            [self.program, *arguments, *self.place], timeout=300, env={**(self.env or {}), **(env or {})})
        assert code == expected, f"{arguments}: exit code {code}\n{out}\n{errors}"
        return out + errors


def new_bytes(output):
    return int(re.search(r"\((\d+) bytes\)", output).group(1))


@pytest.mark.parametrize("place", ["directory", "s3"])
def test_a_stack_that_lost_everything_comes_back(place, executables, launch, tmp_path):
    if place == "s3":
        bucket = Seaweed(launch, tmp_path / "seaweed")
        tool = Tool(executables, ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml", "backups")])
    else:
        tool = Tool(executables, ["--to", tmp_path / "backups"])
    data = tmp_path / "data"
    drill = Drill(launch, data, free_port_offset(STACK_PORTS.values()))
    process = drill.up()
    board = data / "config" / "dashboards" / "drill.json"
    board.write_text(json.dumps({"title": "Drill", "uid": "drill", "panels": []}))
    password = (data / "dashboards" / "initial-admin-password").read_text()
    drill.mass()
    writers = {name: Writer(getattr(drill, name)) for name in ("sample", "line", "trace", "silence")}
    for writer in writers.values():
        writer.start()
    time.sleep(3)

    where = ["--data", data, "--port-offset", drill.offset]
    first = tool("backup", *where)
    time.sleep(3)
    moment = time.time()
    second = tool("backup", *where)
    took = time.time() - moment
    promised = {name: writer.before(moment) for name, writer in writers.items()}
    assert new_bytes(first) > MASS_LINES * MASS_BYTES // 4
    assert new_bytes(second) < new_bytes(first) / 4, (first, second)
    for server in SERVERS:
        assert list((data / server / "snapshots~").iterdir()) == [], "a snapshot was left behind"
    listed = tool("backup", "list")
    assert len(re.findall(r"metrics,logs,traces,dashboards,alerts,config", listed)) == 2, listed
    assert "verified 2 backups" in tool("backup", "verify")

    refusal = tool("restore", "--data", data, "--replace", expected=1)
    assert "is in use by process" in refusal

    time.sleep(1)
    dead = time.time()
    kill_everything(process, [port + drill.offset for port in STACK_PORTS.values()])
    for writer in writers.values():
        writer.ended.set()
        writer.join(30)
        assert writer.refused is None, writer.refused
    shutil.rmtree(data)
    restored = tool("restore", "--data", data)
    code, out, errors = run([executables / "martlet", "metrics", "tsdb", "verify", data / "metrics"])
    assert code == 0, out + errors
    back = drill.up()
    recovered = time.time()

    samples = drill.samples()
    assert samples[:promised["sample"]] == list(range(promised["sample"]))
    assert drill.lines() >= promised["line"]
    assert drill.lines("mass") == MASS_LINES
    traces = [number for number in range(len(writers["trace"].acknowledged)) if drill.has_trace(number)]
    assert traces[:promised["trace"]] == list(range(promised["trace"]))
    assert set(range(promised["silence"])) <= drill.silences()
    assert json.loads(board.read_text())["title"] == "Drill"
    assert (data / "dashboards" / "initial-admin-password").read_text() == password
    login = http("POST", drill.url("dashboards", "/api/login"), {"user": "admin", "password": password.strip()},
                 headers={"Origin": drill.url("dashboards")})
    assert login.status in (200, 204), login.text
    newest = max(writers["sample"].acknowledged[len(samples) - 1], writers["trace"].acknowledged[traces[-1]])
    lost = {name: len(writers[name].acknowledged) - there for name, there in [
        ("sample", len(samples)), ("line", drill.lines()), ("trace", len(traces)), ("silence", len(drill.silences()))]}
    print(f"\n{place}: second backup took {took:.1f} s and stored {new_bytes(second)} of {new_bytes(first)} bytes; "
          f"RPO {dead - newest:.2f} s (backup began {dead - moment:.2f} s before the loss, lost {lost}), "
          f"RTO {recovered - dead:.2f} s from the loss to a stack that is ready\n{restored}")
    assert back.stop(90) == 0


def test_what_is_wrong_is_said(executables, launch, tmp_path):
    tool = Tool(executables, ["--to", tmp_path / "backups"])
    _, metrics = launch.server("metrics", tmp_path / "metrics")
    assert write(metrics, 1, int(time.time() * 1000)).status == 204
    _, alerts = launch.server("alerts", tmp_path / "alerts")
    nobody = f"http://127.0.0.1:{free_port()}"
    stores = ["--store", f"metrics={metrics}", "--store", f"logs={nobody}", "--store", f"alerts={alerts}"]
    partial = tool("backup", *stores, expected=1)
    assert re.search(rf"logs: {nobody} cannot be asked for a snapshot: connection refused", partial), partial
    assert "lacks logs" in partial
    assert "metrics,alerts (no logs)" in tool("backup", "list")
    # A server in another's place.
    assert "is martlet-alerts, not martlet-metrics" in tool("backup", "--store", f"metrics={alerts}", expected=1)
    # Wrong flags.
    for arguments in (["backup", "--store", "metric"], ["restore"], ["backup", "prune", "--keep", "0"],
                      ["backup", "--objstore.config-file", tmp_path / "nothing.yml"]):
        tool(*arguments, expected=2)
    # A store that a partial backup has can be restored from it, when it is named.
    assert "no backup" in tool("restore", "--data", tmp_path / "back", expected=1)
    tool("restore", "--data", tmp_path / "back", "--store", "alerts")
    assert "is not empty" in tool("restore", "--data", tmp_path / "back", "--store", "alerts", expected=1)
    tool("restore", "--data", tmp_path / "back", "--store", "alerts", "--replace")
    assert len(list((tmp_path / "back").glob("alerts.before-*"))) == 1
    # A damaged object is named, by verify and by restore, which leaves nothing behind.
    victim = max((tmp_path / "backups" / "objects").rglob("*"), key=lambda path: path.is_file() and path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    assert victim.name in tool("backup", "verify", expected=1)
    damaged = tool("restore", "--store", f"metrics={tmp_path / 'again'}", expected=1)
    assert victim.name in damaged and "nothing was restored" in damaged, damaged
    assert list(tmp_path.glob("again*")) == []
    # Pruning keeps what is named.
    victim.unlink()
    tool("backup", "--store", f"metrics={metrics}")
    assert "2 backups stay" in tool("backup", "prune", "--keep", "1", "--dry-run")
    tool("backup", "prune", "--keep", "1")


def test_snapshots_are_for_those_who_may_write(executables, launch, tmp_path):
    tokens = tmp_path / "web.yml"
    tokens.write_text(
        "tokens:\n  - {name: reader, token: reader-reader-reader, access: read}\n"
        "  - {name: team, token: team-team-team-team, tenant: team}\n"
        "  - {name: backup, token: backup-backup-backup, access: write}\n")
    base = f"http://127.0.0.1:{free_port()}"
    launch.start("martlet-logs", "--storage.path", tmp_path / "logs", "--web.listen-address", base.removeprefix("http://"),
                 "--web.config.file", tokens)
    reader = {"Authorization": "Bearer reader-reader-reader"}
    wait_for(lambda: get(base + "/-/ready", headers=reader).status == 200, "the log server", 60)
    for token, status in ((None, 401), ("reader-reader-reader", 403), ("team-team-team-team", 403),
                          ("backup-backup-backup", 200)):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        assert http("POST", base + "/-/snapshots", headers=headers).status == status, token
    tool = Tool(executables, ["--to", tmp_path / "backups"])
    assert "wants a login" in tool("backup", "--store", f"logs={base}", expected=1)
    settings = tmp_path / "http.yml"
    settings.write_text("authorization: {credentials: backup-backup-backup}\n")
    tool("backup", "--store", f"logs={base}", "--http.config-file", settings)


def test_a_bucket_with_the_wrong_credentials(executables, launch, tmp_path):
    bucket = Seaweed(launch, tmp_path / "seaweed")
    config = bucket.config(tmp_path / "bucket.yml")
    config.write_text(config.read_text().replace("secret_key: secret", "secret_key: wrong"))
    tool = Tool(executables, ["--objstore.config-file", config])
    _, base = launch.server("alerts", tmp_path / "alerts")
    refused = tool("backup", "--store", f"alerts={base}", expected=1)
    assert "403" in refused or "Denied" in refused or "Signature" in refused, refused
    assert list((tmp_path / "alerts" / "snapshots~").glob("*")) == []
    # The right ones, in AWS' variables.
    environment = {"AWS_ENDPOINT_URL": f"http://{bucket.host}", "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    tool = Tool(executables, ["--to", f"s3://{BUCKET}/some/where"], environment)
    tool("backup", "--store", f"alerts={base}")
    assert "verified 1 backups" in tool("backup", "verify")
    assert all(key.startswith("some/where/") for key in bucket.keys())


def test_a_restored_store_writes_to_its_bucket_under_a_name_of_its_own(executables, launch, tmp_path):
    bucket = Directory(tmp_path / "bucket")
    flags = ["--objstore.config-file", bucket.config(tmp_path / "bucket.yml"),
             "--storage.object-store.interval", "200ms", "--memory.limit", "64MiB"]
    server, base = launch.server("logs", tmp_path / "logs", *flags)
    start = int(time.time()) - 600

    def push(base, first, count):
        values = [[str((start * 1000 + n) * 10**6), f"n={n} " + "x" * 900] for n in range(first, first + count)]
        assert http("POST", base + "/loki/api/v1/push", {"streams": [{"stream": {"app": "b"}, "values": values}]}).status == 204

    def lines(base):
        answer = get(base + "/loki/api/v1/query", query='count_over_time({app="b"}[1h])', time=time.time_ns()).json()
        return sum(int(stream["value"][1]) for stream in answer["data"]["result"])

    for batch in range(10):
        push(base, batch * 1000, 1000)
    wait_for(lambda: any("/logs/" in key and not "manifest" in key for key in bucket.keys()), "an upload", 60)
    tool = Tool(executables, ["--to", tmp_path / "backups"])
    tool("backup", "--store", f"logs={base}")
    uploads = set(bucket.keys())
    for batch in range(10, 20):
        push(base, batch * 1000, 1000)
    wait_for(lambda: any("/logs/" in key and not "manifest" in key for key in set(bucket.keys()) - uploads), "another upload")
    server.kill()
    tool("restore", "--store", f"logs={tmp_path / 'restored'}")
    again, base = launch.server("logs", tmp_path / "restored", *flags)
    # What was in the backup, and what had gone to the bucket since; nothing twice.
    wait_for(lambda: lines(base) >= 10_000, "the lines")
    before = set(bucket.keys())
    for batch in range(20, 30):
        push(base, batch * 1000, 1000)
    wait_for(lambda: set(bucket.keys()) - before, "an upload after the restore")
    assert lines(base) <= 30_000
    conflict = get(base + "/metrics").text
    assert "martlet_logs_upload_conflict 0" in conflict


def test_tenants_come_back_apart(executables, launch, tmp_path):
    tool = Tool(executables, ["--to", tmp_path / "backups"])
    flags = ["--auth.multitenancy-enabled"]
    server, base = launch.server("metrics", tmp_path / "metrics", *flags)
    now = int(time.time() * 1000)

    def read(base, tenant):
        answer = get(base + "/api/v1/query", query="drill_total", headers={"X-Scope-OrgID": tenant}).json()
        return [float(found["value"][1]) for found in answer["data"]["result"]]

    for value, tenant in enumerate(["anonymous", "one", "two"]):
        assert write(base, value, now, tenant).status == 204
    tool("backup", "--store", f"metrics={base}")
    server.kill()
    manifest = json.loads(next((tmp_path / "backups" / "backups").iterdir()).read_text())["manifest"]
    assert manifest["stores"][0]["tenants"] == ["anonymous", "one", "two"]
    back = tmp_path / "back"
    back.mkdir(mode=0o750)
    os.chown(back, 4711 if os.geteuid() == 0 else -1, -1)
    tool("restore", "--store", f"metrics={back}")
    owners = {path.stat().st_uid for path in [back, *back.rglob("*")]}
    assert owners == {4711 if os.geteuid() == 0 else os.geteuid()}
    assert back.stat().st_mode & 0o777 == 0o750
    _, base = launch.server("metrics", back, *flags)
    assert [read(base, tenant) for tenant in ("anonymous", "one", "two", "three")] == [[0], [1], [2], []]


def test_a_backup_that_is_killed_counts_for_nothing_and_the_next_goes_on(executables, launch, tmp_path):
    files, size = 400, 300_000
    (tmp_path / "files").mkdir()
    for number in range(files):
        (tmp_path / "files" / f"{number}").write_bytes(random.Random(number).randbytes(size))
    place = ["--to", tmp_path / "backups"]
    tool = Tool(executables, place)
    objects = tmp_path / "backups" / "objects"
    process = launch.start("martlet", "backup", "--store", f"config={tmp_path / 'files'}", *place)
    wait_for(lambda: len(list(objects.rglob("*"))) > 40, "some objects", 30, 0.005)
    process.kill()
    there = sum(path.stat().st_size for path in objects.rglob("*") if path.is_file() and path.suffix != ".tmp")
    assert 0 < there < files * size, "it had ended already"
    assert len(tool("backup", "list").splitlines()) == 1
    assert "no backups" in tool("restore", "--data", tmp_path / "back", expected=1)
    output = tool("backup", "--store", f"config={tmp_path / 'files'}")
    assert new_bytes(output) == files * size - there
    tool("backup", "verify")
    # The one that was killed may be alive as far as anybody knows, until the grace is over.
    assert "runs; prune again" in tool("backup", "prune", "--keep", "1", expected=1)
    time.sleep(1.1)
    assert "removed 0 objects" in tool("backup", "prune", "--keep", "1", "--grace", "1s")
    tool("restore", "--store", f"config={tmp_path / 'back'}")
    assert all((tmp_path / "back" / f"{number}").read_bytes() == random.Random(number).randbytes(size)
               for number in range(files))
