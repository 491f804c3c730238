"""Fixtures: the executables under test, each on free ports with a fresh data directory, and the whole stack."""

import contextlib
import os
import pathlib
import subprocess

import pytest
from playwright.sync_api import expect

from processes import Process, free_port, free_port_offset, get, wait_for, worker

# For machines that have more to do than to run these tests; what is there at once is not waited for.
expect.set_options(timeout=30_000)

STACK_PORTS = {
    "dashboards": 3000, "logs": 3100, "traces": 3200, "otlp_grpc": 4317, "otlp_http": 4318, "exporter": 8889,
    "agent": 9080, "metrics": 9090, "alerts": 9093, "traces_otlp_grpc": 14317, "traces_otlp_http": 14318,
}


def pytest_addoption(parser):
    parser.addoption("--executables", default=".build/release", help="where the built executables are")
    parser.addoption("--kill-rounds", default=6, type=int, help="how often the kill tests kill their server")
    parser.addoption("--seed", default=None, type=int, help="of what is random in the kill tests; printed with failures")
    parser.addoption("--artifacts", default=".build/end-to-end", help="where logs and screenshots are kept")


def artifacts_of(config):
    return pathlib.Path(config.getoption("--artifacts")).resolve() / f"worker-{worker()}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What the pages of a failed test showed: their addresses and texts in the report, pictures in the artifacts."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.failed and call.when == "call" and page is not None:
        for number, shown in enumerate(shown for context in page.context.browser.contexts for shown in context.pages):
            with contextlib.suppress(Exception):
                picture = artifacts_of(item.config) / f"failed-{item.name.replace('/', '_')[:150]}-{number}.png"
                report.sections.append((f"page {number}: {shown.url}, {picture.name}", shown.inner_text("body", timeout=2_000)[:2_000]))
                shown.screenshot(path=picture, timeout=5_000)
    return report


@pytest.fixture(scope="session")
def executables(pytestconfig):
    return pathlib.Path(pytestconfig.getoption("--executables")).resolve()


@pytest.fixture(scope="session")
def artifacts(pytestconfig):
    directory = artifacts_of(pytestconfig)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


class Launcher:
    """Starts processes whose logs land in the artifacts, and ends them when the test is over."""

    def __init__(self, executables, artifacts, name):
        self.executables, self.artifacts, self.name = executables, artifacts, name
        self.running = []

    def start(self, program, *arguments, env=None, cwd=None, patience=60):
        path = self.executables / program if program.startswith("martlet") else program
        log = self.artifacts / f"{self.name}-{len(self.running)}-{os.path.basename(program)}.log"
        log.unlink(missing_ok=True)
        process = Process([path, *arguments], log, env=env, cwd=cwd, patience=patience)
        self.running.append(process)
        return process

    def server(self, role, data, *arguments, port=None, env=None):
        """A Martlet server on a free port, ready; returns (process, base URL)."""
        port = port or free_port()
        process = self.start(
            f"martlet-{role}", "--storage.path", data, "--web.listen-address", f"127.0.0.1:{port}", *arguments, env=env)
        base = f"http://127.0.0.1:{port}"
        process.wait_http(base + "/-/ready")
        return process, base

    def prometheus(self, config, data, *arguments, port=None):
        """Debian's Prometheus with the text of a configuration, ready; returns (process, base URL)."""
        port = port or free_port()
        file = data.parent / f"{data.name}-prometheus.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(config)
        process = self.start(
            "prometheus", "--config.file", file, "--storage.tsdb.path", data,
            "--web.listen-address", f"127.0.0.1:{port}", "--log.level", "warn", *arguments)
        base = f"http://127.0.0.1:{port}"
        process.wait_http(base + "/-/ready")
        return process, base

    def stop_all(self):
        # How they end is for tests to say that look at it.
        for process in reversed(self.running):
            process.stop(min(process.patience, 20))


@pytest.fixture
def launch(executables, artifacts, request):
    # A file's name has at most 255 bytes.
    launcher = Launcher(executables, artifacts, request.node.name.replace("/", "_")[:150])
    yield launcher
    launcher.stop_all()


@pytest.fixture(scope="session")
def boltcheck(tmp_path_factory, pytestconfig):
    """A checker of bolt files made of the original library."""
    out = tmp_path_factory.mktemp("boltcheck")
    source = pytestconfig.rootpath / "boltcheck"
    if not source.exists():
        source = pytestconfig.rootpath / "Tests" / "EndToEnd" / "boltcheck"
    subprocess.run(
        ["go", "build", "-o", out / "boltcheck", "."], cwd=source, check=True,
        env={"PATH": "/usr/bin:/bin:/usr/local/go/bin", "GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
             "GOCACHE": str(out / "cache"), "HOME": str(out)})
    return out / "boltcheck"


class Stack:
    """The stack that `martlet up` started: one base URL per server."""

    def __init__(self, process, data, offset, artifacts):
        self.process, self.data, self.offset, self.artifacts = process, data, offset, artifacts

    def url(self, server, path=""):
        return f"http://127.0.0.1:{STACK_PORTS[server] + self.offset}{path}"

    def port(self, server):
        return STACK_PORTS[server] + self.offset

    @property
    def dashboards_url(self):
        return self.url("dashboards")

    @property
    def admin_password(self):
        return (self.data / "dashboards" / "initial-admin-password").read_text().strip()


@pytest.fixture(scope="session")
def stack(executables, artifacts, tmp_path_factory):
    data = tmp_path_factory.mktemp("stack")
    offset = free_port_offset(STACK_PORTS.values())
    launcher = Launcher(executables, artifacts, "stack")
    process = launcher.start("martlet", "up", "--data", data, "--port-offset", offset)
    stack = Stack(process, data, offset, artifacts)
    for server in ("metrics", "logs", "traces", "alerts", "agent", "dashboards"):
        process.wait_http(stack.url(server, "/-/ready"))
    # The agent's first host metrics must have been scraped before anything is asked of them.
    wait_for(
        lambda: get(stack.url("metrics", "/api/v1/query"), query="node_boot_time_seconds").json()["data"]["result"],
        "node_boot_time_seconds in the metric store", 120)
    yield stack
    assert process.stop(90) == 0, f"martlet up did not stop cleanly:\n{process.logged()[-3000:]}"
