"""An S3 bucket for tests: SeaweedFS on loopback, and the few signed requests that a test makes itself."""

import datetime
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import sys
import urllib.parse
import urllib.request

from processes import free_port, free_port_offset, http, wait_for

KEY, SECRET, BUCKET = "key", "secret", "blocks"
# SeaweedFS listens for gRPC 10000 above each of its ports.
PORTS = {"master": 1000, "volume": 1001, "filer": 1002, "s3": 1003}


def signed(method, host, path, query="", body=b""):
    """Headers of a request in AWS' signature version 4."""
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(sorted(headers))
    fields = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join([method, path, query, fields, names, digest])
    scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (stamp[:8], "us-east-1", "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers


class Seaweed:
    """`weed server -s3` with one bucket."""

    def __init__(self, launch, directory):
        weed = shutil.which("weed", path=f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}")
        assert weed, "SeaweedFS is not installed: see requirements.txt"
        offset = free_port_offset([port + more for port in PORTS.values() for more in (0, 10000)])
        port = {name: number + offset for name, number in PORTS.items()}
        directory.mkdir()
        (directory / "s3.json").write_text(json.dumps({"identities": [{
            "name": "martlet", "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}))
        self.process = launch.start(
            weed, "server", f"-dir={directory}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={port['master']}",
            f"-volume.port={port['volume']}", f"-filer.port={port['filer']}", "-s3", f"-s3.port={port['s3']}",
            f"-s3.config={directory / 's3.json'}", f"-s3.port.iceberg={free_port()}", f"-s3.port.lance={free_port()}",
            "-master.volumeSizeLimitMB=64", "-master.telemetry=false", "-volume.max=20", cwd=directory,
            # Told to end it sleeps for 25 s first.
            patience=1)
        self.host = f"127.0.0.1:{port['s3']}"
        wait_for(lambda: http("GET", f"http://{self.host}/").status == 403, "SeaweedFS", 120)
        wait_for(lambda: self.request("PUT", f"/{BUCKET}").status == 200, "a bucket")

    def request(self, method, path, query=""):
        url = f"http://{self.host}{path}" + (f"?{query}" if query else "")
        return http(method, url, body=b"" if method == "PUT" else None, headers=signed(method, self.host, path, query))

    def keys(self):
        answer = self.request("GET", f"/{BUCKET}", "list-type=2&max-keys=10000")
        return re.findall(r"<Key>([^<]*)</Key>", answer.text)

    def read(self, key):
        return self.request("GET", f"/{BUCKET}/" + urllib.parse.quote(key)).body

    def config(self, path, prefix=""):
        return write_config(path, self.host, prefix, timeout="30s")


class Directory:
    """The same for a bucket that is a directory."""

    def __init__(self, root):
        self.root = root

    def keys(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())

    def read(self, key):
        return (self.root / key).read_bytes()

    def config(self, path, prefix=""):
        path.write_text(f"type: FILESYSTEM\nconfig: {{directory: {self.root}}}\nprefix: {prefix}\n")
        return path


def write_config(path, host, prefix="", timeout="1s"):
    """`timeout`: how long an answer may take to begin."""
    path.write_text(
        f"type: S3\nprefix: {prefix}\nconfig:\n  bucket: {BUCKET}\n  endpoint: {host}\n  insecure: true\n"
        f"  access_key: {KEY}\n  secret_key: {SECRET}\n  http_config: {{response_header_timeout: {timeout}}}\n")
    return path
