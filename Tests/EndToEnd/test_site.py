"""A site whose servers speak TLS with each other and know each other by tokens, as `martlet certs site` writes it."""

import json
import re
import shlex
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from processes import Response, free_port, run, wait_for

HOST = "127.0.0.1"


class Site:
    """The folders of a site on this machine alone, and its six servers."""

    def __init__(self, launch, directory):
        self.launch, self.directory = launch, directory
        self.folder = directory / HOST
        self.ports = {role: free_port() for role in ("metrics", "logs", "traces", "alerts", "dashboards", "agent")}
        self.otlp, self.agent_otlp = free_port(), free_port()
        self.tls = None

    def write(self):
        places = [f"--{role}={HOST}:{port}" for role, port in self.ports.items()]
        return self.martlet("certs", "site", self.directory, *places, "--otlp-port", self.otlp, "--installed-at", self.folder)

    def martlet(self, *arguments):
        code, out, errors = run([self.launch.executables / "martlet", *arguments])
        assert code == 0, out + errors
        self.tls = ssl.create_default_context(cafile=str(self.directory / "ca.crt"))
        return out

    def start(self, role, data, *arguments):
        flags = re.search(r'MARTLET_FLAGS="(.*)"', (self.folder / role / "flags.env").read_text()).group(1)
        return self.launch.start(f"martlet-{role}", "--storage.path", data / role, *arguments, *shlex.split(flags))

    def token(self, name):
        return (self.directory / "tokens" / f"{name}.token").read_text().strip()

    def request(self, method, url, token=None, body=None, headers=None):
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {self.token(token)}"
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.tls) as answer:
                return Response(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Response(error.code, error.headers, error.read())

    def ask(self, role, path, token="query", **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        return self.request("GET", f"https://{HOST}:{self.ports[role]}{path}{query}", token)

    def serial(self, role):
        """The serial number of the certificate that a server shows to a new connection."""
        pem = ssl.get_server_certificate((HOST, self.ports[role]))
        code, out, _ = run(["openssl", "x509", "-noout", "-serial"], stdin=pem)
        assert code == 0
        return out


@pytest.fixture
def site(launch, tmp_path):
    """All six servers, wired by the files that were written for them."""
    site = Site(launch, tmp_path / "site")
    site.write()
    log = tmp_path / "app.log"
    log.write_text("first line of the site\n")
    (tmp_path / "promtail.yml").write_text(
        f"scrape_configs: [{{job_name: app, static_configs: [{{labels: {{job: site, __path__: '{log}'}}}}]}}]")
    (tmp_path / "alertmanager.yml").write_text("{route: {receiver: none, group_wait: 0s}, receivers: [{name: none}]}")
    rules = site.folder / "metrics" / "rules"
    (rules / "test.yml").write_text(
        "groups: [{name: site, interval: 1s, rules: [{alert: FromMetrics, expr: vector(1)}]}]")
    rules = site.folder / "logs" / "rules" / "fake"
    rules.mkdir(parents=True)
    (rules / "site.yml").write_text("""groups: [{name: site, interval: 1s, rules: [
        {alert: FromLogs, expr: 'sum(count_over_time({job="site"}[1h])) > 0'},
        {record: site:lines, expr: 'sum(count_over_time({job="site"}[1h]))'}]}]""")
    data = tmp_path / "data"
    data.mkdir()
    config = site.folder / "metrics" / "prometheus.yml"
    config.write_text(config.read_text().replace("scrape_interval: 15s", "scrape_interval: 1s"))
    started = [
        site.start("metrics", data), site.start("logs", data),
        site.start("traces", data, "--otlp.grpc-listen-address", f"{HOST}:{free_port()}"),
        site.start("alerts", data, "--config.file", tmp_path / "alertmanager.yml"), site.start("dashboards", data),
        site.start(
            "agent", data, "--config.file", tmp_path / "promtail.yml", "--otlp.grpc-listen-address", f"{HOST}:{free_port()}",
            "--otlp.http-listen-address", f"{HOST}:{site.agent_otlp}"),
    ]
    for process, role in zip(started, site.ports):
        def ready(process=process, role=role):
            assert process.child.poll() is None, process.logged()[-3000:]
            return site.ask(role, "/-/ready", "scrape" if role == "agent" else "query").status == 200
        wait_for(ready, f"{role} is ready", 60)
    site.data, site.started = data, started
    return site


def test_every_hop_is_tls_with_a_token_and_stays_up_while_certificates_are_renewed(site):
    assert site.ask("metrics", "/api/v1/query", None, query="up").status == 401
    assert site.ask("metrics", "/api/v1/query", "alert", query="up").status == 401
    stranger = ssl.create_default_context()
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"https://{HOST}:{site.ports['metrics']}/", context=stranger)

    # Metrics scrape all the others but the dashboards.
    def query(text):
        return site.ask("metrics", "/api/v1/query", query=text).json()["data"]["result"]

    jobs = ["martlet-alerts", "martlet-logs", "martlet-metrics", "martlet-traces", "node"]
    wait_for(lambda: sorted(s["metric"]["job"] for s in query("up == 1")) == jobs, "all targets are up", 60)

    wait_for(lambda: len(query("martlet_tls_certificate_expiration_timestamp_seconds - time() > 396 * 86400")) == len(jobs),
             "the ends of the certificates")

    # The agent sends lines to the log server, which sends what its rules make to the metric server.
    lines = wait_for(
        lambda: site.ask("logs", "/loki/api/v1/query_range", query='{job="site"}').json()["data"]["result"],
        "the line of the agent", 60)
    assert lines[0]["values"][0][1] == "first line of the site"
    wait_for(lambda: query("site:lines"), "the series that a rule over lines made", 60)

    # Both servers with rules tell the alert server.
    wait_for(
        lambda: {a["labels"]["alertname"] for a in site.ask("alerts", "/api/v2/alerts").json()}
        >= {"FromMetrics", "FromLogs"}, "alerts of metrics and of logs", 60)

    # Applications send to the agent of their machine.
    now = time.time_ns()
    span = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "work", "kind": 1,
            "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 1_000_000)}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    sent = site.request(
        "POST", f"https://localhost:{site.agent_otlp}/v1/traces", "send", body, {"Content-Type": "application/json"})
    assert sent.status == 200, sent.text
    wait_for(
        lambda: site.ask("traces", f"/api/traces/{span['traceId']}").status == 200, "the span of the application", 60)

    # The dashboards ask all four.
    password = (site.data / "dashboards" / "initial-admin-password").read_text().strip()
    base = f"https://{HOST}:{site.ports['dashboards']}"
    login = site.request(
        "POST", base + "/api/login", None, json.dumps({"user": "admin", "password": password}).encode(),
        {"Content-Type": "application/json", "X-Requested-With": "test"})
    assert login.status == 200, login.text
    cookie = login.headers["Set-Cookie"].split(";")[0]

    def health():
        return {
            role: site.request(
                "GET", f"{base}/api/datasources/uid/{role}/health", None, None, {"Cookie": cookie}).json()
            for role in ("metrics", "logs", "traces", "alerts")}

    wait_for(lambda: all(answer["status"] == "OK" for answer in health().values()), "all four sources of the dashboards")

    # Renewed certificates are taken while all of that goes on.
    before = {role: site.serial(role) for role in site.ports}
    out = site.martlet("certs", "renew", site.directory, "--before", "500d")
    assert out.count("server.crt") == 6
    renewed = time.time()
    for role in site.ports:
        wait_for(lambda: site.serial(role) != before[role], f"{role} shows its new certificate")
    wait_for(
        lambda: sorted(s["metric"]["job"] for s in query("up == 1 and timestamp(up) > %f" % (renewed + 5))) == jobs,
        "all targets are up with new certificates", 60)
    wait_for(lambda: all(answer["status"] == "OK" for answer in health().values()), "all four sources, with new certificates")
    with open(site.data.parent / "app.log", "a") as log:
        log.write("a line after the renewal\n")
    wait_for(
        lambda: "a line after the renewal" in site.ask(
            "logs", "/loki/api/v1/query_range", query='{job="site"} |= "after"').text,
        "the line after the renewal", 60)


