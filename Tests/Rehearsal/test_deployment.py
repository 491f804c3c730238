"""From nothing to dashboards over the network, and back from losses. The tests are steps of one story, in this order."""

import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import time

import pytest

from deployment import ALERTMANAGER, AUTHORITY

ROLES = ["metrics", "logs", "traces", "dashboards", "app"]
SERVERS = {"metrics": ["martlet-metrics", "martlet-alerts"], "logs": ["martlet-logs"], "traces": ["martlet-traces"],
           "dashboards": ["martlet-dashboards"], "app": ["flask-app", "flask-app-load"]}
TRACE = "5b8efff798038103d269b633813fc60c"


def test_secrets_are_made(deployment):
    began = time.monotonic()
    assert deployment.secrets().endswith("secrets: all secrets of martlet are in place")
    deployment.clock.note("desk", "terraform/secrets", began)
    # As docs/deploy.md says.
    certificate = deployment.administrator(
        "aws", "ssm", "get-parameter", "--name", "/martlet/ca/certificate", "--query", "Parameter.Value", "--output", "text")
    deployment.desk.machine.run("tee", AUTHORITY, stdin=certificate + "\n")


def test_a_package_that_is_not_the_one_that_was_meant_is_not_installed(deployment):
    began = time.monotonic()
    package = next((deployment.bucket("artifacts") / "packages").glob("*.deb"))
    content = package.read_bytes()
    package.write_bytes(content[:-1] + b"x")
    host = deployment.create("dashboards")
    output = host.await_user_data()
    package.write_bytes(content)
    assert host.user_data_state() == "failed"
    last = [line for line in output.splitlines() if line.startswith("martlet-setup: ")][-1]
    assert re.fullmatch(r"martlet-setup: s3://\S+/packages/\S+\.deb has not the SHA-256 [0-9a-f]{64}; nothing of it is used", last), output
    assert host.machine.run("dpkg-query", "-W", "martlet", check=False)[0] == 1
    assert host.machine.output("ls", "/var/lib/martlet-setup") == "changed\nlock\nsettings"
    deployment.clock.note("dashboards", "a wrong package is refused", began)
    # Once the right one is there, the same script goes on.
    host.machine.run("systemctl", "restart", "--no-block", "cloud-final.service")


def test_every_machine_becomes_its_server(deployment, pytestconfig):
    deployment.parameter("alertmanager").write_text(ALERTMANAGER)
    began = time.monotonic()
    for role in ("metrics", "traces", "app"):
        deployment.create(role)
    # Unless time is short, one begins without the tools.
    deployment.create("logs", plain=not pytestconfig.getoption("--short"))
    deployment.await_ready(*ROLES)
    deployment.clock.note("all", "five machines, side by side", began)
    for role, host in deployment.hosts.items():
        assert f"martlet-setup: {role} is ready" in host.user_data_log()
        assert host.machine.output("systemctl", "list-units", "--failed", "--no-legend", "--plain") == "", role
        for service in [*SERVERS[role], "martlet-agent"]:
            assert host.machine.show(service, "NRestarts") == "0", host.machine.journal(service)


def test_metrics_are_scraped_across_machines(deployment):
    began = time.monotonic()
    wanted = {(job, f"{host}.martlet.internal") for job, host in [
        *[("node", role) for role in ROLES], ("martlet-metrics", "metrics"), ("martlet-alerts", "metrics"), ("martlet-logs", "logs"),
        ("martlet-traces", "traces"), ("flask-app", "app")]}

    def up():
        answer = deployment.ask(deployment.desk, deployment.url("metrics", "/api/v1/query?query=up"), token="query")
        rows = answer["data"]["result"] if answer else []
        return {(row["metric"]["job"], row["metric"]["instance"].partition(":")[0]) for row in rows if row["value"][1] == "1"} == wanted

    deployment.wait(up, f"the targets {sorted(wanted)}")
    deployment.clock.note("metrics", "all targets are scraped", began)


def test_nobody_is_answered_without_a_token(deployment):
    assert deployment.curl(deployment.desk, deployment.url("metrics", "/api/v1/query?query=up"))[0] == 401
    assert deployment.curl(deployment.hosts["app"], "https://traces.martlet.internal:4318/v1/traces", data=span())[0] == 401
    assert deployment.curl(deployment.hosts["dashboards"], deployment.url("logs", "/loki/api/v1/labels"))[0] == 401
    assert deployment.curl(deployment.hosts["dashboards"], deployment.url("logs", "/loki/api/v1/labels"), token="send")[0] == 403


