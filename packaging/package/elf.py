"""Facts about ELF files, as binutils reads them."""

import pathlib
import re
import subprocess

NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)$", re.MULTILINE)
RUNPATH = re.compile(r"^\s+RUNPATH\s+(\S+)$", re.MULTILINE)
RPATH = re.compile(r"^\s+RPATH\s+(\S+)$", re.MULTILINE)
VERSION_OF = re.compile(r"^\s+required from (\S+):$")
VERSION = re.compile(r"^\s+0x[0-9a-f]+ 0x[0-9a-f]+ \d+ (\S+)$")


def is_elf(path: pathlib.Path) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


class Elf:
    """What an executable or a library wants from others."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        text = _run("objdump", "--private-headers", path)
        self.needed = NEEDED.findall(text)
        self.runpath = RUNPATH.findall(text)
        self.rpath = RPATH.findall(text)
        self.versions = _versions(text)

    def sections(self) -> set[str]:
        return set(re.findall(r"^\s*\[\s*\d+\] (\S+)", _run("readelf", "--section-headers", "--wide", self.path), re.MULTILINE))

    def build_id(self) -> str | None:
        found = re.search(r"Build ID: ([0-9a-f]+)", _run("readelf", "--notes", self.path))
        return found and found[1]


def _versions(text: str) -> dict[str, set[str]]:
    """Symbol versions that are needed, by library."""
    versions: dict[str, set[str]] = {}
    library = None
    for line in text.splitlines():
        if found := VERSION_OF.match(line):
            library = found[1]
        elif library and (found := VERSION.match(line)):
            versions.setdefault(library, set()).add(found[1])
        else:
            library = None
    return versions


def _run(*command) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
