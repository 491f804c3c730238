"""A directory that a script takes for a machine's root, with stand-ins for the commands that would change a real one.

The stand-ins note how they were called, and keep what a later call would see: packages, units, mounts, file systems.
"""

import hashlib
import os
import pathlib
import subprocess

PACKAGE = b"a package"
APP = b"print('an application')\n"

STUBS = {
    # Parameters and objects are files; metrics and copies are only noted.
    "aws": r"""
case "$1 $2" in
"ssm get-parameter")
    while [ "$1" != --name ]; do shift; done
    cat "$FAKE/parameters$2" 2>/dev/null || { echo "ParameterNotFound: $2" >&2; exit 254; } ;;
"s3 cp")
    for last in "$@"; do :; done
    while [[ $1 != s3://* ]]; do shift; done
    cp "$FAKE/objects/${1#s3://*/}" "$last" ;;
"s3 sync")
    while [[ $1 != s3://* ]]; do shift; done
    [ -d "$FAKE/objects/${1#s3://*/}" ] || exit 0
    diff -rq "$FAKE/objects/${1#s3://*/}" "$2" || cp -r "$FAKE/objects/${1#s3://*/}." "$2" ;;
esac
""",
    "apt-get": r"""
case " $* " in
*" update "*) [ ! -e "$FAKE/offline" ] || exit 100 ;;
*".deb "*) touch "$FAKE/installed" ;;
esac
""",
    "dpkg-query": '[ -e "$FAKE/installed" ] && echo installed',
    "systemctl": r"""
[ ! -e "$FAKE/broken" ] || [ "$1" != restart ] || exit 1
case "$1" in
restart | start) shift; for unit; do touch "$FAKE/active/$unit"; done ;;
is-active) shift 2; [ -e "$FAKE/active/$1" ] ;;
esac
""",
    "blkid": r"""
[ -s "$FAKE/filesystem" ] || exit "${BLKID_STATUS:-2}"
case "$*" in *TYPE*) cat "$FAKE/filesystem" ;; *UUID*) echo 11111111-2222-3333-4444-555555555555 ;; esac
""",
    "mkfs.ext4": 'echo ext4 >"$FAKE/filesystem"',
    "mountpoint": '[ -e "$FAKE/mounted" ]',
    "mount": 'touch "$FAKE/mounted"',
    "resize2fs": "", "chown": "", "useradd": "", "sleep": "",
    "id": '[ "$1" != flask-app ] || [ -e "$FAKE/user" ] || { touch "$FAKE/user"; exit 1; }',
    "update-ca-certificates": 'touch "$MARTLET_ROOT/etc/ssl/certs/ca-certificates.crt"',
    "curl": '[ ! -e "$FAKE/unready" ]',
    "python3": r"""
[ "$1 $2" != "-m venv" ] || { mkdir -p "$3/bin"; printf '#!/bin/sh\n' >"$3/bin/pip"; chmod +x "$3/bin/pip"; }
""",
}


class Machine:
    PACKAGE_SHA256 = hashlib.sha256(PACKAGE).hexdigest()
    APP_SHA256 = hashlib.sha256(APP).hexdigest()
    CHANGING = {"apt-get", "mkfs.ext4", "mount", "useradd", "update-ca-certificates"}

    def __init__(self, directory: pathlib.Path, script: pathlib.Path, role: str, blank=True):
        self.script, self.role = script, role
        self.root, self.fake, stubs = directory / "root", directory / "fake", directory / "stubs"
        self.calls_file = self.fake / "calls"
        for path in (self.root / "dev/disk/by-id", self.root / "etc/ssl/certs", stubs, self.fake / "active",
                     self.fake / "objects/packages", self.fake / "parameters/martlet"):
            path.mkdir(parents=True)
        volume = next((line.split("'")[1] for line in script.read_text().splitlines() if line.startswith("VOLUME=")), "")
        if volume:
            device = self.root / "dev/disk/by-id" / f"nvme-Amazon_Elastic_Block_Store_{volume.replace('-', '')}"
            device.write_bytes((b"\0" if blank else b"x") * (1 << 20))
        (self.fake / "objects/packages/martlet_0.1.0_amd64.deb").write_bytes(PACKAGE)
        (self.fake / "objects/packages/app.py").write_bytes(APP)
        for name, value in {
            "ca/certificate": "authority", f"tls/{role}/certificate": "certificate", f"tls/{role}/key": "s3cr3t-key",
            **{f"tokens/{one}": f"s3cr3t-{one}" for one in ("scrape", "query", "send", "alert")},
            **{f"digests/{one}": f"digest-{one}" for one in ("scrape", "query", "send", "alert")},
        }.items():
            self.set_parameter(name, value)
        self.stubs = stubs
        for name, body in STUBS.items():
            self.stub(name, body)
        self.environment = {
            "MARTLET_ROOT": str(self.root), "MARTLET_PATH": f"{stubs}:/usr/sbin:/usr/bin:/sbin:/bin", "FAKE": str(self.fake),
            "PATH": "/usr/bin:/bin"}

    def stub(self, name, body):
        path = self.stubs / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>"$FAKE/calls"\n{body}\n')
        path.chmod(0o755)

    def set_parameter(self, name, value):
        path = self.fake / "parameters/martlet" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value + "\n")

    def run(self, check=True, **environment):
        """Runs the script; returns what it printed. `calls` are those of this run."""
        self.calls_file.unlink(missing_ok=True)
        self.result = subprocess.run(
            ["/bin/bash", str(self.script)], env={**self.environment, **environment}, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        if check:
            assert self.result.returncode == 0, self.result.stdout
        return self.result.stdout

    def function(self, code, **environment):
        """Runs functions of the script by themselves."""
        self.calls_file.unlink(missing_ok=True)
        return subprocess.run(
            ["/bin/bash", "-c", f'. "{self.script}"; mkdir -p "$STATE"; {code}'], env={**self.environment, **environment},
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)

    @property
    def calls(self):
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []

    def called(self, name):
        return [line for line in self.calls if line.split()[0] == name]

    def text(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def mode(self, path):
        return (self.root / path.lstrip("/")).stat().st_mode & 0o777

    def files(self):
        """Every file with its content, mode and time of change."""
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = pathlib.Path(folder) / name
                state = path.stat()
                found[str(path.relative_to(self.root))] = (path.read_bytes(), state.st_mode, state.st_mtime_ns)
        return found
