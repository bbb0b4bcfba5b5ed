"""What becomes a release: what was deployed and answered rightly, and nothing else."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import SmokeFailed, TerraformFailed
from ci.terraform import backend
from ci.terraform.cli import Completed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.ci.place import Place

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("checkout")]


async def test_release_that_does_not_answer_is_not_recorded(place: Place) -> None:
    """It is deployed, and told with what to do; the list knows only what answered rightly."""
    pipeline = place.pipeline()
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "smoke_failed"
    assert "no earlier release is kept" in caught.value.hint
    assert place.tf.deployed() == place.bad[0]
    assert place.releases() == []


@pytest.mark.parametrize("command", ["plan", pytest.param("apply", marks=pytest.mark.slow)])
async def test_release_whose_apply_failed_is_not_recorded(place: Place, command: str) -> None:
    """Half of it may run; nobody goes back to that."""
    place.tf.answers[command] = [Completed(1, "", "Error: no")]

    with pytest.raises(TerraformFailed):
        await place.deploy("A")

    assert place.releases() == []


class Killed(BaseException):
    """What no code of the pipeline catches: the process is gone."""


@pytest.mark.parametrize(
    "stage",
    [
        "apply",
        *(
            pytest.param(stage, marks=pytest.mark.slow)
            for stage in ("bootstrap", "init", "build", "check", "publish", "plan", "smoke")
        ),
    ],
)
async def test_killed_run_records_none_and_the_next_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Wherever it ended: what was deployed before stays the only release, until the next run has ended well."""
    first = place.released("A")
    place.write("B")
    pipeline = place.pipeline()
    begin = pipeline.progress.stage

    @contextlib.asynccontextmanager
    async def killed(name: str) -> Any:
        if name == stage:
            raise Killed
        async with begin(name) as begun:
            yield begun

    monkeypatch.setattr(pipeline.progress, "stage", killed)
    with pytest.raises(Killed):
        await pipeline.deploy()

    assert [each.images for each in place.releases()] == [first]
    second = await place.deploy("B")
    assert [each.images for each in place.releases()] == [second, first]


async def test_deploy_that_answers_is_a_release(place: Place) -> None:
    """Once, however often it is deployed."""
    images = await place.deploy("A")
    await place.pipeline().deploy()

    (found,) = place.releases()
    assert (found.images, found.kind) == (images, "deploy")
    assert found.started
    assert found.who


@pytest.mark.slow
async def test_smoke_test_alone_makes_a_release_of_what_runs(place: Place) -> None:
    """A load balancer that came late, or a saved plan that was applied: what answers rightly now is one."""
    pipeline = place.pipeline()
    place.spoil(pipeline)
    with pytest.raises(SmokeFailed):
        await pipeline.deploy()
    place.bad.clear()

    await place.pipeline().smoke()

    assert [each.images for each in place.releases()] == [place.tf.deployed()]


@pytest.mark.slow
async def test_release_that_does_not_answer_is_told_with_the_way_back(place: Place) -> None:
    """By the name of what ran before it: what the list has on top may be another."""
    first, _ = [place.released(each) for each in "AB"]
    await place.deploy("C")
    await place.pipeline().rollback(place.releases()[-1].id)
    place.write("C")
    pipeline = place.pipeline()
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    found = re.search(r"`python ci/main.py rollback --to (\S+)`", caught.value.hint)
    assert found
    await place.pipeline().rollback(found[1])
    assert place.tf.deployed() == first


async def test_what_failed_is_told_also_where_the_releases_cannot_be_read(
    place: Place, client: Callable[[str], Any]
) -> None:
    """A damaged record is no reason to hide that what was deployed does not answer."""
    place.released("A")
    place.write("B")
    pipeline = place.pipeline()
    place.spoil(pipeline)
    bucket = backend.locate(place.aws).bucket
    client("s3").put_object(Bucket=bucket, Key="demo/releases/2026.json", Body=b"{}")

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "smoke_failed"
    assert "rollback" in caught.value.hint
