"""Publishing: pushed once with its documents, known by digest, tagged for people."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest

from ci.aws import ecr
from ci.aws.client import Aws
from ci.engines.base import Registry
from ci.errors import ImageFailed, NotReady
from ci.registry.referrers import attached
from ci.services import CHAT_API, DB_API, SERVICES
from ci.stages.build import Candidate
from ci.stages.publish import publish, require_repositories
from ci.supply_chain import provenance, sbom
from tests.support.images import push
from tests.unit.ci.conftest import CREDENTIALS, REGION
from tests.unit.ci.scripted import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.rehearsal.registry import RegistryServer
    from ci.services import Service
    from ci.settings import Settings

    Client = Callable[..., Any]

pytestmark = pytest.mark.anyio

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
INPUTS = "1" * 64
MISSING = [Candidate(service, INPUTS, f"{service.port:064d}") for service in SERVICES]


@pytest.fixture
def place(settings: Settings) -> Registry:
    """Return the registry, to see what it holds."""
    return Registry(HOST, endpoint=settings.registry_endpoint_url or "")


@pytest.fixture(autouse=True)
def repositories(client: Client) -> None:
    """Have the repositories that Terraform makes."""
    for service in SERVICES:
        client("ecr").create_repository(repositoryName=service.repository)


def tags(client: Client, service: Service, digest: str) -> set[str]:
    found = client("ecr").describe_images(repositoryName=service.repository, imageIds=[{"imageDigest": digest}])
    return set(found["imageDetails"][0].get("imageTags", ()))


async def test_refused_push_is_told_and_the_other_image_kept(aws: Aws, settings: Settings) -> None:
    """A refusal of one repository ends the run, with what the other one got still there to be found."""
    refusal = ImageFailed("The push of db-api was refused.", code="push_refused", detail="denied")
    engine = ScriptedEngine(publish={"db-api": refusal})

    with pytest.raises(ImageFailed) as caught:
        await publish(engine, aws, settings, MISSING, "")

    assert (caught.value.code, caught.value.exit_code) == ("push_refused", 5)
    assert ecr.find_image(aws, CHAT_API.repository, MISSING[1].image_tag)


async def test_image_without_its_documents_is_never_found(aws: Aws, client: Client, settings: Settings) -> None:
    """Who is stopped between the push and the documents leaves no image that a later run would take for whole."""
    lost = ImageFailed("The engine was lost.", code="not_listed")
    engine = ScriptedEngine(contents={"db-api": lost})

    with pytest.raises(ImageFailed):
        await publish(engine, aws, settings, MISSING[:1], "")

    images = client("ecr").describe_images(repositoryName=DB_API.repository)["imageDetails"]
    assert images
    assert all(tag.startswith("build-") for each in images for tag in each.get("imageTags", ()))


async def test_what_cannot_be_attached_is_told(aws: Aws, settings: Settings, registry: RegistryServer) -> None:
    """A registry that refuses fails the run with code 5 and names itself, and no answer is taken for one."""
    registry.knows = lambda _: False

    with pytest.raises(ImageFailed) as refused:
        await publish(ScriptedEngine(), aws, settings, MISSING[:1], "")
    unreachable = settings.model_copy(update={"registry_endpoint_url": "http://127.0.0.1:1"})
    with pytest.raises(ImageFailed) as silent:
        await publish(ScriptedEngine(), aws, unreachable, MISSING[:1], "")

    assert (refused.value.code, refused.value.exit_code) == ("registry_refused", 5)
    assert (silent.value.code, silent.value.exit_code) == ("registry_unreachable", 5)
    assert HOST in silent.value.title


async def other_image(aws: Aws, settings: Settings, place: Registry) -> Candidate:
    """Publish both images of a commit, then let ECR have another one of db-api, by another base."""
    await publish(ScriptedEngine(), aws, settings, MISSING, "0123456789ab")
    other = Candidate(DB_API, "2" * 64, "3" * 64)
    return dataclasses.replace(other, digest=push(place, DB_API.repository, other.image_tag, of="another"))


async def test_taken_check_tag_is_refused(aws: Aws, settings: Settings, place: Registry) -> None:
    """That tests passed in one image says nothing of another."""
    other = dataclasses.replace(await other_image(aws, settings, place), check_inputs=MISSING[0].check_inputs)

    with pytest.raises(ImageFailed) as caught:
        await publish(ScriptedEngine(), aws, settings, [other], "")

    assert caught.value.code == "tag_taken"


async def test_image_of_another_run_that_was_first_is_taken(aws: Aws, settings: Settings, place: Registry) -> None:
    """Two runs may build the same inputs at once: the one that ends second deploys what the first one pushed."""
    first = push(place, DB_API.repository, MISSING[0].image_tag, of="built elsewhere")

    (image,) = await publish(ScriptedEngine(), aws, settings, MISSING[:1], "")

    assert image.digest == first


async def test_commit_with_an_image_already_gets_another_one(aws: Aws, settings: Settings, place: Registry) -> None:
    """Another base or platform makes another image of it; the tag for people stays where it was, and nothing fails."""
    other = await other_image(aws, settings, place)
    before = ecr.find_image(aws, DB_API.repository, "git-0123456789ab")

    (image,) = await publish(ScriptedEngine(), aws, settings, [other], "0123456789ab")

    assert image.digest == other.digest != before
    assert ecr.find_image(aws, DB_API.repository, other.check_tag) == other.digest
    assert ecr.find_image(aws, DB_API.repository, "git-0123456789ab") == before


async def test_missing_repositories_are_told_all_at_once(aws: Aws, client: Client) -> None:
    """Terraform makes them: the sentence names them, the hint leads to the command that does."""
    client("ecr").delete_repository(repositoryName=DB_API.repository)
    with pytest.raises(NotReady) as one:
        await require_repositories(aws, SERVICES)
    client("ecr").delete_repository(repositoryName=CHAT_API.repository)
    with pytest.raises(NotReady) as both:
        await require_repositories(aws, SERVICES)

    assert one.value.title == "There is no repository carepath-db-api yet."
    assert (one.value.code, one.value.exit_code) == ("repository_missing", 3)
    assert "deploy" in one.value.hint
    assert both.value.title == "There is no repository carepath-db-api and no carepath-chat-api yet."


async def test_repositories_that_are_there_are_enough(aws: Aws, client: Client) -> None:
    """Only those of the services that are published must be."""
    client("ecr").delete_repository(repositoryName=CHAT_API.repository)

    await require_repositories(aws, [DB_API])


async def test_image_is_known_by_its_digest(aws: Aws, settings: Settings) -> None:
    """What was pushed comes back as `repository@sha256:…`, in the order of the services."""
    images = await publish(ScriptedEngine(), aws, settings, MISSING, "")

    for service, image in zip(SERVICES, images, strict=True):
        assert re.fullmatch(rf"{re.escape(HOST)}/{service.repository}@sha256:[0-9a-f]{{64}}", image.reference)
    assert not any(image.reused for image in images)


async def test_image_that_is_there_is_not_pushed_again(aws: Aws, settings: Settings) -> None:
    """It is reused, digest and all, and no password is fetched for nothing."""
    engine = ScriptedEngine()
    first = await publish(engine, aws, settings, MISSING, "")
    engine.asked.clear()
    found = [dataclasses.replace(each, digest=image.digest) for each, image in zip(MISSING, first, strict=True)]

    images = await publish(engine, aws, settings, found, "")

    assert engine.asked["publish"] == []
    assert all(image.reused for image in images)


async def test_building_it_again_gives_the_same_image(aws: Aws, settings: Settings, place: Registry) -> None:
    """When each step ran stands in no image, so another engine's build of the same files has the same digest."""
    pushed = [push(place, DB_API.repository, f"build-{number}", of="db-api") for number in range(2)]
    assert len(set(pushed)) == 2

    (first,) = await publish(ScriptedEngine(), aws, settings, MISSING[:1], "")
    ecr_client = aws.client("ecr")
    ecr_client.batch_delete_image(
        repositoryName=DB_API.repository, imageIds=[{"imageTag": tag} for tag in tags(aws.client, DB_API, first.digest)]
    )
    (again,) = await publish(ScriptedEngine(), aws, settings, MISSING[:1], "")

    assert first.digest == again.digest


