"""The AWS layer as it is written: blocks, held against what the provider knows."""

import pathlib
import re

import hcl2

META = {"for_each", "count", "depends_on", "provider"}
META_BLOCKS = {"lifecycle"}
HIDDEN = ("__is_block__", "__comments__", "__inline_comments__", "__start_line__", "__end_line__")


def parse(directory: pathlib.Path) -> list[tuple[pathlib.Path, dict]]:
    return [(path, hcl2.loads(path.read_text())) for path in sorted(directory.glob("*.tf"))]


def blocks(files: list[tuple[pathlib.Path, dict]]):
    """Every resource and data source: (kind, type, name, body)."""
    for _, content in files:
        for kind in ("resource", "data"):
            for entry in content.get(kind, []):
                for type_, named in entry.items():
                    for name, body in named.items():
                        yield kind, type_.strip('"'), name.strip('"'), body


def problems(kind: str, type_: str, name: str, body: dict, schema: dict | None) -> list[str]:
    """One line for each name that the provider does not know, and for each that it misses."""
    place = f"{type_}.{name}"
    if schema is None:
        return [f"{place}: the provider has no {kind} {type_}"]
    return _check(place, {key: value for key, value in body.items() if key not in META | META_BLOCKS}, schema)


def _check(place: str, body: dict, schema: dict) -> list[str]:
    found, seen = [], set()
    for key, value in body.items():
        if key in HIDDEN:
            continue
        if key == "dynamic":
            for entry in value:
                for label, dynamic in entry.items():
                    label = label.strip('"')
                    seen.add(label)
                    for content in dynamic["content"]:
                        found += _block(f"{place}.{label}", label, content, schema)
            continue
        seen.add(key)
        if isinstance(value, list) and value and all(isinstance(one, dict) and one.get("__is_block__") for one in value):
            for one in value:
                found += _block(f"{place}.{key}", key, one, schema)
        elif key not in schema["arguments"]:
            found.append(f"{place}.{key}: " + ("is a block" if key in schema["blocks"] else "the provider knows no such argument"))
    required = [one for one, needed in schema["arguments"].items() if needed]
    required += [one for one, block in schema["blocks"].items() if block["required"]]
    return found + [f"{place}.{one}: is required and missing" for one in required if one not in seen]


def _block(place: str, label: str, body: dict, schema: dict) -> list[str]:
    if label not in schema["blocks"]:
        return [f"{place}: the provider knows no such block"]
    return _check(place, body, schema["blocks"][label]["schema"])


REFERENCE = re.compile(r"\b(data\.)?(aws_\w+)\.(\w+)((?:\[[^\]\[]*(?:\[[^\]]*\])?[^\]\[]*\])?)\.(\w+)")


def references(text: str):
    """Attributes that expressions read: (kind, type, name, attribute)."""
    for data, type_, name, _, attribute in REFERENCE.findall(text):
        yield ("data" if data else "resource"), type_, name, attribute
