"""What the machines ask of AWS, and of the internet, answered inside of a network namespace: this file runs as a process there.

- The resolver of the VPC, and the instances' metadata (version 2: only with a token).
- Parameters, objects and metrics over AWS' own protocols, so that the real `aws` and the real servers talk to it. Every request
  must be signed with credentials that the metadata gave out, and be allowed by the policy of the caller's role.
- A package mirror, an index for pip, and a receiver of webhooks.

All state is files in a directory that the tests read and write. What it does not know it refuses, and notes in `refused`.
"""

import datetime
import hashlib
import http.server
import json
import pathlib
import secrets
import socket
import ssl
import struct
import sys
import threading
import urllib.parse
import xml.sax.saxutils

import signatures
from policies import allows

RESOLVER, METADATA, ENDPOINTS, INTERNET = "10.0.0.2", "169.254.169.254", "10.0.0.3", "10.0.0.4"
ACCOUNT, REGION = "111122223333", "eu-central-1"
AWS = f"{REGION}.amazonaws.com"
ZONE = f"{REGION}.compute.internal"    # in which every instance has a name
MIRROR, INDEX, HOOKS = "mirror.example", "index.example", "hooks.example"
ADMINISTRATOR = {"AccessKeyId": "AKIAADMINISTRATOR", "SecretAccessKey": "of the account", "Token": None}


class State:
    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.lock = threading.Lock()
        self.tokens, self.credentials = set(), {}

    def table(self, name: str) -> dict:
        return json.loads((self.directory / f"{name}.json").read_text())

    def note(self, name: str, **facts) -> None:
        with self.lock, open(self.directory / name, "a") as file:
            file.write(json.dumps(facts) + "\n")

    def role(self, address: str) -> str:
        return self.table("addresses")[address]

    def credentials_of(self, role: str) -> dict:
        with self.lock:
            return self.credentials.setdefault(role, {
                "AccessKeyId": f"ASIA{role.upper()}", "SecretAccessKey": secrets.token_hex(20), "Token": secrets.token_hex(40)})

    def caller(self, key: str) -> tuple[str, dict]:
        """The role and credentials of an access key; raises KeyError."""
        if key == ADMINISTRATOR["AccessKeyId"]:
            return "administrator", ADMINISTRATOR
        with self.lock:
            return next((role, one) for role, one in self.credentials.items() if one["AccessKeyId"] == key)


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.code = status, code


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State

    def log_message(self, *_):
        pass

    def handle_any(self):
        self.path_only, _, self.query = self.path.partition("?")
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, content, headers = self.route()
        except Refusal as refusal:
            self.state.note("refused", peer=self.client_address[0], host=self.headers["Host"], method=self.command, path=self.path,
                            status=refusal.status, code=refusal.code, message=str(refusal))
            status, content, headers = self.refusal(refusal)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any

    def refusal(self, refusal):
        return refusal.status, str(refusal).encode(), {}

    def unknown(self):
        return Refusal(501, "NotImplemented", f"{self.command} {self.path} is not known here")


class Metadata(Handler):
    def route(self):
        if self.command == "PUT" and self.path == "/latest/api/token":
            if not self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "").isdigit():
                raise Refusal(400, "BadRequest", "a token needs a time to live")
            token = secrets.token_hex(20)
            self.state.tokens.add(token)
            return 200, token.encode(), {"X-aws-ec2-metadata-token-ttl-seconds": self.headers["X-aws-ec2-metadata-token-ttl-seconds"]}
        if self.command != "GET":
            raise self.unknown()
        if self.headers.get("X-aws-ec2-metadata-token") not in self.state.tokens:
            raise Refusal(401, "Unauthorized", "no token")
        role = self.state.role(self.client_address[0])
        profile = f"martlet-{role}"
        path = self.path.removeprefix("/latest/meta-data/iam/security-credentials/")
        if path == "":
            return 200, profile.encode(), {}
        if path == profile:
            now = datetime.datetime.now(datetime.timezone.utc)
            answer = {"Code": "Success", "LastUpdated": f"{now:%Y-%m-%dT%H:%M:%SZ}", "Type": "AWS-HMAC", **self.state.credentials_of(role),
                      "Expiration": f"{now + datetime.timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}"}
            return 200, json.dumps(answer, indent=2).encode(), {}
        raise Refusal(404, "NotFound", path)


