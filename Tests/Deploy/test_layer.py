"""The AWS layer, without AWS: it parses, and the provider knows every name in it."""

import pathlib
import subprocess

import pytest

import hcl
from conftest import SOURCE, TERRAFORM
from provider_names import names


@pytest.fixture(scope="module")
def files():
    return hcl.parse(TERRAFORM)


@pytest.fixture(scope="module")
def known(files, pytestconfig):
    wheel = pytestconfig.getoption("--wheel")
    if wheel is None:
        pytest.skip("--wheel is not given; `make test-deploy` fetches it")
    cache = pathlib.Path(pytestconfig.getoption("--work")) / "aws-names.json"
    types = {(kind, type_) for kind, type_, _, _ in hcl.blocks(files)} | {("resource", "aws_ec2_nothing")}
    return names(pathlib.Path(wheel), types, cache)


def test_modules_parse():
    for module in (TERRAFORM / "modules").iterdir():
        assert hcl.parse(module)


def test_the_provider_knows_every_name(files, known):
    found = [
        line for kind, type_, name, body in hcl.blocks(files)
        for line in hcl.problems(kind, type_, name, body, known[kind][type_])]
    assert found == []


def test_the_provider_knows_every_attribute_that_is_read(files, known):
    declared = {(kind, type_, name) for kind, type_, name, _ in hcl.blocks(files)}
    read = [one for path, _ in files for one in hcl.references(path.read_text())]
    assert len(read) > 30
    for kind, type_, name, attribute in read:
        assert (kind, type_, name) in declared, f"{type_}.{name} is read and not declared"
        schema = known[kind][type_]
        assert attribute in schema["attributes"] or attribute in schema["arguments"], f"{type_}.{name}.{attribute}"


@pytest.mark.parametrize("body, message", [
    ({"ami": '"a"', "instance_typ": '"t3.small"'}, "aws_instance.x.instance_typ: the provider knows no such argument"),
    ({"metadata_option": [{"http_tokens": '"required"', "__is_block__": True}]}, "aws_instance.x.metadata_option: the provider knows no such block"),
    ({"metadata_options": [{"http_token": '"required"', "__is_block__": True}]}, "aws_instance.x.metadata_options.http_token: the provider knows no such argument"),
    ({"metadata_options": "${var.x}"}, "aws_instance.x.metadata_options: is a block"),
])
def test_wrong_names_are_found(known, body, message):
    assert message in hcl.problems("resource", "aws_instance", "x", body, known["resource"]["aws_instance"])


def test_missing_names_are_found(known):
    subnet = hcl.problems("resource", "aws_subnet", "x", {"cidr_block": '"10.0.0.0/24"'}, known["resource"]["aws_subnet"])
    assert subnet == ["aws_subnet.x.vpc_id: is required and missing"]
    policy = {"description": '"x"', "execution_role_arn": '"x"', "policy_details": [{"schedule": [{"name": '"x"', "__is_block__": True}], "__is_block__": True}]}
    found = hcl.problems("resource", "aws_dlm_lifecycle_policy", "x", policy, known["resource"]["aws_dlm_lifecycle_policy"])
    assert "aws_dlm_lifecycle_policy.x.policy_details.schedule.create_rule: is required and missing" in found


def test_unknown_resources_are_found(known):
    assert hcl.problems("resource", "aws_ec2_nothing", "x", {}, known["resource"]["aws_ec2_nothing"]) == [
        "aws_ec2_nothing.x: the provider has no resource aws_ec2_nothing"]


def test_root_variables_are_the_plans(files):
    """What the root passes on has the same name, so that a refusal names what the user wrote."""
    main = (TERRAFORM / "main.tf").read_text()
    plan = (TERRAFORM / "modules" / "plan" / "variables.tf").read_text()
    for line in plan.splitlines():
        if line.startswith("variable "):
            name = line.split('"')[1]
            assert any(row.split() == [name, "=", f"var.{name}"] for row in main.splitlines()), name


def test_instances_are_as_they_must_be(files):
    instance = next(body for _, type_, _, body in hcl.blocks(files) if type_ == "aws_instance")
    assert instance["metadata_options"][0]["http_tokens"] == '"required"'
    assert instance["metadata_options"][0]["http_put_response_hop_limit"] == 1
    assert instance["root_block_device"][0]["encrypted"] is True
    volume = next(body for _, type_, _, body in hcl.blocks(files) if type_ == "aws_ebs_volume")
    assert volume["encrypted"] is True and volume["kms_key_id"] == "${aws_kms_key.this.arn}"


def test_no_secret_is_in_the_state(files):
    types = {type_ for _, type_, _, _ in hcl.blocks(files)}
    assert not types & {"aws_secretsmanager_secret_version", "tls_private_key", "random_password"}
    assert not [type_ for kind, type_, _, _ in hcl.blocks(files) if kind == "resource" and type_ == "aws_ssm_parameter"]


def test_the_scanner_finds_nothing(pytestconfig):
    checkov = pytestconfig.getoption("--checkov")
    if checkov is None:
        pytest.skip("--checkov is not given; `make test-deploy` installs it")
    done = subprocess.run(
        [checkov, "--directory", TERRAFORM, "--framework", "terraform", "--skip-download", "--compact", "--quiet",
         "--var-file", SOURCE / "Tests/Deploy/everything.tfvars"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and "Failed checks: 0" in done.stdout, done.stdout


def test_every_skip_has_a_reason(files):
    for path, _ in files:
        for line in path.read_text().splitlines():
            if "checkov:skip" in line:
                assert len(line.split(":", 2)[2]) > 15, line
