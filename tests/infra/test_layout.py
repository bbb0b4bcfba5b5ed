"""The files of infra/terraform are those that the specification names, and hold no secret."""

from __future__ import annotations

import re
import subprocess

import pytest

from ci.settings import ROOT
from tests.infra.workspace import TREE, terraform

MODULES = ("network", "eks", "ecr", "mongo_atlas", "app")
FILES = ("main", "variables", "outputs", "versions")
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_laid_out_alike(module: str) -> None:
    """Whoever knows one module finds everything in the next; see specification/ for the files that must be there."""
    assert [name for name in FILES if not TREE.joinpath(f"modules/{module}/{name}.tf").is_file()] == []


@pytest.mark.parametrize("name", ["backend.tf", "providers.tf"])
def test_the_environment_links_what_all_environments_share(name: str) -> None:
    """The link is relative, so it holds in any checkout, and Terraform reads the one real file."""
    link = TREE / "envs/demo" / name

    assert str(link.readlink()) == f"../../{name}"
    assert link.resolve() == TREE.resolve() / name


def test_no_dead_link_and_no_foreign_file() -> None:
    """Nothing below infra/terraform points nowhere, and no plan or state was left there."""
    paths = [path for path in TREE.rglob("*") if ".terraform" not in path.parts]

    assert [path for path in paths if not path.exists()] == []
    assert [path for path in paths if path.suffix in {".tfstate", ".tfplan"}] == []


def test_the_scanner_sees_every_folder() -> None:
    """What `nox -s checkov` is told to scan holds all Terraform files there are."""
    told = re.search(r"^directory:\n((?:  - .+\n)+)", (ROOT / ".checkov.yaml").read_text(), re.MULTILINE)
    assert told
    scanned = [ROOT / line.strip(" -") for line in told[1].splitlines()]
    written = [path for path in (ROOT / "infra").rglob("*.tf") if ".terraform" not in path.parts]

    assert written
    assert [path for path in written if not any(path.is_relative_to(folder) for folder in scanned)] == []


def test_the_committed_values_are_no_secrets() -> None:
    """terraform.tfvars is in the repository, so nothing in it may open anything."""
    text = TREE.joinpath("envs/demo/terraform.tfvars").read_text()
    values = "\n".join(line for line in text.splitlines() if not line.startswith("#"))

    assert re.findall(r"(?i)password|secret|token|api_key|uri|org_id|project_id", values) == []


def test_format_is_terraforms_own() -> None:
    """`terraform fmt` would change nothing."""
    done = subprocess.run(
        [*terraform(), "fmt", "-check", "-recursive", "-list=true", str(TREE)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == ""
    assert done.returncode == 0


def test_every_variable_and_output_says_what_it_is() -> None:
    """Each has a description, and each variable a type."""
    blocks = [(path, *found) for path in TREE.rglob("*.tf") for found in BLOCK.findall(path.read_text())]

    assert len(blocks) > 50
    assert [(path.name, name) for path, _, name, body in blocks if "\n  description" not in f"\n{body}"] == []
    assert [
        (path.name, name) for path, kind, name, body in blocks if kind == "variable" and "\n  type" not in body
    ] == []
