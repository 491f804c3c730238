"""What the package may ask of a machine: Debian 12's libraries and symbols, which Ubuntu 24.04 has too.

Run as a program it checks a laid tree and prints what it asks for:  python3 -m package.libraries TREE
"""

import pathlib
import re
import sys

from .elf import Elf, is_elf

# Newest symbol versions of Debian 12. Every soname here is the same in Debian 12, Debian 13 and Ubuntu 24.04.
SYSTEM = {
    "ld-linux-x86-64.so.2": {"GLIBC": (2, 36)},
    "libc.so.6": {"GLIBC": (2, 36)},
    "libm.so.6": {"GLIBC": (2, 36)},
    "libgcc_s.so.1": {"GCC": (12, 0, 0)},
    "libstdc++.so.6": {"GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13)},
    "libcrypt.so.1": {"XCRYPT": (4, 4), "GLIBC": (2, 36)},
    "libsystemd.so.0": {"LIBSYSTEMD": (252,)},
    "libsqlite3.so.0": {},
    "libz.so.1": {"ZLIB": (1, 2, 12)},
}
RUNPATH = {"bin": "$ORIGIN/../lib/martlet", "lib": "$ORIGIN"}


def problems(usr: pathlib.Path) -> list[str]:
    """Everything in `usr` (bin and lib/martlet) that would not start, or not be the same, on another machine."""
    private = usr / "lib" / "martlet"
    found: list[str] = []
    used: set[str] = set()
    executables = [path for path in sorted((usr / "bin").iterdir()) if is_elf(path) and not path.is_symlink()]
    libraries = sorted(private.iterdir())
    for path in executables + libraries:
        elf = Elf(path)
        name = path.relative_to(usr)
        wanted = RUNPATH["bin" if path in executables else "lib"]
        if elf.rpath or (elf.runpath or [wanted]) != [wanted]:
            found.append(f"{name}: its library path is {elf.rpath + elf.runpath}, not {wanted}")
        for library in elf.needed:
            if (private / library).exists():
                used.add(library)
                if not elf.runpath:
                    found.append(f"{name}: needs {library} and has no library path")
            elif library not in SYSTEM:
                found.append(f"{name}: needs {library}, which is neither shipped nor allowed")
        for library, versions in elf.versions.items():
            found += [f"{name}: needs {version} of {library}" for version in sorted(versions) if _too_new(library, version)]
        if [section for section in elf.sections() if section.startswith((".debug", ".symtab"))]:
            found.append(f"{name}: is not stripped")
        if path in executables and not elf.build_id():
            found.append(f"{name}: has no build id")
    found += [f"lib/martlet/{path.name}: nothing needs it" for path in libraries if path.name not in used]
    return found


def system_libraries(usr: pathlib.Path) -> dict[str, str]:
    """Each library of the machine that is needed, with the newest symbol version asked of it."""
    newest: dict[str, tuple] = {}
    for path in [*(usr / "bin").iterdir(), *(usr / "lib" / "martlet").iterdir()]:
        elf = Elf(path)
        for library in elf.needed:
            if library in SYSTEM:
                newest.setdefault(library, ((), ""))
        for library, versions in elf.versions.items():
            if library in SYSTEM:
                newest[library] = max([newest.get(library, ((), ""))] + [(_parse(version)[1], version) for version in versions])
    return {library: version for library, (_, version) in sorted(newest.items())}


def _parse(version: str) -> tuple[str, tuple[int, ...]]:
    """`GLIBC_2.36` → ("GLIBC", (2, 36))."""
    family, _, number = version.rpartition("_")
    return family, tuple(int(part) for part in re.findall(r"\d+", number))


def _too_new(library: str, version: str) -> bool:
    family, number = _parse(version)
    allowed = SYSTEM.get(library, {})
    # Versions of shipped libraries are their own affair; of a system library only known families may be asked for.
    return library in SYSTEM and not (family in allowed and number <= allowed[family])


def main() -> None:
    usr = pathlib.Path(sys.argv[1]) / "usr"
    found = problems(usr)
    for problem in found:
        print(f"libraries: {problem}", file=sys.stderr)
    for library, version in system_libraries(usr).items():
        print(f"libraries: {library:22} {version}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
