"""Going back to an earlier release: asked for, or by itself where the newer one does not answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import NotReady, SmokeFailed, UsageError
from ci.services import CHAT_API, DB_API, SERVICES
from ci.terraform.approval import Wishes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.ci.place import Place

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("checkout")]

BUCKET = "module.app.aws_s3_bucket.this"


# Going back.


async def test_nothing_to_go_back_to_changes_nothing(place: Place) -> None:
    """The first release has none before it."""
    place.released("A")
    asked = len(place.tf.asked)

    with pytest.raises(NotReady) as caught:
        await place.pipeline().rollback()

    assert caught.value.code == "release_missing"
    assert place.tf.commands[asked:] == ["init", "output"]


async def test_image_that_ecr_lacks_changes_nothing(place: Place, client: Callable[[str], Any]) -> None:
    """Pods could not pull it."""
    first = place.released("A")
    second = place.released("B")
    ids = [{"imageDigest": first["db_api"].partition("@")[2]}]
    client("ecr").batch_delete_image(repositoryName=DB_API.repository, imageIds=ids)

    with pytest.raises(NotReady) as caught:
        await place.pipeline().rollback()

    assert caught.value.code == "image_missing"
    assert DB_API.name in caught.value.title
    assert CHAT_API.name not in caught.value.title
    assert place.tf.deployed() == second


async def test_rollback_deploys_the_images_of_the_release_before(place: Place) -> None:
    """Nothing is built or pushed, only the app module is planned, and it is asked whether it answers."""
    first = place.released("A")
    second = place.released("B")
    pipeline = place.pipeline()

    await pipeline.rollback()

    assert place.tf.deployed() == place.served[-1] == first
    assert "-target=module.app" in [word for words in place.tf.asked for word in words]
    assert [each.name for each in pipeline.report.stages] == ["init", "rollback", "plan", "apply", "smoke"]
    assert [(each.kind, each.images) for each in place.releases()] == [
        ("rollback", first),
        ("deploy", second),
        ("deploy", first),
    ]


async def test_twice_back_goes_back_two_releases(place: Place) -> None:
    """And then no further; what is named is reached from anywhere."""
    versions = [place.released(each) for each in "ABC"]

    for expected in reversed(versions[:2]):
        await place.pipeline().rollback()
        assert place.tf.deployed() == expected
    with pytest.raises(NotReady):
        await place.pipeline().rollback()

    await place.pipeline().rollback(next(each.id for each in place.releases() if each.images == versions[2]))
    assert place.tf.deployed() == versions[2]


async def test_rollback_to_a_rollback_is_one_to_its_release(place: Place) -> None:
    """The record points at the deploy, so that the next step back starts from there."""
    first, second, third = [place.released(each) for each in "ABC"]
    await place.pipeline().rollback()
    (back,) = [each for each in place.releases() if each.kind == "rollback"]
    place.released("C")

    await place.pipeline().rollback(back.id)
    assert place.tf.deployed() == second != third

    await place.pipeline().rollback()
    assert place.tf.deployed() == first


async def test_rollback_that_does_not_answer_names_the_way_back(place: Place) -> None:
    """It stays, the list is as it was, and what ran until then is named: one more step back would lead further away."""
    first, second = [place.released(each) for each in "AB"]
    before = place.releases()
    pipeline = place.pipeline()
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.rollback()

    assert caught.value.exit_code == 9
    assert place.tf.deployed() == first
    assert place.releases() == before
    found = re.search(r"`python ci/main.py rollback --to (\S+)`", caught.value.hint)
    assert found
    await place.pipeline().rollback(found[1])
    assert place.tf.deployed() == second


async def test_rollback_to_what_is_deployed_is_a_smoke_test(place: Place) -> None:
    """Nothing is applied, no release is recorded anew, and the stage says that it is there already."""
    place.released("A")
    (only,) = place.releases()
    applied = place.tf.commands.count("apply")
    pipeline = place.pipeline()

    await pipeline.rollback(only.id)

    (stage,) = [each for each in pipeline.report.stages if each.name == "rollback"]
    assert (stage.status, stage.result) == ("unchanged", f"{only.id} is deployed already")
    assert place.tf.commands.count("apply") == applied
    assert place.releases() == [only]


async def test_rollback_that_destroys_data_is_refused(place: Place) -> None:
    """The guard stands before every apply."""
    place.released("A")
    second = place.released("B")
    place.tf.extra = ((BUCKET, "delete"),)

    with pytest.raises(UsageError) as caught:
        await place.pipeline().rollback()

    assert caught.value.code == "destroys_data"
    assert place.tf.deployed() == second


# By itself.


async def test_failed_smoke_test_rolls_back_by_itself_and_still_fails(place: Place) -> None:
    """With the wish: what ran before runs again, and the run ends with 9."""
    first = place.released("A")
    place.write("B")
    pipeline = place.pipeline(Wishes(auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert (caught.value.code, caught.value.exit_code) == ("rolled_back", 9)
    assert place.releases()[0].of in caught.value.title
    assert place.bad[0]["db_api"] in caught.value.detail
    assert place.tf.deployed() == first
    assert [each.kind for each in place.releases()] == ["rollback", "deploy"]
    assert all(check.ok for check in pipeline.report.checks)


async def test_without_the_wish_it_stays_deployed(place: Place) -> None:
    """Nothing goes back unless it was asked for."""
    place.released("A")
    place.write("B")
    pipeline = place.pipeline()
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "smoke_failed"
    assert place.tf.deployed() == place.bad[0]


@pytest.mark.slow
async def test_deploy_that_changed_nothing_rolls_nothing_back(place: Place) -> None:
    """What stopped answering ran before: an older release would only pretend to be the cure."""
    place.released("A")
    second = await place.deploy("B")
    before = place.releases()
    pipeline = place.pipeline(Wishes(auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert (caught.value.code, caught.value.exit_code) == ("smoke_failed", 9)
    assert "Nothing was rolled back: this deploy changed no image." in caught.value.title
    assert place.tf.deployed() == second
    assert place.releases() == before
    assert "rollback" not in [each.name for each in pipeline.report.stages]


@pytest.mark.slow
async def test_it_goes_back_to_what_ran_before(place: Place) -> None:
    """And not to whatever stands below the failed release in the list."""
    first, _ = [place.released(each) for each in "AB"]
    await place.deploy("C")
    await place.pipeline().rollback(place.releases()[-1].id)
    place.write("C")
    pipeline = place.pipeline(Wishes(auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "rolled_back"
    assert place.tf.deployed() == first


async def test_first_release_has_nothing_to_roll_back_to(place: Place) -> None:
    """Both failures are told, with the exit code of the first."""
    pipeline = place.pipeline(Wishes(auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert (caught.value.code, caught.value.exit_code) == ("rollback_failed", 9)
    for told in ("does not answer rightly", "could not be rolled back", "no earlier release"):
        assert told in caught.value.title


@pytest.mark.slow
async def test_rollback_that_fails_too_is_told(place: Place) -> None:
    """What was wrong with the release, and what was wrong with the way back."""
    first = place.released("A")
    place.bad.append(first)
    place.write("B")
    pipeline = place.pipeline(Wishes(auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert (caught.value.code, caught.value.exit_code) == ("rollback_failed", 9)
    assert caught.value.detail.count("chat-api /health") == 2
    assert [each.kind for each in place.releases()] == ["deploy"]


@pytest.mark.slow
async def test_approval_of_the_bad_release_is_not_in_the_way_back(place: Place, tmp_path: Path) -> None:
    """What was approved was its plan; going back from it needs none."""
    first = place.released("A")
    place.write("B")
    await place.pipeline().publish(SERVICES)
    summary = await place.pipeline().plan(out=tmp_path / "plan")
    pipeline = place.pipeline(Wishes(approved=summary.digest, auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "rolled_back"
    assert place.tf.deployed() == first
