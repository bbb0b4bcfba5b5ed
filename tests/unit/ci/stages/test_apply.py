"""Applying: nothing is lost when it fails, and what to do next is told."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from ci.errors import NotReady, PlanStale, StateLocked, TerraformFailed
from ci.stages.apply import apply, closing_line
from ci.terraform.cli import ERRORED_STATE, Completed
from tests.unit.ci.scripted import ScriptedTerraform

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

LOCKED = "Error: Error acquiring the state lock\nLock Info:\n  ID: 42\n  Who: root@x\n  Created: today\n"
HALF_WAY = Completed(1, "module.app.a.b: Creating...", "Error: creating EKS Node Group: quota exceeded")


async def applied(tf: ScriptedTerraform, rescue: Path, **wishes: Any) -> str:
    return await apply(tf, **{"lock_timeout": 7, "held_by": str, "rescue": rescue, **wishes})


async def refused(tf: ScriptedTerraform, rescue: Path, **wishes: Any) -> TerraformFailed:
    with pytest.raises(TerraformFailed) as caught:
        await applied(tf, rescue, **wishes)
    return caught.value


def expired() -> str:
    title = "The AWS credentials have expired."
    raise NotReady(title, code="aws_credentials_expired")


async def test_state_that_could_not_be_saved_is_brought_out(tmp_path: Path) -> None:
    """Terraform's last resort survives its container, readable by its owner only, and has to be pushed first."""
    tf = ScriptedTerraform(apply=Completed(1, "", "Error: Failed to save state"))
    tf.files[ERRORED_STATE] = b'{"serial": 7}'

    problem = await refused(tf, tmp_path / "work")

    (rescued,) = (tmp_path / "work").iterdir()
    assert rescued.read_bytes() == b'{"serial": 7}'
    assert stat.S_IMODE(rescued.stat().st_mode) == 0o600
    assert stat.S_IMODE(rescued.parent.stat().st_mode) == 0o700
    assert problem.code == "state_not_saved"
    assert f"terraform state push {rescued}" in problem.hint
    assert "Failed to save state" in problem.detail


async def test_state_is_rescued_although_aws_answers_no_more(tmp_path: Path) -> None:
    """Credentials that expired are why a state cannot be saved; they must not be why it is lost."""
    tf = ScriptedTerraform(apply=Completed(1, "", "Error: Failed to save state: ExpiredToken"))
    tf.files[ERRORED_STATE] = b"{}"

    problem = await refused(tf, tmp_path, held_by=expired)

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"{}"]
    assert problem.code == "state_not_saved"


async def test_rescued_state_is_private_where_an_open_one_was(tmp_path: Path) -> None:
    """A file that lay there readable for everybody does not stay so."""
    (tmp_path / ERRORED_STATE).touch(mode=0o644)
    tf = ScriptedTerraform(apply=HALF_WAY)
    tf.files[ERRORED_STATE] = b"{}"

    await refused(tf, tmp_path)

    rescued = [path for path in tmp_path.iterdir() if path.read_bytes()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in rescued] == [0o600]


async def test_second_rescued_state_does_not_replace_the_first(tmp_path: Path) -> None:
    """Until somebody pushed it, a rescued state is all there is of what was made."""
    for content in (b"first", b"second"):
        tf = ScriptedTerraform(apply=HALF_WAY)
        tf.files[ERRORED_STATE] = content
        await refused(tf, tmp_path)

    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"first", b"second"}


async def test_failure_midway_says_how_to_go_on(tmp_path: Path) -> None:
    """What was made is in the state; the cause is told in Terraform's words, and the same command goes on."""
    problem = await refused(ScriptedTerraform(apply=HALF_WAY), tmp_path)

    assert (problem.code, problem.exit_code) == ("terraform_apply_failed", 6)
    assert "quota exceeded" in problem.detail
    assert "run the same command again" in problem.hint
    assert not list(tmp_path.iterdir())


async def test_failure_is_told_although_the_holder_cannot_be_asked(tmp_path: Path) -> None:
    """A failed apply is never told as a failed question about a lock."""
    problem = await refused(ScriptedTerraform(apply=HALF_WAY), tmp_path, held_by=expired)

    assert "quota exceeded" in problem.detail


async def test_stale_plan_is_told(tmp_path: Path) -> None:
    """A plan that the state has overtaken is refused with its own exit code."""
    problem = await refused(ScriptedTerraform(apply=Completed(1, "", "Error: Saved plan is stale")), tmp_path)

    assert type(problem) is PlanStale
    assert (problem.code, problem.exit_code) == ("plan_stale", 8)


async def test_locked_state_names_who_and_since_when(tmp_path: Path) -> None:
    """Whoever waits learns for whom: by the record, else by what Terraform knows."""
    by_record = await refused(ScriptedTerraform(apply=Completed(1, "", LOCKED)), tmp_path, held_by=lambda: "ada@laptop")
    by_terraform = await refused(ScriptedTerraform(apply=Completed(1, "", LOCKED)), tmp_path)

    assert type(by_record) is type(by_terraform) is StateLocked
    assert by_record.exit_code == 7
    assert "ada@laptop since today" in by_record.title
    assert "root@x since today" in by_terraform.title


async def test_interrupt_does_not_end_a_running_apply(tmp_path: Path) -> None:
    """Cancelling waits for Terraform: a killed one would leave its lock behind."""
    ended: list[str] = []

    class Slow(ScriptedTerraform):
        async def run(self, arguments: list[str]) -> Completed:
            scope.cancel()
            await anyio.lowlevel.checkpoint()
            ended.append(arguments[0])
            return Completed(0, "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.", "")

    with anyio.CancelScope() as scope:
        await applied(Slow(), tmp_path)

    assert ended == ["apply"]


async def test_apply_returns_what_terraform_did(tmp_path: Path) -> None:
    """The saved plan is applied with the wait that was told, and its closing line comes back."""
    text = "module.app...\n\nApply complete! Resources: 3 added, 1 changed, 0 destroyed.\n\nOutputs:\n"
    tf = ScriptedTerraform(apply=Completed(0, text, ""))

    assert await applied(tf, tmp_path) == "3 added, 1 changed, 0 destroyed"
    assert "-lock-timeout=7s" in tf.asked[0]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Apply complete! Resources: 0 added, 0 changed, 2 destroyed.\n", "0 added, 0 changed, 2 destroyed"),
        ("Destroy complete! Resources: 9 destroyed.\n", "9 destroyed"),
        ("Something else of a later version.\n", "applied"),
        ("", "applied"),
    ],
)
def test_closing_line_is_found_where_there_is_one(text: str, line: str) -> None:
    """Words that a later Terraform may say otherwise never make a good apply a bad one."""
    assert closing_line(text) == line
