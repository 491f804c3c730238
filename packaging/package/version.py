"""Which version a source tree is, and when it was made."""

import datetime
import pathlib
import re
import subprocess


class Version:
    """`0.1.0` at the commit tagged v0.1.0, elsewhere `0.1.0~git20261128184300.8b01c5a`, which sorts before the release."""

    def __init__(self, source: pathlib.Path):
        text = next((source / "Sources" / "Service").rglob("BuildVersion.swift")).read_text()
        self.epoch = int(_git(source, "log", "-1", "--format=%ct"))
        moment = datetime.datetime.fromtimestamp(self.epoch, datetime.timezone.utc)
        self.date = moment.strftime("%Y-%m-%d")
        self.release = re.search(r'number = "([^"]+)"', text)[1]
        self.number = self.release
        if f"v{self.release}" not in _git(source, "tag", "--points-at", "HEAD").split():
            self.number += f"~git{moment:%Y%m%d%H%M%S}.{_git(source, 'rev-parse', '--short=7', 'HEAD')}"


def _git(source: pathlib.Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(source), *arguments], check=True, capture_output=True, text=True).stdout.strip()
