"""The AWS layer as values: every resource becomes a local with its arguments, so that Terraform evaluates all of it without AWS.

What a resource would only have once it is made (`id`, `arn`, addresses) is made up. for_each becomes a `for`, a block a list of
objects. What remains are the layer's own expressions: a wrong key, type or reference, or a circle, fails as it would in a plan.
"""

import json
import pathlib
import re
import shutil

import hcl
from rendering import outputs

MADE_UP = (
    '{ id = "%s%s", arn = "arn:aws:test:::%s", key_id = "key", zone_id = "zone", allocation_id = "%s", private_ip = "10.0.2.7", '
    'public_ip = "203.0.113.9", account_id = "111122223333", partition = "aws", insecure_value = "ami-0123456789abcdef0" }')
PREFIXES = {"aws_ebs_volume": "vol-"}    # a machine makes the name of a device of it


def evaluate(source: pathlib.Path, directory: pathlib.Path, variables: dict) -> dict:
    """Evaluates the layer in `source/terraform`.

    Returns {"resources": {type: {name: {key: arguments}}}, "outputs": {name: value}}; the key of a single one is "".
    """
    layer = directory / "terraform"
    layer.mkdir(parents=True)
    shutil.copytree(source / "terraform" / "modules", layer / "modules")
    shutil.copy(source / "terraform" / "variables.tf", layer)
    (directory / "examples").symlink_to(source / "examples")
    files = hcl.parse(source / "terraform")
    text, places = [], {}
    for kind, type_, name, body in hcl.blocks(files):
        place = _local(kind, type_, name)
        if kind == "resource":
            places[place] = (type_, name)
        text.append(f"locals {{\n  {place} = {_resource(type_, name, body)}\n}}\n")
    for _, content in files:
        for one in content.get("locals", []):
            text.append(f"locals {{\n{_rows(one)}}}\n")
        for one in content.get("module", []):
            for name, body in one.items():
                text.append(f"module {name} {{\n{_rows(body)}}}\n")
        for one in content.get("output", []):
            for name, body in one.items():
                text.append(f"output {name} {{\n  value = {_expression(body['value'])}\n}}\n")
    everything = ", ".join(f"{place} = local.{place}" for place in places)
    text.append(f'output "everything" {{\n  value = {{ {everything} }}\n}}\n')
    (layer / "layer.tf").write_text("".join(text))
    found = outputs(layer, variables)
    resources = {}
    for place, values in found.pop("everything").items():
        type_, name = places[place]
        resources.setdefault(type_, {})[name] = values
    return {"resources": resources, "outputs": found}


def _local(kind: str, type_: str, name: str) -> str:
    return ("data_" if kind == "data" else "") + f"{type_}__{name}"


def _resource(type_: str, name: str, body: dict) -> str:
    arguments = _object({key: value for key, value in body.items() if key not in hcl.META | hcl.META_BLOCKS})

    def merged(key):
        label = f"{type_}.{name}{key}"
        return f"merge({MADE_UP % (PREFIXES.get(type_, ''), label, label, label)}, {arguments})"

    if "for_each" in body:
        each = _rename(merged(".${each.key}"), {"each.key": "each_key", "each.value": "each_value"})
        return f"{{ for each_key, each_value in {_expression(body['for_each'])} : each_key => {each} }}"
    if "count" in body:
        return f"{{ for number in range({_expression(body['count'])}) : number => {merged('.${number}')} }}"
    return merged("")


def _rows(body: dict) -> str:
    return "".join(f"  {key} = {_expression(value)}\n" for key, value in body.items() if key not in hcl.HIDDEN)


def _object(body: dict) -> str:
    rows = []
    for key, value in body.items():
        if key in hcl.HIDDEN:
            continue
        if key == "dynamic":
            for entry in value:
                for label, dynamic in entry.items():
                    label = label.strip('"')
                    content = _rename(_object(dynamic["content"][0]), {f"{label}.value": f"{label}_value"})
                    rows.append(f"dynamic_{label} = [for {label}_value in {_expression(dynamic['for_each'])} : {content}]")
        else:
            rows.append(f"{key} = {_expression(value)}")
    return "{ " + ", ".join(rows) + " }"


def _expression(value) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list):
        return "[" + ", ".join(_expression(one) for one in value) + "]"
    if isinstance(value, dict):
        return _object(value)
    text = str(value)
    if text.startswith("${") and text.endswith("}"):
        text = text[2:-1]
    return re.sub(r"\b(data\.)?(aws_\w+)\.(\w+)", lambda found: "local." + _local("data" if found[1] else "", found[2], found[3]), text)


def _rename(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = re.sub(rf"\b{re.escape(old)}\b", new, text)
    return text
