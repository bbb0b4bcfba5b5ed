"""A deploy of one service, by -target=module.app: what it changes, and what shows when something else is pending."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.infra.workspace import VARIABLES, changes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.conftest import Deployed

TARGET = "-target=module.app"
SERVICES = {
    "db_api_image": "module.app.kubernetes_deployment_v1.db_api",
    "chat_api_image": "module.app.kubernetes_deployment_v1.chat_api",
}


def renewed(variable: str) -> str:
    """Return the argument that gives VARIABLE, one of both images, another digest."""
    return f"-var={variable}={VARIABLES[variable].partition('@')[0]}@sha256:{'e' * 64}"


@pytest.mark.parametrize("variable", ["db_api_image", pytest.param("chat_api_image", marks=pytest.mark.slow)])
def test_a_new_digest_updates_one_deployment(deployed: Deployed, variable: str) -> None:
    """Of all that there is, the one Deployment changes, in place, and of it the image alone."""
    plan = deployed.workspace.plan(TARGET, renewed(variable))
    (change,) = [each["change"] for each in plan["resource_changes"] if each["address"] == SERVICES[variable]]
    before, after = (json.dumps(change[each], sort_keys=True) for each in ("before", "after"))

    assert changes(plan) == {SERVICES[variable]: ["update"]}
    assert before.replace(VARIABLES[variable], renewed(variable).rpartition("=")[2]) == after


@pytest.mark.slow
def test_both_digests_in_one_plan(deployed: Deployed) -> None:
    """Nothing else comes along when both services are new."""
    plan = deployed.workspace.plan(TARGET, *map(renewed, SERVICES))

    assert changes(plan) == {each: ["update"] for each in SERVICES.values()}


@pytest.mark.slow
def test_after_it_nothing_is_left_to_do(deployed: Deployed, tmp_path: Path) -> None:
    """A whole plan with the same digests is empty: the part was no detour."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")

    workspace.plan(TARGET, renewed("db_api_image"))
    workspace.succeed("apply", "tfplan")

    assert changes(workspace.plan(renewed("db_api_image"))) == {}


@pytest.mark.parametrize(
    ("pending", "module"),
    [
        pytest.param("node_disk_gib=40", "module.eks", id="of the cluster"),
        pytest.param("single_nat_gateway=false", "module.network", id="of the network", marks=pytest.mark.slow),
        pytest.param("mongodb_password_revision=2", "module.mongo_atlas", id="of the database", marks=pytest.mark.slow),
    ],
)
def test_what_the_app_rests_on_comes_along_and_is_shown(deployed: Deployed, pending: str, module: str) -> None:
    """Terraform takes in what the target depends on, and the plan names it: the pipeline refuses such a one."""
    planned = changes(deployed.workspace.plan(TARGET, f"-var={pending}", renewed("db_api_image")))

    assert SERVICES["db_api_image"] in planned
    assert [address for address in planned if address.startswith(module)] != []


@pytest.mark.slow
def test_what_the_app_does_not_rest_on_stays_pending(deployed: Deployed, tmp_path: Path) -> None:
    """It neither goes along nor is forgotten: the next whole plan has it."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")
    pending = "-var=ecr_keep_images=60"

    assert changes(workspace.plan(TARGET, pending, renewed("chat_api_image"))) == {
        SERVICES["chat_api_image"]: ["update"]
    }
    workspace.succeed("apply", "tfplan")

    assert changes(workspace.plan(pending, renewed("chat_api_image"))) == {
        f'module.ecr.aws_ecr_lifecycle_policy.this["{name}"]': ["update"] for name in ("chat_api", "db_api")
    }
