"""What `martlet check config --from` says of a file is what the server does with it."""

import pathlib

import pytest

from processes import run
from test_faults import extra_ports

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "CheckingTests" / "Configurations"
SERVERS = {"loki": "logs", "tempo": "traces", "promtail": "agent", "alertmanager": "alerts", "prometheus": "metrics"}


def check(executables, name):
    code, out, errors = run(
        [executables / "martlet", "check", "config", "--from", name.split("-")[0], FOLDER / f"{name}.yaml"])
    assert errors == ""
    return code, out


@pytest.mark.parametrize("name", [
    "loki-local", "loki-chart", "loki-s3", "tempo-s3", "promtail-docker", "promtail-kubernetes", "alertmanager", "prometheus"])
def test_a_file_that_carries_over_starts_the_server_and_another_ends_it(launch, tmp_path, name):
    role = SERVERS[name.split("-")[0]]
    code, out = check(launch.executables, name)
    if code == 0:
        assert f"martlet-{role} takes this file" in out
        launch.server(role, tmp_path / "data", "--config.file", FOLDER / f"{name}.yaml", *extra_ports(role))
        return
    assert code == 1
    code, _, errors = run([
        launch.executables / f"martlet-{role}", "--config.file", FOLDER / f"{name}.yaml",
        "--storage.path", tmp_path / "data", "--web.listen-address", "127.0.0.1:0"])
    assert code == 2
    # Its one line names one of the places that the check has named.
    line = errors.strip().split(f"{name}.yaml:")[1].split(":")[0]
    assert f"not supported  {line}: " in out


def test_a_file_that_cannot_be_read_is_told_apart(executables, tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [")
    for file in (broken, tmp_path / "missing.yaml"):
        code, _, errors = run([executables / "martlet", "check", "config", "--from", "loki", file])
        assert code == 2
        assert file.name in errors
    code, _, errors = run([executables / "martlet", "check", "config", "--from", "nagios", broken])
    assert code == 2
    assert "nagios" in errors
