"""The AWS layer's values: every expression is evaluated by Terraform, and what comes out is what was meant."""

import json

import pytest

from conftest import SOURCE
from evaluation import evaluate

pytestmark = pytest.mark.usefixtures("needs_terraform")


def layer(tmp_path_factory, **variables):
    directory = tmp_path_factory.mktemp("layer")
    package = directory / "martlet_0.1.0_amd64.deb"
    package.write_bytes(b"a package")
    return evaluate(SOURCE, directory / "project", {"region": "eu-central-1", "package": str(package), **variables})


@pytest.fixture(scope="module")
def smallest(tmp_path_factory):
    return layer(tmp_path_factory)


@pytest.fixture(scope="module")
def largest(tmp_path_factory):
    return layer(
        tmp_path_factory, demo=True, public_dashboards=True, ui_cidrs=["203.0.113.0/24"], ssh_cidrs=["203.0.113.7/32"],
        alarm_emails=["ops@example.org"], restore_snapshots={"logs": "snap-0123456789abcdef0"},
        config_path=str(SOURCE / "terraform/modules/plan/tests/config"))


def test_a_machine_for_each_role(smallest, largest):
    assert sorted(smallest["resources"]["aws_instance"]["this"]) == ["dashboards", "logs", "metrics", "traces"]
    assert sorted(largest["resources"]["aws_instance"]["this"]) == ["app", "dashboards", "logs", "metrics", "traces"]


def test_machines_are_private_unless_asked(smallest, largest):
    def subnets(which):
        return {role: one["subnet_id"] for role, one in which["resources"]["aws_instance"]["this"].items()}

    assert set(subnets(smallest).values()) == {"aws_subnet.this.private"}
    assert {role for role, subnet in subnets(largest).items() if subnet == "aws_subnet.this.public"} == {"app", "dashboards"}
    assert smallest["resources"]["aws_eip"]["public"] == {}


def test_each_machine_has_its_own_rights_group_and_volume(largest):
    resources = largest["resources"]
    for role, one in resources["aws_instance"]["this"].items():
        assert one["iam_instance_profile"] == f"martlet-{role}"
        assert one["vpc_security_group_ids"] == [f"aws_security_group.this.{role}"]
        assert f"\nROLE='{role}'\n" in one["user_data"]
        volume = f"\nVOLUME='vol-aws_ebs_volume.data.{role}'\n" if role != "app" else "\nVOLUME=''\n"
        assert volume in one["user_data"]
        assert f"/tls/{role}/key" in resources["aws_iam_role_policy"]["instance"][role]["policy"]
    assert {role: one["instance_id"] for role, one in resources["aws_volume_attachment"]["data"].items()} == {
        role: f"aws_instance.this.{role}" for role in ("metrics", "logs", "traces", "dashboards")}


def test_a_rule_lets_in_a_group_or_a_network(largest):
    for type_ in ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"):
        rules = largest["resources"][type_]["this"]
        assert len(rules) > 15
        for name, rule in rules.items():
            assert (rule["cidr_ipv4"] is None) != (rule["referenced_security_group_id"] is None), name
            assert rule["from_port"] == rule["to_port"] and rule["ip_protocol"] == "tcp"
    world = [name for name, rule in largest["resources"]["aws_vpc_security_group_ingress_rule"]["this"].items()
             if rule["cidr_ipv4"] == "0.0.0.0/0"]
    assert world == []


def test_buckets(largest):
    resources = largest["resources"]
    names = {purpose: one["bucket"] for purpose, one in resources["aws_s3_bucket"]["this"].items()}
    assert names["blocks"] == "martlet-111122223333-eu-central-1-blocks"
    assert all(len(name) <= 63 for name in names.values())
    encryption = {purpose: one["rule"][0]["apply_server_side_encryption_by_default"][0]["sse_algorithm"]
                  for purpose, one in resources["aws_s3_bucket_server_side_encryption_configuration"]["this"].items()}
    assert encryption == {"access": "AES256", "artifacts": "aws:kms", "backups": "aws:kms", "blocks": "aws:kms"}
    assert sorted(resources["aws_s3_bucket_logging"]["this"]) == ["artifacts", "backups", "blocks"]
    expiring = {purpose: [rule["expiration"][0]["days"] for rule in one["dynamic_rule"]]
                for purpose, one in resources["aws_s3_bucket_lifecycle_configuration"]["this"].items()}
    assert expiring == {"access": [90], "artifacts": [], "backups": [30], "blocks": []}


