"""What Terraform would have made in AWS: buckets with their objects, names, rights and rules as the layer in terraform/ says, and
an office from which people look at it."""

import contextlib
import json
import pathlib
import shutil
import subprocess
import time

import cloud
from host import Host, Volume, host_name
from network import Network

SOURCE = pathlib.Path(__file__).resolve().parents[2]
OFFICE, DESK = "10.9.0.0/24", "10.9.0.5"
AUTHORITY = "/usr/local/share/ca-certificates/martlet.crt"
PORTS = {"metrics": 9090, "logs": 3100, "traces": 3200, "dashboards": 3000, "app": 5000}
ALERTMANAGER = f"""
route: {{ receiver: hook, group_by: [alertname], group_wait: 1s }}
receivers: [{{ name: hook, webhook_configs: [{{ url: "https://{cloud.HOOKS}/alerts" }}] }}]
"""


class Clock:
    """How long each step took, by host."""

    def __init__(self):
        self.rows = []

    def note(self, host, step, began):
        self.rows.append((host, step, time.monotonic() - began))

    def table(self) -> str:
        width = max((len(step) for _, step, _ in self.rows), default=4)
        rows = [f"{'host':10}  {'step':{width}}  seconds"]
        return "\n".join(rows + [f"{host:10}  {step:{width}}  {seconds:7.1f}" for host, step, seconds in self.rows]) + "\n"


