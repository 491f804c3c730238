"""terraform/secrets: what it makes with the real openssl, against a stand-in for Systems Manager's parameters."""

import hashlib
import os
import shutil
import subprocess

import pytest

from conftest import TERRAFORM

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not in PATH")

AWS = r"""#!/bin/bash
echo "$*" >>"$FAKE/calls"
[ ! -e "$FAKE/denied" ] || { echo "An error occurred (AccessDeniedException)" >&2; exit 254; }
call=$2
while [ $# -gt 0 ]; do
    case "$1" in --name) name=$2 ;; --value) value=$2 ;; --type) type=$2 ;; esac
    shift
done
case "$call" in
get-parameter) cat "$FAKE/parameters$name" 2>/dev/null || { echo "An error occurred (ParameterNotFound)" >&2; exit 254; } ;;
put-parameter) mkdir -p "$FAKE/parameters${name%/*}"; cp "${value#file://}" "$FAKE/parameters$name"; echo "$type" >"$FAKE/parameters$name.type" ;;
esac
"""


class Account:
    def __init__(self, directory):
        self.directory = directory
        (directory / "aws").write_text(AWS)
        (directory / "aws").chmod(0o755)

    def run(self, *addresses, check=True):
        (self.directory / "calls").unlink(missing_ok=True)
        self.result = subprocess.run(
            [TERRAFORM / "secrets", "martlet", "eu-central-1", "martlet.internal", *addresses], text=True, capture_output=True,
            env={"PATH": f"{self.directory}:{os.environ['PATH']}", "FAKE": str(self.directory)})
        assert not check or self.result.returncode == 0, self.result.stderr
        return self.result.stdout

    @property
    def calls(self):
        return (self.directory / "calls").read_text().splitlines()

    @property
    def values(self):
        root = self.directory / "parameters/martlet"
        return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file() and path.suffix != ".type"}

    def type(self, name):
        return (self.directory / f"parameters/martlet/{name}.type").read_text().strip()

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *map(str, arguments)], text=True, capture_output=True, check=True).stdout

    def path(self, name):
        return self.directory / "parameters/martlet" / name


@pytest.fixture
def account(tmp_path):
    return Account(tmp_path)


def test_every_server_has_a_certificate_of_the_authority(account):
    account.run()
    for role in ("metrics", "logs", "traces", "dashboards", "app"):
        certificate = account.path(f"tls/{role}/certificate")
        assert "OK" in account.openssl("verify", "-CAfile", account.path("ca/certificate"), "-purpose", "sslserver",
                                       "-verify_hostname", f"{role}.martlet.internal", certificate)
        assert (account.openssl("x509", "-in", certificate, "-noout", "-pubkey")
                == account.openssl("pkey", "-in", account.path(f"tls/{role}/key"), "-pubout"))


def test_callers_get_tokens_and_servers_their_digests(account):
    account.run()
    tokens = {one: account.values[f"tokens/{one}"] for one in ("scrape", "query", "send", "alert")}
    assert len(set(tokens.values())) == 4
    for name, token in tokens.items():
        assert len(token) == 64
        assert account.values[f"digests/{name}"] == hashlib.sha256(token.encode()).hexdigest()


def test_what_is_secret_is_encrypted_and_never_on_a_command_line(account):
    account.run()
    for name, value in account.values.items():
        secret = name.startswith("tokens/") or name.endswith("/key")
        assert account.type(name) == ("SecureString" if secret else "String")
        assert len(value) <= 4096, f"{name}: a standard parameter takes no more"
        assert not any(value.strip() in call for call in account.calls)


def test_a_second_run_keeps_everything(account):
    account.run()
    before = account.values
    account.run()
    assert account.values == before
    assert not any("put-parameter" in call for call in account.calls)


def test_a_public_address_is_in_the_certificate_of_what_people_open(account):
    account.run()
    before = account.values
    account.run("203.0.113.9", "watch.example.org")
    changed = {name for name, value in account.values.items() if before[name] != value}
    assert changed == {f"tls/{role}/{part}" for role in ("dashboards", "app") for part in ("key", "certificate")}
    names = account.openssl("x509", "-in", account.path("tls/dashboards/certificate"), "-noout", "-ext", "subjectAltName")
    assert "IP Address:203.0.113.9" in names and "DNS:watch.example.org" in names and "DNS:localhost" in names
    before = account.values
    account.run("203.0.113.9", "watch.example.org")
    assert account.values == before


def test_a_certificate_that_ends_soon_is_made_anew(account, tmp_path):
    account.run()
    before = account.values
    request = tmp_path / "request"
    account.openssl("req", "-new", "-key", account.path("tls/logs/key"), "-subj", "/CN=logs.martlet.internal", "-out", request)
    extensions = tmp_path / "extensions"
    extensions.write_text("subjectAltName=DNS:logs.martlet.internal,DNS:localhost,IP:127.0.0.1\n")
    account.openssl("x509", "-req", "-in", request, "-CA", account.path("ca/certificate"), "-CAkey", account.path("ca/key"),
                    "-set_serial", 7, "-days", 44, "-extfile", extensions, "-out", account.path("tls/logs/certificate"))
    account.run()
    changed = {name for name, value in account.values.items() if before[name] != value}
    assert changed == {"tls/logs/key", "tls/logs/certificate"}


def test_a_deleted_token_is_replaced_with_its_digest(account):
    account.run()
    before = account.values
    account.path("tokens/send").unlink()
    account.run()
    assert {name for name, value in account.values.items() if before[name] != value} == {"tokens/send", "digests/send"}


def test_a_refusal_is_not_taken_for_an_empty_account(account):
    (account.directory / "denied").touch()
    account.run(check=False)
    assert account.result.returncode == 1 and "AccessDenied" in account.result.stderr
    assert not any("put-parameter" in call for call in account.calls)


def test_it_says_how_it_is_called():
    done = subprocess.run([TERRAFORM / "secrets"], text=True, capture_output=True)
    assert done.returncode == 2 and "terraform/secrets NAME REGION DOMAIN" in done.stderr