def span():
    now = time.time_ns()
    return {"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "client"}}]},
        "scopeSpans": [{"spans": [{"traceId": TRACE, "spanId": "eee19b7ec3c1b174", "name": "over HTTP", "kind": 2,
                                   "startTimeUnixNano": str(now - 10**9), "endTimeUnixNano": str(now)}]}]}]}


def test_a_client_sends_spans_over_http_and_grpc(deployment):
    """From a machine of the group `app`, to the trace server itself, with token and authority."""
    app = deployment.hosts["app"]
    status, body = deployment.curl(app, "https://traces.martlet.internal:4318/v1/traces", token="send", data=span())
    assert status == 200, body
    program = """
import sys
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider(resource=Resource.create({"service.name": "client"}))
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
with provider.get_tracer("rehearsal").start_as_current_span("over gRPC") as one:
    print(format(one.get_span_context().trace_id, "032x"))
provider.shutdown()
"""
    token = deployment.parameter("tokens/send").read_text()
    deployment.trace = app.machine.output(
        "env", "OTEL_EXPORTER_OTLP_ENDPOINT=https://traces.martlet.internal:4317", f"OTEL_EXPORTER_OTLP_CERTIFICATE={AUTHORITY}",
        f"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20{token}", "/opt/flask-app/venv/bin/python", "-", stdin=program)
    assert len(deployment.trace) == 32, deployment.trace


@pytest.fixture(scope="module")
def person(deployment):
    """Somebody in the office who has logged in: asks a data source of the dashboards."""
    password = deployment.hosts["dashboards"].machine.output("cat", "/var/lib/martlet/dashboards/initial-admin-password")
    status, body = deployment.curl(
        deployment.desk, deployment.url("dashboards", "/api/login"), "--cookie-jar", "/root/cookies", "--header", "X-Requested-With: test",
        data={"user": "admin", "password": password})
    assert status == 200, body

    def ask(path, **parameters):
        fields = [word for name, value in parameters.items() for word in ("--data-urlencode", f"{name}={value}")]
        return deployment.ask(deployment.desk, deployment.url("dashboards", path), "--cookie", "/root/cookies", "--get", *fields)

    return ask


def source(uid, path):
    return f"/api/datasources/proxy/uid/{uid}{path}"


def test_strangers_see_nothing(deployment):
    assert deployment.curl(deployment.desk, deployment.url("dashboards", "/"))[0] == 200
    for path in ("/api/search", source("metrics", "/api/v1/query?query=up")):
        assert deployment.curl(deployment.desk, deployment.url("dashboards", path))[0] == 401


def test_the_dashboards_have_metrics_of_all_machines(person):
    found = person(source("metrics", "/api/v1/query"), query="count by (instance) (node_memory_MemTotal_bytes)")
    assert {row["metric"]["instance"] for row in found["data"]["result"]} == {f"{role}.martlet.internal:9080" for role in ROLES}
    assert [one["title"] for one in person("/api/search", query="Rehearsal")] == ["Rehearsal"]


def test_the_dashboards_have_log_lines_of_all_machines(deployment, person):
    began = time.monotonic()
    wanted = {host.machine.output("hostname") for host in deployment.hosts.values()}

    def hosts():
        query = 'sum by (host) (count_over_time({job="systemd-journal"}[1h]))'
        found = person(source("logs", "/loki/api/v1/query"), query=query)
        return found and {row["metric"].get("host") for row in found["data"]["result"]} >= wanted

    deployment.wait(hosts, f"log lines of {sorted(wanted)}")
    deployment.clock.note("logs", "log lines of all machines", began)


def test_the_dashboards_have_traces(deployment, person):
    began = time.monotonic()
    for trace in (TRACE, deployment.trace):
        deployment.wait(lambda: person(source("traces", f"/api/traces/{trace}")), f"the trace {trace}")
    # Through the agent of the application's machine.
    query = '{ resource.service.name = "flask-app" }'
    deployment.wait(lambda: (person(source("traces", "/api/search"), q=query) or {}).get("traces"), "traces of the application")
    deployment.clock.note("traces", "traces of clients and of the application", began)


