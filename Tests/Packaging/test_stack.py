"""An image with all six servers boots: they start by themselves, work together under hardening, and stop cleanly."""

import json
import time

import pytest

from conftest import ROLES
from machine import Machine

PORTS = {"metrics": 9090, "logs": 3100, "traces": 3200, "dashboards": 3000, "alerts": 9093, "agent": 9080}


@pytest.fixture(scope="module")
def machine(image, packages, artifacts):
    machine = Machine(image, packages, artifacts / "stack.console")
    yield machine
    (artifacts / "stack.journal").write_text(machine.output("journalctl", "--no-pager"))
    machine.close()


def active(machine, unit):
    return machine.output("systemctl", "is-active", unit, check=False)


def test_all_servers_are_running_after_the_boot(machine):
    for role in ROLES:
        unit = f"martlet-{role}.service"
        machine.wait(lambda: active(machine, unit) != "activating", unit)
        assert active(machine, unit) == "active", machine.journal(unit)
        assert machine.curl(f"http://127.0.0.1:{PORTS[role]}/-/ready")[0] == 200
    assert active(machine, "martlet.target") == "active"


def test_each_runs_as_its_user_with_nothing_to_gain(machine):
    for role in ROLES:
        status = machine.output("cat", f"/proc/{machine.show(f'martlet-{role}', 'MainPID')}/status")
        facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert machine.output("id", "-un", facts["Uid"].split()[0]) == f"martlet-{role}"
        assert facts["CapEff"] == facts["CapBnd"] == "0" * 16 and facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2"
        mode = machine.output("stat", "-c", "%U %a", f"/var/lib/martlet/{role}")
        assert mode == f"martlet-{role} 750"


def test_the_host_is_scraped_through_the_agent(machine):
    def jobs():
        _, body = machine.curl("http://127.0.0.1:9090/api/v1/query?query=up")
        return {result["metric"]["job"]: result["value"][1] for result in json.loads(body)["data"]["result"]}

    wanted = {"node": "1", **{f"martlet-{role}": "1" for role in ROLES if role != "agent"}}
    machine.wait(lambda: jobs() == wanted, f"all targets up: {wanted}")


def test_the_agent_sees_the_whole_host(machine):
    _, body = machine.curl("http://127.0.0.1:8889/metrics")
    success = dict(line.split('"', 2)[1:] for line in body.splitlines() if line.startswith("node_scrape_collector_success"))
    failed = sorted(name for name, value in success.items() if value.strip("} ") != "1")
    # Some kernels have no such file, with or without hardening.
    absent = [] if machine.run("test", "-e", "/proc/schedstat", check=False)[0] == 0 else ["schedstat"]
    assert len(success) >= 20 and failed == absent, failed


def test_a_line_of_the_journal_and_of_a_log_file_arrive(machine):
    machine.run("systemd-cat", "--identifier", "greeter", "echo", "a line through the journal")
    machine.run("sh", "-c", "umask 027; echo a line through a file > /var/log/app.log; chgrp adm /var/log/app.log")
    for job, text in (("systemd-journal", "through the journal"), ("varlogs", "through a file")):
        def found():
            _, body = machine.curl(
                "--get", "http://127.0.0.1:3100/loki/api/v1/query_range", "--data-urlencode",
                f'query={{job="{job}"}} |= "{text}"')
            return json.loads(body)["data"]["result"]

        machine.wait(found, f"the line of {job}")