async def test_documents_speak_of_the_image(aws: Aws, settings: Settings, place: Registry) -> None:
    """SBOM and provenance name the digest that is deployed, and the provenance the inputs that it is looked up by."""
    engine = ScriptedEngine()
    (image,) = await publish(engine, aws, settings, MISSING[:1], "")

    (bom,) = attached(place, DB_API.repository, image.digest, sbom.MEDIA_TYPE)
    (statement,) = attached(place, DB_API.repository, image.digest, provenance.MEDIA_TYPE)
    claim = provenance.read(statement)

    assert sbom.names(bom) == (image.digest, 4)
    assert claim is not None
    assert (claim.digest, claim.inputs) == (image.digest, INPUTS)
    assert engine.labels["db-api"]["org.opencontainers.image.title"] == "carepath-db-api"
    assert engine.labels["db-api"]["org.opencontainers.image.base.digest"] == f"sha256:{0:064d}"


async def test_passed_check_and_commit_are_tags(aws: Aws, client: Client, settings: Settings) -> None:
    """That the tests passed is kept beside the image, and the commit for people; without one there is no such tag."""
    (first,) = await publish(ScriptedEngine(), aws, settings, MISSING[:1], "0123456789ab")
    (second,) = await publish(ScriptedEngine(), aws, settings, MISSING[1:], "")

    assert tags(client, DB_API, first.digest) == {MISSING[0].image_tag, MISSING[0].check_tag, "git-0123456789ab"}
    assert tags(client, CHAT_API, second.digest) == {MISSING[1].image_tag, MISSING[1].check_tag}


async def test_password_is_ecrs_and_a_stand_in_gets_none(
    aws: Aws, settings: Settings, registry: RegistryServer
) -> None:
    """A registry that the settings name is not given ECR's password."""
    engine = ScriptedEngine()
    other = settings.model_copy(update={"registry": f"localhost:{registry.port}", "registry_endpoint_url": None})

    await publish(engine, aws, settings, MISSING[:1], "")
    await publish(engine, Aws(other, REGION, CREDENTIALS), other, MISSING[1:], "")

    (_, _, ecr_s), (_, _, stand_in) = engine.asked["publish"]
    assert (ecr_s.host, bool(ecr_s.password)) == (HOST, True)
    assert (stand_in.host, stand_in.password) == (other.registry, "")
