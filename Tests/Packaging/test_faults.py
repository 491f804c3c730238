"""What goes wrong on a machine: the unit fails with one clear line, is not started for ever, and nothing is lost."""

import json
import time

import pytest

from machine import Machine

LOGS = "martlet-logs.service"
DATA = "/var/lib/martlet/logs"
FILES = f"find {DATA} -type f ! -name lock -exec sha256sum {{}} + | sort -k2"


@pytest.fixture(scope="module")
def machine(image, packages, artifacts):
    machine = Machine(image, packages, artifacts / "faults.console")
    # The tests look at one server; retries come quickly, so that all of them are seen.
    machine.run("systemctl", "stop", "martlet.target")
    machine.run("mkdir", "-p", f"/run/systemd/system/{LOGS}.d")
    machine.run("tee", f"/run/systemd/system/{LOGS}.d/quick.conf", stdin="[Service]\nRestartSec=100ms\n")
    machine.run("systemctl", "daemon-reload")
    yield machine
    (artifacts / "faults.journal").write_text(machine.output("journalctl", "--no-pager"))
    machine.close()


@pytest.fixture(autouse=True)
def healthy(machine):
    """Every test begins with a stopped server that has one line stored, and must leave it able to start."""
    machine.run("systemctl", "reset-failed")
    machine.run("systemctl", "start", LOGS)
    text = f"line {time.monotonic_ns()}"
    push = {"streams": [{"stream": {"job": "kept"}, "values": [[str(time.time_ns()), text]]}]}
    status, body = machine.curl(
        "http://127.0.0.1:3100/loki/api/v1/push", "--header", "Content-Type: application/json", "--data", json.dumps(push))
    assert status == 204, body
    machine.run("systemctl", "stop", LOGS)
    yield
    machine.run("systemctl", "reset-failed")
    machine.run("systemctl", "start", LOGS)
    _, body = machine.curl("--get", "http://127.0.0.1:3100/loki/api/v1/query_range", "--data-urlencode", 'query={job="kept"}')
    assert text in body
    machine.run("systemctl", "stop", LOGS)


def fail(machine, restarts):
    """Starts the server, which must fail for good after that many restarts; returns what the journal says of it."""
    cursor = machine.output("journalctl", "--show-cursor", "--lines", "0").split("-- cursor: ")[-1]
    machine.run("systemctl", "start", LOGS, check=False)
    machine.wait(lambda: machine.output("systemctl", "is-active", LOGS, check=False) == "failed", "the failure")
    assert machine.show(LOGS, "NRestarts") == str(restarts)
    machine.run("journalctl", "--sync")
    text = machine.output("journalctl", "--unit", LOGS, "--after-cursor", cursor, "--output", "cat", "--no-pager")
    # It stays failed: nothing is going on any more.
    assert machine.output("systemctl", "list-jobs", "--no-legend") == "", text
    return text


def own_lines(text):
    return [line for line in text.splitlines() if line.startswith("martlet-logs: ")]


def test_a_missing_credential(machine):
    machine.run("mv", "/etc/martlet/web/logs.yml", "/root/logs.yml")
    text = fail(machine, restarts=0)
    machine.run("mv", "/root/logs.yml", "/etc/martlet/web/logs.yml")
    # What the child itself said is not the unit's in the journal where it was gone before journald looked.
    assert "status=243/CREDENTIALS" in text, text
    assert machine.show(LOGS, "ExecMainStatus") == "243"


def test_a_credential_that_is_no_web_configuration(machine):
    machine.run("cp", "--preserve=all", "/etc/martlet/web/logs.yml", "/root/logs.yml")
    wrong = "tls_server_config: { cert_file: server.crt, key_file: server.key }\n"
    machine.run("tee", "/etc/martlet/web/logs.yml", stdin=wrong)
    text = fail(machine, restarts=0)
    machine.run("cp", "--preserve=all", "/root/logs.yml", "/etc/martlet/web/logs.yml")
    assert len(own_lines(text)) == 1 and "server.crt" in own_lines(text)[0], text
    assert machine.show(LOGS, "ExecMainStatus") == "2"


def test_a_wrong_configuration(machine):
    machine.run("sh", "-c", "echo 'no_such_key: 1' >> /etc/martlet/loki.yml")
    text = fail(machine, restarts=0)
    machine.run("sed", "-i", "/no_such_key/d", "/etc/martlet/loki.yml")
    assert len(own_lines(text)) == 1 and "/etc/martlet/loki.yml:" in own_lines(text)[0] and "no_such_key" in text, text
    assert machine.show(LOGS, "ExecMainStatus") == "2"