class Service(Handler):
    """HTTPS: which service is asked for is in the name of the host."""

    def route(self):
        host = self.headers["Host"].partition(":")[0]
        if host == HOOKS:
            self.state.note("hooks", path=self.path, body=self.body.decode())
            return 200, b"", {}
        key = signatures.access_key(self.headers)
        try:
            self.role, credentials = self.state.caller(key)
        except (KeyError, StopIteration):
            raise Refusal(403, "InvalidClientTokenId", f"nobody has the access key {key}") from None
        problem = signatures.problem(self.command, self.path_only, self.query, self.headers, self.body, credentials)
        if problem:
            raise Refusal(403, "SignatureDoesNotMatch", problem)
        if host == f"ssm.{AWS}":
            return self.parameters()
        if host == f"monitoring.{AWS}":
            return self.metrics()
        if host == f"s3.{AWS}":
            bucket, _, key = self.path_only.lstrip("/").partition("/")
            return self.objects(bucket, urllib.parse.unquote(key))
        if host.endswith(f".s3.{AWS}"):
            return self.objects(host.removesuffix(f".s3.{AWS}"), urllib.parse.unquote(self.path_only[1:]))
        raise self.unknown()

    def permit(self, action, resource, **context):
        if not self.may(action, resource, **context):
            raise Refusal(403, "AccessDeniedException" if action.startswith("ssm:") else "AccessDenied",
                          f"{self.role} is not authorized to perform: {action} on resource: {resource}")

    def may(self, action, resource, **context):
        return self.role == "administrator" or allows(self.state.table("policies")[self.role], action, resource, context)

    def refusal(self, refusal):
        host = self.headers["Host"]
        if host.startswith("ssm."):
            status = 400 if refusal.status == 403 else refusal.status
            content = json.dumps({"__type": refusal.code, "message": str(refusal)})
            return status, content.encode(), {"Content-Type": "application/x-amz-json-1.1"}
        code, message = refusal.code, xml.sax.saxutils.escape(str(refusal))
        content = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if host.startswith("monitoring."):
            content = f"<ErrorResponse>{content}</ErrorResponse>"
        return refusal.status, content.encode(), {"Content-Type": "application/xml"}

    # Systems Manager: a parameter is a file.

    def parameters(self):
        request = json.loads(self.body)
        name = request["Name"]
        path = self.state.directory / "parameters" / name.lstrip("/")
        resource = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}"
        match self.headers.get("X-Amz-Target"):
            case "AmazonSSM.GetParameter":
                self.permit("ssm:GetParameter", resource)
                if not path.exists():
                    raise Refusal(400, "ParameterNotFound", "")
                value = path.read_text()
                answer = {"Parameter": {"Name": name, "Type": "String", "Value": value, "Version": 1, "ARN": resource, "DataType": "text"}}
            case "AmazonSSM.PutParameter":
                self.permit("ssm:PutParameter", resource)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(request["Value"])
                answer = {"Version": 1, "Tier": "Standard"}
            case _:
                raise self.unknown()
        return 200, json.dumps(answer).encode(), {"Content-Type": "application/x-amz-json-1.1"}

    # CloudWatch.

    def metrics(self):
        request = urllib.parse.parse_qs(self.body.decode())
        if request["Action"] != ["PutMetricData"]:
            raise self.unknown()
        namespace = request["Namespace"][0]
        self.permit("cloudwatch:PutMetricData", "*", **{"cloudwatch:namespace": namespace})
        values, number = {}, 1
        while f"MetricData.member.{number}.MetricName" in request:
            values[request[f"MetricData.member.{number}.MetricName"][0]] = float(request[f"MetricData.member.{number}.Value"][0])
            number += 1
        self.state.note("metrics", role=self.role, namespace=namespace, values=values)
        answer = "<PutMetricDataResponse><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PutMetricDataResponse>"
        return 200, answer.encode(), {"Content-Type": "text/xml"}

    # S3: a bucket is a directory, an object a file.

    def objects(self, bucket, key):
        directory = self.state.directory / "objects" / bucket
        if not directory.is_dir():
            raise Refusal(404, "NoSuchBucket", bucket)
        query = urllib.parse.parse_qs(self.query, keep_blank_values=True)
        arn = f"arn:aws:s3:::{bucket}"
        self.state.note("objects.log", role=self.role, method=self.command, bucket=bucket, key=key, query=self.query)
        if key == "":
            if self.command == "GET" and query.get("list-type") == ["2"]:
                return self.listing(directory, arn, query)
            raise self.unknown()
        if set(query) - {"x-id"}:
            raise self.unknown()
        path = directory / key
        match self.command:
            case "GET" | "HEAD":
                self.permit("s3:GetObject", f"{arn}/{key}")
                if not path.is_file():
                    # Who may not list a bucket is not told what is missing.
                    if not self.may("s3:ListBucket", arn, **{"s3:prefix": ""}):
                        raise Refusal(403, "AccessDenied", "Access Denied")
                    raise Refusal(404, "NoSuchKey", key)
                return self.content(path)
            case "PUT":
                self.permit("s3:PutObject", f"{arn}/{key}")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.body)
                return 200, b"", {"ETag": _etag(path)}
            case "DELETE":
                self.permit("s3:DeleteObject", f"{arn}/{key}")
                path.unlink(missing_ok=True)
                return 204, b"", {}
        raise self.unknown()

    def content(self, path):
        size = path.stat().st_size
        changed = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.timezone.utc)
        headers = {"ETag": _etag(path), "Last-Modified": f"{changed:%a, %d %b %Y %H:%M:%S GMT}", "Accept-Ranges": "bytes"}
        if self.command == "HEAD":
            return 200, b"", {**headers, "Content-Length": str(size)}
        with open(path, "rb") as file:
            if "Range" not in self.headers:
                return 200, file.read(), headers
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            end = min(int(last) if last else size - 1, size - 1)
            file.seek(int(first))
            return 206, file.read(end - int(first) + 1), {**headers, "Content-Range": f"bytes {first}-{end}/{size}"}

    def listing(self, directory, arn, query):
        if set(query) - {"list-type", "prefix", "delimiter", "encoding-type", "max-keys", "start-after", "fetch-owner"}:
            raise self.unknown()
        prefix = query.get("prefix", [""])[0]
        delimiter = query.get("delimiter", [""])[0]
        self.permit("s3:ListBucket", arn, **{"s3:prefix": prefix})
        rows, groups = [], []
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            key = str(path.relative_to(directory))
            if not key.startswith(prefix) or key <= query.get("start-after", [""])[0]:
                continue
            rest = key[len(prefix):]
            if delimiter and delimiter in rest:
                group = prefix + rest.partition(delimiter)[0] + delimiter
                if group not in groups:
                    groups.append(group)
                continue
            changed = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.timezone.utc)
            rows.append(f"<Contents><Key>{xml.sax.saxutils.escape(key)}</Key><LastModified>{changed:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
                        f"<ETag>{xml.sax.saxutils.escape(_etag(path))}</ETag><Size>{path.stat().st_size}</Size>"
                        "<StorageClass>STANDARD</StorageClass></Contents>")
        rows += [f"<CommonPrefixes><Prefix>{xml.sax.saxutils.escape(group)}</Prefix></CommonPrefixes>" for group in groups]
        answer = ('<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                  f"<Name>{directory.name}</Name><Prefix>{xml.sax.saxutils.escape(prefix)}</Prefix><KeyCount>{len(rows)}</KeyCount>"
                  f"<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{''.join(rows)}</ListBucketResult>")
        return 200, answer.encode(), {"Content-Type": "application/xml"}


