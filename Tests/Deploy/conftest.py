"""Fixtures: terraform, if it is there, what it renders, and a machine to run that on."""

import pathlib
import shutil

import pytest

from machine import Machine
from rendering import TERRAFORM, outputs

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ROLES = ["metrics", "logs", "traces", "dashboards", "app"]


def pytest_addoption(parser):
    parser.addoption("--work", default=".build/deploy", help="where the provider's names are kept")
    parser.addoption("--wheel", default=None, help="the wheel of cdktf-cdktf-provider-aws")
    parser.addoption("--checkov", default=None, help="the scanner's executable")
    parser.addoption("--executables", default=".build/release", help="what `make build` made; a check is left out without")


@pytest.fixture(scope="session")
def needs_terraform():
    if shutil.which("terraform") is None:
        pytest.skip("terraform (1.11 or later) is not in PATH: HCL, names and scanner are checked without it")


@pytest.fixture(scope="session")
def scripts(needs_terraform, tmp_path_factory):
    """The user data of every role, as Terraform renders it."""
    module = tmp_path_factory.mktemp("user-data")
    shutil.copytree(TERRAFORM / "modules" / "user-data", module, dirs_exist_ok=True)
    ports = {"metrics": 9090, "logs": 3100, "traces": 3200, "dashboards": 3000, "app": 5000}
    variables = {
        "name": "martlet", "domain": "martlet.internal", "region": "eu-central-1",
        "roles": {role: {"port": ports[role], "volume": "" if role == "app" else f"vol-0123456789abcde{index}",
                         "retention_days": {"metrics": 15, "logs": 31, "traces": 14}.get(role, 0)}
                  for index, role in enumerate(ROLES)},
        "buckets": {"artifacts": "martlet-artifacts", "backups": "martlet-backups", "blocks": "martlet-blocks"},
        "package": {"key": "packages/martlet_0.1.0_amd64.deb", "sha256": Machine.PACKAGE_SHA256},
        "app": {"key": "packages/app.py", "sha256": Machine.APP_SHA256, "requirements": "flask==3.1.3"},
    }
    rendered = outputs(module, variables)["scripts"]
    directory = tmp_path_factory.mktemp("scripts")
    for role, text in rendered.items():
        (directory / f"{role}.sh").write_text(text)
    return {role: directory / f"{role}.sh" for role in rendered}


@pytest.fixture
def machine(tmp_path, scripts):
    """Makes a machine for a role: `machine("logs")`."""
    return lambda role, **options: Machine(tmp_path / role, scripts[role], role, **options)
