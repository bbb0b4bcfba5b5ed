"""The order of stages, and what each hands to the next, on an engine that does as it is told."""

from __future__ import annotations

import contextlib
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from ci.aws import record_store as records
from ci.aws.client import Aws
from ci.engines.base import Endpoints
from ci.errors import CheckFailed, ImageFailed, NotReady, SmokeFailed, StateLocked
from ci.pipeline import Pipeline
from ci.process.interrupts import Interrupts
from ci.report.model import Report
from ci.report.progress import Progress
from ci.services import DB_API, SERVICES
from ci.settings import Settings
from ci.stages import smoke
from ci.terraform import backend
from ci.terraform.cli import Completed
from ci.terraform.run_record import RECORD
from tests.unit.ci.answering import answering
from tests.unit.ci.conftest import CREDENTIALS, REGION
from tests.unit.ci.scripted import ScriptedEngine, ScriptedTerraform, outputs_json, plan_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ci.rehearsal.registry import RegistryServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("source_tree", "checkout")]

DEPLOYED = {"db_api": "r/db@sha256:1", "chat_api": "r/chat@sha256:2"}
OUTPUTS = Completed(0, outputs_json(db_api_repo_url="r", chat_api_url="http://chat/", deployed_images=DEPLOYED), "")
LOCKED = Completed(
    1, "", "Error: Error acquiring the state lock\nLock Info:\n  ID: 1\n  Who: root@x\n  Created: today\n"
)
GRACE = {"run": "another", "who": "grace@laptop", "commit": "0123456789ab", "started": "2026-01-01T00:00:00Z"}


@pytest.fixture
def settings(endpoint: str, registry: RegistryServer) -> Settings:
    return Settings(
        aws_endpoint_url=endpoint,
        registry_endpoint_url=f"http://127.0.0.1:{registry.port}",
        smoke_timeout=0.1,
        terraform_variables={"TF_VAR_atlas_org_id": "org"},
        terraform_secrets={"TF_VAR_mongodb_password": SecretStr("planted-password")},
    )


@pytest.fixture
def tf() -> ScriptedTerraform:
    """Return a Terraform in whose state both services are deployed, and whose plan changes one resource."""
    found = ScriptedTerraform(
        output=OUTPUTS, plan=Completed(2, "", ""), show=Completed(0, plan_json(("module.app.a.b", "update")), "")
    )
    found.files["tfplan"] = b"the plan"
    return found


@pytest.fixture
def engine(tf: ScriptedTerraform) -> ScriptedEngine:
    """Return an engine that makes no images: what is deployed here has no documents that could be verified."""
    found = ScriptedEngine(tf)
    found.makes_images = False
    return found


@pytest.fixture
def pipeline(settings: Settings, engine: ScriptedEngine, client: Callable[[str], Any]) -> Pipeline:
    """Return a pipeline whose state has a place already, and whose deployed images are in their repositories."""
    aws = Aws(settings, REGION, CREDENTIALS)
    client("s3").create_bucket(Bucket=backend.locate(aws).bucket)
    for service in SERVICES:
        client("ecr").create_repository(repositoryName=service.repository)
        client("ecr").put_image(
            repositoryName=service.repository,
            imageManifest=json.dumps({"schemaVersion": 2, "of": service.name}),
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
            imageTag="earlier",
            imageDigest=DEPLOYED[service.image_key].partition("@")[2],
        )
    return Pipeline(settings, engine, aws, Progress(Report("test", "demo"), quiet=True), Interrupts(lambda _: None))


def serving(address: str) -> Any:
    return lambda *_: contextlib.nullcontext(Endpoints(chat_api=address))


async def test_without_a_saved_plan_nothing_is_applied(
    pipeline: Pipeline, tf: ScriptedTerraform, tmp_path: Path
) -> None:
    """`apply` makes no plan of its own; the sentence says what to run first."""
    with pytest.raises(NotReady) as caught:
        await pipeline.apply(tmp_path / "plan.tfplan")

    assert (caught.value.code, caught.value.exit_code) == ("plan_missing", 3)
    assert tf.asked == []


