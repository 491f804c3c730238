"""Collects the licences of everything that ends up inside the executables, the libraries and the web interface."""

import json
import pathlib
import re
import shutil

# Debian's development packages whose archives are linked into the executables.
LINKED_ARCHIVES = ["libre2-dev", "libsnappy-dev", "libzstd-dev", "libprotobuf-c-dev"]
NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE")
LEADING_COMMENT = re.compile(r"\s*((?:/\*.*?\*/\s*|(?://[^\n]*\n)+\s*)+)", re.DOTALL)


def collect(source: pathlib.Path, build: pathlib.Path, toolchain: pathlib.Path, target: pathlib.Path) -> list[str]:
    """Fills `target` with one directory for each component and returns the components' names.

    - source: the source tree; build: SwiftPM's scratch directory, whose checkouts were compiled; toolchain: `usr` of Swift.
    """
    shutil.copytree(source / "packaging" / "licenses", target)
    components = {"swift": [toolchain / "share" / "swift" / "LICENSE.txt"]}
    for package in LINKED_ARCHIVES:
        components[package.removesuffix("-dev")] = [pathlib.Path("/usr/share/doc") / package / "copyright"]
    components["web"] = sorted((source / "web" / "vendor").glob("LICENSE*"))
    for name, files in components.items():
        _copy(name, {file.name: file for file in files}, target)

    state = json.loads((build / "workspace-state.json").read_text())
    for dependency in state["object"]["dependencies"]:
        name = dependency["packageRef"]["identity"]
        checkout = build / "checkouts" / dependency["subpath"]
        found = [*checkout.glob("*"), *(checkout / "Sources").rglob("*")]
        files = [path for path in sorted(found) if path.is_file() and path.name.upper().startswith(NAMES)]
        _copy(name, {"-".join(path.relative_to(checkout).parts): path for path in files}, target)
        if notices := _notices_in_c_sources(checkout / "Sources"):
            (target / name / "notices-in-sources.txt").write_text(notices)
        components[name] = files
    return sorted(components)


def _copy(name: str, files: dict[str, pathlib.Path], target: pathlib.Path) -> None:
    if not files:
        raise SystemExit(f"licenses: {name} has no licence file")
    (target / name).mkdir(parents=True)
    for copy, file in files.items():
        shutil.copyfile(file, target / name / copy)


def _notices_in_c_sources(sources: pathlib.Path) -> str:
    """Each notice once: code that a package has taken in (BoringSSL, zlib) often states its licence only there."""
    notices: dict[str, str] = {}
    for path in sorted(sources.rglob("*")):
        if path.suffix not in (".c", ".cc", ".cpp", ".h", ".S"):
            continue
        comment = LEADING_COMMENT.match(path.read_text(errors="replace"))
        if comment and "opyright" in comment[1]:
            notices.setdefault(" ".join(comment[1].split()), comment[1].strip() + "\n")
    return "\n".join(notices.values())
