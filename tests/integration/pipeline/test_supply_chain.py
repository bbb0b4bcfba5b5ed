"""What is said of images, on the Dagger engine: labels, variants, what is sent to be built, and what is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from ci import fingerprint as source
from ci.errors import ImageFailed
from ci.registry.referrers import attached
from ci.release import Release
from ci.services import SERVICES
from ci.stages.verify import verify
from ci.supply_chain import provenance, sbom
from tests.integration.pipeline.double.invariants import nonce_rule, plaintext_secrets
from tests.integration.pipeline.double.script import Answer, argv, leaf
from tests.integration.pipeline.world import touches_outside
from tests.support import images

if TYPE_CHECKING:
    from ci.pipeline import Pipeline
    from tests.integration.pipeline.double.chain import Call
    from tests.integration.pipeline.world import World

BOTH = "linux/amd64,linux/arm64"


async def published(pipeline: Pipeline) -> None:
    await pipeline.publish(SERVICES)


def calls(world: World, field: str) -> list[Call]:
    """List the calls of FIELD in all chains, each chain's own."""
    return [call for chain in world.session.chains for call in chain.walk() if call.field == field]


def several(call: Call, name: str) -> list[Any]:
    """Return the argument NAME of CALL, which is a list."""
    return cast("list[Any]", call.args[name])


def release(world: World) -> Release:
    return Release({each.image_key: world.report.release[each.name] for each in SERVICES})


async def verified(pipeline: Pipeline, found: Release) -> str:
    return await verify(pipeline.engine, pipeline.aws, pipeline.settings, found)


@pytest.mark.slow
def test_image_that_was_pushed_by_hand_is_refused(world: World) -> None:
    """It has no documents, whoever pushed it and under whichever tag."""
    world.run(published)
    service = SERVICES[0]
    by_hand = images.push(world.place, service.repository, "by-hand", of="anything")
    spoiled = Release({**release(world).references, service.image_key: f"x/{service.repository}@{by_hand}"})

    with pytest.raises(ImageFailed) as caught:
        world.run(lambda pipeline: verified(pipeline, spoiled))

    assert (caught.value.code, caught.value.exit_code) == ("sbom_missing", 5)


@pytest.mark.slow
def test_image_whose_contents_cannot_be_listed_is_not_deployed(world: World) -> None:
    """A build that cannot say what it holds fails with code 5, and no later run finds it."""
    world.session.script.on(argv("/tmp/inventory.py"), Answer(exit_code=1, stderr="no such interpreter"))  # noqa: S108

    with pytest.raises(ImageFailed) as caught:
        world.run(published)

    assert caught.value.code == "not_listed"
    assert "no such interpreter" in caught.value.detail
    assert not [tag for service in SERVICES for tag in world.tags(service) if tag.startswith("src-")]


def test_what_is_published_passes(world: World) -> None:
    """SBOM and provenance are there for the very digest that is deployed."""
    world.run(published)

    world.run(lambda pipeline: verified(pipeline, release(world)))
    for service in SERVICES:
        digest = world.report.release[service.name].partition("@")[2]
        assert len(attached(world.place, service.repository, digest, sbom.MEDIA_TYPE)) == 1
        assert len(attached(world.place, service.repository, digest, provenance.MEDIA_TYPE)) == 1


def test_only_the_inputs_are_sent(deployed: World) -> None:
    """The engine is given an allow-list and what is left out of it: nothing else leaves the disk."""
    sent = [call for build in calls(deployed, "dockerBuild") for call in build.line if call.field == "directory"]
    assert sent
    for call in sent:
        assert any(
            set(several(call, "include")) == {pattern for path in service.inputs for pattern in (path, f"{path}/**")}
            for service in SERVICES
        )
        assert several(call, "exclude") == source.EXCLUDE


