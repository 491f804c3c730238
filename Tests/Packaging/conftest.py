"""Fixtures: the packages under test, a plain Debian to put them into, and machines that boot it."""

import pathlib
import shutil
import subprocess
import sys

import pytest

from machine import ENVIRONMENT, Machine

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ROLES = ["metrics", "logs", "traces", "dashboards", "alerts", "agent"]
sys.path.insert(0, str(SOURCE / "packaging"))


def pytest_addoption(parser):
    parser.addoption("--packages", default=".build/package", help="what `make package` made")
    parser.addoption("--root", default=".build/debian-12", help="what packaging/make-root made")
    parser.addoption("--artifacts", default=".build/package-tests", help="where logs are kept")


def _path(pytestconfig, option):
    return pathlib.Path(pytestconfig.getoption(option)).resolve()


@pytest.fixture(scope="session")
def packages(pytestconfig):
    return _path(pytestconfig, "--packages")


@pytest.fixture(scope="session")
def tree(packages):
    """The files as they are installed."""
    return packages / "tree"


@pytest.fixture(scope="session")
def root(pytestconfig):
    return _path(pytestconfig, "--root")


@pytest.fixture(scope="session")
def artifacts(pytestconfig):
    directory = _path(pytestconfig, "--artifacts")
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def package_files(packages, *names):
    """The .deb files of packages, as the machine sees them with `packages` as /packages."""
    return [f"/packages/{next(packages.glob(f'{name}_*.deb')).name}" for name in names]


@pytest.fixture(scope="session")
def image(root, packages, artifacts):
    """A root directory into which everything was installed while no systemd was running, as images are made."""
    image = artifacts / "image"
    subprocess.run(["cp", "--archive", "--reflink=auto", root, image], check=True)
    (image / "packages").mkdir()
    for package in packages.glob("*.deb"):
        shutil.copy(package, image / "packages")
    files = package_files(packages, "martlet", *[f"martlet-{role}" for role in ROLES])
    done = subprocess.run(
        ["chroot", image, "dpkg", "--install", *files], env=ENVIRONMENT, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    (artifacts / "install.log").write_text(done.stdout)
    assert done.returncode == 0, done.stdout
    shutil.rmtree(image / "packages")
    return image


@pytest.fixture(scope="session")
def newer(packages, tmp_path_factory):
    """Three of the packages once more, under a version that is later."""
    directory = tmp_path_factory.mktemp("newer")
    for name in ("martlet", "martlet-logs", "martlet-metrics"):
        package = next(packages.glob(f"{name}_*.deb"))
        tree = directory / name
        subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
        control = tree / "DEBIAN" / "control"
        version = next(line for line in control.read_text().splitlines() if line.startswith("Version: ")).split()[1]
        control.write_text(control.read_text().replace(version, version + "+later"))
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, directory / f"{name}_{version}+later_amd64.deb"],
            check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)
    return directory


@pytest.fixture
def boot(request, artifacts):
    """Boots a root directory; the machine's console goes into the artifacts."""
    machines = []

    def start(root, packages):
        machine = Machine(root, packages, artifacts / f"{request.node.name}.console")
        machines.append(machine)
        return machine

    yield start
    for machine in machines:
        machine.close()
