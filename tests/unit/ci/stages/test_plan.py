"""Planning: what is written for Terraform, what is refused, what is told of a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import NotReady, StateLocked, TerraformFailed
from ci.release import Release
from ci.services import SERVICES
from ci.stages import plan as stage
from ci.terraform import cli as terraform
from ci.terraform.cli import Completed
from tests.unit.ci.scripted import ScriptedTerraform, outputs_json, plan_json

if TYPE_CHECKING:
    from ci.terraform.plan_summary import PlanSummary

pytestmark = pytest.mark.anyio

DB, CHAT = f"r/carepath-db-api@sha256:{'1' * 64}", f"r/carepath-chat-api@sha256:{'2' * 64}"
BOTH = Release({"db_api": DB, "chat_api": CHAT})
CHANGES = Completed(2, "", "")
LOCKED = Completed(
    1, "", "Error: Error acquiring the state lock\nLock Info:\n  ID: 1\n  Who: root@x\n  Created: today\n"
)


def planning(*changes: tuple[str, str], **answers: Completed) -> ScriptedTerraform:
    """Return a Terraform whose plan makes CHANGES."""
    return ScriptedTerraform(**{"plan": CHANGES, "show": Completed(0, plan_json(*changes), ""), **answers})


async def plan(tf: ScriptedTerraform, release: Release = BOTH, **wishes: Any) -> PlanSummary:
    return await stage.plan(tf, release, lock_timeout=7, **{"held_by": str, **wishes})


async def test_change_outside_the_target_is_refused() -> None:
    """Deploying one service never changes the cluster below it, which -target would take along."""
    inside, outside = "module.app.kubernetes_deployment_v1.db_api", "module.eks.aws_eks_cluster.this"
    tf = planning((inside, "update"), (outside, "delete+create"), ("random_id.x", "create"))

    with pytest.raises(TerraformFailed) as caught:
        await plan(tf, target=stage.APP)

    assert caught.value.code == "outside_target"
    assert caught.value.detail.splitlines() == [outside, "random_id.x"]
    assert "without --service" in caught.value.hint


async def test_module_with_a_similar_name_is_outside_too() -> None:
    """`module.app_two` is not `module.app`."""
    with pytest.raises(TerraformFailed):
        await plan(planning(("module.app_two.a.b", "update")), target=stage.APP)


async def test_change_inside_the_target_is_planned() -> None:
    """The module itself, what is nested in it, and outputs may change."""
    tf = planning(("module.app.a.b", "update"), ("module.app.module.inner.a.b", "create"))

    summary = await plan(tf, target=stage.APP)

    assert summary.by_module() == {"module.app": {"update": 1, "create": 1}}
    assert "-target=module.app" in tf.asked[0]


async def test_locked_state_names_the_holder() -> None:
    """The other run is named by the record beside the state."""
    with pytest.raises(StateLocked, match="ada@laptop"):
        await plan(planning(plan=LOCKED), held_by=lambda: "ada@laptop")


async def test_holder_that_cannot_be_asked_hides_nothing() -> None:
    """When AWS does not even tell who holds the lock, what Terraform said is still told."""

    def held_by() -> str:
        title = "The AWS credentials have expired."
        raise NotReady(title, code="aws_credentials_expired")

    with pytest.raises(TerraformFailed) as caught:
        await plan(planning(plan=Completed(1, "", "Error: Unsupported argument")), held_by=held_by)

    assert "Unsupported argument" in caught.value.detail


@pytest.mark.parametrize("command", ["plan", "show"])
async def test_failure_of_each_step_is_told(command: str) -> None:
    """A plan that cannot be made or read is no empty plan."""
    tf = planning(**{command: Completed(1, "", "Error: no")})

    with pytest.raises(TerraformFailed) as caught:
        await plan(tf)

    assert caught.value.code == f"terraform_{command}_failed"


async def test_nothing_to_do_is_an_empty_plan() -> None:
    """Exit code 0 of a plan says so, and is no failure."""
    assert (await plan(planning(plan=Completed(0, "", "")))).empty


@pytest.mark.parametrize("release", [BOTH, Release({"db_api": DB}), Release({})])
async def test_both_images_are_in_one_file(release: Release) -> None:
    """Terraform always learns of both, by digest, so that deploying one never rolls the other back."""
    tf = planning()

    await plan(tf, release)

    (content,) = [tf.files[name] for name in tf.files if name.endswith(".auto.tfvars.json")]
    variables = json.loads(content)
    assert set(variables) == {service.image_variable for service in SERVICES}
    assert all("@sha256:" in value for value in variables.values())
    for key, reference in release.references.items():
        assert variables[f"{key}_image"] == reference


async def test_images_are_written_before_the_plan() -> None:
    """A plan of an older release is never saved as this one's."""

    class Asserting(ScriptedTerraform):
        async def run(self, arguments: list[str]) -> Completed:
            assert terraform.IMAGES_FILE in self.files
            return await super().run(arguments)

    tf = Asserting(plan=CHANGES, show=Completed(0, plan_json(), ""))

    await plan(tf)

    assert tf.commands == ["plan", "show"]


async def test_empty_state_has_no_outputs() -> None:
    """Before the first apply nothing is deployed, and that is no fault."""
    outputs = await stage.read_outputs(ScriptedTerraform(output=Completed(0, "{}\n", "")))

    assert outputs == {}
    assert stage.deployed(outputs).references == {}


async def test_outputs_that_cannot_be_read_are_told() -> None:
    """A state that cannot be read is never taken for an empty one: a first deploy would be planned over it."""
    with pytest.raises(TerraformFailed) as caught:
        await stage.read_outputs(ScriptedTerraform(output=Completed(1, "", "Error: no state")))

    assert caught.value.code == "terraform_output_failed"


@pytest.mark.parametrize(
    ("images", "known"),
    [
        ({"db_api": DB, "chat_api": CHAT}, {"db_api", "chat_api"}),
        ({"db_api": DB, "chat_api": ""}, {"db_api"}),
        ({"db_api": DB, "chat_api": None, "third": "x"}, {"db_api"}),
        (None, set()),
    ],
)
async def test_deployed_is_what_the_outputs_say(images: dict[str, str] | None, known: set[str]) -> None:
    """A service that never was deployed has no image, and others are none of ours."""
    tf = ScriptedTerraform(output=Completed(0, outputs_json(deployed_images=images), ""))

    assert set(stage.deployed(await stage.read_outputs(tf)).references) == known


def test_release_without_an_image_is_not_ready() -> None:
    """What never was published cannot be planned; the sentence says which, and how to go on."""
    with pytest.raises(NotReady) as caught:
        stage.complete(Release({"db_api": DB}))

    assert caught.value.code == "image_missing"
    assert "chat-api" in caught.value.title
    assert "db-api" not in caught.value.title
    assert stage.complete(BOTH) is BOTH
