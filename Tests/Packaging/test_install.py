"""The life of an installation on a running machine: install, choose roles, upgrade, remove, install again, purge."""

import json
import time

import pytest

from conftest import ROLES, package_files
from machine import Machine


@pytest.fixture(scope="module")
def machine(root, packages, newer, artifacts):
    machine = Machine(root, packages, artifacts / "install.console")
    yield machine
    (artifacts / "install.journal").write_text(machine.output("journalctl", "--no-pager"))
    machine.close()


def install(machine, artifacts, *files):
    output = machine.output("dpkg", "--install", *files)
    with open(artifacts / "install-live.log", "a") as log:
        log.write(output + "\n")
    return output


def push(machine, text):
    """One line for the log server, acknowledged."""
    line = {"streams": [{"stream": {"job": "test"}, "values": [[str(int(time.time() * 1e9)), text]]}]}
    status, body = machine.curl(
        "http://127.0.0.1:3100/loki/api/v1/push", "--header", "Content-Type: application/json", "--data", json.dumps(line))
    assert status == 204, body


def lines(machine):
    _, body = machine.curl("--get", "http://127.0.0.1:3100/loki/api/v1/query_range", "--data-urlencode", 'query={job="test"}')
    return {value[1] for stream in json.loads(body)["data"]["result"] for value in stream["values"]}


def test_the_package_alone_enables_and_starts_nothing(machine, packages, artifacts):
    install(machine, artifacts, *package_files(packages, "martlet"))
    for role in ROLES:
        assert machine.output("systemctl", "is-enabled", f"martlet-{role}", check=False) == "disabled"
        assert machine.output("systemctl", "is-active", f"martlet-{role}", check=False) == "inactive"
    assert machine.run("martlet", "version")[0] == 0


def test_a_role_is_enabled_and_runs(machine, packages, artifacts):
    install(machine, artifacts, *package_files(packages, "martlet-logs", "martlet-metrics"))
    for role in ("logs", "metrics"):
        assert machine.output("systemctl", "is-enabled", f"martlet-{role}") == "enabled"
        assert machine.output("systemctl", "is-active", f"martlet-{role}") == "active"
    assert machine.output("systemctl", "is-active", "martlet-traces", check=False) == "inactive"
    push(machine, "before the upgrade")


def test_secrets_are_root_s_and_configuration_is_its_server_s(machine):
    modes = machine.output(
        "stat", "-c", "%n %U:%G %a", "/etc/martlet/web/logs.yml", "/etc/martlet/loki.yml", "/etc/martlet/prometheus.yml")
    assert modes.splitlines() == [
        "/etc/martlet/web/logs.yml root:root 600", "/etc/martlet/loki.yml root:martlet-logs 640",
        "/etc/martlet/prometheus.yml root:martlet-metrics 640"]


def test_an_upgrade_restarts_what_runs_and_keeps_configuration_and_data(machine, newer, artifacts):
    machine.run("sh", "-c", "echo '# mine' >> /etc/martlet/loki.yml")
    before = machine.show("martlet-logs", "MainPID")
    machine.run("systemctl", "disable", "--now", "martlet-metrics")
    names = [machine.copy_in(file) for file in sorted(newer.glob("*.deb"))]
    install(machine, artifacts, *names)
    assert "+later" in machine.output("dpkg-query", "--show", "martlet")
    assert machine.show("martlet-logs", "MainPID") not in (before, "0")
    assert machine.output("systemctl", "is-active", "martlet-logs") == "active"
    assert machine.output("systemctl", "is-enabled", "martlet-metrics", check=False) == "disabled"
    assert machine.output("systemctl", "is-active", "martlet-metrics", check=False) == "inactive"
    assert machine.output("tail", "-1", "/etc/martlet/loki.yml") == "# mine"
    assert lines(machine) == {"before the upgrade"}


def test_removal_stops_everything_and_keeps_configuration_and_data(machine):
    push(machine, "before the removal")
    machine.run("dpkg", "--remove", "martlet-logs", "martlet-metrics", "martlet")
    assert machine.output("pgrep", "--list-name", "martlet", check=False) == ""
    assert machine.run("test", "-e", "/usr/bin/martlet-logs", check=False)[0] == 1
    assert machine.output("tail", "-1", "/etc/martlet/loki.yml") == "# mine"
    assert machine.output("stat", "-c", "%U", "/var/lib/martlet/logs") == "martlet-logs"


def test_a_new_installation_goes_on_with_the_data(machine, packages, artifacts):
    install(machine, artifacts, *package_files(packages, "martlet", "martlet-logs"))
    machine.run("systemctl", "start", "martlet-logs")
    assert lines(machine) == {"before the upgrade", "before the removal"}


def test_purging_takes_configuration_and_users_and_says_where_the_data_is(machine):
    output = machine.output("dpkg", "--purge", "martlet-logs", "martlet-metrics", "martlet")
    assert "martlet: the data stays in /var/lib/martlet" in output and "not empty" not in output.replace("/var/lib", "")
    assert machine.run("test", "-e", "/etc/martlet", check=False)[0] == 1
    assert machine.output("grep", "martlet", "/etc/passwd", "/etc/group", check=False) == ""
    assert machine.output("sh", "-c", "find /etc/systemd /var/lib/systemd -name '*martlet*'") == ""
    assert machine.output("stat", "-c", "%U:%G %a", "/var/lib/martlet/logs") == "root:root 750"


def test_data_that_was_left_by_a_purge_is_taken_over(machine, packages, artifacts):
    install(machine, artifacts, *package_files(packages, "martlet", "martlet-logs"))
    machine.wait(lambda: machine.output("systemctl", "is-active", "martlet-logs") == "active", "the log server")
    assert machine.output("stat", "-c", "%U", "/var/lib/martlet/logs") == "martlet-logs"
    assert lines(machine) == {"before the upgrade", "before the removal"}