def test_a_second_run_changes_nothing_and_keeps_what_is_the_users(launch, tmp_path):
    site = Site(launch, tmp_path / "site")
    site.write()
    assert "all is as it should be" in site.write()
    for role in site.ports:
        code, out, errors = run([
            "openssl", "verify", "-x509_strict", "-CAfile", site.directory / "ca.crt", "-verify_ip", HOST,
            site.folder / role / "server.crt"])
        assert code == 0, out + errors
        assert (site.folder / role / "server.key").stat().st_mode & 0o777 == 0o600
    for secret in [site.directory / "ca.key", *(site.directory / "tokens").iterdir()]:
        assert secret.stat().st_mode & 0o777 == 0o600
    assert "2 rules found" in site.martlet("check", "rules", site.folder / "metrics" / "rules" / "site.yml")

    config = site.folder / "metrics" / "prometheus.yml"
    config.write_text(config.read_text() + "# mine\n")
    assert f"using your {config}" in site.write()
    assert config.read_text().endswith("# mine\n")
    (site.folder / "logs" / "server.crt").unlink()
    out = site.write()
    assert "/logs/server.crt" in out and "/metrics/server.crt" not in out


@pytest.mark.parametrize("arguments, message", [
    (["--metrics=a b"], "--metrics must be HOST or HOST:PORT"),
    (["--metrics=m:9090", "--alerts=m:9090"], "metrics and alerts are both at m:9090"),
    (["--installed-at=relative"], "--installed-at must be an absolute path"),
])
def test_a_plan_that_cannot_be_is_refused(executables, tmp_path, arguments, message):
    given = {"metrics": "m", "logs": "l", "traces": "t", "dashboards": "d", "alerts": "m"}
    flags = arguments + [f"--{role}={host}" for role, host in given.items()
                         if not any(argument.startswith(f"--{role}=") for argument in arguments)]
    code, _, errors = run([executables / "martlet", "certs", "site", tmp_path / "site", *flags])
    assert code == 2
    assert message in errors
    assert not (tmp_path / "site").exists()