def test_a_span_goes_through_the_agent(machine):
    now = int(time.time() * 1e9)
    span = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "one",
            "startTimeUnixNano": str(now - 10**9), "endTimeUnixNano": str(now)}
    status, body = machine.curl(
        "http://127.0.0.1:4318/v1/traces", "--header", "Content-Type: application/json", "--data",
        json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    assert status == 200, body
    machine.wait(lambda: machine.curl(f"http://127.0.0.1:3200/api/traces/{span['traceId']}")[0] == 200, "the trace")


def test_a_server_without_rights_takes_grpc_connections(machine):
    """What it asks of the kernel for a new connection is nothing that only root may have."""
    for role, port in (("agent", 4317), ("traces", 14317)):
        process = machine.show(f"martlet-{role}", "MainPID")
        status, _ = machine.curl("--http2-prior-knowledge", f"http://127.0.0.1:{port}/")
        assert status != 0, machine.journal(f"martlet-{role}")
        assert machine.show(f"martlet-{role}", "MainPID") == process != "0", machine.journal(f"martlet-{role}")


def test_people_find_the_dashboards(machine):
    password = machine.output("cat", "/var/lib/martlet/dashboards/initial-admin-password")
    status, page = machine.curl("http://127.0.0.1:3000/")
    assert status == 200 and "<html" in page
    status, body = machine.curl(
        "http://127.0.0.1:3000/api/login", "--header", "Content-Type: application/json", "--header",
        "X-Requested-With: test", "--data", json.dumps({"user": "admin", "password": password}))
    assert status == 200, body


def test_reload_is_told_to_systemd_and_keeps_what_is_right(machine):
    machine.run("systemctl", "reload", "martlet-alerts")
    machine.wait(lambda: "configuration reloaded" in machine.journal("martlet-alerts"), "the reload")
    machine.run("sh", "-c", "echo 'no_such_key: 1' >> /etc/martlet/alertmanager.yml")
    machine.run("systemctl", "reload", "martlet-alerts")
    machine.wait(lambda: "no_such_key" in machine.journal("martlet-alerts"), "the refusal")
    assert active(machine, "martlet-alerts") == "active"
    machine.run("sed", "-i", "/no_such_key/d", "/etc/martlet/alertmanager.yml")


def test_a_server_that_hangs_is_restarted(machine):
    machine.run("mkdir", "-p", "/run/systemd/system/martlet-alerts.service.d")
    machine.run(
        "tee", "/run/systemd/system/martlet-alerts.service.d/short.conf",
        stdin="[Service]\nWatchdogSec=2s\nRestartSec=100ms\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "martlet-alerts")
    process = machine.show("martlet-alerts", "MainPID")
    machine.run("kill", "-STOP", process)
    # A machine that is busy may hold the new process up as long.
    machine.wait(lambda: int(machine.show("martlet-alerts", "NRestarts")) >= 1, "the restart by the watchdog")
    machine.wait(lambda: active(machine, "martlet-alerts") == "active", "the new process")
    assert "Watchdog timeout" in machine.journal("martlet-alerts")
    machine.run("rm", "-r", "/run/systemd/system/martlet-alerts.service.d")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "martlet-alerts")


def test_the_memory_limit_of_the_unit_is_the_servers(machine):
    total = next(line for line in machine.output("cat", "/proc/meminfo").splitlines() if line.startswith("MemTotal")).split()[1]
    for role, percent in {"metrics": 33, "logs": 25, "traces": 17, "alerts": 8, "dashboards": 8, "agent": 8}.items():
        limit = int(machine.show(f"martlet-{role}", "MemoryMax"))
        assert abs(limit / (int(total) * 1024) - percent / 100) < 0.01, role
        group = machine.show(f"martlet-{role}", "ControlGroup")
        if machine.run("test", "-e", f"/sys/fs/cgroup{group}/memory.max", check=False)[0] == 0:
            _, metrics = machine.curl(f"http://127.0.0.1:{PORTS[role]}/metrics")
            own = float(next(line for line in metrics.splitlines() if line.startswith("martlet_memory_limit_bytes")).split()[1])
            assert abs(own / limit - 0.6) < 0.01, role


def test_the_idle_stack_is_small(machine, artifacts):
    sizes = {}
    for role in ROLES:
        rollup = machine.output("cat", f"/proc/{machine.show(f'martlet-{role}', 'MainPID')}/smaps_rollup")
        facts = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
        sizes[role] = (facts["Pss"] / 1024, facts["Rss"] / 1024)
    report = "".join(f"{role:12} PSS {pss:6.1f} MiB  RSS {rss:6.1f} MiB\n" for role, (pss, rss) in sizes.items())
    report += f"{'all':12} PSS {sum(pss for pss, _ in sizes.values()):6.1f} MiB\n"
    (artifacts / "memory.txt").write_text(report)
    print(report)
    assert sum(pss for pss, _ in sizes.values()) <= 250


def test_the_target_stops_and_starts_them_all(machine):
    machine.run("systemctl", "stop", "martlet.target")
    for role in ROLES:
        machine.wait(lambda: active(machine, f"martlet-{role}") == "inactive", f"the end of {role}")
        assert machine.show(f"martlet-{role}", "Result") == "success"
    machine.run("systemctl", "start", "martlet.target")
    for role in ROLES:
        machine.wait(lambda: active(machine, f"martlet-{role}") == "active", f"the start of {role}")
