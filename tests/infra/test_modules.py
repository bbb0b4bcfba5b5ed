"""Each module's own tests, run by Terraform on mocks; stand-ins or the published providers give the schemas."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.infra.workspace import TREE, changes, copied, initialised

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.workspace import Workspace

# mongo_atlas has an ephemeral output, which no root may have: its tests are a root of their own.
ROOTS = ("modules/network", "modules/eks", "modules/ecr", "modules/mongo_atlas/tests", "modules/app", "envs/demo")
VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
SUMMARY = re.compile(r"Success! (\d+) passed, 0 failed\.")
ROLLOUT = {
    "only_db_api_rolls_for_its_digest": {"kubernetes_deployment_v1.db_api"},
    "only_chat_api_rolls_for_its_digest": {"kubernetes_deployment_v1.chat_api"},
    "only_db_api_rolls_for_its_secret": {"kubernetes_deployment_v1.db_api", "kubernetes_secret_v1.mongodb"},
    "only_chat_api_rolls_for_its_secret": {"kubernetes_deployment_v1.chat_api", "kubernetes_secret_v1.pinecone"},
    "only_chat_api_rolls_for_its_model": {
        "kubernetes_deployment_v1.chat_api",
        "kubernetes_network_policy_v1.chat_external",
        "kubernetes_secret_v1.llm",
    },
    "only_the_autoscalers_learn_of_new_bounds": {
        'kubernetes_horizontal_pod_autoscaler_v2.this["db_api"]',
        'kubernetes_horizontal_pod_autoscaler_v2.this["chat_api"]',
    },
    "nothing_is_left_to_do": set(),
}


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of infra/terraform."""
    return copied(tmp_path_factory.mktemp("modules") / "terraform")


@pytest.fixture(scope="session")
def module(request: pytest.FixtureRequest, tree: Path, addresses: dict[str, str]) -> Workspace:
    """Return one root after the other, initialised."""
    return initialised(tree, addresses, request.param)


def test_no_module_is_left_out() -> None:
    """A module added later is tested like the others."""
    folders = {path.parent.relative_to(TREE).as_posix() for path in TREE.rglob("main.tf")}

    assert {root.removesuffix("/tests") for root in ROOTS} == {folder.removesuffix("/tests") for folder in folders}


@pytest.mark.parametrize("root", ROOTS)
def test_every_limit_is_tried(root: str) -> None:
    """Each variable has as many runs that it refuses as it has validations, or more."""
    folder = TREE / root.removesuffix("/tests")
    variables = VARIABLE.findall(folder.joinpath("variables.tf").read_text())
    runs = "".join(path.read_text() for path in folder.joinpath("tests").glob("*.tftest.hcl"))

    assert [
        (name, limits)
        for name, body in variables
        if (limits := body.count("\n  validation {")) > runs.count(f"expect_failures = [var.{name}]")
    ] == []


@pytest.mark.parametrize("module", ROOTS, indirect=True)
def test_it_is_valid(module: Workspace) -> None:
    """By the providers' schemas every argument is one, has its type, and none is missing."""
    assert "The configuration is valid." in module.succeed("validate")


# The runs of the smallest module for every commit: 1 s; those of all take a minute.
@pytest.mark.parametrize(
    "module",
    [root if root == "modules/ecr" else pytest.param(root, marks=pytest.mark.slow) for root in ROOTS],
    indirect=True,
)
def test_it_keeps_its_promises(module: Workspace) -> None:
    """`terraform test` runs every run of every file, and all pass."""
    folder = module.folder / module.root.removesuffix("/tests") / "tests"
    runs = sum(path.read_text().count("\nrun ") for path in folder.glob("*.tftest.hcl"))

    passed = SUMMARY.search(module.succeed("test"))

    assert runs > 0
    assert passed is not None
    assert int(passed[1]) == runs


@pytest.mark.slow
def test_a_change_rolls_what_it_concerns_and_nothing_else(tree: Path, addresses: dict[str, str]) -> None:
    """On a deployed app, the plan of each change touches the objects that the run's name says."""
    workspace = initialised(tree, addresses, "modules/app")

    lines = workspace.succeed("test", "-json", "-verbose", "-filter=tests/rollout.tftest.hcl").splitlines()
    events = [json.loads(line) for line in lines]
    plans = {each["@testrun"]: changes(each["test_plan"]) for each in events if each["type"] == "test_plan"}

    assert {run: set(planned) for run, planned in plans.items()} == ROLLOUT
    assert {action for planned in plans.values() for actions in planned.values() for action in actions} == {"update"}
