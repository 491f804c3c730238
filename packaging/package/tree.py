"""Lays the files of the package as they will be installed."""

import pathlib
import shutil
import subprocess

from . import licenses, manual, multicall
from .elf import Elf

ROLES = ["metrics", "logs", "traces", "dashboards", "alerts", "agent"]
EXECUTABLES = ["martlet", *[f"martlet-{role}" for role in ROLES]]
WEB_SOURCES = ["jsconfig.json", "package.json", "types", "licenses", "preload", "fetch-vendor"]  # needed to build only
# Secrets, and what may hold some: the maintainer scripts give the servers' users access to the latter.
MODES = {"web/*": 0o600, "*.yml": 0o640, "*.env": 0o640, "dashboards": 0o750, "provisioning": 0o750, "provisioning/*": 0o750}


def lay(source: pathlib.Path, build: pathlib.Path, tree: pathlib.Path, version: str, date: str) -> None:
    """Fills `tree` from the source tree and SwiftPM's scratch directory; executables are those of its release build."""
    usr = tree / "usr"
    toolchain = _toolchain()
    _executables(build, usr, toolchain)
    _web(source, usr / "share" / "martlet")
    _units(source / "systemd", usr / "lib")
    _configuration(source / "packaging" / "etc" / "martlet", tree / "etc" / "martlet")
    _documents(source, build, toolchain, usr / "share", version, date)
    for path in [tree, *tree.rglob("*")]:
        if not path.is_relative_to(tree / "etc" / "martlet") and not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.is_relative_to(usr / "bin") else 0o644)


def _toolchain() -> pathlib.Path:
    return pathlib.Path(shutil.which("swift") or "/usr/bin/swift").resolve().parent.parent


def _executables(build: pathlib.Path, usr: pathlib.Path, toolchain: pathlib.Path) -> None:
    """One executable under all names, and the Swift libraries that it loads, found by their place beside each other."""
    (usr / "bin").mkdir(parents=True)
    private = usr / "lib" / "martlet"
    private.mkdir(parents=True)
    target = usr / "bin" / "martlet"
    multicall.link(build, EXECUTABLES, target)
    _run("strip", "--strip-all", target)
    _run("chrpath", "--replace", "$ORIGIN/../lib/martlet", target)
    for name in EXECUTABLES:
        if name != target.name:
            (usr / "bin" / name).symlink_to(target.name)
    waiting = Elf(target).needed
    runtime = toolchain / "lib" / "swift" / "linux"
    while waiting:
        name = waiting.pop()
        if (private / name).exists() or not (runtime / name).exists():
            continue
        shutil.copyfile(runtime / name, private / name)
        _run("strip", "--strip-unneeded", private / name)
        waiting += Elf(private / name).needed


def _web(source: pathlib.Path, share: pathlib.Path) -> None:
    shutil.copytree(source / "web", share / "web", ignore=lambda directory, names: [
        name for name in names if name in WEB_SOURCES and pathlib.Path(directory) == source / "web"])
    for directory in ("dashboards", "rules"):
        shutil.copytree(source / directory, share / directory)


def _units(systemd: pathlib.Path, lib: pathlib.Path) -> None:
    shutil.copytree(systemd, lib / "systemd" / "system", ignore=shutil.ignore_patterns("*.sysusers.conf"))
    (lib / "sysusers.d").mkdir()
    shutil.copyfile(systemd / "martlet.sysusers.conf", lib / "sysusers.d" / "martlet.conf")


def _configuration(source: pathlib.Path, etc: pathlib.Path) -> None:
    shutil.copytree(source, etc)
    for directory in ("dashboards", "provisioning/dashboards", "provisioning/datasources"):
        (etc / directory).mkdir(parents=True)
    for path in [etc, *etc.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for pattern, mode in MODES.items():
        for path in etc.glob(pattern):
            path.chmod(mode)


def _documents(
    source: pathlib.Path, build: pathlib.Path, toolchain: pathlib.Path, share: pathlib.Path, version: str, date: str
) -> None:
    doc = share / "doc" / "martlet"
    doc.parent.mkdir(parents=True)
    shutil.copytree(source / "docs", doc, ignore=shutil.ignore_patterns("images"))
    for name in ("README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copyfile(source / name, doc / name)
    components = licenses.collect(source, build, toolchain, doc / "licenses")
    template = (source / "packaging" / "debian" / "copyright").read_text()
    (doc / "copyright").write_text(template + "".join(f" {name}\n" for name in components))
    pages = share / "man" / "man1"
    pages.mkdir(parents=True)
    for name in EXECUTABLES:
        for page, text in manual.pages(share.parent / "bin" / name, version, date).items():
            (pages / f"{page}.1").write_text(text)
            _run("gzip", "-9", "--no-name", pages / f"{page}.1")


def _run(*command) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
