"""An instance: a machine with an address, a data volume and user data, which its boot runs as cloud-init does."""

import contextlib
import os
import pathlib
import subprocess

from cloud import INDEX, MIRROR, RESOLVER, ZONE
from machine import Machine

# The last stage of cloud-init, which runs user data.
CLOUD_FINAL = """[Unit]
Description=User data
After=network-online.target multi-user.target
[Service]
Type=oneshot
ExecStart=/var/lib/cloud/instance/scripts/part-001
RemainAfterExit=yes
TimeoutSec=0
KillMode=process
TasksMax=infinity
StandardOutput=journal+console
[Install]
WantedBy=cloud-init.target
"""
CLOUD_INIT = "[Unit]\nDescription=Cloud-init target\nAfter=multi-user.target\n[Install]\nWantedBy=multi-user.target\n"
BYTES = 2 << 30    # a sparse file


def host_name(address: str) -> str:
    return "ip-" + address.replace(".", "-")


class Volume:
    """A volume: a file behind a loop device, which the kernel lets go of when the last of its users is gone, however it ends."""

    def __init__(self, path: pathlib.Path):
        self.path, self.device, self.hold = path, None, None
        if not path.exists():
            with open(path, "wb") as file:
                file.truncate(BYTES)

    def attach(self) -> str:
        self.device = subprocess.run(["losetup", "--find", "--show", self.path], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
        self.hold = os.open(self.device, os.O_RDWR)
        subprocess.run(["losetup", "--detach", self.device], check=True)
        return self.device

    def detach(self):
        if self.hold is not None:
            os.close(self.hold)
        self.hold = None

    def attached(self) -> bool:
        return str(self.path) in subprocess.run(["losetup", "--list", "--noheadings", "--output", "BACK-FILE"], text=True,
                                                stdout=subprocess.PIPE).stdout


class Host:
    """One instance of a role.

    - root: what it boots from; script: its user data; authority: the certificate of those who sign for AWS' names.
    """

    def __init__(self, network, role, address, root, script, authority, artifacts, volume=None, volume_id=None):
        self.network, self.role, self.address, self.volume = network, role, address, volume
        self.artifacts, self.closed = artifacts, False

        def prepare(upper):
            def write(path, content, mode=0o644):
                target = upper / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content)
                target.chmod(mode)

            write("etc/resolv.conf", f"nameserver {RESOLVER}\nsearch {ZONE}\n")
            write("etc/hosts", "127.0.0.1 localhost\n")
            write("etc/apt/sources.list", f"deb [trusted=yes] http://{MIRROR}/ ./\n")
            write("etc/pip.conf", f"[global]\nindex-url = http://{INDEX}/\ntrusted-host = {INDEX}\n")
            write("usr/local/share/ca-certificates/signs-for-aws.crt", authority)
            # Debian's aws has authorities of its own.
            write("root/.aws/config", "[default]\nca_bundle = /etc/ssl/certs/ca-certificates.crt\n")
            bundle = root / "etc/ssl/certs/ca-certificates.crt"
            if bundle.exists():
                write("etc/ssl/certs/ca-certificates.crt", bundle.read_text() + authority)
            if script:
                write("var/lib/cloud/instance/scripts/part-001", script, 0o700)
                write("etc/systemd/system/cloud-final.service", CLOUD_FINAL)
                write("etc/systemd/system/cloud-init.target", CLOUD_INIT)
                for wants, unit in (("multi-user", "cloud-init.target"), ("cloud-init", "cloud-final.service")):
                    directory = upper / f"etc/systemd/system/{wants}.target.wants"
                    directory.mkdir(parents=True)
                    (directory / unit).symlink_to(f"/etc/systemd/system/{unit}")

        def attach(process):
            cable = f"v-{role}"[:15]
            network.connect(process, cable, address)

        self.machine = Machine(root, None, artifacts / f"{role}.console", name=host_name(address), prepare=prepare,
                               attach=attach, settled=script is None)
        try:
            if volume:
                self._attach_volume(volume_id)
        except BaseException:
            self.close()
            raise

    def _attach_volume(self, name):
        """As an instance gets its volume: some time after the boot."""
        device = pathlib.Path(self.volume.attach())
        number = os.major(device.stat().st_rdev), os.minor(device.stat().st_rdev)
        link = f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{name.replace('-', '', 1)}"
        self.machine.run("sh", "-ec", f"mknod -m 660 {device} b {number[0]} {number[1]}; mkdir -p /dev/disk/by-id; ln -s {device} {link}")

    def user_data_state(self) -> str:
        return self.machine.show("cloud-final.service", "ActiveState")

    def user_data_log(self) -> str:
        return self.machine.journal("cloud-final.service")

    def await_user_data(self, timeout=600) -> str:
        """Waits for the end of user data; returns what it printed."""
        self.machine.wait(lambda: self.user_data_state() in ("active", "failed"), f"the user data of {self.role}", timeout)
        return self.user_data_log()

    def run_user_data_again(self):
        """Returns what that run printed."""
        before = len(self.user_data_log())
        self.machine.run("systemctl", "restart", "cloud-final.service", timeout=300)
        return self.user_data_log()[before:]

    def close(self):
        """The host is gone at once: nobody stops a server, and all but the volume is thrown away."""
        if self.closed:
            return
        self.closed = True
        with contextlib.suppress(Exception):
            self._keep_journal()
        self.machine.close()
        self._release()

    def _release(self):
        if self.volume:
            self.volume.detach()
            self.machine.wait(lambda: not self.volume.attached(), f"the end of the volume of {self.role}")

    def _keep_journal(self):
        with open(self.artifacts / f"{self.role}.journal", "a") as file:
            file.write(self.machine.output("journalctl", "--no-pager", "--output", "short-precise") + "\n")
