"""Terraform's own checks: layout, and the tests of the modules without a provider."""

import shutil

import pytest

from rendering import TERRAFORM, terraform

MODULES = sorted(path.name for path in (TERRAFORM / "modules").iterdir())


def test_layout(needs_terraform):
    terraform(TERRAFORM, "fmt", "-check", "-recursive", "-diff")


@pytest.mark.parametrize("module", MODULES)
def test_module(needs_terraform, tmp_path, module):
    shutil.copytree(TERRAFORM / "modules" / module, tmp_path / module)
    terraform(tmp_path / module, "init", "-input=false", "-no-color")
    assert "0 failed" in terraform(tmp_path / module, "test", "-no-color")


@pytest.mark.parametrize("module", MODULES)
def test_module_needs_no_provider(module):
    for path in (TERRAFORM / "modules" / module).glob("*.tf"):
        assert "required_providers" not in path.read_text()
        assert '\nresource "' not in path.read_text()
