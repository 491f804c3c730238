"""Terraform without the network: what modules give for variables."""

import json
import pathlib
import shutil
import subprocess

TERRAFORM = pathlib.Path(__file__).resolve().parents[2] / "terraform"


def terraform(directory, *arguments):
    """Runs terraform, without the network; returns what it printed."""
    done = subprocess.run(
        ["terraform", f"-chdir={directory}", *arguments], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={"PATH": "/usr/local/bin:/usr/bin:/bin:" + str(pathlib.Path(shutil.which("terraform")).parent),
                                       "HOME": "/nonexistent", "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"})
    assert done.returncode == 0, done.stdout
    return done.stdout


def outputs(directory: pathlib.Path, variables: dict) -> dict:
    """Applies the module in a directory; returns its outputs by name."""
    (directory / "terraform.tfvars.json").write_text(json.dumps(variables))
    terraform(directory, "init", "-input=false")
    terraform(directory, "apply", "-input=false", "-auto-approve", "-no-color")
    shown = terraform(directory, "output", "-json", "-no-color")
    return {name: one["value"] for name, one in json.loads(shown[shown.index("{\n"):]).items()}
