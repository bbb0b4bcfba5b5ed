"""Drift: what the plan lists decides, not Terraform's exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ci.errors import StateLocked, TerraformFailed
from ci.release import Release
from ci.stages.drift import drift
from ci.terraform import cli as terraform
from ci.terraform.cli import Completed
from tests.unit.ci.scripted import ScriptedTerraform, plan_json

if TYPE_CHECKING:
    from ci.terraform.plan_summary import PlanSummary

pytestmark = pytest.mark.anyio

RELEASE = Release({"db_api": "r/db@sha256:1", "chat_api": "r/chat@sha256:2"})
GONE = ("module.eks.aws_eks_addon.this", "delete")
LOCKED = "Error: Error acquiring the state lock\nLock Info:\n  ID: 1\n  Who: root@x\n  Created: today\n"


def looking(code: int, *drifted: tuple[str, str]) -> ScriptedTerraform:
    """Return a Terraform whose refresh ends with CODE and lists what DRIFTED."""
    shown = json.dumps({"resource_drift": json.loads(plan_json(*drifted))["resource_changes"]})
    return ScriptedTerraform(plan=Completed(code, "", ""), show=Completed(0, shown, ""))


async def look(tf: ScriptedTerraform) -> PlanSummary:
    return await drift(tf, RELEASE, lock_timeout=7, held_by=lambda: "ada@laptop")


@pytest.mark.parametrize("command", ["plan", "show"])
async def test_look_that_failed_is_no_answer(command: str) -> None:
    """Neither "all is well" nor "it differs": Terraform's failure is told."""
    tf = looking(0)
    tf.answers[command] = [Completed(1, "", "Error: no")]

    with pytest.raises(TerraformFailed) as caught:
        await look(tf)

    assert caught.value.code == f"terraform_{command}_failed"


async def test_locked_state_names_the_holder() -> None:
    """Whoever applies now is named; its half-made things are not taken for drift."""
    tf = looking(0)
    tf.answers["plan"] = [Completed(1, "", LOCKED)]

    with pytest.raises(StateLocked, match="ada@laptop"):
        await look(tf)


@pytest.mark.parametrize("code", [0, 2])
async def test_nothing_listed_is_no_drift(code: int) -> None:
    """Terraform says "changes" of a refresh that found none; that is not believed."""
    assert (await look(looking(code, ("module.a.b.c", "no-op")))).drifted == ()


@pytest.mark.parametrize("code", [0, 2])
async def test_what_is_listed_is_drift(code: int) -> None:
    """Whatever the exit code says."""
    assert [each.address for each in (await look(looking(code, GONE))).drifted] == [GONE[0]]


async def test_nothing_is_changed() -> None:
    """A plan is made that only refreshes, with both deployed images, and never applied."""
    tf = looking(2, GONE)

    await look(tf)

    assert tf.commands == ["plan", "show"]
    assert {"-refresh-only", "-lock-timeout=7s"} <= set(tf.asked[0])
    assert set(json.loads(tf.files[terraform.IMAGES_FILE]).values()) == set(RELEASE.references.values())