class Deployment:
    """- resources: of the AWS layer, as Tests/Deploy evaluates it; image: what machines boot from; directory: gets state and logs."""

    def __init__(self, resources, image, wheels, directory):
        self.resources, self.image, self.directory = resources, image, directory
        self.state = directory / "cloud"
        self.state.mkdir()
        self.clock, self.hosts, self.volumes = Clock(), {}, {}
        self.number = 10
        self.network = self.desk = None
        self.stack = contextlib.ExitStack()
        self.buckets = {purpose: one["bucket"] for purpose, one in resources["aws_s3_bucket"]["this"].items()}
        self.scripts = {role: one["user_data"] for role, one in resources["aws_instance"]["this"].items()}
        self._objects()
        (self.state / "mirror").symlink_to(image.mirror)
        (self.state / "index").symlink_to(wheels)
        rights = resources["aws_iam_role_policy"]["instance"]
        self._table("policies", {role: json.loads(one["policy"]) for role, one in rights.items()})
        self._table("addresses", {})
        self._table("names", {})
        self.authority = self._certificate()

    def open(self):
        self.network = Network(self.state, self.directory / "cloud.log")
        self.stack.callback(self.network.close)
        self.names = dict(self.network.names)
        self._publish()
        self.desk = Host(self.network, "desk", DESK, self.image.tools, None, self.authority, self.directory)
        self.stack.callback(self.desk.close)
        with open(SOURCE / "terraform" / "secrets") as script:
            self.desk.machine.run("sh", "-c", "cat >/root/secrets; chmod +x /root/secrets", stdin=script.read())

    def close(self):
        """Ends every machine and then the network, whatever fails on the way."""
        self.stack.close()

    # What AWS holds.

    def bucket(self, purpose) -> pathlib.Path:
        return self.state / "objects" / self.buckets[purpose]

    def parameter(self, name) -> pathlib.Path:
        return self.state / "parameters/martlet" / name

    def notes(self, name):
        path = self.state / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def administrator(self, *command):
        """What a command prints at the desk of somebody who has all rights."""
        key = cloud.ADMINISTRATOR
        return self.desk.machine.output(
            "env", f"AWS_ACCESS_KEY_ID={key['AccessKeyId']}", f"AWS_SECRET_ACCESS_KEY={key['SecretAccessKey']}",
            f"AWS_DEFAULT_REGION={cloud.REGION}", *command, timeout=300)

    def secrets(self):
        return self.administrator("/root/secrets", "martlet", cloud.REGION, "martlet.internal")

    # Machines.

    def create(self, role, plain=False):
        """A new instance of a role, with the volume that the role has, under a new address."""
        self.number += 1
        address = f"10.0.2.{self.number}"
        volume, name = None, None
        if f"VOLUME='{self._volume_name(role)}'" in self.scripts[role]:
            name = self._volume_name(role)
            volume = self.volumes.setdefault(role, Volume(self.directory / f"{role}.volume"))
        addresses = json.loads((self.state / "addresses.json").read_text())
        addresses[address] = role
        self._table("addresses", addresses)
        record = self.resources["aws_route53_record"]["this"][role]
        self.names[record["name"]] = self.names[f"{host_name(address)}.{cloud.ZONE}"] = address
        self._publish()
        host = self.hosts[role] = Host(
            self.network, role, address, self.image.plain if plain else self.image.tools, self.scripts[role], self.authority,
            self.directory, volume, name)
        self.stack.callback(host.close)
        self._rules()
        return host

    def await_ready(self, *roles, step="user data, until the server is ready"):
        """Waits until user data of the hosts is done; notes for each how long it took."""
        waiting, deadline = set(roles), time.monotonic() + 900
        while waiting:
            for role in sorted(waiting):
                machine = self.hosts[role].machine
                if (state := self.hosts[role].user_data_state()) in ("active", "failed"):
                    assert state == "active", f"{role}:\n{self.hosts[role].user_data_log()}"
                    began, ended = (int(machine.show("cloud-final.service", f"ExecMain{edge}TimestampMonotonic")) for edge in ("Start", "Exit"))
                    self.clock.rows.append((role, step, (ended - began) / 1e6))
                    waiting.discard(role)
            assert time.monotonic() < deadline, f"{waiting} not ready in time"
            time.sleep(0.5)

    # People and programs.

    def curl(self, host, url, *arguments, token=None, data=None):
        """(status, body) of a request from a host, which knows the authority."""
        if token:
            arguments = (*arguments, "--header", f"Authorization: Bearer {self.parameter(f'tokens/{token}').read_text()}")
        if data is not None:
            arguments = (*arguments, "--header", "Content-Type: application/json", "--data-binary", "@-")
        _, text = host.machine.run(
            "curl", "--silent", "--show-error", "--max-time", "20", "--cacert", AUTHORITY, "--write-out", "\n%{http_code}", *arguments, url,
            check=False, stdin=json.dumps(data) if data is not None else "")
        body, _, status = text.rpartition("\n")
        return int(status) if status.isdigit() else 0, body

    def ask(self, host, url, *arguments, **options):
        """The answer as JSON; None if it is not 200."""
        status, body = self.curl(host, url, *arguments, **options)
        return json.loads(body) if status == 200 else None

    def wait(self, condition, what, timeout=180):
        return self.desk.machine.wait(condition, what, timeout)

    def url(self, role, path=""):
        return f"https://{role}.martlet.internal:{PORTS[role]}{path}"

    # Parts.

    def _volume_name(self, role):
        volume = self.resources["aws_ebs_volume"]["data"].get(role)
        return volume["id"] if volume else "none"

    def _objects(self):
        names = {f"aws_s3_bucket.this.{purpose}": purpose for purpose in self.buckets}
        for purpose in self.buckets:
            self.bucket(purpose).mkdir(parents=True)
        objects = self.resources["aws_s3_object"]
        for one in [objects["package"], *objects["app"].values(), *objects["config"].values()]:
            path = self.bucket(names[one["bucket"]]) / one["key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            source = pathlib.Path(one["source"])
            shutil.copy(source if source.is_absolute() else SOURCE / "terraform" / source, path)

    def _table(self, name, content):
        new = self.state / f"{name}.new"
        new.write_text(json.dumps(content))
        new.rename(self.state / f"{name}.json")

    def _publish(self):
        self._table("names", self.names)

    def _rules(self):
        """The security groups: a conversation needs the rule of either end."""
        groups = {f"aws_security_group.this.{role}": host.address for role, host in self.hosts.items()}
        out = {(one["security_group_id"], one["referenced_security_group_id"], one["from_port"])
               for one in self.resources["aws_vpc_security_group_egress_rule"]["this"].values()}
        allowed = []
        for rule in self.resources["aws_vpc_security_group_ingress_rule"]["this"].values():
            target, peer, port = rule["security_group_id"], rule["referenced_security_group_id"], rule["from_port"]
            if target not in groups:
                continue
            if rule["cidr_ipv4"]:
                allowed.append((rule["cidr_ipv4"], groups[target], port))
            elif peer in groups and (peer, target, port) in out:
                allowed.append((groups[peer], groups[target], port))
        self.network.allow(allowed)

    def _certificate(self) -> str:
        """An authority that machines know from the start, and a certificate of it for AWS' names."""
        names = [f"*.{cloud.AWS}", f"*.s3.{cloud.AWS}", cloud.HOOKS]
        (self.state / "extensions").write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names) + "\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for command in (
                ["req", "-x509", *key, "-days", "2", "-keyout", "authority.key", "-out", "authority.crt", "-subj", "/CN=signs for AWS"],
                ["req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=AWS"],
                ["x509", "-req", "-in", "server.csr", "-CA", "authority.crt", "-CAkey", "authority.key", "-days", "2", "-set_serial", "1",
                 "-extfile", "extensions", "-out", "server.crt"]):
            subprocess.run(["openssl", *command], cwd=self.state, check=True, capture_output=True)
        return (self.state / "authority.crt").read_text()
