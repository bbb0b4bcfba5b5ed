"""Deploys one after the other: what becomes a release, and how one goes back to it."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ci import backend, releases
from ci.aws import Aws
from ci.engines.base import Endpoints
from ci.errors import NotReady, PlanStale, SmokeFailed, TerraformFailed, UsageError
from ci.interrupt import Interrupts
from ci.pipeline import Pipeline
from ci.progress import Progress
from ci.report import Report
from ci.services import CHAT_API, DB_API, SERVICES
from ci.stages import smoke
from ci.terraform import Completed
from ci.wishes import Wishes
from tests.pipeline.world import chat_api
from tests.unit.ci.conftest import CREDENTIALS, REGION
from tests.unit.ci.living import LivingEngine, LivingTerraform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ci.release import Release
    from ci.releases import Recorded
    from ci.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("checkout")]

BUCKET = "module.app.aws_s3_bucket.this"
NOWHERE = "http://127.0.0.1:9"


class Clock:
    """A clock that has gone on by a second whenever it is read: releases of one second have no order."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self, _: object) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


class Place:
    """One environment, deployed to again and again; `bad` are the images that do not answer rightly."""

    def __init__(self, settings: Settings, chat: str, source: Path, state: Path) -> None:
        self.settings = settings.model_copy(update={"smoke_timeout": 0.1})
        self.aws = Aws(self.settings, REGION, CREDENTIALS)
        self.chat, self.source = chat, source
        self.tf = LivingTerraform(state)
        self.bad: list[dict[str, str]] = []
        self.served: list[dict[str, str]] = []

    def pipeline(self, wishes: Wishes | None = None) -> Pipeline:
        progress = Progress(Report("deploy", "demo"), quiet=True)
        interrupts = Interrupts(lambda _: None)
        engine = LivingEngine(self.tf)
        return Pipeline(self.settings, engine, self.aws, progress, interrupts, self.serve, wishes=wishes or Wishes())

    def serve(self, release: Release, _: dict[str, Any]) -> Any:
        images = dict(release.references)
        self.served.append(images)
        return contextlib.nullcontext(Endpoints(chat_api=NOWHERE if images in self.bad else self.chat))

    def write(self, version: str) -> None:
        """Have another source."""
        for service in SERVICES:
            (self.source / service.package / "file.py").write_text(f"# {version}\n")

    async def deploy(self, version: str) -> dict[str, str]:
        """Deploy VERSION of the source, and return its images."""
        self.write(version)
        await self.pipeline().deploy()
        return self.tf.deployed()

    def spoil(self, pipeline: Pipeline) -> None:
        """Let whatever PIPELINE serves first not answer rightly."""
        serve = pipeline.serve

        def spoiled(release: Release, outputs: dict[str, Any]) -> Any:
            pipeline.serve = serve
            self.bad.append(dict(release.references))
            return serve(release, outputs)

        pipeline.serve = spoiled

    def releases(self) -> list[Recorded]:
        return releases.read(self.aws)


