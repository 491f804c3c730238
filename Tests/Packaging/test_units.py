"""The units by themselves: correct for systemd, hardened, and in step with what `martlet up` runs."""

import re
import subprocess

import pytest

from conftest import ROLES

EXPOSURE_LIMIT = 2.0
UNITS = [f"martlet-{role}.service" for role in ROLES]


def unit_path(image, unit):
    return image / "usr/lib/systemd/system" / unit


def test_systemd_finds_nothing_wrong(image):
    paths = [unit_path(image, unit) for unit in [*UNITS, "martlet.target", "backup-martlet.service", "backup-martlet.timer"]]
    # The plain root has no manual pages' reader; test_package.py looks at the pages.
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={image}", *paths], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_the_exposure_is_low(image, unit, record_property):
    done = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true", f"--root={image}",
         f"--threshold={EXPOSURE_LIMIT * 10:.0f}", unit], capture_output=True, text=True)
    level = re.search(rf"exposure level for {re.escape(unit)}: (\S+)", done.stdout + done.stderr)
    assert level, done.stdout + done.stderr
    print(f"{unit}: exposure {level[1]}")
    assert float(level[1]) <= EXPOSURE_LIMIT and done.returncode == 0, done.stdout


@pytest.mark.parametrize("role", ROLES)
def test_each_server_is_a_user_of_its_own_without_a_shell(image, role):
    users = {line.split(":")[0]: line.split(":") for line in (image / "etc/passwd").read_text().splitlines()}
    user = users[f"martlet-{role}"]
    assert user[5] == f"/var/lib/martlet/{role}" and user[6] == "/usr/sbin/nologin"
    assert len({users[f"martlet-{other}"][2] for other in ROLES}) == len(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_no_port_needs_privileges(image, role):
    text = unit_path(image, f"martlet-{role}.service").read_text()
    ports = [int(port) for port in re.findall(r"-address=\S*:(\d+)", text)]
    assert all(port >= 1024 for port in ports)


def test_the_backup_is_there_and_off(image):
    assert unit_path(image, "backup-martlet.timer").exists()
    assert not list((image / "etc/systemd/system").rglob("backup-martlet*"))
    settings = (image / "etc/martlet/backup.env").read_text()
    assert re.search(r"^MARTLET_BACKUP=", settings, re.M) and re.search(r"^MARTLET_PRUNE=", settings, re.M)