def test_labels_are_stamped_after_the_build(deployed: World) -> None:
    """As labels and as annotations; no build argument carries them, or each commit would build everything anew."""
    for push in (record.call for record in deployed.session.records if record.call.field == "publish"):
        chain = push.line
        places = [place for place, call in enumerate(chain) if call.field in ("withLabel", "withAnnotation")]
        built = next(place for place, call in enumerate(chain) if call.field == "dockerBuild")
        names = {call.args["name"] for call in chain if call.field == "withLabel"}
        assert min(places) > built
        assert names == {call.args["name"] for call in chain if call.field == "withAnnotation"}
        assert {f"org.opencontainers.image.{name}" for name in ("title", "version", "base.name")} <= names
        assert [each["name"] for each in several(chain[built], "buildArgs")] == ["PYTHON_IMAGE"]


@pytest.mark.slow
def test_extras_are_arguments_and_inputs(world: World) -> None:
    """An image with more in it is another image: built with the argument, and looked up by another tag."""
    world.run(published)
    before = dict(world.report.release)
    world.settings = world.settings.model_copy(update={"chat_extras": "pinecone,openai"})
    world.run_id = "second"

    world.run(published)

    given = [each for build in calls(world, "dockerBuild") for each in several(build, "buildArgs")]
    assert {"name": "EXTRAS", "value": "openai pinecone"} in given
    assert world.report.release["db-api"] == before["db-api"]
    assert world.report.release["chat-api"] != before["chat-api"]


@pytest.mark.parametrize("own", ["linux/amd64", "linux/arm64"])
@pytest.mark.slow
def test_two_platforms_are_one_image(world: World, own: str) -> None:
    """Each service is pushed once, as an index of both variants; its tests run in the engine's own one only."""
    on_both(world)
    world.session.script.on(leaf("defaultPlatform"), Answer(value=own))

    world.run(published)

    pushed = [record.call for record in world.session.records if record.call.field == "publish"]
    assert [len(several(call, "platformVariants")) for call in pushed] == [2, 2]
    tested = [record.call for record in world.session.records if argv("-m", "pytest")(record.call)]
    assert [_platforms(call) for call in tested] == [{own}, {own}]
    listed = [record.call for record in world.session.records if argv("-I")(record.call)]
    assert sorted(platform for call in listed for platform in _platforms(call)) == sorted(BOTH.split(",") * 2)
    digest = world.report.release["db-api"].partition("@")[2]
    assert len(attached(world.place, "carepath-db-api", digest, sbom.MEDIA_TYPE)) == 2


def on_both(world: World) -> None:
    """Have images for both platforms, each of which says truly where it runs."""
    world.settings = world.settings.model_copy(update={"platform": BOTH})
    arm = images.INVENTORY.replace("x86_64", "aarch64")
    world.session.script.on(lambda call: argv("-I")(call) and "linux/arm64" in _platforms(call), Answer(stdout=arm))


def test_base_that_lacks_a_platform_is_found_out(world: World) -> None:
    """The engine would take the other platform's without a word, and nodes would fail to run it."""
    world.settings = world.settings.model_copy(update={"platform": BOTH})

    with pytest.raises(ImageFailed) as caught:
        world.run(published)

    assert (caught.value.code, caught.value.exit_code) == ("wrong_platform", 5)
    assert "linux/arm64" in caught.value.title


def _platforms(call: Call) -> set[str]:
    return {str(each.args["platform"]) for each in call.line if each.field == "dockerBuild"}


@pytest.mark.slow
def test_rules_of_secrets_and_nonce_hold_here_too(world: World) -> None:
    """ECR's password reaches the engine as a secret, and listing what an image holds is a pure step."""
    on_both(world)
    world.session.script.on(leaf("defaultPlatform"), Answer(value="linux/amd64"))

    world.run(published)

    assert plaintext_secrets(world.session.calls, ["123456789012-auth-token"]) == []
    assert nonce_rule(world.session.chains, outside=touches_outside) == []