@pytest.fixture
def place(
    settings: Settings, source_tree: Path, client: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setattr(smoke, "PAUSE", 0.01)
    monkeypatch.setattr("ci.holder.datetime", Clock())
    with chat_api() as chat:
        found = Place(settings, chat, source_tree, tmp_path / "state.json")
        client("s3").create_bucket(Bucket=backend.locate(found.aws).bucket)
        for service in SERVICES:
            client("ecr").create_repository(repositoryName=service.repository)
        yield found


# What becomes a release.


async def test_release_that_does_not_answer_is_not_recorded(place: Place) -> None:
    """It is deployed, and told with what to do; the list knows only what answered rightly."""
    pipeline = place.pipeline()
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "smoke_failed"
    assert "`python ci/main.py rollback`" in caught.value.hint
    assert place.tf.deployed() == place.bad[0]
    assert place.releases() == []


@pytest.mark.parametrize("command", ["plan", "apply"])
async def test_release_whose_apply_failed_is_not_recorded(place: Place, command: str) -> None:
    """Half of it may run; nobody goes back to that."""
    place.tf.answers[command] = [Completed(1, "", "Error: no")]

    with pytest.raises(TerraformFailed):
        await place.deploy("A")

    assert place.releases() == []


class Killed(BaseException):
    """What no code of the pipeline catches: the process is gone."""


@pytest.mark.parametrize("stage", ["bootstrap", "init", "build", "check", "publish", "plan", "apply", "smoke"])
async def test_killed_run_records_none_and_the_next_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Wherever it ended: what was deployed before stays the only release, until the next run has ended well."""
    first = await place.deploy("A")
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


async def test_smoke_test_alone_makes_a_release_of_what_runs(place: Place) -> None:
    """A load balancer that came late, or a saved plan that was applied: what answers rightly now is one."""
    pipeline = place.pipeline()
    place.spoil(pipeline)
    with pytest.raises(SmokeFailed):
        await pipeline.deploy()
    place.bad.clear()

    await place.pipeline().smoke()

    assert [each.images for each in place.releases()] == [place.tf.deployed()]


# Going back.


async def test_nothing_to_go_back_to_changes_nothing(place: Place) -> None:
    """The first release has none before it."""
    await place.deploy("A")
    asked = len(place.tf.asked)

    with pytest.raises(NotReady) as caught:
        await place.pipeline().rollback()

    assert caught.value.code == "release_missing"
    assert place.tf.commands[asked:] == ["init", "output"]


async def test_image_that_ecr_lacks_changes_nothing(place: Place, client: Callable[[str], Any]) -> None:
    """Pods could not pull it."""
    first = await place.deploy("A")
    second = await place.deploy("B")
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
    first = await place.deploy("A")
    second = await place.deploy("B")
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
    versions = [await place.deploy(each) for each in "ABC"]

    for expected in reversed(versions[:2]):
        await place.pipeline().rollback()
        assert place.tf.deployed() == expected
    with pytest.raises(NotReady):
        await place.pipeline().rollback()

    await place.pipeline().rollback(next(each.id for each in place.releases() if each.images == versions[2]))
    assert place.tf.deployed() == versions[2]


async def test_rollback_to_a_rollback_is_one_to_its_release(place: Place) -> None:
    """The record points at the deploy, so that the next step back starts from there."""
    first, second, third = [await place.deploy(each) for each in "ABC"]
    await place.pipeline().rollback()
    (back,) = [each for each in place.releases() if each.kind == "rollback"]
    await place.deploy("C")

    await place.pipeline().rollback(back.id)
    assert place.tf.deployed() == second != third

    await place.pipeline().rollback()
    assert place.tf.deployed() == first


async def test_rollback_that_does_not_answer_is_no_release(place: Place) -> None:
    """Exit code 9, and the list is as it was."""
    await place.deploy("A")
    await place.deploy("B")
    before = place.releases()
    pipeline = place.pipeline()
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed):
        await pipeline.rollback()

    assert place.releases() == before


async def test_rollback_that_destroys_data_is_refused(place: Place) -> None:
    """The guard stands before every apply."""
    await place.deploy("A")
    second = await place.deploy("B")
    place.tf.extra = ((BUCKET, "delete"),)

    with pytest.raises(UsageError) as caught:
        await place.pipeline().rollback()

    assert caught.value.code == "destroys_data"
    assert place.tf.deployed() == second


# By itself.


async def test_failed_smoke_test_rolls_back_by_itself_and_still_fails(place: Place) -> None:
    """With the wish: what ran before runs again, and the run ends with 9."""
    first = await place.deploy("A")
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
    await place.deploy("A")
    place.write("B")
    pipeline = place.pipeline()
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "smoke_failed"
    assert place.tf.deployed() == place.bad[0]


async def test_first_release_has_nothing_to_roll_back_to(place: Place) -> None:
    """Both failures are told, with the exit code of the first."""
    pipeline = place.pipeline(Wishes(auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert (caught.value.code, caught.value.exit_code) == ("rollback_failed", 9)
    for told in ("does not answer rightly", "could not be rolled back", "no earlier release"):
        assert told in caught.value.title


async def test_rollback_that_fails_too_is_told(place: Place) -> None:
    """What was wrong with the release, and what was wrong with the way back."""
    first = await place.deploy("A")
    place.bad.append(first)
    place.write("B")
    pipeline = place.pipeline(Wishes(auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert (caught.value.code, caught.value.exit_code) == ("rollback_failed", 9)
    assert caught.value.detail.count("chat-api /health") == 2
    assert [each.kind for each in place.releases()] == ["deploy"]


async def test_approval_of_the_bad_release_is_not_in_the_way_back(place: Place, tmp_path: Path) -> None:
    """What was approved was its plan; going back from it needs none."""
    first = await place.deploy("A")
    place.write("B")
    await place.pipeline().publish(SERVICES)
    summary = await place.pipeline().plan(out=tmp_path / "plan")
    pipeline = place.pipeline(Wishes(approved=summary.digest, auto_rollback=True))
    place.spoil(pipeline)

    with pytest.raises(SmokeFailed) as caught:
        await pipeline.deploy()

    assert caught.value.code == "rolled_back"
    assert place.tf.deployed() == first


# Approved.


async def test_deploy_of_what_was_not_approved_is_refused(place: Place) -> None:
    """Another plan than the approved one: nothing is applied, and the run says what it would have done."""
    first = await place.deploy("A")
    place.write("B")

    with pytest.raises(PlanStale) as caught:
        await place.pipeline(Wishes(approved="0" * 64)).deploy()

    assert caught.value.code == "plan_differs"
    assert place.tf.deployed() == first
    assert len(place.releases()) == 1


async def test_repositories_are_not_made_under_another_plans_approval(
    place: Place, client: Callable[[str], Any]
) -> None:
    """Their plan is applied before the images are pushed, and nobody approved it either."""
    await place.deploy("A")
    client("ecr").delete_repository(repositoryName=DB_API.repository, force=True)
    applied = place.tf.commands.count("apply")

    with pytest.raises(PlanStale):
        await place.pipeline(Wishes(approved="0" * 64)).deploy()

    assert place.tf.commands.count("apply") == applied


async def test_plan_that_makes_the_repositories_is_guarded(place: Place, client: Callable[[str], Any]) -> None:
    """-target takes along what it depends on: that may hold data too."""
    await place.deploy("A")
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
    await place.deploy("A")
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


@pytest.mark.parametrize("approved", ["0" * 64, "0" * 12, "0123", "f" * 63])
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


# Looked for.


@pytest.mark.parametrize(("code", "drifted", "found"), [(2, [], 0), (0, [], 0), (0, [BUCKET], 2), (2, [BUCKET], 2)])
async def test_drift_is_an_answer_and_no_failure(place: Place, code: int, drifted: list[str], found: int) -> None:
    """The exit code of the run is 2 where something is listed, whatever Terraform's is; nothing is applied."""
    await place.deploy("A")
    applied = place.tf.commands.count("apply")
    listed = [{"address": each, "change": {"actions": ["delete"]}} for each in drifted]
    place.tf.answers |= {
        "plan": [Completed(code, "", "")],
        "show": [Completed(0, json.dumps({"resource_drift": listed}), "")],
    }
    pipeline = place.pipeline()

    await pipeline.drift()

    assert (pipeline.report.exit_code, pipeline.report.as_dict()["exit_code"]) == (found, found)
    assert pipeline.report.as_dict()["ok"] is True
    assert place.tf.commands.count("apply") == applied


async def test_drift_before_the_first_deploy_is_not_ready(place: Place) -> None:
    """Where nothing was deployed nothing can differ, and that is no "all is well" either."""
    with pytest.raises(NotReady) as caught:
        await place.pipeline().drift()

    assert caught.value.code == "image_missing"
