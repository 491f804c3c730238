"""What the packages hold: sizes, libraries, manual pages, licences, and that the same build gives the same bytes."""

import gzip
import json
import re
import shutil
import subprocess

import pytest

from conftest import ROLES, SOURCE

EXECUTABLES = ["martlet", *[f"martlet-{role}" for role in ROLES]]


def field(package, name):
    return subprocess.run(
        ["dpkg-deb", "--field", package, name], check=True, capture_output=True, text=True).stdout.strip()


def test_everything_is_within_sixty_megabytes(packages):
    files = [*packages.glob("*.deb"), *packages.glob("*.tar.gz")]
    assert len(files) == 2 + len(ROLES)
    for file in files:
        print(f"{file.stat().st_size / 1e6:.1f} MB  {file.name}")
        assert file.stat().st_size <= 60_000_000, file.name


def test_the_checksums_are_right(packages):
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=packages, check=True)


def test_the_same_build_gives_the_same_bytes(packages, tmp_path):
    again = tmp_path / "again"
    subprocess.run([SOURCE / "packaging" / "make-package", "--output", again], check=True, stdout=subprocess.DEVNULL)
    assert (again / "SHA256SUMS").read_text() == (packages / "SHA256SUMS").read_text()


def test_the_tarball_runs_where_it_is_unpacked(packages, tmp_path):
    archive = next(packages.glob("*.tar.gz"))
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", tmp_path], check=True)
    program = tmp_path / archive.name.removesuffix(".tar.gz") / "usr/bin/martlet"
    loaded = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    assert str(tmp_path) in next(line for line in loaded.splitlines() if "libswiftCore.so" in line)
    assert subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout.strip()


def test_only_libraries_and_symbols_of_debian_12_are_needed(tree):
    from package import libraries

    assert libraries.problems(tree / "usr") == []
    for library, version in libraries.system_libraries(tree / "usr").items():
        print(f"{library:22} {version}")


def test_a_library_that_is_not_shipped_is_noticed(tree, tmp_path):
    from package import libraries

    usr = tmp_path / "usr"
    (usr / "bin").mkdir(parents=True)
    shutil.copytree(tree / "usr" / "lib" / "martlet", usr / "lib" / "martlet")
    shutil.copy("/usr/bin/ls", usr / "bin" / "ls")
    shutil.copy(tree / "usr" / "bin" / "martlet", usr / "bin" / "martlet")
    (usr / "lib" / "martlet" / "libswiftCore.so").unlink()
    problems = libraries.problems(usr)
    assert any(problem.startswith("bin/ls: needs libselinux.so.1,") for problem in problems), problems
    assert any(problem.startswith("bin/martlet: needs libswiftCore.so,") for problem in problems), problems


def test_regular_expressions_and_compression_are_linked_in(tree):
    from package.elf import Elf

    for name in EXECUTABLES:
        for library in Elf(tree / "usr" / "bin" / name).needed:
            assert not library.startswith(("libre2", "libsnappy", "libzstd", "libprotobuf")), (name, library)
    symbols = subprocess.run(
        ["objdump", "--dynamic-syms", tree / "usr/bin/martlet-agent"], check=True, capture_output=True, text=True).stdout
    # libsystemd uses zstd too: it must find its own, not ours.
    assert not [line for line in symbols.splitlines() if " ZSTD_" in line and "*UND*" not in line]


@pytest.mark.parametrize("name", EXECUTABLES)
def test_the_manual_page_names_every_flag_of_the_help(tree, name):
    page = gzip.decompress((tree / f"usr/share/man/man1/{name}.1.gz").read_bytes()).decode()
    help_text = subprocess.run([tree / "usr/bin" / name, "--help"], check=True, capture_output=True, text=True).stdout
    flags = set(re.findall(r"(?<![\w-])--[a-z][a-z.-]*[a-z]", help_text))
    assert flags
    for flag in flags:
        assert flag.replace("-", "\\-") in page, flag
    warnings = subprocess.run(["man", "--warnings", "-l", "-"], input=page, capture_output=True, text=True)
    assert warnings.stderr == ""


def test_the_licence_of_every_dependency_is_there(tree):
    licenses = tree / "usr/share/doc/martlet/licenses"
    state = json.loads((SOURCE / ".build/workspace-state.json").read_text())
    names = [dependency["packageRef"]["identity"] for dependency in state["object"]["dependencies"]]
    for name in [*names, "swift", "libre2", "libsnappy", "libzstd", "libprotobuf-c", "web"]:
        assert [file for file in (licenses / name).iterdir() if file.stat().st_size > 100], name
        assert f"\n {name}\n" in (tree / "usr/share/doc/martlet/copyright").read_text()
    assert "OpenSSL" in (licenses / "swift-nio-ssl" / "notices-in-sources.txt").read_text()


def test_configuration_is_marked_as_such(packages):
    package = next(packages.glob("martlet_*.deb"))
    listed = subprocess.run(["dpkg-deb", "--info", package, "conffiles"], check=True, capture_output=True, text=True).stdout
    names = subprocess.run(["dpkg-deb", "--contents", package], check=True, capture_output=True, text=True).stdout
    shipped = {line.split()[-1].lstrip(".") for line in names.splitlines() if "/etc/" in line and not line.startswith("d")}
    assert shipped == set(listed.split()) and "/etc/martlet/prometheus.yml" in shipped


@pytest.mark.parametrize("role", ROLES)
def test_a_role_belongs_to_its_own_version(packages, role):
    package = next(packages.glob(f"martlet-{role}_*.deb"))
    assert field(package, "Depends") == f"martlet (= {field(package, 'Version')})"