def _etag(path):
    return f'"{hashlib.md5(path.read_bytes()).hexdigest()}"'


class Internet(Handler):
    """Debian's packages under one name, pip's under another."""

    def route(self):
        root = {MIRROR: "mirror", INDEX: "index"}.get(self.headers["Host"])
        if root is None or self.command != "GET":
            raise self.unknown()
        path = self.state.directory / root / urllib.parse.unquote(self.path_only).strip("/")
        if root == "index" and path.is_dir():
            links = "".join(f'<a href="{file.name}">{file.name}</a>\n' for file in sorted(path.iterdir()))
            return 200, f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), {"Content-Type": "text/html"}
        if not path.is_file():
            return 404, b"", {}     # apt asks for what a mirror may have
        return 200, path.read_bytes(), {}


def resolve(state: State, query: bytes) -> bytes:
    """One question, as the VPC's resolver answers it (RFC 1035)."""
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1:at + 1 + length].decode())
        at += 1 + length
    kind = struct.unpack(">H", query[at + 1:at + 3])[0]
    name, question = ".".join(labels).lower(), query[12:at + 5]
    address = state.table("names").get(name)
    if address is None and name.endswith(f".{AWS}"):
        address = ENDPOINTS
    # What does not exist is also looked for in the zone of the instances.
    if address is None and kind in (1, 28) and not name.endswith(f".{ZONE}"):
        state.note("refused", host=name, code="NXDOMAIN", message="nobody knows this name")
    answer = b""
    if address and kind == 1:
        answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
    flags = 0x8180 | (0 if address else 3)
    return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0) + question + answer


def serve_names(state: State) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((RESOLVER, 53))
        while True:
            query, peer = server.recvfrom(1500)
            server.sendto(resolve(state, query), peer)


def serve(state: State, handler: type, address: str, port: int, tls: ssl.SSLContext | None = None) -> None:
    kind = type(handler.__name__, (handler,), {"state": state})
    server = http.server.ThreadingHTTPServer((address, port), kind)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main() -> None:
    state = State(pathlib.Path(sys.argv[1]))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(state.directory / "server.crt", state.directory / "server.key")
    serve(state, Metadata, METADATA, 80)
    serve(state, Service, ENDPOINTS, 443, tls)
    serve(state, Internet, INTERNET, 80)
    serve(state, Service, INTERNET, 443, tls)
    (state.directory / "listening").touch()
    serve_names(state)


if __name__ == "__main__":
    main()