def test_a_configuration_that_the_server_may_not_read(machine):
    machine.run("chown", "root:root", "/etc/martlet/loki.yml")
    text = fail(machine, restarts=0)
    machine.run("chgrp", "martlet-logs", "/etc/martlet/loki.yml")
    assert len(own_lines(text)) == 1 and "/etc/martlet/loki.yml: cannot read" in text and "Permission denied" in text, text


def test_a_public_address_without_users(machine):
    machine.run("sed", "-i", "s/^MARTLET_FLAGS=.*/MARTLET_FLAGS=--web.listen-address=0.0.0.0:3100/", "/etc/martlet/logs.env")
    text = fail(machine, restarts=0)
    machine.run("sed", "-i", "s/^MARTLET_FLAGS=.*/MARTLET_FLAGS=/", "/etc/martlet/logs.env")
    assert len(own_lines(text)) == 1 and "nobody has to log in" in text, text


def test_a_data_directory_of_somebody_else_is_taken_over(machine):
    machine.run("chown", "--recursive", "nobody:nogroup", DATA)
    machine.run("systemctl", "start", LOGS)
    assert machine.output("find", DATA, "!", "-user", "martlet-logs") == ""


def test_files_of_somebody_else_in_the_data_directory(machine):
    before = machine.output("sh", "-c", FILES)
    machine.run("sh", "-c", f"find {DATA} -mindepth 1 -exec chown nobody:nogroup {{}} +; chmod -R go-rwx {DATA}/*")
    text = fail(machine, restarts=4)
    assert machine.output("sh", "-c", FILES) == before
    machine.run("chown", "--recursive", "martlet-logs:martlet-logs", DATA)
    assert own_lines(text) and all(DATA in line and "ermission denied" in line for line in own_lines(text)), text


@pytest.fixture
def small_disk(machine):
    """The data directory on a file system of its own with 4 MiB, as long as the test runs."""
    machine.run("sh", "-c", f"cp --archive {DATA} /root/kept && mount -t tmpfs -o size=4m,mode=750 small {DATA} && "
                f"chown martlet-logs: {DATA} && cp --archive /root/kept/. {DATA}/")
    yield
    machine.run("systemctl", "stop", LOGS)
    machine.run("sh", "-c", f"umount {DATA}; rm -r /root/kept")


def fill(machine):
    machine.run("sh", "-c", f"cat /dev/zero >{DATA}/filler", check=False)


def push(machine, text):
    """Pushes one line and returns the status and the answer."""
    body = {"streams": [{"stream": {"job": "full"}, "values": [[str(time.time_ns()), text]]}]}
    return machine.curl(
        "http://127.0.0.1:3100/loki/api/v1/push", "--header", "Content-Type: application/json", "--data", json.dumps(body))


def stored(machine):
    _, body = machine.curl(
        "--get", "http://127.0.0.1:3100/loki/api/v1/query_range", "--data", "limit=1000", "--data-urlencode",
        'query={job="full"}')
    return {value[1] for stream in json.loads(body)["data"]["result"] for value in stream["values"]}


def test_a_disk_that_is_full_at_the_start(machine, small_disk):
    before = machine.output("sh", "-c", FILES)
    fill(machine)
    machine.run("systemctl", "start", LOGS)
    status, answer = push(machine, "refused")
    assert status == 503 and "the disk that holds the logs is full" in answer, answer
    machine.run("rm", f"{DATA}/filler")
    machine.wait(lambda: push(machine, "taken")[0] == 204, "room")
    assert stored(machine) == {"taken"}
    assert set(before.splitlines()) <= set(machine.output("sh", "-c", FILES).splitlines())


def test_a_disk_that_fills_while_the_server_runs(machine, small_disk):
    machine.run("systemctl", "start", LOGS)
    process = machine.show(LOGS, "MainPID")
    fill(machine)
    accepted = set()
    for number in range(2000):
        text = f"{number} " + "x" * 4000
        status, _ = push(machine, text)
        if status == 503:
            break
        assert status == 204
        accepted.add(text)
    assert status == 503, "a full disk was not noticed"
    assert machine.show(LOGS, "MainPID") == process
    machine.run("rm", f"{DATA}/filler")
    machine.run("systemctl", "restart", LOGS)
    assert stored(machine) >= accepted


def test_a_server_that_is_killed_comes_back(machine):
    machine.run("systemctl", "start", LOGS)
    machine.run("kill", "-KILL", machine.show(LOGS, "MainPID"))
    machine.wait(lambda: machine.show(LOGS, "NRestarts") == "1", "the restart")
    machine.wait(lambda: machine.output("systemctl", "is-active", LOGS, check=False) == "active", "the new process")
