"""What was approved or saved is what is applied: any other plan is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.aws.client import Aws
from ci.errors import NotReady, PlanStale, SmokeFailed, UsageError
from ci.services import DB_API, SERVICES
from ci.terraform.approval import Wishes
from ci.terraform.cli import Completed
from tests.unit.ci.conftest import CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ci.pipeline import Pipeline
    from tests.unit.ci.place import Place

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("checkout")]

BUCKET = "module.app.aws_s3_bucket.this"


# Approved.


async def test_deploy_of_what_was_not_approved_is_refused(place: Place) -> None:
    """Another plan than the approved one: nothing is applied, and the run says what it would have done."""
    first = place.released("A")
    place.write("B")

    with pytest.raises(PlanStale) as caught:
        await place.pipeline(Wishes(approved="0" * 64)).deploy()

    assert caught.value.code == "plan_differs"
    assert place.tf.deployed() == first
    assert len(place.releases()) == 1


@pytest.fixture
async def approved(place: Place, tmp_path: Path) -> str:
    """Have a release that runs, another source, and the hash of its plan."""
    place.released("A")
    place.write("B")
    await place.pipeline().publish(SERVICES)
    return (await place.pipeline().plan(out=tmp_path / "plan")).digest


def last_apply(pipeline: Pipeline) -> tuple[str, str]:
    """Return how the last stage named apply ended, and what it says."""
    *_, found = [(each.status, each.result) for each in pipeline.report.stages if each.name == "apply"]
    return found


async def test_deploy_of_what_was_approved_and_applied_is_done(place: Place, approved: str) -> None:
    """A job that is run again: nothing is applied or released twice, and that it was done already is told."""
    await place.pipeline(Wishes(approved=approved)).deploy()
    applied, released = place.tf.commands.count("apply"), place.releases()
    pipeline = place.pipeline(Wishes(approved=approved[:12]))

    await pipeline.deploy()

    assert last_apply(pipeline) == ("unchanged", "applied already: nothing is left of what was approved")
    assert pipeline.report.exit_code == 0
    assert place.tf.commands.count("apply") == applied
    assert place.releases() == released


@pytest.mark.slow
async def test_approved_deploy_that_did_not_answer_is_asked_again(place: Place, approved: str) -> None:
    """Its plan is spent; what is left to do is the smoke test, which makes it a release."""
    pipeline = place.pipeline(Wishes(approved=approved))
    place.spoil(pipeline)
    with pytest.raises(SmokeFailed):
        await pipeline.deploy()
    place.bad.clear()

    await place.pipeline(Wishes(approved=approved)).deploy()

    assert place.releases()[0].images == place.tf.deployed()


@pytest.mark.slow
async def test_nothing_to_change_is_not_taken_for_another_approval(place: Place, approved: str) -> None:
    """That the cloud is as the checkout has it does not mean that what was approved was ever applied."""
    await place.pipeline().deploy()

    with pytest.raises(PlanStale) as caught:
        await place.pipeline(Wishes(approved="0" * 64)).deploy()

    assert approved[:12] not in caught.value.title
    assert caught.value.title.startswith("There is nothing to change, and the plan that was approved, 000000000000,")
    assert "without --approved" in caught.value.hint


async def test_spent_approval_does_not_cover_another_plan(place: Place, approved: str) -> None:
    """Applied once: what has changed since is refused as anything that nobody approved."""
    await place.pipeline(Wishes(approved=approved)).deploy()
    second = place.tf.deployed()
    place.write("C")

    with pytest.raises(PlanStale, match="not what was approved"):
        await place.pipeline(Wishes(approved=approved)).deploy()

    assert place.tf.deployed() == second


@pytest.mark.slow
async def test_repositories_are_not_made_under_another_plans_approval(
    place: Place, client: Callable[[str], Any]
) -> None:
    """Their plan is applied before the images are pushed, and nobody approved it either."""
    place.released("A")
    client("ecr").delete_repository(repositoryName=DB_API.repository, force=True)
    applied = place.tf.commands.count("apply")

    with pytest.raises(PlanStale):
        await place.pipeline(Wishes(approved="0" * 64)).deploy()

    assert place.tf.commands.count("apply") == applied


@pytest.mark.slow
async def test_plan_that_makes_the_repositories_is_guarded(place: Place, client: Callable[[str], Any]) -> None:
    """-target takes along what it depends on: that may hold data too."""
    place.released("A")
    client("ecr").delete_repository(repositoryName=DB_API.repository, force=True)
    place.tf.extra = (("module.ecr.aws_ecr_repository.this", "delete+create"),)
    place.tf.answers["show"] = [Completed(0, place.tf._shown({"before": {}, "after": {}}), "")]
    applied = place.tf.commands.count("apply")

    with pytest.raises(UsageError) as caught:
        await place.pipeline().deploy()

    assert "module.ecr.aws_ecr_repository.this" in caught.value.hint
    assert place.tf.commands.count("apply") == applied


# Saved.


@pytest.fixture
async def saved(place: Place, tmp_path: Path) -> Path:
    """Have a release that runs, and a saved plan of another."""
    place.released("A")
    place.write("B")
    await place.pipeline().publish(SERVICES)
    await place.pipeline().plan(out=tmp_path / "saved" / "plan")
    return tmp_path / "saved" / "plan"


async def refused(place: Place, saved: Path, wishes: Wishes | None = None) -> PlanStale:
    """Apply the plan SAVED, which must be refused, change nothing and stay; return the refusal."""
    before, applied = place.tf.deployed(), place.tf.commands.count("apply")
    with pytest.raises(PlanStale) as caught:
        await place.pipeline(wishes).apply(saved)
    assert (place.tf.deployed(), place.tf.commands.count("apply")) == (before, applied)
    assert saved.is_file()
    return caught.value


async def test_swapped_plan_is_refused(place: Place, saved: Path, tmp_path: Path) -> None:
    """Another plan in its place, as valid as it is: its content is not what was saved, and what it would do is told."""
    place.write("C")
    await place.pipeline().publish(SERVICES)
    await place.pipeline().plan(out=tmp_path / "other")
    saved.write_bytes((tmp_path / "other").read_bytes())

    problem = await refused(place, saved)

    assert problem.code == "plan_differs"
    assert "update module.app" in problem.detail


@pytest.mark.parametrize(
    "approved", ["0" * 64, *(pytest.param(begun, marks=pytest.mark.slow) for begun in ("0" * 12, "0123", "f" * 63))]
)
async def test_saved_plan_that_was_not_approved_is_refused(place: Place, saved: Path, approved: str) -> None:
    """Saved is not approved; too short a hash approves nothing."""
    problem = await refused(place, saved, Wishes(approved=approved))

    assert problem.code == "plan_differs"
    assert "approved" in problem.title


async def test_saved_plan_of_another_region_is_refused(place: Place, saved: Path) -> None:
    """Before Terraform is started."""
    place.aws = Aws(place.settings, "eu-central-1", CREDENTIALS)
    asked = len(place.tf.asked)

    assert (await refused(place, saved)).code == "plan_foreign"
    assert len(place.tf.asked) == asked


@pytest.mark.slow
async def test_saved_plan_without_images_is_refused(place: Place, saved: Path) -> None:
    """What lies beside it was cut: no bug, and nothing is applied."""
    beside = saved.with_name("plan.json")
    document = json.loads(beside.read_text())
    beside.write_text(json.dumps({**document, "references": {}}))

    with pytest.raises(NotReady):
        await place.pipeline().apply(saved)

    assert len(place.releases()) == 1


async def test_saved_plan_that_destroys_data_is_refused_and_kept(place: Place, tmp_path: Path) -> None:
    """Until it is allowed, by address; then the same plan is applied."""
    await place.deploy("A")
    place.tf.extra = ((BUCKET, "delete"),)
    await place.pipeline().plan(out=tmp_path / "plan")

    with pytest.raises(UsageError):
        await place.pipeline().apply(tmp_path / "plan")
    assert (tmp_path / "plan").is_file()

    await place.pipeline(Wishes(allow_destroy=(BUCKET,))).apply(tmp_path / "plan")
    assert not (tmp_path / "plan").exists()


async def test_approved_plan_is_applied_once_and_gone(place: Place, saved: Path) -> None:
    """By its hash, whole or begun; then neither the plan nor what lay beside it is left."""
    pipeline = place.pipeline(Wishes(approved=json.loads(saved.with_name("plan.json").read_text())["hash"][:12]))
    before = place.tf.deployed()

    await pipeline.apply(saved)

    assert place.tf.deployed() != before
    assert list(saved.parent.iterdir()) == []
    with pytest.raises(NotReady, match="no saved plan"):
        await pipeline.apply(saved)