def test_an_alert_is_routed_and_somebody_is_told(deployment, person):
    began = time.monotonic()

    def alerts():
        return "Rehearsed" in [one["labels"]["alertname"] for one in person(source("alerts", "/api/v2/alerts")) or []]

    deployment.wait(alerts, "the alert")
    deployment.wait(lambda: any('"Rehearsed"' in one["body"] for one in deployment.notes("hooks")), "the webhook")
    deployment.clock.note("metrics", "an alert, and its webhook", began)


def test_every_machine_reports_to_cloudwatch(deployment):
    def values():
        found = {}
        for one in deployment.notes("metrics"):
            found[one["role"]] = one["values"]
        return all(found.get(role, {}).get("Ready") == 1 for role in ROLES) and found

    for role, one in deployment.wait(values, "Ready of all machines", 150).items():
        assert one["ServerErrors"] == 0 and one["CertificateDays"] >= 396, (role, one)
        assert 0 < one["MemoryUtilization"] < 100 and 0 < one["DiskSpaceUtilization"] < 100, (role, one)


def test_nightly_copies_reach_the_bucket(deployment):
    for role, member in (("dashboards", "./dashboards.db"), ("metrics", "./alerts")):
        deployment.hosts[role].machine.run("systemctl", "start", "backup-martlet.service")
        copy = next((deployment.bucket("backups") / role).glob("*.tar.gz"))
        with tarfile.open(copy) as archive:
            assert member in archive.getnames()


def test_the_metric_server_reads_its_bucket_with_the_rights_of_its_machine(deployment):
    asked = [one for one in deployment.notes("objects.log") if one["bucket"] == deployment.buckets["blocks"]]
    assert asked and {one["role"] for one in asked} == {"metrics"}


def facts(host):
    """What a run of user data must leave alone: processes, and files with all that is known of them."""
    services = [*SERVERS[host.role], "martlet-agent", "report-martlet.timer", "setup-martlet.timer"]
    runs = {one: host.machine.show(one, "InvocationID") for one in services}
    # The metric server's credentials are renewed by a timer.
    files = host.machine.output(
        "find", "/etc", "/usr/local", "/var/lib/martlet-setup", "/opt", "-type", "f", "!", "-name", "bucket.credentials",
        "-printf", "%p %s %m %u:%g %T@ %i\n")
    return runs, sorted(files.splitlines())


def test_user_data_once_more_changes_nothing(deployment):
    for role, host in deployment.hosts.items():
        before = facts(host)
        began = time.monotonic()
        output = host.run_user_data_again()
        deployment.clock.note(role, "user data once more", began)
        assert "wrote" not in output and f"{role} is ready" in output
        assert facts(host) == before


def push(deployment, first, count=200):
    """Lines for the log server, acknowledged."""
    now = time.time_ns()
    values = [[str(now + number), f"line {first + number}"] for number in range(count)]
    status, body = deployment.curl(deployment.hosts["app"], deployment.url("logs", "/loki/api/v1/push"), token="send",
                                   data={"streams": [{"stream": {"job": "kept"}, "values": values}]})
    assert status == 204, body


def lines(person):
    found = person(source("logs", "/loki/api/v1/query_range"), limit=5000, query='{job="kept"}')
    return {int(value[1].split()[1]) for stream in found["data"]["result"] for value in stream["values"]}


def serial(deployment):
    """Of the certificate that the log server shows."""
    command = "openssl s_client -connect logs.martlet.internal:3100 </dev/null 2>/dev/null | openssl x509 -noout -serial"
    return deployment.hosts["dashboards"].machine.output("sh", "-c", command)


@pytest.mark.long
def test_a_renewed_certificate_is_taken_up(deployment, person):
    """One that ends in 44 days is renewed by terraform/secrets, and the hourly run brings it to its machine."""
    push(deployment, 0)
    one, names = deployment.parameter("tls/logs/certificate"), "subjectAltName=DNS:logs.martlet.internal,DNS:localhost,IP:127.0.0.1"
    work = deployment.directory
    (work / "names").write_text(names + "\n")
    for command in (["req", "-new", "-key", deployment.parameter("tls/logs/key"), "-subj", "/CN=logs", "-out", work / "request"],
                    ["x509", "-req", "-in", work / "request", "-CA", deployment.parameter("ca/certificate"), "-CAkey",
                     deployment.parameter("ca/key"), "-set_serial", "7", "-days", "44", "-extfile", work / "names", "-out", one]):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    assert "wrote /martlet/tls/logs/certificate" in deployment.secrets()
    before = serial(deployment)
    began = time.monotonic()
    deployment.hosts["logs"].machine.run("systemctl", "start", "setup-martlet.service", timeout=300)
    deployment.clock.note("logs", "a renewed certificate", began)
    wanted = subprocess.run(["openssl", "x509", "-in", one, "-noout", "-serial"], check=True, capture_output=True, text=True).stdout.strip()
    assert before != serial(deployment) == wanted
    assert lines(person) == set(range(200))