STUBS = {
    "systemctl": 'echo "$@" >>"$MARTLET_ROOT/systemctl"',
    "getent": "exit 0",
    # The users of the servers are not on this machine.
    "install": 'arguments=(); while [ $# -gt 0 ]; do case $1 in -o | -g) shift 2 ;; *) arguments+=("$1"); shift ;; esac; done'
               ' && exec /usr/bin/install "${arguments[@]}"',
}


def test_the_script_of_a_machine_starts_servers_anew_only_for_what_they_do_not_read_again(launch, tmp_path):
    site = Site(launch, tmp_path / "site")
    places = [f"--{role}={HOST}:{port}" for role, port in site.ports.items()]
    site.martlet("certs", "site", site.directory, *places)
    root, stubs = tmp_path / "root", tmp_path / "stubs"
    stubs.mkdir()
    for name, text in STUBS.items():
        (stubs / name).write_text("#!/bin/bash\n" + text + "\n")
        (stubs / name).chmod(0o755)
    units = root / "usr/lib/systemd/system"
    units.mkdir(parents=True)

    def install():
        (root / "systemctl").unlink(missing_ok=True)
        code, out, errors = run(
            [site.folder / "install"], env={"MARTLET_ROOT": str(root), "PATH": f"{stubs}:/usr/bin:/bin"})
        told = (root / "systemctl").read_text() if (root / "systemctl").exists() else ""
        return code, out + errors, re.findall("restart martlet-(.*)", told)

    code, out, _ = install()
    assert code == 1 and "install the package martlet first" in out
    for role in site.ports:
        (units / f"martlet-{role}.service").touch()
    code, out, started = install()
    assert code == 0, out
    assert sorted(started) == sorted(site.ports)
    assert install() == (0, "", [])

    to = root / "etc/martlet/site"
    assert (to / "logs/server.key").stat().st_mode & 0o777 == 0o640
    assert (to / "logs").stat().st_mode & 0o777 == 0o750
    unit = (root / "etc/systemd/system/martlet-logs.service.d/50-site.conf").read_text()
    assert unit == "[Service]\nEnvironmentFile=/etc/martlet/site/logs/flags.env\n"
    assert "--config.file=/etc/martlet/site/logs/loki.yml" in (to / "logs/flags.env").read_text()

    site.martlet("certs", "renew", site.directory, "--before", "500d")
    code, out, started = install()
    assert (code, started) == (0, [])
    assert out.count("server.crt") == 6
    assert (to / "logs/server.crt").read_bytes() == (site.folder / "logs/server.crt").read_bytes()

    config = site.folder / "metrics" / "prometheus.yml"
    config.write_text(config.read_text() + "# mine\n")
    assert install()[2] == ["metrics"]