async def test_publish_before_the_first_deploy_builds_nothing(
    pipeline: Pipeline, engine: ScriptedEngine, client: Callable[[str], Any]
) -> None:
    """Where the repositories are missing that is told at once, not after a build, with the command that makes them."""
    client("ecr").delete_repository(repositoryName=DB_API.repository, force=True)

    with pytest.raises(NotReady) as caught:
        await pipeline.publish(SERVICES)

    assert caught.value.code == "repository_missing"
    assert "`python ci/main.py deploy`" in caught.value.hint
    assert not engine.asked


async def test_first_deploy_of_one_service_changes_nothing(
    pipeline: Pipeline, engine: ScriptedEngine, tf: ScriptedTerraform
) -> None:
    """The app module needs both images: the hint leads to the one command that makes all, before anything is built."""
    tf.answers["output"] = [Completed(0, "{}", "")]

    with pytest.raises(NotReady) as caught:
        await pipeline.deploy(DB_API)

    assert caught.value.code == "image_missing"
    assert "chat-api" in caught.value.title
    assert "db-api" not in caught.value.title
    assert "`python ci/main.py deploy` once, without --service" in caught.value.hint
    assert "plan" not in tf.commands
    assert not engine.asked


async def test_deploy_makes_a_repository_that_somebody_removed(
    pipeline: Pipeline, tf: ScriptedTerraform, client: Callable[[str], Any]
) -> None:
    """What the state says is not enough to push to: `module.ecr` is planned first, as the hint of `publish` says."""
    client("ecr").delete_repository(repositoryName=DB_API.repository, force=True)
    tf.answers["show"] = [Completed(0, plan_json(("module.ecr.aws_ecr_repository.this", "create")), "")]

    # This Terraform only says that it made one.
    with pytest.raises(NotReady, match="carepath-db-api"):
        await pipeline.deploy()

    assert "-target=module.ecr" in tf.asked[tf.commands.index("plan")]
    assert tf.commands.count("apply") == 1


async def test_failing_test_publishes_nothing(pipeline: Pipeline, engine: ScriptedEngine) -> None:
    """When one service's tests fail, the other is not pushed either."""
    engine.refusals = {"check": {"db-api": CheckFailed("db-api failed.", code="tests_failed")}}

    with pytest.raises(CheckFailed):
        await pipeline.publish(SERVICES)

    assert engine.asked["publish"] == []
    assert [(stage.name, stage.status) for stage in pipeline.report.stages] == [("build", "done"), ("check", "failed")]


@pytest.mark.parametrize("command", ["apply", "plan"])
async def test_lock_of_another_run_is_told_by_its_name(
    pipeline: Pipeline, tf: ScriptedTerraform, tmp_path: Path, command: str
) -> None:
    """The run that holds the lock has left who it is beside the state; whoever waits is told, and does not erase it."""
    plan_file = tmp_path / "plan.tfplan"
    await pipeline.plan(out=plan_file)
    records.put(pipeline.aws, RECORD, GRACE)
    tf.answers[command] = [LOCKED]

    with pytest.raises(StateLocked) as caught:
        await (pipeline.apply(plan_file) if command == "apply" else pipeline.plan())

    assert "grace@laptop at 0123456789ab" in caught.value.title
    assert records.get(pipeline.aws, RECORD) == GRACE
    assert plan_file.is_file()


@pytest.mark.parametrize(
    "name",
    ["deeper/my-plan", *(pytest.param(name, marks=pytest.mark.slow) for name in ("plan.tfplan", "plan.json", "plan"))],
)
async def test_saved_plan_is_applied_as_it_is(
    pipeline: Pipeline, tf: ScriptedTerraform, tmp_path: Path, name: str
) -> None:
    """Its bytes and its images come back to Terraform, whatever the file is called, and then it is gone."""
    plan_file = tmp_path / "work" / name
    await pipeline.plan(out=plan_file)
    saved = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in saved}
    images = tf.files["images.auto.tfvars.json"]
    tf.files.clear()

    await pipeline.apply(plan_file)

    assert tf.files == {"tfplan": b"the plan", "images.auto.tfvars.json": images}
    assert modes == {0o600}
    assert not any(path.exists() for path in saved)


async def test_what_is_about_to_run_is_kept_in_its_repository(
    pipeline: Pipeline, client: Callable[[str], Any], tmp_path: Path
) -> None:
    """Both images carry the tag that no lifecycle rule expires before Terraform is asked to run them."""
    await pipeline.plan(out=tmp_path / "plan.tfplan")

    await pipeline.apply(tmp_path / "plan.tfplan")

    for service in SERVICES:
        images = client("ecr").describe_images(repositoryName=service.repository)["imageDetails"]
        assert any(tag.startswith("release-") for image in images for tag in image["imageTags"])


