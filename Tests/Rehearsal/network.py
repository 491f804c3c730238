"""A VPC of network namespaces: one routes, filters as the security groups do, and answers for AWS; each machine has its own.

Nothing of the host's network is touched, and all of it ends with the processes that live there.
"""

import pathlib
import subprocess
import sys
import time

from cloud import ENDPOINTS, HOOKS, INDEX, INTERNET, METADATA, MIRROR, RESOLVER

ROUTER = "169.254.1.1"    # what every machine sees behind its cable
SETUP = r"""
set -e
ip link set lo up
for address in "$@"; do ip address add "$address/32" dev lo; done
echo 1 >/proc/sys/net/ipv4/ip_forward
"""


class Network:
    """The namespace in the middle, in which cloud.py runs.

    - state: the directory of cloud.py, with its certificate; log: gets what it writes.
    """

    def __init__(self, state: pathlib.Path, log: pathlib.Path):
        script = SETUP + 'exec "$PYTHON" "$CLOUD" "$STATE"'
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "bash", "-c", script, "network",
                 RESOLVER, METADATA, ENDPOINTS, INTERNET],
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHON": sys.executable, "STATE": str(state),
                     "CLOUD": str(pathlib.Path(__file__).with_name("cloud.py"))},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.names = {MIRROR: INTERNET, INDEX: INTERNET, HOOKS: INTERNET}
        deadline = time.monotonic() + 120
        while not (state / "listening").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise AssertionError(f"the network did not come up: {log.read_text()}")
            time.sleep(0.05)

    def run(self, *command, stdin=""):
        done = subprocess.run(["nsenter", "--target", str(self.process.pid), "--net", *command],
                              input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
        return done.stdout

    def connect(self, process: int, cable: str, address: str):
        """A cable from here to the namespace of a process, which gets the address."""
        self.run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", str(process))
        self.run("ip", "address", "add", f"{ROUTER}/32", "dev", cable)
        self.run("ip", "link", "set", cable, "up")
        there = ["nsenter", "--target", str(process), "--net"]
        for command in (["address", "add", f"{address}/32", "dev", "eth0"], ["link", "set", "eth0", "up"],
                        ["route", "add", ROUTER, "dev", "eth0"], ["route", "add", "default", "via", ROUTER]):
            subprocess.run([*there, "ip", *command], check=True)
        self.run("ip", "route", "add", f"{address}/32", "dev", cable)

    def allow(self, conversations: list[tuple[str, str, int]]):
        """Lets through only these (source, destination, port), what answers them, and what AWS and the internet are asked."""
        rules = "".join(f"ip saddr {source} ip daddr {target} tcp dport {port} accept\n" for source, target, port in conversations)
        self.run("nft", "-f", "-", stdin=f"""
add table inet groups
delete table inet groups
table inet groups {{
    chain between {{
        type filter hook forward priority 0; policy drop;
        ct state established,related accept
        {rules}
        counter
    }}
    chain outside {{
        type filter hook input priority 0; policy drop;
        iif lo accept
        ct state established,related accept
        udp dport 53 ip daddr {RESOLVER} accept
        tcp dport {{ 80, 443 }} accept
        counter
    }}
}}
""")

    def refused(self) -> int:
        """How many packets no rule let through."""
        lines = [line.split() for line in self.run("nft", "list", "table", "inet", "groups").splitlines() if "counter packets" in line]
        return sum(int(line[2]) for line in lines)

    def close(self):
        self.process.kill()
        self.process.wait(10)
