"""terraform/deploy: the order of its steps, against stand-ins for terraform, aws and the secrets."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from conftest import SOURCE, TERRAFORM

STUBS = {
    "terraform": r"""
case "$1" in
console) cat >/dev/null; echo '"martlet eu-central-1 martlet.internal"' ;;
output)
    [ -e "$FAKE/applied" ] || exit 1
    case "$*" in
    *public_addresses) echo '["203.0.113.9"]' ;;
    *roles) printf '[\n  "logs",\n  "metrics"\n]\n' ;;
    *) echo 'dashboards_url = "https://203.0.113.9:3000"' ;;
    esac ;;
apply) [ ! -e "$FAKE/refused" ] || exit 1; touch "$FAKE/applied" ;;
esac
""",
    "aws": r"""
case "$1" in
cloudwatch) if [ -e "$FAKE/waited" ]; then echo 1.0; else echo None; fi ;;
sts) echo arn:aws:iam::111122223333:user/somebody ;;
esac
""",
    "openssl": "", "sleep": 'touch "$FAKE/waited"',
}


class Desk:
    def __init__(self, directory):
        self.directory = directory
        self.terraform = directory / "project/terraform"
        self.terraform.mkdir(parents=True)
        shutil.copy(TERRAFORM / "deploy", self.terraform)
        self.write(self.terraform / "secrets", "secrets", "")
        (directory / "bin").mkdir()
        for name, body in STUBS.items():
            self.write(directory / "bin" / name, name, body)

    @staticmethod
    def write(path, name, body):
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>"$FAKE/calls"\n{body}\n')
        path.chmod(0o755)

    def run(self, *arguments, **environment):
        (self.directory / "calls").unlink(missing_ok=True)
        self.result = subprocess.run(
            [self.terraform / "deploy", *arguments], text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
            env={"PATH": f"{self.directory}/bin:/usr/bin:/bin", "FAKE": str(self.directory), **environment})
        return self.result

    @property
    def calls(self):
        return (self.directory / "calls").read_text().splitlines()

    def steps(self):
        return [call for call in self.calls if call.split()[0] == "secrets" or call.startswith("terraform apply")]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_the_first_time(desk):
    done = desk.run("-var-file=ours.tfvars")
    assert done.returncode == 0, done.stderr
    assert desk.steps() == [
        "secrets martlet eu-central-1 martlet.internal",
        "terraform apply -var-file=ours.tfvars",
        # Only now the public address is known.
        "secrets martlet eu-central-1 martlet.internal 203.0.113.9",
    ]
    assert "deploy: waiting for logs\ndeploy: waiting for metrics\ndeploy: all servers are ready\n" in done.stdout
    assert "https://203.0.113.9:3000" in done.stdout


def test_the_second_time(desk):
    desk.run()
    desk.run()
    assert desk.steps() == ["secrets martlet eu-central-1 martlet.internal 203.0.113.9", "terraform apply"]


def test_it_takes_the_package_that_was_made(desk):
    package = desk.directory / "project/.build/package/martlet_1.2.3_amd64.deb"
    package.parent.mkdir(parents=True)
    package.touch()
    (package.parent / "martlet-logs_1.2.3_all.deb").touch()
    desk.write(desk.directory / "bin/terraform", "terraform $TF_VAR_package", STUBS["terraform"])
    desk.run()
    assert "terraform ../.build/package/martlet_1.2.3_amd64.deb init -input=false" in desk.calls


def test_an_apply_that_is_declined_ends_it(desk):
    (desk.directory / "refused").touch()
    assert desk.run().returncode == 1
    assert not any(call.startswith("aws cloudwatch") for call in desk.calls)


def test_a_missing_tool_is_named(desk):
    for tool in ("bash", "dirname"):
        (desk.directory / "bin" / tool).symlink_to(shutil.which(tool))
    (desk.directory / "bin/terraform").unlink()
    done = desk.run(PATH=f"{desk.directory}/bin")
    assert done.returncode == 1 and done.stderr == "deploy: terraform is not installed\n"


@pytest.mark.parametrize("name", ["deploy", "secrets"])
def test_shellcheck_accepts(name):
    shellcheck = pathlib.Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, TERRAFORM / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert os.access(TERRAFORM / name, os.X_OK)


def test_the_demo_installs_what_its_file_says():
    pins = (SOURCE / "examples/flask-app/requirements.txt").read_text().split()
    assert len(pins) == 4 and all("==" in pin for pin in pins)
