"""Wrong flags, wrong config, taken ports, locked directories and full disks: one clear line and the right exit code."""

import os
import socket
import subprocess
import time

import pytest

from processes import free_port, get, http, run

ROLES = ["metrics", "logs", "traces", "dashboards", "alerts", "agent"]


def extra_ports(role):
    """Flags that keep a second instance's other listeners off the default ports."""
    flags = {
        "traces": ["--otlp.grpc-listen-address", "--otlp.http-listen-address"],
        "agent": ["--otlp.grpc-listen-address", "--otlp.http-listen-address", "--exporter.listen-address"],
    }
    return [part for flag in flags.get(role, []) for part in (flag, f"127.0.0.1:{free_port()}")]


@pytest.mark.parametrize("role", ROLES)
def test_help_and_version(executables, role):
    program = executables / f"martlet-{role}"
    code, out, _ = run([program, "--help"])
    assert code == 0
    assert ("--config.file" in out) == (role != "dashboards")
    for flag in ("--storage.path", "--web.listen-address", "--web.config.file", "--log.level", "--log.format"):
        assert flag in out, flag
    code, out, _ = run([program, "--version"])
    assert code == 0 and out.strip()


@pytest.mark.parametrize("role", ROLES)
def test_an_unknown_flag_is_exit_code_2(executables, tmp_path, role):
    code, _, errors = run([executables / f"martlet-{role}", "--storage.path", tmp_path, "--no.such.flag"])
    assert code == 2 and "no.such.flag" in errors


@pytest.mark.parametrize("role", [r for r in ROLES if r != "dashboards"])
def test_an_unknown_config_key_is_named_with_its_place(executables, tmp_path, role):
    config = tmp_path / "config.yml"
    config.write_text("# a comment\nno_such_key: 1\n")
    code, _, errors = run([executables / f"martlet-{role}", "--storage.path", tmp_path / "data", "--config.file", config])
    assert code == 2, errors
    assert "no_such_key" in errors and ":2:" in errors
    code, _, errors = run([
        executables / f"martlet-{role}", "--storage.path", tmp_path / "data", "--config.file", tmp_path / "absent.yml"])
    assert code == 2 and "absent.yml" in errors


def test_the_dashboard_server_says_where_its_configuration_is(executables, tmp_path):
    code, _, errors = run([executables / "martlet-dashboards", "--storage.path", tmp_path, "--config.file", "x.yml"])
    assert code == 2 and "--provisioning.path" in errors


@pytest.mark.parametrize("role", ROLES)
def test_a_taken_port_is_exit_code_1_and_named(executables, tmp_path, role):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, errors = run([
            executables / f"martlet-{role}", "--storage.path", tmp_path / "data",
            "--web.listen-address", f"127.0.0.1:{port}", *extra_ports(role)])
    assert code == 1, errors
    assert str(port) in errors


@pytest.mark.parametrize("role", ROLES)
def test_a_directory_in_use_is_exit_code_1_and_named(launch, executables, tmp_path, role):
    launch.server(role, tmp_path / "data", *extra_ports(role))
    code, _, errors = run([
        executables / f"martlet-{role}", "--storage.path", tmp_path / "data",
        "--web.listen-address", f"127.0.0.1:{free_port()}", *extra_ports(role)])
    assert code == 1, errors
    assert str(tmp_path / "data") in errors


@pytest.mark.parametrize("role", [r for r in ROLES if r != "dashboards"])
def test_a_public_address_without_authentication_is_refused(executables, tmp_path, role):
    code, _, errors = run([
        executables / f"martlet-{role}", "--storage.path", tmp_path / "data", "--web.listen-address", "0.0.0.0:0",
        *extra_ports(role)])
    assert code == 2
    assert "--web.config.file" in errors and "--web.allow-unauthenticated" in errors


