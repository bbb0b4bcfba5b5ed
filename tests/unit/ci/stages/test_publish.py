"""Publishing: pushed once, known by digest, tagged for people."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from ci import ecr
from ci.aws import Aws
from ci.errors import ImageFailed, NotReady
from ci.services import CHAT_API, DB_API, SERVICES, Service
from ci.settings import Settings
from ci.stages.build import Candidate
from ci.stages.publish import publish, require_repositories
from tests.unit.ci.conftest import CREDENTIALS, REGION
from tests.unit.ci.scripted import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.engines.base import Registry

    Client = Callable[..., Any]

pytestmark = pytest.mark.anyio

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
OTHER = f"sha256:{'f' * 64}"
MISSING = [Candidate(service, "src-1", f"checked-{service.name}") for service in SERVICES]


class Pushing(ScriptedEngine):
    """An engine whose pushes ECR sees, as it sees real ones."""

    def __init__(self, client: Client, **refusals: Any) -> None:
        super().__init__(**refusals)
        self.ecr = client("ecr")
        for service in SERVICES:
            self.ecr.create_repository(repositoryName=service.repository)

    async def publish(self, service: Service, tag: str, registry: Registry) -> str:
        digest = await super().publish(service, tag, registry)
        self.ecr.put_image(
            repositoryName=service.repository,
            imageManifest=json.dumps({"schemaVersion": 2, "of": service.name}),
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
            imageTag=tag,
            imageDigest=digest,
        )
        return digest


async def test_refused_push_is_told_and_the_other_image_kept(aws: Aws, client: Client) -> None:
    """A refusal of one repository ends the run, with what the other one got still there to be found."""
    refusal = ImageFailed("The push of db-api was refused.", code="push_refused", detail="denied")
    engine = Pushing(client, publish={"db-api": refusal})

    with pytest.raises(ImageFailed) as caught:
        await publish(engine, aws, Settings(), MISSING, "")

    assert (caught.value.code, caught.value.exit_code) == ("push_refused", 5)
    assert ecr.find_image(aws, CHAT_API.repository, "src-1")


async def other_image(engine: Pushing, aws: Aws) -> Candidate:
    """Publish both images of a commit, then let ECR have another one of db-api, by another base."""
    await publish(engine, aws, Settings(), MISSING, "0123456789ab")
    engine.ecr.put_image(
        repositoryName=DB_API.repository,
        imageManifest="{}",
        imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
        imageTag="src-2",
        imageDigest=OTHER,
    )
    return Candidate(DB_API, "src-2", "checked-other", digest=OTHER)


async def test_taken_check_tag_is_refused(aws: Aws, client: Client) -> None:
    """That tests passed in one image says nothing of another."""
    engine = Pushing(client)
    other = dataclasses.replace(await other_image(engine, aws), check_tag=MISSING[0].check_tag)

    with pytest.raises(ImageFailed) as caught:
        await publish(engine, aws, Settings(), [other], "")

    assert caught.value.code == "tag_taken"


async def test_commit_with_an_image_already_gets_another_one(aws: Aws, client: Client) -> None:
    """Another base or platform makes another image of it; the tag for people stays where it was, and nothing fails."""
    engine = Pushing(client)
    other = await other_image(engine, aws)

    (image,) = await publish(engine, aws, Settings(), [other], "0123456789ab")

    assert image.digest == OTHER
    assert ecr.find_image(aws, DB_API.repository, "checked-other") == OTHER
    assert ecr.find_image(aws, DB_API.repository, "git-0123456789ab") == f"sha256:{DB_API.port:064d}"


async def test_missing_repositories_are_told_all_at_once(aws: Aws, client: Client) -> None:
    """Terraform makes them: the sentence names them, the hint leads to the command that does."""
    client("ecr").create_repository(repositoryName=CHAT_API.repository)

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
    client("ecr").create_repository(repositoryName=DB_API.repository)

    await require_repositories(aws, [DB_API])


async def test_image_is_known_by_its_digest(aws: Aws, client: Client) -> None:
    """What was pushed comes back as `repository@sha256:…`, in the order of the services."""
    images = await publish(Pushing(client), aws, Settings(), MISSING, "")

    assert [image.reference for image in images] == [
        f"{HOST}/{service.repository}@sha256:{service.port:064d}" for service in SERVICES
    ]
    assert not any(image.reused for image in images)


async def test_image_that_is_there_is_not_pushed_again(aws: Aws, client: Client) -> None:
    """It is reused, digest and all, and no password is fetched for nothing."""
    engine = Pushing(client)
    await publish(engine, aws, Settings(), MISSING, "")
    engine.asked.clear()
    found = [
        Candidate(each.service, each.image_tag, each.check_tag, f"sha256:{each.service.port:064d}") for each in MISSING
    ]

    images = await publish(engine, aws, Settings(), found, "")

    assert engine.asked["publish"] == []
    assert all(image.reused for image in images)


async def test_passed_check_and_commit_are_tags(aws: Aws, client: Client) -> None:
    """That the tests passed is kept beside the image, and the commit for people; without one there is no such tag."""
    engine = Pushing(client)

    await publish(engine, aws, Settings(), MISSING[:1], "0123456789ab")
    await publish(engine, aws, Settings(), MISSING[1:], "")

    tags = {
        service.name: set(engine.ecr.describe_images(repositoryName=service.repository)["imageDetails"][0]["imageTags"])
        for service in SERVICES
    }
    assert tags == {
        "db-api": {"src-1", "checked-db-api", "git-0123456789ab"},
        "chat-api": {"src-1", "checked-chat-api"},
    }


async def test_password_is_ecrs_and_a_stand_in_gets_none(aws: Aws, client: Client, endpoint: str) -> None:
    """A registry that the settings name is not given ECR's password."""
    engine = Pushing(client)
    settings = Settings(aws_endpoint_url=endpoint, registry="localhost:5000")

    await publish(engine, aws, Settings(), MISSING[:1], "")
    await publish(engine, Aws(settings, REGION, CREDENTIALS), settings, MISSING[1:], "")

    (_, _, ecr), (_, _, stand_in) = engine.asked["publish"]
    assert (ecr.host, bool(ecr.password)) == (HOST, True)
    assert (stand_in.host, stand_in.password) == ("localhost:5000", "")
