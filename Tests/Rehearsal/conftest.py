"""Fixtures: the deployment that all tests look at, in their order."""

import os
import pathlib
import shutil
import signal
import sys

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Machines are those of the package tests; what Terraform makes of the layer comes from the deployment's tests.
sys.path += [str(SOURCE / "Tests/Packaging"), str(SOURCE / "Tests/Deploy")]


def pytest_addoption(parser):
    parser.addoption("--packages", default=".build/package", help="what `make package` made")
    parser.addoption("--root", default=".build/debian-12", help="what packaging/make-root made")
    parser.addoption("--images", default=".build/rehearsal", help="where what machines boot from is kept")
    parser.addoption("--artifacts", default=".build/rehearsal-tests", help="where logs and times are kept")
    parser.addoption("--short", action="store_true", help="leaves out what takes longest: see the mark `long`")


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("rehearsal: only root can make namespaces, mounts and loop devices; run it with sudo", returncode=1)
    if shutil.which("terraform") is None:
        pytest.exit("rehearsal: terraform (1.11 or later) is not in PATH, and it renders what the machines run", returncode=1)
    if not pathlib.Path("/dev/loop-control").exists():
        pytest.exit("rehearsal: this machine has no loop devices, which stand for volumes", returncode=1)
    config.addinivalue_line("markers", "long: left out by --short")
    # Who is told to stop cleans up as after a failure.
    signal.signal(signal.SIGTERM, _stop)


def pytest_collection_modifyitems(config, items):
    if config.getoption("--short"):
        config.hook.pytest_deselected(items=[one for one in items if one.get_closest_marker("long")])
        items[:] = [one for one in items if not one.get_closest_marker("long")]


def _stop(*_):
    raise KeyboardInterrupt


def _path(pytestconfig, option):
    return pathlib.Path(pytestconfig.getoption(option)).resolve()


@pytest.fixture(scope="session")
def artifacts(pytestconfig):
    directory = _path(pytestconfig, "--artifacts")
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


@pytest.fixture(scope="session")
def deployment(pytestconfig, artifacts):
    from deployment import OFFICE, Deployment
    from evaluation import evaluate
    from image import Image, wheels

    images = _path(pytestconfig, "--images")
    image = Image(_path(pytestconfig, "--root"), images)
    wheels(SOURCE / "examples/flask-app/requirements.txt", images.with_name(images.name + "-wheels"))
    package = next(_path(pytestconfig, "--packages").glob("martlet_*_amd64.deb"))
    layer = evaluate(SOURCE, artifacts / "terraform", {
        "region": "eu-central-1", "package": str(package), "demo": True, "ui_cidrs": [OFFICE],
        "config_path": str(pathlib.Path(__file__).with_name("config"))})
    deployment = Deployment(layer["resources"], image, images.with_name(images.name + "-wheels"), artifacts)
    try:
        deployment.open()
        yield deployment
    finally:
        deployment.close()
        table = deployment.clock.table()
        (artifacts / "times.txt").write_text(table)
        sys.__stdout__.write("\n" + table)
