"""What the AWS provider knows: resources, data sources, blocks, arguments and attributes, by their Terraform names.

They are read from the Python classes of the package cdktf-cdktf-provider-aws, which is generated from the provider's schema.
Each parameter of a class is an argument; the documentation of each ends with the name that Terraform has for it.
"""

import ast
import json
import pathlib
import re
import zipfile

PACKAGE = "cdktf_cdktf_provider_aws"


def names(wheel: pathlib.Path, types: set[tuple[str, str]], cache: pathlib.Path) -> dict:
    """The schemas of `types`, pairs of "resource" or "data" and a name, as {kind: {name: schema}}; read from the wheel once.

    A schema has `arguments` {name: required}, `blocks` {name: {required, schema}} and `attributes` [name].
    """
    known = json.loads(cache.read_text()) if cache.exists() else {}
    if known.get("wheel") != wheel.name:
        known = {"wheel": wheel.name, "resource": {}, "data": {}}
    missing = [(kind, name) for kind, name in sorted(types) if name not in known[kind]]
    if missing:
        with zipfile.ZipFile(wheel) as archive:
            for kind, name in missing:
                known[kind][name] = _schema(archive, kind, name)
        cache.write_text(json.dumps(known))
    return known


def _schema(archive: zipfile.ZipFile, kind: str, name: str) -> dict | None:
    """None for a type that the provider has not."""
    module = ("data_" if kind == "data" else "") + name
    module = module if kind == "data" else module.removeprefix("aws_")
    try:
        source = archive.read(f"{PACKAGE}/{module}/__init__.py").decode()
    except KeyError:
        return None
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    main = next(
        node for node in classes.values()
        if any(isinstance(base, ast.Attribute) and base.attr in ("TerraformResource", "TerraformDataSource") for base in node.bases))
    schema = _arguments(main, classes)
    schema["attributes"] = sorted({
        node.name for node in main.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(one, ast.Attribute) and one.attr == "property" for one in node.decorator_list)})
    return schema


def _arguments(node: ast.ClassDef, classes: dict) -> dict:
    """Parameters of a class' __init__; those without a Terraform name are of cdktf itself."""
    function = next(one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__")
    documented = {}
    for line in (ast.get_docstring(function) or "").splitlines():
        if found := re.match(r":param (\w+): (\w+ block\.)?.*\{@link \S+#(\w+) ", line):
            documented[found[1]] = (found[3], found[2] is not None)
    schema = {"arguments": {}, "blocks": {}}
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults):
        if argument.arg not in documented:
            continue
        name, is_block = documented[argument.arg]
        if is_block:
            inner = next(
                one.value for one in ast.walk(argument.annotation) if isinstance(one, ast.Constant) and one.value in classes)
            schema["blocks"][name] = {"required": default is None, "schema": _arguments(classes[inner], classes)}
        else:
            schema["arguments"][name] = default is None
    return schema
