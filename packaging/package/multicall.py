"""Links what SwiftPM has compiled once more, into one executable for all roles.

Seven executables with the same HTTP, TLS and gRPC code in each are 180 MB; one is 37 MB, and its pages are shared by all
servers that run. Nothing is compiled again but `multicall.c`.
"""

import json
import pathlib
import re
import subprocess
import tempfile


def link(build: pathlib.Path, names: list[str], target: pathlib.Path) -> None:
    """Makes `target` from the objects of the executables `names` in SwiftPM's scratch directory."""
    manifest = (build / "release.yaml").read_text()
    compiler = ""
    flags: dict[tuple[str, ...], None] = {}
    objects: list[str] = []
    for name in names:
        compiler, *arguments = _link_command(manifest, name)
        for part in _parts(arguments):
            if part[0].startswith("@"):
                objects += [line for line in pathlib.Path(part[0][1:]).read_text().splitlines() if line not in objects]
            elif part[0] not in ("-o", "-module-name") and not part[-1].startswith("main="):
                flags[part] = None
    with tempfile.TemporaryDirectory() as directory:
        # A fixed name, since the linker keeps it.
        entry, listing = pathlib.Path(directory) / "multicall.o", pathlib.Path(directory) / "objects"
        source = pathlib.Path(__file__).with_name("multicall.c")
        clang = pathlib.Path(compiler).with_name("clang")
        subprocess.run([clang, "-O2", "-Wall", "-Werror", "-c", source, "-o", entry], check=True)
        modules = {f"{name.replace('-', '_')}.build" for name in names}
        linked = []
        for index, path in enumerate(map(pathlib.Path, objects)):
            own = pathlib.Path(directory) / f"{index}.o"
            if path.parent.name in modules:
                _separate(path, own)
            linked.append(str(own if own.exists() else path))
        listing.write_text("\n".join(linked) + "\n")
        options = [word for part in flags for word in part]
        subprocess.run([compiler, *options, entry, f"@{listing}", "-o", target], check=True)


def _separate(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copies an object of an executable target, its asynchronous main under a name of its own.

    Swift calls the body of `@main` async_Main in every module, and the linker would keep the first for all roles.
    """
    names = subprocess.run(["nm", "--defined-only", "--format=just-symbols", source], check=True, capture_output=True, text=True)
    mains = [name for name in names.stdout.split() if "async_Main" in name]
    renames = [f"--redefine-sym={name}={name}_{source.parent.stem}" for name in mains]
    subprocess.run(["objcopy", *renames, source, target], check=True)


def _link_command(manifest: str, name: str) -> list[str]:
    entry = rf'^  "C\.{re.escape(name)}-\w+-unknown-linux-gnu-release\.exe":\n(?:    .*\n)*?    args: (\[.*\])$'
    command = re.search(entry, manifest, re.MULTILINE)
    if not command:
        raise SystemExit(f"package: SwiftPM's manifest does not say how {name} is linked; run make build first")
    return json.loads(command[1])


def _parts(arguments: list[str]) -> list[tuple[str, ...]]:
    """Flags together with their values, so that each can be kept once."""
    parts = []
    words = iter(arguments)
    for word in words:
        if word == "-Xlinker":
            value = next(words)
            # `-Xlinker --defsym -Xlinker main=…` is one flag.
            parts.append((word, value, next(words), next(words)) if value == "--defsym" else (word, value))
        elif word in ("-o", "-module-name", "-L", "-target"):
            parts.append((word, next(words)))
        else:
            parts.append((word,))
    return parts