async def test_image_that_is_gone_is_not_deployed(
    pipeline: Pipeline, tf: ScriptedTerraform, client: Callable[[str], Any], tmp_path: Path
) -> None:
    """Pods could not pull it: the plan is not applied, and kept."""
    plan_file = tmp_path / "plan.tfplan"
    await pipeline.plan(out=plan_file)
    client("ecr").batch_delete_image(repositoryName=DB_API.repository, imageIds=[{"imageTag": "earlier"}])

    with pytest.raises(ImageFailed) as caught:
        await pipeline.apply(plan_file)

    assert caught.value.code == "image_missing"
    assert not [command for command in tf.asked if command[0] == "apply"]
    assert plan_file.is_file()


async def test_failed_apply_keeps_the_saved_plan(pipeline: Pipeline, tf: ScriptedTerraform, tmp_path: Path) -> None:
    """Once the cause is mended, the same plan may be tried again: Terraform says whether it is stale."""
    plan_file = tmp_path / "plan.tfplan"
    await pipeline.plan(out=plan_file)
    tf.answers["apply"] = [Completed(1, "", "Error: no")]

    with pytest.raises(Exception, match="failed"):
        await pipeline.apply(plan_file)

    assert plan_file.is_file()


async def test_secrets_go_to_terraform_as_secrets_only(pipeline: Pipeline, engine: ScriptedEngine) -> None:
    """Credentials and passwords are handed over apart from what may be seen, and the account guards the provider."""
    await pipeline.plan()

    assert engine.secrets == {
        "AWS_ACCESS_KEY_ID": "planted-id",
        "AWS_SECRET_ACCESS_KEY": "planted-secret",
        "TF_VAR_mongodb_password": "planted-password",
    }
    assert engine.variables == {"TF_VAR_aws_account_id": "123456789012", "TF_VAR_atlas_org_id": "org"}
    assert "planted" not in str(pipeline.report.as_dict())


async def test_failing_smoke_test_says_what_is_deployed(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """`smoke` alone names the images in the state, and which answers were wrong."""
    monkeypatch.setattr(smoke, "PAUSE", 0.01)
    with answering(lambda *_: (503, b"")) as address:
        pipeline.serve = serving(address)
        with pytest.raises(SmokeFailed) as caught:
            await pipeline.smoke()

    for reference in DEPLOYED.values():
        assert reference in caught.value.detail
    assert len(pipeline.report.checks) == 4
    assert pipeline.report.stages[-1].status == "failed"


async def test_smoke_before_the_first_deploy_is_not_ready(pipeline: Pipeline, tf: ScriptedTerraform) -> None:
    """Where nothing was deployed there is no address to ask."""
    tf.answers["output"] = [Completed(0, "{}", "")]

    with pytest.raises(NotReady) as caught:
        await pipeline.smoke()

    assert caught.value.code == "address_missing"


async def test_nothing_to_destroy_is_not_applied(pipeline: Pipeline, tf: ScriptedTerraform) -> None:
    """A second destroy finds nothing and changes nothing."""
    tf.answers |= {"plan": [Completed(0, "", "")], "show": [Completed(0, plan_json(), "")]}

    await pipeline.destroy()

    assert "apply" not in tf.commands
    assert "-destroy" in tf.asked[tf.commands.index("plan")]


async def test_plan_of_one_service_takes_the_other_from_the_state(pipeline: Pipeline, tf: ScriptedTerraform) -> None:
    """What is not published anew is planned as it is deployed, and only the app module may change."""
    summary = await pipeline.plan(service=DB_API)

    assert "-target=module.app" in tf.asked[tf.commands.index("plan")]
    for reference in DEPLOYED.values():
        assert reference.encode() in tf.files["images.auto.tfvars.json"]
    assert summary is pipeline.report.plan


async def test_plan_that_was_never_published_is_not_ready(pipeline: Pipeline, tf: ScriptedTerraform) -> None:
    """Without any image a plan would be of nothing."""
    tf.answers["output"] = [Completed(0, "{}", "")]

    with pytest.raises(NotReady) as caught:
        await pipeline.plan()

    assert caught.value.code == "image_missing"
    assert "plan" not in tf.commands
