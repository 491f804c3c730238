"""Makes Debian packages of laid trees."""

import os
import pathlib
import shutil
import subprocess
import tempfile

MAINTAINER = "The Martlet project <maintainers@martlet.invalid>"
SUMMARY = "metrics, logs, traces, dashboards and alerts in one package"
DESCRIPTION = """\
 Six servers and one command that stand in for Prometheus, Loki, Tempo, Grafana,
 Alertmanager, Promtail and the OpenTelemetry Collector, with their protocols,
 query languages and configuration files.
 .
 No server is enabled by this package: install martlet-metrics, martlet-logs,
 martlet-traces, martlet-dashboards, martlet-alerts or martlet-agent for those
 that this machine is to run.
"""
SCRIPTS = ("postinst", "prerm", "postrm")


class Debian:
    """Where packages are made and what they have in common.

    - templates: maintainer scripts; output: gets the packages; version, epoch: of every package and of every file in them.
    """

    def __init__(self, templates: pathlib.Path, output: pathlib.Path, version: str, epoch: int):
        self.templates, self.output, self.version, self.epoch = templates, output, version, epoch
        self.architecture = _run("dpkg", "--print-architecture").strip()

    def main_package(self, tree: pathlib.Path) -> pathlib.Path:
        """`martlet`: everything, with no server enabled."""
        # systemd makes the users and runs the units; procps has the kill of ExecReload.
        depends = [*_library_packages(tree), "init-system-helpers", "passwd", "procps", "systemd (>= 252)"]
        scripts = {script: (self.templates / f"martlet.{script}").read_text() for script in SCRIPTS}
        files = [path for path in sorted((tree / "etc").rglob("*")) if path.is_file()]
        conffiles = "".join(f"/{path.relative_to(tree)}\n" for path in files)
        return self._build("martlet", tree, SUMMARY, DESCRIPTION, depends, scripts, {"conffiles": conffiles})

    def role_package(self, role: str) -> pathlib.Path:
        """`martlet-<role>`: enables and starts one server."""
        name = f"martlet-{role}"
        scripts = {script: (self.templates / f"role.{script}").read_text().replace("@ROLE@", role) for script in SCRIPTS}
        with tempfile.TemporaryDirectory() as directory:
            tree = pathlib.Path(directory) / "tree"
            documents = tree / "usr" / "share" / "doc"
            documents.mkdir(parents=True)
            (documents / name).symlink_to("martlet")
            text = f" Enables and starts {name}.service, which the package martlet brings.\n"
            for path in [tree, *tree.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(0o755)
            summary = f"Martlet's {role} server on this machine"
            return self._build(name, tree, summary, text, [f"martlet (= {self.version})"], scripts)

    def _build(
        self, name: str, tree: pathlib.Path, summary: str, description: str, depends: list[str], scripts: dict[str, str],
        more: dict[str, str] | None = None
    ) -> pathlib.Path:
        files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
        control = tree / "DEBIAN"
        control.mkdir()
        control.chmod(0o755)
        fields = {
            "Package": name, "Version": self.version, "Architecture": self.architecture, "Maintainer": MAINTAINER,
            "Section": "admin", "Priority": "optional", "Depends": ", ".join(depends),
            "Installed-Size": str(sum(-(-path.stat().st_size // 1024) for path in files)),
            "Description": f"{summary}\n{description.rstrip()}",
        }
        conffiles = set((more or {}).get("conffiles", "").split())
        texts = {"control": "".join(f"{key}: {value}\n" for key, value in fields.items()), **(more or {})}
        sums = [path for path in files if f"/{path.relative_to(tree)}" not in conffiles]
        if sums:
            texts["md5sums"] = _run("md5sum", *[path.relative_to(tree) for path in sums], cwd=tree)
        for file, text in {**texts, **scripts}.items():
            (control / file).write_text(text)
            (control / file).chmod(0o755 if file in scripts else 0o644)
        target = self.output / f"{name}_{self.version}_{self.architecture}.deb"
        # A third larger than with xz, but made in seconds and not minutes. One thread, since their number shows in the bytes.
        _run(
            "dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--threads-max=1", "--build", tree, target,
            environment={"SOURCE_DATE_EPOCH": str(self.epoch)})
        shutil.rmtree(control)
        return target


def _library_packages(tree: pathlib.Path) -> list[str]:
    """The packages, with versions, of the system's libraries that the executables and their libraries load."""
    with tempfile.TemporaryDirectory() as directory:
        # The tool wants to stand in a source package.
        (pathlib.Path(directory) / "debian").mkdir()
        (pathlib.Path(directory) / "debian" / "control").write_text("Source: martlet\n\nPackage: martlet\nArchitecture: any\n")
        private = tree / "usr" / "lib" / "martlet"
        files = [tree / "usr" / "bin" / "martlet", *sorted(private.iterdir())]
        text = _run(
            "dpkg-shlibdeps", "-O", "--ignore-missing-info", f"-l{private.resolve()}",
            *[f"-e{file.resolve()}" for file in files], cwd=directory, quiet=True)
    return text.strip().removeprefix("shlibs:Depends=").split(", ")


def _run(*command, cwd=None, quiet=False, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if quiet else None,
        text=True, cwd=cwd, env={**os.environ, **(environment or {})})
    return done.stdout
