"""What the machines boot from: a plain Debian, and the same with the tools that Debian's image for AWS has; the packages of both."""

import pathlib
import re
import shutil
import subprocess
import sys

from machine import ENVIRONMENT

TOOLS = ["awscli", "ca-certificates", "curl", "e2fsprogs", "openssl", "python3"]
DEMO = ["python3-venv"]     # what a script asks apt for besides


class Image:
    """`plain` and `tools` are root directories, `mirror` is a directory of packages with their index."""

    def __init__(self, plain: pathlib.Path, directory: pathlib.Path):
        self.plain, self.tools, self.mirror = plain, directory / "tools", directory / "mirror"
        made, wanted = directory / ".complete", " ".join([*TOOLS, *DEMO, str((plain / ".complete").stat().st_mtime_ns)])
        if made.exists() and made.read_text() == wanted:
            return
        print("rehearsal: fetching the tools of a Debian in AWS (about 40 MB)")
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        subprocess.run(["cp", "--archive", "--reflink=auto", plain, self.tools], check=True)
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", self.tools / "etc")
        keep = ["-qq", "--yes", "--no-install-recommends", "-o", "APT::Keep-Downloaded-Packages=true"]
        self._apt("-qq", "update")
        self._apt(*keep, "install", *TOOLS)
        self._apt(*keep, "install", "--download-only", *DEMO)
        shutil.move(self.tools / "var/cache/apt/archives", self.mirror)
        (self.tools / "var/cache/apt/archives/partial").mkdir(parents=True)
        for part in ("lock", "partial"):
            subprocess.run(["rm", "-rf", self.mirror / part], check=True)
        subprocess.run(["rm", "-rf", self.tools / "var/lib/apt/lists"], check=True)
        with open(self.mirror / "Packages", "w") as index:
            subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=self.mirror, stdout=index, stderr=subprocess.DEVNULL, check=True)
        made.write_text(wanted)

    def _apt(self, *arguments):
        done = subprocess.run(["chroot", self.tools, "apt-get", *arguments], env=ENVIRONMENT, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout


def wheels(requirements: pathlib.Path, directory: pathlib.Path) -> None:
    """What pip installs for the demo, laid as an index of its own: a directory for each project."""
    made = directory / ".complete"
    if made.exists() and made.read_text() == requirements.read_text():
        return
    shutil.rmtree(directory, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:",
                    "--dest", directory / "all", "--requirement", requirements], check=True)
    for file in sorted((directory / "all").iterdir()):
        project = directory / re.sub(r"[-_.]+", "-", file.name.split("-")[0]).lower()
        project.mkdir(exist_ok=True)
        file.rename(project / file.name)
    (directory / "all").rmdir()
    made.write_text(requirements.read_text())