def recovered(deployment, person, line):
    """Everybody finds the new machine: queries, the agents with what they kept, the scrapes."""
    def scraped():
        found = person(source("metrics", "/api/v1/query"), query='up{job="martlet-logs"}')
        return found["data"]["result"][0]["value"][1] == "1"

    def arrived():
        found = person(source("logs", "/loki/api/v1/query_range"), query=f'{{job="systemd-journal"}} |= "{line}"')
        return found and found["data"]["result"]

    deployment.wait(scraped, "the scrape of the new machine")
    deployment.wait(arrived, f"the line of the time in between: {line}", 180)


def test_a_lost_instance_comes_back_with_its_volume(deployment, person):
    before = lines(person)
    push(deployment, 200)
    began = time.monotonic()
    deployment.hosts["logs"].close()
    deployment.hosts["traces"].machine.run("systemd-cat", "echo", "while-logs-were-away")
    deployment.create("logs")
    deployment.await_ready("logs", step="user data of the new instance, with the old volume")
    assert "formatting" not in deployment.hosts["logs"].user_data_log()
    deployment.clock.note("logs", "from the loss to the new instance", began)
    assert lines(person) == before | set(range(200, 400))
    recovered(deployment, person, "while-logs-were-away")
    deployment.clock.note("logs", "from the loss until the agents' lines are there", began)


def may_grow():
    """Whether this process may let a filesystem grow (CAP_SYS_RESOURCE); in a sandbox, root may not."""
    status = pathlib.Path("/proc/self/status").read_text()
    return bool(int(re.search(r"^CapEff:\s+(\w+)", status, re.MULTILINE)[1], 16) >> 24 & 1)


@pytest.mark.long
def test_a_lost_volume_comes_back_from_a_snapshot(deployment, person):
    before = lines(person)
    push(deployment, 400)
    host, volume = deployment.hosts["logs"], deployment.volumes["logs"]
    # A snapshot is of one moment; the filesystem stands still while its file is copied.
    host.machine.run("fsfreeze", "--freeze", "/var/lib/martlet")
    snapshot = volume.path.with_suffix(".snapshot")
    subprocess.run(["cp", "--sparse=always", volume.path, snapshot], check=True)
    host.machine.run("fsfreeze", "--unfreeze", "/var/lib/martlet")
    push(deployment, 600)    # not in the snapshot
    began = time.monotonic()
    host.close()
    volume.path.unlink()
    shutil.move(snapshot, volume.path)
    grows = may_grow()
    if grows:
        with open(volume.path, "r+b") as file:
            file.truncate(3 << 30)
    deployment.hosts["traces"].machine.run("systemd-cat", "echo", "while-the-volume-was-lost")
    deployment.create("logs")
    deployment.await_ready("logs", step="user data of the new instance, with a volume from the snapshot")
    deployment.clock.note("logs", "from the loss of the volume to the new instance", began)
    size = deployment.hosts["logs"].machine.output("df", "--output=size", "--block-size=1M", "/var/lib/martlet").split()[-1]
    assert (int(size) > 2800) == grows
    assert lines(person) == before | set(range(400, 600))
    recovered(deployment, person, "while-the-volume-was-lost")


def test_the_groups_let_through_what_is_needed_and_no_more(deployment):
    assert deployment.network.refused() == 0
    status, text = deployment.curl(deployment.desk, deployment.url("logs", "/ready"), "--connect-timeout", "2", token="query")
    assert status == 0 and "curl: (28)" in text, text    # not in time
    assert deployment.network.refused() > 0


def test_nothing_was_asked_that_nobody_may_or_knows(deployment):
    odd = [one for one in deployment.notes("refused") if one["code"] != "ParameterNotFound"]
    assert odd == [], json.dumps(odd, indent=2)
