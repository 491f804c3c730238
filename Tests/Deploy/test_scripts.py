"""User data: what a script makes of a machine, that a second run leaves it alone, and what stops it."""

import hashlib
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

from conftest import ROLES, SOURCE
from machine import Machine

SERVICES = {
    "metrics": ["martlet-agent", "martlet-alerts", "martlet-metrics"], "logs": ["martlet-agent", "martlet-logs"],
    "traces": ["martlet-agent", "martlet-traces"], "dashboards": ["martlet-agent", "martlet-dashboards"],
    "app": ["martlet-agent", "flask-app", "flask-app-load"]}
every_role = pytest.mark.parametrize("role", ROLES)


@every_role
def test_bash_and_shellcheck_accept_it(scripts, role):
    subprocess.run(["bash", "-n", scripts[role]], check=True)
    shellcheck = pathlib.Path(sys.executable).with_name("shellcheck")
    # Settings and helpers that another role uses; text of scripts that are written.
    done = subprocess.run([shellcheck, "--exclude=SC2016,SC2034,SC2119,SC2120,SC2317,SC2329", scripts[role]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@every_role
def test_ec2_takes_it(scripts, role):
    content = scripts[role].read_bytes()
    assert len(content) <= 16384
    assert content.isascii()


@every_role
def test_it_holds_no_secret(scripts, role):
    text = scripts[role].read_text()
    assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}", text)
    hexadecimal = set(re.findall(r"\b[0-9a-f]{32,}\b", text))
    assert hexadecimal <= {Machine.PACKAGE_SHA256, Machine.APP_SHA256}


@every_role
def test_first_boot(machine, role):
    one = machine(role)
    assert f"{role} is ready" in one.run()
    restart = next(call for call in one.called("systemctl") if call.startswith("systemctl restart"))
    assert set(SERVICES[role]) <= set(restart.split())
    assert any(call.endswith("martlet.deb") for call in one.called("apt-get"))
    assert (one.fake / "mounted").exists() == (role != "app")


@every_role
def test_a_second_run_changes_nothing(machine, role):
    one = machine(role)
    one.run()
    before = one.files()
    assert "wrote" not in one.run()
    assert one.files() == before
    changing = [call for call in one.calls if call.split()[0] in Machine.CHANGING]
    assert changing == []
    assert all(call.startswith("systemctl is-active") for call in one.called("systemctl"))


@every_role
def test_a_wrong_checksum_stops_the_installation(machine, role):
    one = machine(role)
    (one.fake / "objects/packages/martlet_0.1.0_amd64.deb").write_bytes(b"something else")
    output = one.run(check=False)
    assert one.result.returncode == 1
    assert f"packages/martlet_0.1.0_amd64.deb has not the SHA-256 {Machine.PACKAGE_SHA256}" in output
    assert not any(".deb" in call for call in one.called("apt-get"))
    assert not (one.root / "var/lib/martlet-setup/martlet.deb").exists()
    assert not any("restart" in call for call in one.called("systemctl"))


def test_a_wrong_checksum_of_the_demo_stops_it(machine):
    one = machine("app")
    (one.fake / "objects/packages/app.py").write_bytes(b"something else")
    assert "packages/app.py has not the SHA-256" in one.run(check=False)
    assert list((one.root / "opt/flask-app").iterdir()) == []


def test_a_wrong_checksum_leaves_what_was_there(machine):
    one = machine("app")
    one.run()
    (one.fake / "objects/packages/app.py").write_bytes(b"something else")
    done = one.function('fetch packages/app.py "$APP_SHA256" "$ROOT/opt/flask-app/app.py"')
    assert done.returncode == 1
    assert hashlib.sha256((one.root / "opt/flask-app/app.py").read_bytes()).hexdigest() == Machine.APP_SHA256


# Volumes.

def test_a_blank_volume_is_formatted_once(machine):
    one = machine("logs")
    one.run()
    assert len(one.called("mkfs.ext4")) == 1
    assert one.text("etc/fstab") == (
        "UUID=11111111-2222-3333-4444-555555555555 /var/lib/martlet ext4 defaults,nofail,x-systemd.device-timeout=60 0 2\n")


def test_a_volume_with_data_is_mounted_as_it_is(machine):
    one = machine("logs", blank=False)
    (one.fake / "filesystem").write_text("ext4\n")
    one.run()
    assert one.called("mkfs.ext4") == []
    assert len(one.called("mount")) == 1


def test_a_filesystem_that_cannot_grow_is_used_as_it_is(machine):
    one = machine("logs")
    one.stub("resize2fs", "exit 1")
    assert "cannot be grown; it is used as it is" in one.run() and "logs is ready" in one.run()


@pytest.mark.parametrize("status, filesystem, blank", [
    ("2", "", False),       # blkid knows nothing of it, but something is there
    ("8", "", True),        # blkid sees two things at once
    ("4", "", True),        # it cannot be read
    ("0", "xfs", False),
])
def test_a_volume_that_holds_something_else_is_left_alone(machine, status, filesystem, blank):
    one = machine("logs", blank=blank)
    (one.fake / "filesystem").write_text(filesystem)
    assert "it is left alone" in one.run(check=False, BLKID_STATUS=status)
    assert one.called("mkfs.ext4") == [] and one.called("mount") == [] and one.called("apt-get") == []


def test_another_volume_takes_the_place_of_the_old_one_in_fstab(machine):
    one = machine("logs")
    (one.root / "etc/fstab").write_text("UUID=root / ext4 defaults 0 1\nUUID=old /var/lib/martlet ext4 defaults 0 2\n")
    one.run()
    lines = one.text("etc/fstab").splitlines()
    assert len(lines) == 2 and lines[0] == "UUID=root / ext4 defaults 0 1" and "11111111" in lines[1]


def test_an_older_instance_type_has_another_device(machine):
    one = machine("logs")
    device = next((one.root / "dev/disk/by-id").iterdir())
    device.rename(one.root / "dev/xvdf")
    one.run()
    assert any(call.endswith("/dev/xvdf") for call in one.called("mkfs.ext4"))


# Failures on the way.

def test_a_run_that_died_before_the_restart_is_made_good(machine):
    one = machine("logs")
    (one.fake / "broken").touch()
    one.run(check=False)
    assert one.result.returncode != 0
    (one.fake / "broken").unlink()
    one.run()
    assert any(call.startswith("systemctl restart") for call in one.called("systemctl"))


def test_a_stopped_server_is_started(machine):
    one = machine("logs")
    one.run()
    (one.fake / "active/martlet-logs").unlink()
    one.run()
    assert "systemctl start martlet-logs" in one.calls


def test_it_waits_for_the_server(machine):
    one = machine("logs")
    (one.fake / "unready").touch()
    done = one.function("ready")
    assert done.returncode != 0
    (one.fake / "unready").unlink()
    assert one.function("ready").returncode == 0
    call = one.called("curl")[0]
    assert "https://logs.martlet.internal:3100/-/ready" in call
    assert "--cacert" in call and "--resolve logs.martlet.internal:3100:127.0.0.1" in call and " -k" not in call


def test_waiting_ends(machine):
    done = machine("logs").function("wait_for 0 'the moon' false")
    assert done.returncode == 1 and "the moon: not in time" in done.stdout


def test_a_secret_that_is_refused_ends_it(machine):
    one = machine("logs")
    (one.fake / "parameters/martlet/tokens/send").unlink()
    done = one.function("SECONDS=1000; eval \"$(declare -f secret | sed 's/600/0/')\"; agent off off")
    assert done.returncode == 1 and "the parameter /martlet/tokens/send: not in time" in done.stdout
    assert not (one.root / "etc/martlet/agent.yml").exists()


# What is written.

@every_role
def test_secrets_are_for_their_readers_only(machine, role):
    one = machine(role)
    one.run()
    for path in one.root.rglob("*"):
        if path.is_file() and re.search(rb"s3cr3t-", path.read_bytes()):
            assert path.stat().st_mode & 0o007 == 0, path
    for name in ("server.key", "local.token", "curl.conf"):
        assert one.mode(f"etc/martlet/tls/{name}") == 0o600


@every_role
def test_every_server_asks_for_a_token_over_tls(machine, role):
    one = machine(role)
    one.run()
    for path in (one.root / "etc/martlet/web").glob("*.yml"):
        web = yaml.safe_load(path.read_text())
        assert web["tls_server_config"] == {"cert_file": "server.crt", "key_file": "server.key"}
        if path.stem == "dashboards":
            assert "tokens" not in web    # every request would need one, and people log in with a password
        else:
            assert len(web["tokens"]) >= 2
            assert all(token["access"] in ("read", "write", "all") for token in web["tokens"])
        unit = one.text(f"etc/systemd/system/martlet-{path.stem}.service.d/50-deployment.conf")
        assert "LoadCredential=server.key:/etc/martlet/tls/server.key" in unit


def tokens(one, service):
    web = yaml.safe_load(one.text(f"etc/martlet/web/{service}.yml"))
    return {token["name"]: token["access"] for token in web["tokens"] if token["name"] != "local"}


def test_callers_have_the_access_that_they_need(machine):
    metrics, traces = machine("metrics"), machine("traces")
    metrics.run()
    traces.run()
    assert tokens(metrics, "metrics") == {"scrape": "read", "query": "read", "send": "write"}
    assert tokens(metrics, "alerts") == {"alert": "write", "query": "all", "scrape": "read"}
    assert tokens(traces, "traces") == {"scrape": "read", "query": "read", "send": "write"}
    assert tokens(traces, "agent") == {"scrape": "read", "send": "write"}


def test_the_metric_server_scrapes_every_machine(machine):
    one = machine("metrics")
    one.run()
    config = yaml.safe_load(one.text("etc/martlet/prometheus.yml"))
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert set(jobs) == {"node", "martlet-metrics", "martlet-alerts", "martlet-logs", "martlet-traces", "flask-app"}
    assert sorted(jobs["node"]["static_configs"][0]["targets"]) == sorted(f"{role}.martlet.internal:9080" for role in ROLES)
    for job in jobs.values():
        assert job["scheme"] == "https" and "ca_file" in job["tls_config"] and "credentials_file" in job["authorization"]
    assert config["alerting"]["alertmanagers"][0]["scheme"] == "https"
    unit = one.text("etc/systemd/system/martlet-metrics.service.d/50-deployment.conf")
    for name in ("scrape.token", "alert.token"):
        assert f"LoadCredential={name}:/etc/martlet/tls/{name}" in unit
    flags = one.text("etc/martlet/metrics.env")
    assert "--storage.tsdb.retention.time=15d" in flags and "--objstore.config-file=" in flags
    assert "\nAWS_SHARED_CREDENTIALS_FILE=/etc/martlet/bucket.credentials\n" in flags
    assert yaml.safe_load(one.text("etc/martlet/objstore.yml"))["config"] == {
        "bucket": "martlet-blocks", "endpoint": "s3.eu-central-1.amazonaws.com", "region": "eu-central-1"}


def test_logs_and_traces_keep_as_long_as_was_asked(machine):
    logs, traces = machine("logs"), machine("traces")
    logs.run()
    traces.run()
    assert yaml.safe_load(logs.text("etc/martlet/loki.yml"))["limits_config"]["retention_period"] == "744h"
    assert "--storage.retention.time=336h" in traces.text("etc/martlet/traces.env")


def test_dashboards_ask_all_four_servers(machine):
    one = machine("dashboards")
    one.run()
    sources = yaml.safe_load(one.text("etc/martlet/provisioning/datasources/stack.yaml"))["datasources"]
    assert {source["name"]: source["url"] for source in sources} == {
        "metrics": "https://metrics.martlet.internal:9090", "logs": "https://logs.martlet.internal:3100",
        "traces": "https://traces.martlet.internal:3200", "alerts": "https://metrics.martlet.internal:9093"}
    assert all(source["secureJsonData"]["httpHeaderValue1"] == "Bearer s3cr3t-query" for source in sources)
    assert [source["name"] for source in sources if source["isDefault"]] == ["metrics"]


def test_agents_send_everything_with_a_token(machine):
    one = machine("app")
    one.run()
    agent = yaml.safe_load(one.text("etc/martlet/agent.yml"))
    assert {one["url"].partition(":")[0] for one in agent["forward"].values()} == {"https"}
    assert {one["bearer_token"] for one in agent["forward"].values()} == {"s3cr3t-send"}
    assert agent["otlp"] == {"grpc_listen_address": "127.0.0.1:4317", "http_listen_address": "127.0.0.1:4318"}
    jobs = yaml.safe_load(one.text("etc/martlet/promtail.yml"))["scrape_configs"]
    assert [job["job_name"] for job in jobs] == ["journal", "flask-app"]
    environment = one.text("etc/martlet/flask-app.env")
    assert "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20s3cr3t-send\n" in environment


def test_receivers_of_alerts_come_from_their_parameter(machine):
    one = machine("metrics")
    one.run()
    assert not (one.root / "etc/martlet/alertmanager.yml").exists()     # the package's own stays
    one.set_parameter("alertmanager", "route: { receiver: ops }\nreceivers: [{ name: ops }]")
    one.run()
    assert yaml.safe_load(one.text("etc/martlet/alertmanager.yml"))["route"]["receiver"] == "ops"
    assert any(call.startswith("systemctl restart") for call in one.called("systemctl"))


def test_rules_come_from_the_bucket(machine):
    one = machine("metrics")
    one.run()
    rules = one.fake / "objects/config/metrics"
    rules.mkdir(parents=True)
    (rules / "ours.yml").write_text("groups: []\n")
    one.run()
    assert one.text("etc/martlet/rules/ours.yml") == "groups: []\n"
    assert any(call.startswith("systemctl restart") for call in one.called("systemctl"))
    before = one.files()
    one.run()
    assert one.files() == before


def test_a_renewed_certificate_is_taken_up(machine):
    one = machine("logs")
    one.run()
    one.set_parameter("tls/logs/certificate", "newer")
    one.run()
    assert one.text("etc/martlet/tls/server.crt") == "newer\n"
    assert any(call.startswith("systemctl restart martlet-agent martlet-logs") for call in one.called("systemctl"))


def test_a_newer_package_is_installed(machine):
    one = machine("logs")
    one.run()
    (one.root / "var/lib/martlet-setup/package").write_text("older\n")
    one.run()
    assert any(".deb" in call for call in one.called("apt-get"))


def test_it_looks_again_every_hour(machine, scripts):
    one = machine("logs")
    one.run()
    assert one.text("usr/local/sbin/setup-martlet") == scripts["logs"].read_text()
    assert "OnUnitActiveSec=1h" in one.text("etc/systemd/system/setup-martlet.timer")


@every_role
def test_only_the_packages_units_have_what_they_share(machine, role):
    """systemd gives the packages' martlet-.service.d to every unit whose name begins with martlet-."""
    one = machine(role)
    one.run()
    assert [path.name for path in (one.root / "etc/systemd/system").glob("martlet-*") if path.is_file()] == []


@every_role
def test_what_the_scripts_leave_behind_is_sound(machine, role, scripts):
    """Scripts for timers are bash, too."""
    one = machine(role)
    one.run()
    shellcheck = pathlib.Path(sys.executable).with_name("shellcheck")
    left = [path for path in (one.root / "usr/local/sbin").iterdir() if path.name != "setup-martlet"]
    assert left
    for path in left:
        done = subprocess.run([shellcheck, "--exclude=SC1091,SC2154", path], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_a_flag_is_one_that_the_documents_have(scripts):
    documents = "".join(path.read_text() for path in (SOURCE / "docs").glob("*.md") if path.name != "deploy.md")
    for role, script in scripts.items():
        for flag in re.findall(r'(?:^|[\s"])(--(?:web|storage|otlp|objstore)\.[\w.-]+)', script.read_text(), re.MULTILINE):
            assert f"`{flag}`" in documents, f"{role}: {flag}"


def test_our_own_checker_takes_the_configuration(machine, pytestconfig):
    checker = pathlib.Path(pytestconfig.getoption("--executables")).resolve() / "martlet"
    if not checker.exists():
        pytest.skip(f"{checker} is not built")
    one = machine("metrics")
    one.run()
    done = subprocess.run(
        [checker, "check", "config", "--syntax-only", one.root / "etc/martlet/prometheus.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