@pytest.mark.parametrize("role", ROLES)
def test_every_server_serves_its_own_metrics_and_stops_cleanly(launch, tmp_path, role):
    process, base = launch.server(role, tmp_path / "data", *extra_ports(role))
    assert get(base + "/-/healthy").status == 200
    metrics = get(base + "/metrics").text
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "_build_info"):
        assert name in metrics, name
    assert http("POST", base + "/-/reload").status == 200
    assert process.stop() == 0, process.logged()[-2000:]


def test_a_slow_client_holds_up_nobody(launch, tmp_path):
    _, base = launch.server("metrics", tmp_path / "data")
    host, port = base.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(200)]
    for connection in slow:
        connection.sendall(b"GET /api/v1/query HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert get(base + "/-/healthy", timeout=15).status == 200
    for connection in slow:
        connection.close()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MiB of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs here: {mounted.stderr.strip()}")
    yield small
    subprocess.run(["umount", "-l", small], check=False)


def fill(disk):
    """Takes every byte that is left."""
    with open(disk / "ballast", "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 4096)
        except OSError:
            pass
    return disk / "ballast"


def test_a_full_disk_refuses_silences_until_there_is_space(launch, small_disk):
    _, base = launch.server("alerts", small_disk / "data")
    silence = {
        "matchers": [{"name": "job", "value": "x" * 5000, "isRegex": False, "isEqual": True}],
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2100-01-01T00:00:00Z", "createdBy": "me", "comment": "none",
    }
    ballast = fill(small_disk)
    refused = http("POST", base + "/api/v2/silences", silence)
    assert (refused.status, "disk is full" in refused.text) == (503, True), refused.text
    assert get(base + "/api/v2/silences").json() == []
    ballast.unlink()
    assert http("POST", base + "/api/v2/silences", silence).status == 200
    assert len(get(base + "/api/v2/silences").json()) == 1


def test_a_full_disk_refuses_logins_until_there_is_space(launch, small_disk):
    _, base = launch.server("dashboards", small_disk / "data")
    password = (small_disk / "data" / "initial-admin-password").read_text().strip()

    def log_in():
        return http("POST", base + "/api/login", {"user": "admin", "password": password}, {"X-Requested-With": "test"})

    ballast = fill(small_disk)
    refused = log_in()
    assert (refused.status, "disk" in refused.text) == (503, True), refused.text
    ballast.unlink()
    assert log_in().status == 200


def test_a_damaged_database_is_named_with_what_to_do(executables, tmp_path):
    (tmp_path / "dashboards.db").write_bytes(b"no database at all" * 500)
    code, _, errors = run([
        executables / "martlet-dashboards", "--storage.path", tmp_path, "--web.listen-address", f"127.0.0.1:{free_port()}"])
    assert code == 1
    assert f"{tmp_path}/dashboards.db is damaged" in errors
    assert "put a copy of it back" in errors


def test_a_full_disk_refuses_pushes_and_loses_nothing(launch, small_disk):
    server, base = launch.server("logs", small_disk / "data")
    acknowledged = 0
    refused = None
    for batch in range(60):
        values = [[str(time.time_ns() + i), f"{batch}-{i} " + os.urandom(400).hex()] for i in range(300)]
        answer = http("POST", base + "/loki/api/v1/push", {"streams": [{"stream": {"job": "full"}, "values": values}]})
        if answer.status == 204:
            acknowledged += len(values)
        else:
            refused = answer
            break
    assert refused is not None and refused.status in (500, 503, 507), refused and refused.status
    assert "space" in refused.text.lower() or "disk" in refused.text.lower()

    def stored():
        return sum(len(s["values"]) for s in get(
            base + "/loki/api/v1/query_range", query='{job="full"}', limit=5000).json()["data"]["result"])

    assert stored() >= min(acknowledged, 5000)
    server.kill()
    server, base = launch.server("logs", small_disk / "data")
    assert stored() >= min(acknowledged, 5000)
    server.kill()