def test_artifacts_are_those_that_the_scripts_fetch(largest):
    objects = largest["resources"]["aws_s3_object"]
    script = largest["resources"]["aws_instance"]["this"]["app"]["user_data"]
    for one in (objects["package"], objects["app"]["0"]):
        assert f"'{one['key']}'" in script and f"'{one['source_hash']}'" in script
    assert sorted(one["key"] for one in objects["config"].values()) == [
        "config/dashboards/team/board.json", "config/metrics/rules.yml"]
    assert all(one["source"].endswith(key) for key, one in objects["config"].items())


def test_alarms_look_at_what_is_reported(largest):
    alarms = largest["resources"]["aws_cloudwatch_metric_alarm"]["this"]
    assert alarms["logs-cpu"]["dimensions"] == {"InstanceId": "aws_instance.this.logs"}
    script = largest["resources"]["aws_instance"]["this"]["logs"]["user_data"]
    for name, alarm in alarms.items():
        if alarm["namespace"] == "Martlet":
            assert f'"{alarm["metric_name"]} $' in script, name
            assert set(alarm["dimensions"]) == {"Stack", "Role"}
    assert "arn:aws:automate:eu-central-1:ec2:recover" in alarms["logs-status"]["alarm_actions"]
    assert list(largest["resources"]["aws_sns_topic_subscription"]["alarms"]) == ["ops@example.org"]


def test_snapshots_are_of_the_data_volumes(largest):
    resources = largest["resources"]
    wanted = resources["aws_dlm_lifecycle_policy"]["data"]["policy_details"][0]["target_tags"]["Snapshots"]
    volumes = resources["aws_ebs_volume"]["data"]
    assert {one["tags"]["Snapshots"] for one in volumes.values()} == {wanted}
    assert {role: one["snapshot_id"] for role, one in volumes.items() if one["snapshot_id"]} == {"logs": "snap-0123456789abcdef0"}
    assert wanted in resources["aws_iam_role_policy"]["snapshots"]["policy"]


def test_policies_are_json(largest):
    resources = largest["resources"]
    texts = [one["policy"] for group in ("aws_s3_bucket_policy", ) for one in resources[group]["this"].values()]
    texts += [one["policy"] for one in resources["aws_iam_role_policy"]["instance"].values()]
    texts += [resources["aws_kms_key"]["this"]["policy"], resources["aws_sns_topic_policy"]["alarms"]["policy"]]
    for text in texts:
        assert json.loads(text)["Version"] == "2012-10-17"
    # What IAM takes for the policies of one role, without blanks.
    assert all(len(one["policy"]) <= 10240 for one in resources["aws_iam_role_policy"]["instance"].values())


def test_outputs(smallest, largest):
    assert smallest["outputs"]["dashboards_url"] == "https://localhost:3000"
    assert "--target aws_instance.this.dashboards" in smallest["outputs"]["dashboards_tunnel"]
    assert "demo_url" not in smallest["outputs"] and smallest["outputs"]["public_addresses"] == []
    assert largest["outputs"]["dashboards_url"] == "https://203.0.113.9:3000"
    assert largest["outputs"]["demo_url"] == "https://203.0.113.9:5000"
    assert largest["outputs"]["urls"]["traces"] == "https://traces.martlet.internal:3200"
    assert sorted(largest["outputs"]["sessions"]) == ["app", "dashboards", "logs", "metrics", "traces"]


def test_nothing_in_user_data_or_outputs_is_secret(largest):
    text = json.dumps([largest["outputs"], [one["user_data"] for one in largest["resources"]["aws_instance"]["this"].values()]])
    assert "PRIVATE KEY" not in text and "password=" not in text.lower()
